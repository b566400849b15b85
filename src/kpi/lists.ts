// What stands behind two KPIs: why customers were not satisfied, and what key customers' records lack.

import type { DuckDBConnection } from '@duckdb/node-api';
import { selectRows, splitTotal } from '../store/sql.js';
import { REQUIRED } from '../records/required.js';
import { lacks } from './customers.js';
import type { Month } from './month.js';

/** A reason for dissatisfaction in a branch, as call-backs of the month gave it. */
export interface ReasonRow {
  branch: string;
  reason: string;
  responsibility: string;
  timeLimit: string;
  callbacks: number;
  /** Share of the branch's reasons up to this one, percent: the Pareto. */
  cumulative: number;
}

/** Reasons for dissatisfaction by branch, the commonest first (SPEC section 6). */
export async function dissatisfaction(
  connection: DuckDBConnection,
  { fromMs, toMs }: Month,
): Promise<ReasonRow[]> {
  return selectRows<ReasonRow>(
    connection,
    `with told as (
       select coalesce(r.branch, '') as branch, string_split(coalesce(c.reason, ''), '; ') as parts
       from callback_row c left join ticket_row t on t.ticket = c.ticket and t.valid_to_ms is null
       left join line_record r on r.line = coalesce(c.line, t.line)
       where c.valid_to_ms is null and not c.satisfied and c.at_ms >= $from and c.at_ms < $to),
     counted as (
       select branch, parts[1] as reason, coalesce(parts[2], '') as responsibility,
         coalesce(parts[3], '') as "timeLimit", count(*) as callbacks
       from told group by all)
     select *, 100.0 * sum(callbacks) over (partition by branch order by callbacks desc, reason,
         responsibility, "timeLimit") / sum(callbacks) over (partition by branch) as cumulative
     from counted order by branch, callbacks desc, reason, responsibility, "timeLimit"`,
    { from: fromMs, to: toMs },
  );
}

/** A circuit of a key customer whose record is not complete. */
export interface MissingRow {
  customer: string | null;
  line: string;
  branch: string | null;
  missing: string;
}

/** What key customers' records lack, by customer, and how many circuits there are. */
export async function missingRecords(
  connection: DuckDBConnection,
  limit: number,
): Promise<{ total: number; rows: MissingRow[] }> {
  const parts = REQUIRED.map((field) => `if(${lacks(field)}, '${field}', null)`).join(', ');
  const found = await selectRows<MissingRow & { total: number }>(
    connection,
    `select customer, line, branch, missing, count(*) over () as total
     from (select customer, line, branch, concat_ws(', ', ${parts}) as missing
       from line_record where key_customer)
     where missing <> '' order by customer, line limit $limit`,
    { limit },
  );
  return splitTotal<MissingRow>(found);
}
