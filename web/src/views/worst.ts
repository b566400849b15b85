// The worst lines of any period, by branch and product. Days and months are cut in the
// network's zone.

import type { Worst } from '../../../src/api/contract.js';
import { getWorst } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { exportLinks } from '../parts/export-links.js';
import { duration, whole } from '../shell/format.js';
import { words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';
import { LiveQuery } from '../shell/live-query.js';
import { panel } from '../parts/panel.js';
import type { Address } from '../shell/address.js';
import { filterBar } from '../parts/filter-bar.js';
import { periodPicker } from '../parts/period-picker.js';
import { type Span, filterQuery, scopeOf, spanOf } from '../shell/scope.js';
import { type Page, type View, lineHref } from '../shell/view.js';
import { serverNowMs } from '../shell/store.js';
import { KeyedTable } from '../parts/table.js';
import * as zone from '../shell/zone.js';

const t = words({
  ...COMMON,
  worst: ['Worst lines', '最差线路'],
  lastStart: ['Last start', '最近中断'],
});

type Row = Worst['rows'][number];

const PERIODS = ['today', '24h', '7d', '30d', 'month'] as const;
const GAP_MS = 5000;
const MAX_AGE_MS = 60_000;
const LIMIT = 200;

function table(most: () => number, spanNow: () => Span): KeyedTable<Row> {
  const count = (title: Parameters<typeof t>[0], of: (row: Row) => number) => ({
    title: t(title),
    class: 'number',
    text: (row: Row) => whole(of(row)),
  });
  const href = (row: Row): string => {
    const { from, to } = spanNow();
    return lineHref(row.line, from, to);
  };
  return new KeyedTable<Row>(
    [
      { title: t('line'), class: 'wide', text: (row) => row.line, href },
      { title: t('branch'), text: (row) => row.branch ?? '' },
      { title: t('product'), text: (row) => row.product ?? '' },
      { title: t('customer'), class: 'rest', text: (row) => row.customer ?? '' },
      {
        ...count('interruptions', (row) => row.interruptions),
        class: 'number strong barred',
        bar: (row: Row) => row.interruptions / Math.max(1, most()),
      },
      count('momentary', (row) => row.momentary),
      count('outages', (row) => row.outages),
      { title: t('downTime'), class: 'number', text: (row) => duration(row.downMs) },
      count('flapEpisodes', (row) => row.flapEpisodes),
      count('repeatFaults', (row) => row.repeatFaults),
      {
        title: t('lastStart'),
        class: 'number',
        text: (row) => (row.lastStart === null ? '' : zone.clockNear(row.lastStart, serverNowMs())),
      },
      {
        title: t('state'),
        class: 'state',
        text: (row) => (row.down ? t('down') : t('up')),
        mark: (row) => (row.down ? 'is-down' : 'is-up'),
      },
    ],
    (row) => row.line,
    { caption: t('worst'), empty: t('noLines'), test: 'worst' },
  );
}

function worstView({ query: asked }: Address): View {
  const scope = scopeOf(asked);
  const filter = filterQuery(scope);
  const abort = new AbortController();
  let most = 1;
  let span = spanOf(scope);
  const list = table(
    () => most,
    () => span,
  );
  const box = panel(t('worst'), {
    class: 'list-panel',
    controls: [
      filterBar(scope, ['branch', 'product'], abort.signal),
      periodPicker(scope, PERIODS),
      exportLinks('worst', () => ({ ...span, ...filter })),
    ],
    body: [list.element],
  });
  const query = new LiveQuery<Worst>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => status.changedFromMs !== null && status.changedFromMs < span.to + GAP_MS,
    load: (signal) => {
      span = spanOf(scope);
      return getWorst({ ...span, ...filter, limit: LIMIT }, signal);
    },
    apply: (worst) => {
      box.ready();
      most = Math.max(1, ...worst.rows.map((row) => row.interruptions));
      list.update(worst.rows);
      const { total, rows, fromMs, toMs } = worst;
      const times = `${zone.dateTime(fromMs)} – ${zone.dateTime(toMs)}`;
      const shown = { shown: whole(rows.length), total: whole(total) };
      box.note(`${rows.length === total ? whole(total) : t('shown', shown)} · ${times}`);
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
