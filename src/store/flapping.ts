// The lines that flap at a reading time: one prepared statement, bounded by its limit.

import type { DuckDBConnection } from '@duckdb/node-api';
import { flappingFacts } from './facts.js';
import { LINE_CONDITION, type LineFilter, lineParameters } from './line-filter.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { selectRows, splitTotal } from './sql.js';

/** A line flapping at the reading time. Times in epoch milliseconds. */
export interface FlappingRow {
  line: string;
  branch: string | null;
  product: string | null;
  customer: string | null;
  partition: number;
  rule: string;
  at: number;
  since: number;
  interruptions: number;
  down: boolean;
  lastTransition: number;
}

/** The lines flapping at the reading time, most interruptions first, and how many there are. */
export async function flappingNow(
  connection: DuckDBConnection,
  read: ReadAt,
  filter: LineFilter,
  limit: number,
): Promise<{ total: number; rows: FlappingRow[] }> {
  const { clause, parameters } = readingClause(read.at);
  const found = await selectRows<FlappingRow & { total: number }>(
    connection,
    `${clause}
     select l.line, r.branch, r.product, r.customer, p.partition, u.rule, f.at_ms as "at",
       f.since_ms as since, f.interruptions, f.down, f.transition_ms as "lastTransition",
       count(*) over () as total
     from (${flappingFacts(QUERY_SETTINGS)}) f
     join line l on l.line_id = f.line_id
     join log_partition p on p.partition_id = f.partition_id
     join rule u on u.rule_id = f.rule_id
     left join line_record r on r.line = l.line
     where ${LINE_CONDITION}
     order by f.interruptions desc, f.at_ms desc, l.line, p.partition
     limit $limit`,
    { ...parameters, ...lineParameters(filter), limit },
  );
  return splitTotal<FlappingRow>(found);
}
