// The relations of one month that the KPIs are taken from, as temporary tables of a connection:
//
//   kpi_reading       (partition_id, c, first_ms)
//   kpi_span          a line under one record: (span_id, line_id, line, branch, product, customer, ...,
//                     from_ms, to_ms); they fill the month up to the reading time
//   kpi_count, kpi_found    what fold.ts makes of the interruptions: sums a span, faults
//   kpi_cell          one a span: counts and durations, columns NAME, NAME_planned, NAME_net
//   kpi_fault         faults that start in the month, each in its variants: (branch, product, customer,
//                     line, variant, start_ms, repeats, same_cause, cause_id)
//
// Interruptions count where they start; down time is clipped to the span, so to the month's edges.

import type { DuckDBConnection } from '@duckdb/node-api';
import { gapFacts } from '../store/facts.js';
import { type ReadingTime, readingClause } from '../store/reading.js';
import { selectRows } from '../store/sql.js';
import { COUNT_COLUMNS, MEASURES, foldMonth } from './fold.js';
import { VARIANTS } from './kpi.js';
import type { Month } from './month.js';
import { LINE_RECORDS } from './records.js';

const SETTINGS = { reading: 'kpi_reading' };

const TABLES = ['reading', 'span', 'unknown', 'count', 'found', 'cell', 'fault'] as const;

/** A month, and until when it can be told: [fromMs, endMs). */
export interface MonthRead extends Month {
  readonly endMs: number;
  /** The reading time: the latest of all partitions. */
  readonly readingMs: number;
}

/**
 * Makes the relations of a month, read at a time. Null where nothing was read of that month yet; call
 * dropRelations when done.
 */
export async function makeRelations(
  connection: DuckDBConnection,
  month: Month,
  at: ReadingTime,
): Promise<MonthRead | null> {
  const { clause, parameters } = readingClause(at);
  const make = (name: (typeof TABLES)[number], text: string): Promise<unknown> =>
    connection.run(`create or replace temp table kpi_${name} as ${text}`);
  await connection.run(
    'create or replace temp table kpi_reading (partition_id integer, c bigint, first_ms bigint)',
  );
  const rows = await selectRows<{ partition: number; c: number; first: number }>(
    connection,
    `${clause} select r.partition_id as partition, r.c, min(g.first_ms) as first
     from reading_at r join progress g on g.partition_id = r.partition_id
     where r.c is not null and g.first_ms is not null group by all`,
    parameters,
  );
  const readingMs = Math.max(...rows.map(({ c }) => c));
  const endMs = Math.min(month.toMs, readingMs + 1);
  const firstMs = Math.min(...rows.map(({ first }) => first));
  if (rows.length === 0 || endMs <= month.fromMs || month.toMs <= firstMs) return null;
  const values = rows.map(({ partition, c, first }) => `(${partition}, ${c}, ${first})`);
  await connection.run(`insert into kpi_reading values ${values.join(', ')}`);
  const read = { ...month, endMs, readingMs };
  await make('span', spanText(read));
  await make('unknown', unknownText(read));
  await foldMonth(connection, read);
  await make('fault', FAULT_TEXT);
  await make('cell', cellText(read));
  return read;
}

/** Lets go of what makeRelations made. */
export async function dropRelations(connection: DuckDBConnection): Promise<void> {
  for (const table of TABLES) await connection.run(`drop table if exists kpi_${table}`);
}

/** Lines of the records and lines seen; where a line seen has no record, a span without names. */
function spanText({ fromMs, endMs }: MonthRead): string {
  return `
    with seen as (
      select o.line_id, l.line, min(o.partition_id) as partition_id
      from open_state o join line l on l.line_id = o.line_id group by all),
    named as (
      select * replace (greatest(from_ms, ${fromMs}) as from_ms, least(to_ms, ${endMs}) as to_ms)
      from (${LINE_RECORDS}) where from_ms < ${endMs} and to_ms > ${fromMs}),
    hole as (
      select line, unnest([coalesce(before_ms, ${fromMs}), last_ms]) as from_ms,
        unnest([from_ms, ${endMs}]) as to_ms, unnest([true, is_last]) as is_hole
      from (select line, from_ms, to_ms as last_ms,
          lag(to_ms) over by_time as before_ms, lead(to_ms) over by_time is null as is_last
        from named where from_ms > ${fromMs} or to_ms < ${endMs}
        window by_time as (partition by line order by from_ms))),
    nameless as (
      select line, from_ms, to_ms from hole semi join seen using (line)
      where is_hole and from_ms < to_ms
      union all
      select line, ${fromMs}, ${endMs} from seen anti join named using (line)),
    every as (select * from named union all by name select * from nameless)
    select row_number() over ()::integer as span_id,
      s.line_id, s.partition_id, e.* replace (coalesce(branch, '') as branch,
        coalesce(product, '') as product, coalesce(customer, '') as customer),
      e.record_id is not null as recorded
    from every e left join seen s using (line)`;
}

/** Periods of the month in which a line (line_id null: a partition) is unknown, merged. */
function unknownText({ fromMs, endMs }: MonthRead): string {
  return `
    with gap as (
      select partition_id, line_id, greatest(coalesce(from_ms, 0), ${fromMs}) as from_ms,
        least(coalesce(until_ms, ${endMs}), ${endMs}) as until_ms
      from (${gapFacts(SETTINGS)})
      union all select partition_id, null, ${fromMs}, least(first_ms, ${endMs}) from kpi_reading
      union all select partition_id, null, greatest(c + 1, ${fromMs}), ${endMs} from kpi_reading),
    own as (select distinct partition_id, line_id from gap where line_id is not null),
    every as (
      select * from gap where until_ms > from_ms
      union all
      select g.partition_id, o.line_id, g.from_ms, g.until_ms
      from gap g join own o using (partition_id) where g.line_id is null and g.until_ms > g.from_ms),
    ordered as (
      select *, max(until_ms) over (partition by partition_id, line_id order by from_ms, until_ms
        rows between unbounded preceding and 1 preceding) as before_ms from every)
    select partition_id, line_id, greatest(from_ms, coalesce(before_ms, 0)) as from_ms, until_ms
    from ordered where before_ms is null or until_ms > before_ms`;
}

const FAULT_TEXT = `
  select s.branch, s.product, s.customer, s.line,
    [${VARIANTS.map((name) => `'${name}'`).join(', ')}][f.variant + 1] as variant,
    f.start_ms::bigint as start_ms, f.repeats = 1 as repeats, f.same_cause = 1 as same_cause, nullif(f.cause_id, -1) as cause_id
  from kpi_found f join kpi_span s using (span_id)`;

/** Milliseconds that two periods share. */
function overlap(from: string, until: string, other: string): string {
  return `greatest(0, least(${until}, ${other}.to_ms) - greatest(${from}, ${other}.from_ms))::double`;
}

function cellText({ fromMs, toMs, endMs }: MonthRead): string {
  const net = MEASURES.map((name) => `k.${name} - k.${name}_planned as ${name}_net`);
  return `
    with unknown_of as (
      select s.span_id, sum(${overlap('u.from_ms', 'u.until_ms', 's')}) as unknown_ms
      from kpi_span s join kpi_unknown u on u.partition_id = s.partition_id
        and u.line_id is not distinct from
          if(s.line_id in (select line_id from kpi_unknown), s.line_id, null)
      group by s.span_id),
    every as (
      select avg(known_ms) / ${endMs - fromMs} as known_share, min(first_ms) as first_ms,
        max(c) + 1 as last_ms
      from (select r.*, ${endMs - fromMs} - coalesce(sum(u.until_ms - u.from_ms), 0) as known_ms
        from kpi_reading r left join kpi_unknown u
          on u.partition_id = r.partition_id and u.line_id is null group by all)),
    spans as (
      select s.span_id, s.branch, s.product, s.customer, s.line,
        (s.to_ms - s.from_ms)::double as span_ms,
        if(s.partition_id is null, (s.to_ms - s.from_ms) * e.known_share,
          s.to_ms - s.from_ms - coalesce(u.unknown_ms, 0))::double as known_ms,
        greatest(0, least(s.to_ms, coalesce(r.c + 1, e.last_ms))
          - greatest(s.from_ms, coalesce(r.first_ms, e.first_ms)))::double as observed_ms
      from kpi_span s cross join every e left join unknown_of u using (span_id)
      left join kpi_reading r on r.partition_id = s.partition_id)
    select s.*, s.span_ms / ${toMs - fromMs} as line_months,
      ${COUNT_COLUMNS.map((name) => `k.${name}`).join(', ')},
      ${net.join(', ')}
    from spans s join kpi_count k using (span_id)`;
}
