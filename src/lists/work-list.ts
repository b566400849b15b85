// The work list: what to repair next by what a period says, in the order of what it is expected to
// bring, key customers' lines weighing more (src/kpi/planner.ts).

import { REPAIRS_MAX, workList } from '../kpi/planner.js';
import { BRANCH, column } from './column.js';
import { KEY_WEIGHT, type List } from './list.js';
import { listedRows } from './listed.js';

/** Customers that a row names. */
const NAMED_MAX = 5;

const COLUMNS = [
  column('place', 'count', 'Place', '名次', 'from 1, what to repair first'),
  column('kind', 'text', 'Kind', '类型', 'line, or kind of the component'),
  column('name', 'text', 'Repair', '整治对象', 'name of the line or component'),
  BRANCH,
  column('lines', 'count', 'Lines', '线路数', 'lines that gain by it, beside those above'),
  column('gain', 'number', 'Gain', '预期减少', 'momentary interruptions fewer a month, expected'),
  column('gain_low', 'number', 'From', '下限', 'lower end of a 90 % interval of it'),
  column('gain_high', 'number', 'To', '上限', 'upper end'),
  column(
    'weighted',
    'number',
    'Weighted',
    '加权',
    "the gain, that of key customers' lines counted keyWeight times: what the list is ordered by",
  ),
  column('gains', 'number', 'Up to here', '累计', 'gains up to here'),
  column('customers', 'count', 'Customers', '客户数', 'customers of these lines, from the records'),
  column('key_customers', 'count', 'Key customers', '大客户数', 'of them key customers'),
  column(
    'customer_names',
    'text',
    'Who gains',
    '受益客户',
    `the ${NAMED_MAX} customers that gain most`,
  ),
  column('evidence', 'text', 'Evidence', '依据', 'what says so'),
] as const;

/** The list. */
export const WORK_LIST: List = {
  name: 'work-list',
  row: `one a line or component worth a repair, at most ${REPAIRS_MAX}, what brings most first`,
  by: ['line'],
  columns: () => COLUMNS,
  statement: async ({ read, period, filter, limit, keyWeight = KEY_WEIGHT }, connection) => {
    const repairs = await workList(connection, read, period, filter, keyWeight);
    const rows = repairs.slice(0, limit).map((repair, i) => ({
      place: i + 1,
      kind: repair.kind,
      name: repair.name,
      branch: repair.branch,
      lines: repair.lines,
      gain: repair.gain,
      gain_low: repair.gainLow,
      gain_high: repair.gainHigh,
      weighted: repair.weighted,
      gains: repair.total,
      customers: repair.customers.length,
      key_customers: repair.keyCustomers,
      customer_names: repair.customers.slice(0, NAMED_MAX).join(', ') || null,
      evidence: repair.evidence,
    }));
    return listedRows(COLUMNS, rows, repairs.length);
  },
};
