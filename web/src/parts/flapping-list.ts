// Lines flapping now, live: compact beside the heat map, with every column in a view of its own.

import type { Flapping, Status } from '../../../src/api/contract.js';
import type { QueryParts } from '../shell/address.js';
import { getFlapping } from '../shell/api.js';
import { exportLinks } from './export-links.js';
import { whole } from '../shell/format.js';
import { words } from '../shell/i18n.js';
import { LiveQuery } from '../shell/live-query.js';
import { panel } from './panel.js';
import { serverNowMs } from '../shell/store.js';
import { type View, lineHref } from '../shell/view.js';
import { COMMON } from '../shell/words.js';
import { clockNear } from '../shell/zone.js';
import { KeyedTable, type TableColumn } from './table.js';

const t = words({
  ...COMMON,
  flappingNow: ['Lines flapping now', '当前抖动线路'],
  lastTransition: ['Last transition', '最近变化'],
  noFlapping: ['No line is flapping.', '当前没有线路抖动。'],
});

const GAP_MS = 500;
const MAX_AGE_MS = 10_000;

type Row = Flapping['rows'][number];

/** Branch, product and customer where the records name them. */
export function whose(row: {
  branch: string | null;
  product: string | null;
  customer?: string | null;
}): string {
  const names = [row.branch, row.product, row.customer ?? null];
  return names.filter((name) => name !== null && name !== '').join(' · ');
}

const near = (ms: number): string => clockNear(ms, serverNowMs());

function columns(full: boolean): TableColumn<Row>[] {
  const line: TableColumn<Row> = {
    title: t('line'),
    class: 'wide',
    text: (row) => row.line,
    href: (row) => lineHref(row.line),
    ...(full ? {} : { sub: whose }),
  };
  const count: TableColumn<Row> = {
    title: t('interruptions'),
    class: 'number strong',
    text: (row) => whole(row.interruptions),
  };
  const since: TableColumn<Row> = {
    title: t('since'),
    class: 'number',
    text: (row) => near(row.since),
  };
  const last: TableColumn<Row> = {
    title: t('lastTransition'),
    class: 'number',
    text: (row) => near(row.lastTransition),
  };
  const state: TableColumn<Row> = {
    title: t('state'),
    class: 'state',
    text: (row) => (row.down ? t('down') : t('up')),
    mark: (row) => (row.down ? 'is-down' : 'is-up'),
  };
  if (!full) return [line, count, { ...since, sub: (row) => row.rule }, state];
  return [
    line,
    { title: t('branch'), text: (row) => row.branch ?? '' },
    { title: t('product'), text: (row) => row.product ?? '' },
    { title: t('customer'), class: 'rest', text: (row) => row.customer ?? '' },
    { title: t('rule'), text: (row) => row.rule },
    since,
    count,
    last,
    state,
    { title: t('partition'), class: 'number', text: (row) => String(row.partition) },
  ];
}

/** The list as a panel that keeps itself current. */
export function flappingList(full: boolean, filter: QueryParts): View {
  const table = new KeyedTable<Row>(columns(full), (row) => `${row.partition} ${row.line}`, {
    caption: t('flappingNow'),
    empty: t('noFlapping'),
    test: 'flapping',
  });
  const controls = full ? [exportLinks('flapping', () => ({}))] : [];
  const box = panel(t('flappingNow'), { class: 'list-panel', controls, body: [table.element] });
  let count = -1;
  const query = new LiveQuery<Flapping>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status: Status) => status.changedFromMs !== null || status.flappingNow !== count,
    load: (signal) => getFlapping(filter, signal),
    apply: (flapping) => {
      count = flapping.total;
      box.ready();
      const { total, rows } = flapping;
      const all = rows.length === total;
      box.note(all ? whole(total) : t('shown', { shown: rows.length, total: whole(total) }));
      table.update(rows);
    },
  });
  return { element: box.element, unmount: () => query.stop() };
}
