// The worst lines, components, customers, products or branches of a period: counts, the rate per
// line-month with its interval, the trend, and where they stand now.

import { WORST_BY, type WorstBy, worstShort, worstStatement } from '../store/worst.js';
import {
  BRANCH,
  CUSTOMER,
  DOWN,
  INTERRUPTIONS,
  LAST_START,
  LINE,
  type ListColumn,
  type ListRow,
  MOMENTARY,
  OUTAGES,
  PRODUCT,
  column,
} from './column.js';
import type { List } from './list.js';
import { poissonInterval } from './poisson.js';

const KEY_CUSTOMER = column(
  'key_customer',
  'flag',
  'Key customer',
  '大客户',
  'the customer is a key customer',
);
const STATE = column(
  'state',
  'text',
  'Now',
  '当前状态',
  'down, flapping, unknown or up at the reading time',
);
const EPISODES = column(
  'flap_episodes',
  'count',
  'Flap episodes',
  '闪断事件',
  'flapping episodes found in the period by the primary detector',
);
const REPEATS = column(
  'repeat_faults',
  'count',
  'Repeat faults',
  '重复故障',
  'outages of the period that started within 30 days of the outage before',
);

/** Derived from interruptions, line_months and before, which the statement gives. */
const RATE: readonly ListColumn[] = [
  column(
    'per_line_month',
    'number',
    'Per line-month',
    '每线每月',
    'interruptions a line and mean month (30.44 days) of known time',
  ),
  column('rate_low', 'number', 'From', '下限', 'lower end of its exact 95 % Poisson interval'),
  column(
    'rate_high',
    'number',
    'To',
    '上限',
    'upper end; interruptions that come in bursts scatter more',
  ),
  column(
    'before',
    'count',
    'Period before',
    '上一时段',
    'interruptions of the period before, of the same length; null where it is not all known',
  ),
  column('change_percent', 'percent', 'Change', '变化', 'change against the period before'),
];

const SHARES: readonly ListColumn[] = [
  column(
    'top_cause',
    'text',
    'Top cause',
    '主要原因',
    'component behind most of its interruptions, by the cause engine; else what alarms were raised with',
  ),
  column(
    'planned_percent',
    'percent',
    'Planned',
    '割接占比',
    'share of interruptions that start in the window of a planned work',
  ),
  column(
    'coverage_percent',
    'percent',
    'Coverage',
    '覆盖率',
    'share of the period in which the state was known',
  ),
];

const COUNTS: readonly ListColumn[] = [INTERRUPTIONS, MOMENTARY, OUTAGES, DOWN, EPISODES, REPEATS];

const LINE_COLUMNS: readonly ListColumn[] = [
  LINE,
  BRANCH,
  PRODUCT,
  CUSTOMER,
  KEY_CUSTOMER,
  ...COUNTS,
  STATE,
  LAST_START,
  ...RATE,
  ...SHARES,
];

function groupColumns(by: Exclude<WorstBy, 'line'>): readonly ListColumn[] {
  const titles = {
    component: ['Component', '部件'],
    customer: ['Customer', '客户'],
    product: ['Product', '产品'],
    branch: ['Branch', '分公司'],
  } as const;
  const [en, zh] = titles[by];
  return [
    column('kind', 'text', 'Kind', '类型', 'kind of the component, null of other groups'),
    column('name', 'text', en, zh, `name of the ${by}, empty where the records name none`),
    column('lines', 'count', 'Lines', '线路数', 'its lines, of the records or seen'),
    column('lines_interrupted', 'count', 'Interrupted', '中断线路', 'of them with an interruption'),
    ...COUNTS,
    column('lines_down', 'count', 'Down now', '当前中断', 'lines down at the reading time'),
    LAST_START,
    ...RATE,
    ...SHARES,
  ];
}

function columns(by: WorstBy): readonly ListColumn[] {
  return by === 'line' ? LINE_COLUMNS : groupColumns(by);
}

const RATE_NAMES = new Set(RATE.map(({ name }) => name));

function stored(by: WorstBy): string[] {
  const names = columns(by).map(({ name }) => name);
  const kept = names.filter((name) => !RATE_NAMES.has(name));
  kept.splice(names.indexOf(RATE[0]!.name), 0, 'line_months', 'before');
  return kept;
}

/** Puts the rate's columns in place of line_months and before. */
function derive(row: ListRow, by: WorstBy): ListRow {
  const names = columns(by).map(({ name }) => name);
  const at = names.indexOf(RATE[0]!.name);
  const interruptions = Number(row[names.indexOf(INTERRUPTIONS.name)]);
  const lineMonths = Number(row[at]);
  const before = row[at + 1] as number | null;
  const rate = (count: number): number | null => (lineMonths > 0 ? count / lineMonths : null);
  const [low, high] = poissonInterval(interruptions);
  const change = before === null || before === 0 ? null : (100 * (interruptions - before)) / before;
  const derived = [rate(interruptions), rate(low), rate(high), before, change];
  return [...row.slice(0, at), ...derived, ...row.slice(at + 2)];
}

/** The list. */
export const WORST: List = {
  name: 'worst',
  row: 'one a line, component, customer, product or branch with an interruption in the period',
  by: WORST_BY,
  columns,
  stored,
  derive,
  short: (question, connection) => worstShort(connection, question),
  statement: (question, connection) => worstStatement(connection, question),
};
