// A simulated period replayed into a store with all its records, for the KPI tests.

import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { simulate, type Summary } from '../../src/simulate/index.js';
import { flapline } from '../cli/command.js';

/** Simulates into `folder` and replays into folder/kpi.duckdb; returns what was made, and the time. */
export async function replayedPeriod(
  folder: string,
  options: { seed: number; lines: number; fromMs: number; months: number },
): Promise<{ store: string; summary: Summary; replayMs: number }> {
  const summary = await simulate({ out: folder, ...options });
  const store = join(folder, 'kpi.duckdb');
  const begun = performance.now();
  const outcome = await flapline([
    'replay',
    join(folder, 'events.ndjson'),
    '--store',
    store,
    '--lines',
    join(folder, 'lines.csv'),
    '--quiet',
  ]);
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return { store, summary, replayMs: performance.now() - begun };
}

const ms = (column: string): string => `epoch_ms("${column}"::timestamptz)`;

/** Puts the other record files into the store's tables. */
export async function loadRecords(connection: DuckDBConnection, folder: string): Promise<void> {
  const csv = (name: string): string =>
    `read_csv('${join(folder, `${name}.csv`)}', header = true, all_varchar = true)`;
  for (const statement of [
    `delete from line_row`,
    `insert into line_row by name select line, customer, key_customer::boolean as key_customer,
       product, branch, a_end, z_end, a_branch, z_branch, circuit_type,
       bandwidth_kbps::bigint as bandwidth_kbps, international::boolean as international,
       important::boolean as important, contact, emergency_plan, ${ms('inspected_at')} as inspected_ms,
       ${ms('labelled_at')} as labelled_ms, ${ms('activated_at')} as activated_ms
     from ${csv('lines')}`,
    `insert into component_row by name select line, kind, component from ${csv('components')}`,
    `insert into work_row by name select work, ${ms('start')} as start_ms, ${ms('end')} as end_ms,
       status, ${ms('notified_department_at')} as notified_department_ms,
       ${ms('notified_customer_at')} as notified_customer_ms, kind, component from ${csv('works')}`,
    `insert into ticket_row by name select ticket, kind, line, ${ms('opened')} as opened_ms,
       ${ms('closed')} as closed_ms, valid::boolean as valid, cause from ${csv('tickets')}`,
    `insert into callback_row by name select line, ticket, kind, ${ms('at')} as at_ms,
       satisfied::boolean as satisfied, reason from ${csv('callbacks')}`,
    `insert into satisfaction_row by name select branch, period, score::double as score,
       samples::bigint as samples from ${csv('satisfaction')}`,
    `insert into customer_row by name select customer, key::boolean as key,
       ${ms('enrolled_at')} as enrolled_ms, contact from ${csv('customers')}`,
    `insert into branch_row by name select branch, ${ms('norms_since')} as norms_since_ms
     from ${csv('branches')}`,
    `insert into work_line select distinct w.work, c.line, w.start_ms, w.start_ms - 300000,
       w.end_ms + 300000 from work_row w join component_row c using (kind, component)
     where w.status <> 'cancelled'`,
    `insert into planned_window
     with o as (select line, from_ms, until_ms, from_ms > max(until_ms) over (partition by line
         order by from_ms rows between unbounded preceding and 1 preceding) as fresh
       from work_line),
     g as (select *, count(*) filter (fresh) over (partition by line order by from_ms) as w from o)
     select line, min(from_ms), max(until_ms) from g group by line, w`,
    `insert into planned_mark select i.line_id, i.partition_id, i.n, i.start_ms, w.until_ms
     from (select line_id, partition_id, n, start_ms from interruption_row
       union all select line_id, partition_id, n, start_ms from interruption_bare
       union all select line_id, partition_id, n, start_ms from interruption_judged
       union all select line_id, partition_id, n, start_ms from open_state where down) i
     join line l using (line_id)
     join planned_window w on w.line = l.line and i.start_ms >= w.from_ms and i.start_ms < w.until_ms`,
  ]) {
    await connection.run(statement);
  }
}
