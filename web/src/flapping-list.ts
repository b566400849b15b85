// Lines flapping now, live: compact beside the heat map, with every column in a view of its own.

import type { Flapping, Status } from '../../src/api/contract.js';
import { getFlapping } from './api.js';
import { exportLinks } from './export-links.js';
import { whole } from './format.js';
import { t } from './i18n.js';
import { LiveQuery } from './live-query.js';
import { panel, type View } from './panel.js';
import { lineHref } from './route.js';
import { serverNowMs } from './store.js';
import { KeyedTable, type TableColumn } from './table.js';
import { clockNear } from './zone.js';

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
export function flappingList(full: boolean, limit: number): View {
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
    load: (signal) => getFlapping(limit, signal),
    apply: (flapping) => {
      count = flapping.total;
      box.ready();
      const { total, rows } = flapping;
      const all = rows.length === total;
      box.note(all ? whole(total) : t('shown', { shown: rows.length, total: whole(total) }));
      table.update(rows);
    },
  });
  return { element: box.element, destroy: () => query.stop() };
}
