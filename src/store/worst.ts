// The worst lines of a period. Interruptions count by their start in [from, to); down time is clipped
// to the period, that of an open interruption to the reading time as well. Grouped by line id first;
// names are joined to the groups, not to the interruptions. Down time is summed as doubles, which are
// exact below 2^53 ms and cost a third of DuckDB's 128-bit sums.

import type { DuckDBConnection } from '@duckdb/node-api';
import { episodeFacts, interruptionFacts, lineFacts, repeatFacts } from './facts.js';
import { GROUP_CONDITION, QUERY_SETTINGS, groupParameters } from './queries.js';
import type { GroupFilter, ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { selectRows, splitTotal } from './sql.js';

/** A period [fromMs, toMs), epoch milliseconds. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A line of the list. Times in epoch milliseconds, durations in milliseconds. */
export interface WorstRow {
  line: string;
  branch: string | null;
  product: string | null;
  customer: string | null;
  interruptions: number;
  momentary: number;
  outages: number;
  downMs: number;
  /** Episodes found in the period (by their `at`). */
  flapEpisodes: number;
  repeatFaults: number;
  /** Down at the reading time, on any partition. */
  down: boolean;
  lastStart: number | null;
}

/**
 * Lines with at least one interruption start in the period, most starts first, then most down time,
 * then by name; total = how many there are before the limit.
 */
export async function worstLines(
  connection: DuckDBConnection,
  read: ReadAt,
  period: Period,
  filter: GroupFilter,
  limit: number,
): Promise<{ total: number; rows: WorstRow[] }> {
  const settings = QUERY_SETTINGS;
  const { clause, parameters } = readingClause(read.at);
  const found = await selectRows<WorstRow & { total: number }>(
    connection,
    `${clause},
     counted as (
       select line_id, count(*) filter (start_ms >= $from) as interruptions,
         count(*) filter (start_ms >= $from and outage) as outages,
         sum((least(until_ms, $to) - greatest(start_ms, $from))::double)::bigint as down_ms,
         max(start_ms) as last_start_ms
       from (${interruptionFacts(settings)})
       where start_ms < $to and until_ms >= $from
       group by line_id having count(*) filter (start_ms >= $from) > 0),
     top as (
       select k.*, l.line, r.branch, r.product, r.customer, count(*) over () as total
       from counted k join line l on l.line_id = k.line_id left join line_record r on r.line = l.line
       where ${GROUP_CONDITION}
       order by k.interruptions desc, k.down_ms desc, l.line limit $limit),
     flaps as (select line_id, count(*) as episodes from (${episodeFacts(settings)})
       where at_ms >= $from and at_ms < $to and line_id in (select line_id from top)
       group by line_id),
     repeats as (select line_id, count(*) as faults from (${repeatFacts(settings)})
       where start_ms >= $from and start_ms < $to and line_id in (select line_id from top)
       group by line_id),
     standing as (select line_id, bool_or(down) as down from (${lineFacts(settings)})
       where line_id in (select line_id from top) group by line_id)
     select t.line, t.branch, t.product, t.customer, t.interruptions,
       t.interruptions - t.outages as momentary, t.outages, t.down_ms as "downMs",
       coalesce(f.episodes, 0) as "flapEpisodes", coalesce(e.faults, 0) as "repeatFaults",
       coalesce(s.down, false) as down, t.last_start_ms as "lastStart", t.total
     from top t left join flaps f on f.line_id = t.line_id
     left join repeats e on e.line_id = t.line_id left join standing s on s.line_id = t.line_id
     order by t.interruptions desc, t.down_ms desc, t.line`,
    { ...parameters, ...groupParameters(filter), from: period.fromMs, to: period.toMs, limit },
  );
  return splitTotal<WorstRow>(found);
}
