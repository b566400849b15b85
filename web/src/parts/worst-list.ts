// The worst lines of the page's period and filters, beside the heat map; the view of worst lines has the
// rest.

import type { Worst } from '../../../src/api/contract.js';
import { hrefOf } from '../shell/address.js';
import { getWorst } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { words } from '../shell/i18n.js';
import { LiveQuery } from '../shell/live-query.js';
import { type Scope, carried, filterQuery, spanOf } from '../shell/scope.js';
import { type View, lineHref } from '../shell/view.js';
import { COMMON } from '../shell/words.js';
import { exportLinks } from './export-links.js';
import { lineList } from './line-list.js';
import { panel } from './panel.js';

const t = words({ ...COMMON, worst: ['Worst lines', '最差线路'] });

const GAP_MS = 10_000;
const MAX_AGE_MS = 60_000;
const LIMIT = 20;

/** The list as a panel that keeps itself current. */
export function worstList(scope: Scope, query: Readonly<Record<string, string>>): View {
  const filter = filterQuery(scope);
  const fixed = { from: scope.from, to: scope.to };
  const table = lineList((line) => lineHref(line, fixed.from, fixed.to), {
    caption: t('worst'),
    empty: t('noLines'),
    test: 'worst-short',
  });
  const attrs = { href: hrefOf('worst', '', carried(query)) };
  const all = el('a', { class: 'button', text: t('all'), attrs });
  const box = panel(t('worst'), {
    class: 'list-panel',
    controls: [exportLinks('worst', () => ({ ...spanOf(scope), ...filter })), all],
    body: [table.element],
  });
  const live = new LiveQuery<Worst>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => status.changedFromMs !== null && status.changedFromMs < spanOf(scope).to,
    load: (signal) => getWorst({ ...spanOf(scope), ...filter, limit: LIMIT }, signal),
    apply: ({ rows, total }) => {
      box.ready();
      box.note(t('shown', { shown: whole(rows.length), total: whole(total) }));
      table.update(rows);
    },
  });
  return { element: box.element, unmount: () => live.stop() };
}
