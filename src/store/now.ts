// What a wall shows beside the heat map: today's momentary interruptions, and works in progress with what
// they have done so far. Prepared statements, bounded.

import type { DuckDBConnection } from '@duckdb/node-api';
import { interruptionFacts } from './facts.js';
import { dayOf, dayStartMs } from './local-time.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { selectRows } from './sql.js';

const WORKS_MAX = 20;

/** A work whose window is open at the reading time. Times in epoch ms, of the window. */
export interface WorkNow {
  work: string;
  status: string;
  startMs: number;
  endMs: number;
  lines: number;
  /** Of its lines, started since its window began. */
  interruptions: number;
}

/** Momentary interruptions since the local midnight before readingMs. */
export async function momentaryToday(
  connection: DuckDBConnection,
  read: ReadAt,
  readingMs: number,
  timeZone: string,
): Promise<number> {
  const { clause, parameters } = readingClause(read.at);
  const [row] = await selectRows<{ n: number }>(
    connection,
    `${clause} select count(*) as n from (${interruptionFacts(QUERY_SETTINGS)})
     where not outage and start_ms >= ${dayStartMs(dayOf('$now::bigint', timeZone), timeZone)}
       and start_ms <= $now`,
    { ...parameters, now: readingMs },
  );
  return row.n;
}

/** The works in progress, the one that ends next first. */
export function worksNow(connection: DuckDBConnection, readingMs: number): Promise<WorkNow[]> {
  return selectRows<WorkNow>(
    connection,
    `with open as (select work, any_value(status) as status, min(start_ms) as start_ms,
        max(end_ms) as end_ms from work_row
      where valid_to_ms is null and status <> 'cancelled' group by work
      having min(start_ms) <= $now and max(end_ms) > $now),
     size as (select work, count(*) as lines, min(from_ms) as from_ms from work_line group by work),
     hit as (select k.work, count(*) as interruptions from work_line k
      join line l on l.line = k.line
      join planned_mark m on m.line_id = l.line_id and m.start_ms >= k.from_ms
        and m.start_ms < k.until_ms
      where k.work in (select work from open) group by k.work)
     select o.work, o.status, o.start_ms as "startMs", o.end_ms as "endMs",
       coalesce(s.lines, 0) as lines, coalesce(h.interruptions, 0) as interruptions
     from open o left join size s on s.work = o.work left join hit h on h.work = o.work
     order by o.end_ms, o.work limit $limit`,
    { now: readingMs, limit: WORKS_MAX },
  );
}
