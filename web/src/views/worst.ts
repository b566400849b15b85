// The worst of any period, by line, component, customer, product or branch, with intervals and trend. A
// group leads to its lines, a line to its page.

import { type Address, hrefWith } from '../shell/address.js';
import { get } from '../shell/api.js';
import { choices, el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { LiveQuery } from '../shell/live-query.js';
import { filterQuery, scopeOf, spanOf } from '../shell/scope.js';
import type { Page, View } from '../shell/view.js';
import { dateTime } from '../shell/zone.js';
import { exportLinks } from '../parts/export-links.js';
import { filterBar } from '../parts/filter-bar.js';
import { panel } from '../parts/panel.js';
import { periodPicker } from '../parts/period-picker.js';
import { KeyedTable } from '../parts/table.js';
import { WORST_BY, type WorstBy, type WorstRow, keyOf, worstColumns } from '../worst/columns.js';
import { t } from '../worst/words.js';

const PERIODS = ['today', '24h', '7d', '30d', 'month'] as const;
const OFFERED = ['branch', 'product', 'customer', 'key', 'class', 'planned'] as const;
const GAP_MS = 5000;
const MAX_AGE_MS = 60_000;
const LIMIT = 200;

interface Answer {
  readonly fromMs: number;
  readonly toMs: number;
  readonly total: number;
  readonly rows: WorstRow[];
}

const byOf = (text: string | undefined): WorstBy => WORST_BY.find((one) => one === text) ?? 'line';

function byChoices(by: WorstBy): HTMLElement {
  const items = WORST_BY.map((one) => ({
    text: t(`by_${one}`),
    href: hrefWith({ by: one === 'line' ? null : one }),
    current: one === by,
    test: `by-${one}`,
  }));
  return choices(t('by'), items);
}

function worstView({ query: asked }: Address): View {
  const scope = scopeOf(asked);
  const by = byOf(asked['by']);
  const filter = { by, ...filterQuery(scope) };
  const abort = new AbortController();
  let most = 1;
  let span = spanOf(scope);
  const columns = worstColumns(
    by,
    () => most,
    () => span,
  );
  const caption = `${t('worst')}: ${t(`by_${by}`)}`;
  const texts = { caption, empty: t('nothing'), test: 'worst' };
  const list = new KeyedTable<WorstRow>(columns, keyOf, texts);
  const box = panel(t('worst'), {
    class: 'list-panel worst-panel',
    controls: [
      byChoices(by),
      filterBar(scope, OFFERED, abort.signal),
      periodPicker(scope, PERIODS),
      exportLinks('worst', () => ({ ...span, ...filter })),
    ],
    body: [list.element],
  });
  const query = new LiveQuery<Answer>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => status.changedFromMs !== null && status.changedFromMs < span.to + GAP_MS,
    load: (signal) => {
      span = spanOf(scope);
      return get<Answer>('lists/worst', { ...span, ...filter, limit: LIMIT }, signal);
    },
    apply: ({ rows, total, fromMs, toMs }) => {
      box.ready();
      most = Math.max(1, ...rows.map((row) => row.interruptions));
      list.update(rows);
      const shown = { shown: whole(rows.length), total: whole(total) };
      const count = rows.length === total ? whole(total) : t('shown', shown);
      box.note(`${count} · ${dateTime(fromMs)} – ${dateTime(toMs)}`);
    },
  });
  const unmount = (): void => {
    query.stop();
    abort.abort();
  };
  return { element: el('div', { class: 'view' }, box.element), unmount };
}

export const worstPage: Page = {
  page: 'worst',
  title: () => t('worst'),
  key: 'w',
  mount: worstView,
};
