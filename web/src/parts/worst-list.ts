// The worst lines of the last 24 h, beside the heat map; the view of worst lines has the rest.

import type { Worst } from '../../../src/api/contract.js';
import { getWorst } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { exportLinks } from './export-links.js';
import { whole } from '../shell/format.js';
import { words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';
import { lineList } from './line-list.js';
import { LiveQuery } from '../shell/live-query.js';
import { panel } from './panel.js';
import { hrefOf } from '../shell/address.js';
import { type View, lineHref } from '../shell/view.js';
import { edgeMs } from '../shell/store.js';

const t = words({ ...COMMON, worstOfDay: ['Worst lines, 24 h', '24 小时最差线路'] });

const DAY_MS = 86_400_000;
const GAP_MS = 10_000;
const MAX_AGE_MS = 60_000;
const LIMIT = 20;

/** The list as a panel that keeps itself current. */
export function worstList(): View {
  const title = t('worstOfDay');
  const table = lineList((line) => lineHref(line), {
    caption: title,
    empty: t('noLines'),
    test: 'worst-short',
  });
  const href = hrefOf('worst', '', { period: '24h' });
  const all = el('a', { class: 'button', text: t('all'), attrs: { href } });
  const exports = exportLinks('worst', () => {
    const to = Math.ceil(edgeMs());
    return { from: to - DAY_MS, to };
  });
  const box = panel(title, {
    class: 'list-panel',
    controls: [exports, all],
    body: [table.element],
  });
  const query = new LiveQuery<Worst>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => status.changedFromMs !== null,
    load: (signal) => {
      const to = Math.ceil(edgeMs());
      return getWorst({ from: to - DAY_MS, to, limit: LIMIT }, signal);
    },
    apply: ({ rows, total }) => {
      box.ready();
      box.note(t('shown', { shown: whole(rows.length), total: whole(total) }));
      table.update(rows);
    },
  });
  return { element: box.element, unmount: () => query.stop() };
}
