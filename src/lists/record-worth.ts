// What recording one missing field would buy: by node and kind, how many more of its faults would be named.

import { recordWorth } from '../cause/worth.js';
import { DEFAULT_CAUSE_SETTINGS } from '../cause/settings.js';
import { storedCauseRecords } from '../store/cause-records.js';
import { causeFacts } from '../store/cause-views.js';
import { QUERY_SETTINGS } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { selectRows } from '../store/sql.js';
import { column } from './column.js';
import { listedRows } from './listed.js';
import type { List } from './list.js';

const COLUMNS = [
  column('node', 'text', 'Node', '局站', 'where records are missing'),
  column('kind', 'text', 'Field', '字段', 'kind of the component that is not recorded'),
  column('lines', 'count', 'Lines', '线路数', 'lines of the node'),
  column('missing', 'count', 'Missing', '缺失', 'of them without such a record that fits'),
  column('missing_percent', 'percent', 'Share', '缺失率', 'the same of its lines'),
  column(
    'named_percent',
    'percent',
    'Named',
    '可定位',
    'share of its faults of the kind expected to be named, as measured for such a share missing',
  ),
  column(
    'faults',
    'number',
    'Faults',
    '预期故障',
    'faults of the kind expected here in such a period',
  ),
  column(
    'gain_one',
    'value',
    'One field',
    '补一条',
    'how many more of these would be named with one record more',
  ),
  column('gain_all', 'number', 'All', '补全', 'and with all'),
] as const;

/** The list. */
export const RECORD_WORTH: List = {
  name: 'record-worth',
  row: 'one a node and kind of which records are missing, where one record more is worth most first',
  by: ['line'],
  columns: () => COLUMNS,
  statement: async ({ read, period, limit }, connection) => {
    const records = await storedCauseRecords(connection, DEFAULT_CAUSE_SETTINGS);
    const { clause, parameters } = readingClause(read.at);
    const causes = await selectRows<{ kind: string; n: number }>(
      connection,
      `${clause} select kind, count(*) as n from (${causeFacts(QUERY_SETTINGS)})
         where at_ms >= $from and at_ms < $to group by kind`,
      { ...parameters, from: period.fromMs, to: period.toMs },
    );
    const counts = new Map(causes.map(({ kind, n }) => [kind, n]));
    const found = records
      ? recordWorth(
          (await records.prepared(period.toMs - 1)).network,
          (kind) => counts.get(kind) ?? 0,
        )
      : [];
    const rows = found.slice(0, limit).map((worth) => ({
      node: worth.node,
      kind: worth.kind,
      lines: worth.lines,
      missing: worth.missing,
      missing_percent: (100 * worth.missing) / worth.lines,
      named_percent: 100 * worth.named,
      faults: worth.faults,
      gain_one: worth.gainOne,
      gain_all: worth.gainAll,
    }));
    return listedRows(COLUMNS, rows, found.length);
  },
};
