// The relations of one month that the KPIs are taken from, as temporary tables of a connection:
//
//   kpi_reading       (partition_id, c, first_ms)
//   kpi_span          a line under one record: (span_id, line_id, line, branch, product, customer, ...,
//                     from_ms, to_ms); they fill the month up to the reading time
//   kpi_interruption  (line_id, partition_id, n, start_ms, end_ms, until_ms, outage, cause_id,
//                     planned_ms): planned_ms = until when its down time is planned, else null
//   kpi_cell          one a span: counts and durations, columns NAME, NAME_planned, NAME_net
//   kpi_second, kpi_fault   see seconds.ts, faults.ts
//
// Interruptions count where they start; down time is clipped to the span, so to the month's edges.

import type { DuckDBConnection } from '@duckdb/node-api';
import { gapFacts } from '../store/facts.js';
import { plannedFacts } from '../store/planned.js';
import { type ReadingTime, readingClause } from '../store/reading.js';
import { selectRows } from '../store/sql.js';
import { faultRelation } from './faults.js';
import type { Month } from './month.js';
import { LINE_RECORDS } from './records.js';
import { secondRelation } from './seconds.js';

const SETTINGS = { reading: 'kpi_reading' };

/** How far before a month its interruptions are looked at: a fault before last month is no repeat. */
export const LOOK_BACK_MS = 62 * 86_400_000;

/**
 * How far behind it: a fault that begins in the month may get its cause there, and unavailable time
 * begins on either side of its end. As long as a month waits before it closes.
 */
export const LOOK_AHEAD_MS = 3 * 86_400_000;

const TABLES = ['reading', 'span', 'unknown', 'interruption', 'cell', 'second', 'fault'] as const;

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
  await make('interruption', interruptionText(read));
  await make('second', secondRelation(read));
  await make('fault', faultRelation(read));
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
        from named window by_time as (partition by line order by from_ms))),
    nameless as (
      select line, from_ms, to_ms from hole semi join seen using (line)
      where is_hole and from_ms < to_ms
      union all
      select line, ${fromMs}, ${endMs} from seen anti join named using (line)),
    every as (select * from named union all by name select * from nameless)
    select row_number() over (order by e.line, e.from_ms)::integer as span_id,
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

function interruptionText({ fromMs, toMs }: MonthRead): string {
  return `
    select f.line_id, f.partition_id, f.n, f.start_ms, if(f.end_ms <= r.c, f.end_ms, null) as end_ms,
      least(f.until_ms, r.c) as until_ms, f.outage, k.cause_id,
      if(f.planned, f.planned_until_ms, null) as planned_ms
    from (${plannedFacts(SETTINGS)}) f
    join kpi_reading r on r.partition_id = f.partition_id
    left join cause k on k.cause_id = f.cause_id
    where f.start_ms < ${toMs + LOOK_AHEAD_MS} and f.start_ms <= r.c
      and f.until_ms >= ${fromMs - LOOK_BACK_MS} and (f.outage or f.until_ms >= ${fromMs} - 86400000)`;
}

/** Milliseconds that two periods share. */
export function overlap(from: string, until: string, other: string): string {
  return `greatest(0, least(${until}, ${other}.to_ms) - greatest(${from}, ${other}.from_ms))::double`;
}

function cellText({ fromMs, toMs, endMs }: MonthRead): string {
  const begun = 'i.start_ms >= s.from_ms';
  const planned = 'i.planned_ms is not null';
  const counted = (name: string, where: string): string => `
      count(*) filter (${begun} and ${where}) as ${name},
      count(*) filter (${begun} and ${where} and ${planned}) as ${name}_planned`;
  return `
    with count_of as (
      select s.span_id, ${counted('interruptions', 'true')}, ${counted('momentary', 'not outage')},
        ${counted('outages', 'outage')}, ${counted('ended', 'end_ms is not null')},
        coalesce(sum((end_ms - start_ms)::double) filter (${begun}), 0) as ended_ms,
        coalesce(sum((end_ms - start_ms)::double) filter (${begun} and ${planned}), 0)
          as ended_ms_planned,
        sum(${overlap('i.start_ms', 'i.until_ms', 's')}) as down_ms,
        coalesce(sum(${overlap('i.start_ms', 'least(i.until_ms, i.planned_ms)', 's')})
          filter (${planned}), 0) as down_ms_planned
      from kpi_interruption i join kpi_span s on s.line_id = i.line_id
        and i.start_ms < s.to_ms and i.until_ms >= s.from_ms
      group by s.span_id),
    second_of as (
      select span_id, ${['', '_planned', '_net']
        .flatMap((suffix) =>
          ['es', 'uas'].map((name) => {
            const variant = suffix === '' ? 'gross' : suffix.slice(1);
            return `sum(${name}) filter (variant = '${variant}') as ${name}${suffix}`;
          }),
        )
        .join(', ')}
      from kpi_second group by span_id),
    unknown_of as (
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
      select s.*, (s.to_ms - s.from_ms)::double as span_ms,
        if(s.partition_id is null, (s.to_ms - s.from_ms) * e.known_share,
          s.to_ms - s.from_ms - coalesce(u.unknown_ms, 0))::double as known_ms,
        greatest(0, least(s.to_ms, coalesce(r.c + 1, e.last_ms))
          - greatest(s.from_ms, coalesce(r.first_ms, e.first_ms)))::double as observed_ms
      from kpi_span s cross join every e left join unknown_of u using (span_id)
      left join kpi_reading r on r.partition_id = s.partition_id)
    select *, span_ms / ${toMs - fromMs} as line_months,
      ${['interruptions', 'momentary', 'outages', 'ended', 'ended_ms', 'down_ms']
        .map((name) => `${name} - ${name}_planned as ${name}_net`)
        .join(', ')}
    from (select s.*, ${[
      ...['interruptions', 'momentary', 'outages', 'ended', 'ended_ms', 'down_ms'].flatMap(
        (name) => [name, `${name}_planned`],
      ),
      ...['es', 'uas'].flatMap((name) => [name, `${name}_planned`, `${name}_net`]),
    ]
      .map((name) => `coalesce(${name}, 0) as ${name}`)
      .join(', ')}
      from spans s left join count_of using (span_id) left join second_of using (span_id))`;
}
