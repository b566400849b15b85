// Small read queries of the service: counts for the status, names of lines. Each
// reads at the given time; each statement is prepared, and bounded by a limit or by one row.

import type { DuckDBConnection } from '@duckdb/node-api';
import { type FactSettings, interruptionFacts, lineFacts } from './facts.js';
import { READING, readingClause, type ReadingTime } from './reading.js';
import { selectRows, type SqlParameters } from './sql.js';

/** What every query reads at. */
export interface ReadAt {
  readonly at: ReadingTime;
}

/** Restricts a query to lines of a group; '' asks for lines whose record names none. */
export interface GroupFilter {
  readonly branch?: string;
  readonly product?: string;
  readonly customer?: string;
}

/** The condition of a GroupFilter over a (left joined) line_record `r`; parameters beside it. */
export const GROUP_CONDITION = `($branch is null or coalesce(r.branch, '') = $branch)
  and ($product is null or coalesce(r.product, '') = $product)
  and ($customer is null or coalesce(r.customer, '') = $customer)`;

/** The parameters GROUP_CONDITION needs. */
export function groupParameters(filter: GroupFilter): SqlParameters {
  const { branch, product, customer } = filter;
  return { branch: branch ?? null, product: product ?? null, customer: customer ?? null };
}

/** The fact settings of a query that reads through readingClause. */
export const QUERY_SETTINGS: FactSettings = { reading: READING };

/** The time at which a store is read at `latest`, null before the first data. */
export async function latestReadingMs(connection: DuckDBConnection): Promise<number | null> {
  const rows = await selectRows<{ ms: number | null }>(
    connection,
    'select max(effective_ms) as ms from progress',
  );
  return rows[0].ms;
}

/** Counts for the status. */
export interface StatusCounts {
  /** Lines in the records united with lines seen. */
  lines: number;
  down: number;
  flapping: number;
  unknown: number;
  /** Interruption starts at or after the given time. */
  interruptions: number;
  events: number;
  late: number;
  duplicates: number;
  rejected: number;
}

/** Counts at the reading time; interruptions are those that started at or after sinceMs. */
export async function statusCounts(
  connection: DuckDBConnection,
  read: ReadAt,
  sinceMs: number,
): Promise<StatusCounts> {
  const settings = QUERY_SETTINGS;
  const { clause, parameters } = readingClause(read.at);
  const rows = await selectRows<StatusCounts>(
    connection,
    `${clause},
     state as (select count(distinct line_id) filter (down) as down,
       count(distinct line_id) filter (flapping) as flapping,
       count(distinct line_id) filter (unknown) as unknown from (${lineFacts(settings)})),
     total as (select coalesce(sum(events), 0)::bigint as events,
       coalesce(sum(late), 0)::bigint as late,
       coalesce(sum(duplicates), 0)::bigint as duplicates,
       coalesce(sum(rejected), 0)::bigint as rejected from progress g
       where g.log = (select max(h.log) from progress h where h.partition_id = g.partition_id))
     select (select count(*) from line)
         + (select count(*) from line_record r anti join line l on l.line = r.line) as lines,
       state.*, (select count(*) from (${interruptionFacts(settings)})
         where start_ms >= $since) as interruptions, total.*
     from state, total`,
    { ...parameters, since: sinceMs },
  );
  return rows[0];
}

/** A line as the dictionary and the records know it; lineId null = in the records, never seen. */
export interface LineEntry {
  lineId: number | null;
  line: string;
  branch: string | null;
  product: string | null;
  customer: string | null;
}

const LINE_COLUMNS = `l.line_id as "lineId", coalesce(l.line, r.line) as line, r.branch, r.product,
  r.customer`;

/** The line of a name, or null when it was neither seen nor is in the records. */
export async function findLine(
  connection: DuckDBConnection,
  line: string,
): Promise<LineEntry | null> {
  const rows = await selectRows<LineEntry>(
    connection,
    `select ${LINE_COLUMNS} from (select * from line where line = $line) l
     full join (select * from line_record where line = $line) r on r.line = l.line limit 1`,
    { line },
  );
  return rows[0] ?? null;
}

/** All lines seen or in the records, by name. For exports; holds every name in memory. */
export async function lineDictionary(connection: DuckDBConnection): Promise<LineEntry[]> {
  return selectRows<LineEntry>(
    connection,
    `select ${LINE_COLUMNS} from line l full join line_record r on r.line = l.line
     order by coalesce(l.line, r.line)`,
  );
}
