// Rollups as they read: what is rolled up united with the rows behind the marks and the open state, so
// that every figure equals the one made from rows alone. Interruptions count where they start; by hour
// and day their down time goes with them, by month it is cut at the months' edges. Lines are rolled up
// by month only: by day they would be half as many rows as there are interruptions, by hour nine tenths.

import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type FactSettings,
  type ZonedSettings,
  INTERRUPTION_TABLES,
  OF_PRIMARY,
  endedFacts,
  openFacts,
  openRepeats,
} from './facts.js';
import { dayOf, dayStartMs, monthStart } from './local-time.js';
import { selectRows } from './sql.js';

/** The tables that are rolled up. Rows are only ever added to them. */
export const ROLLED_TABLES = [...INTERRUPTION_TABLES, 'episode_row', 'repeat_row'] as const;

/** A longer interruption stands in rollup_long: it would touch any number of months. */
export const LONG_MS = 366 * 86_400_000;

const HOUR_MS = 3_600_000;
/**
 * Local days and months are looked up once a quarter of an hour, not once a row: since 1972 every
 * zone's offset is a whole number of them.
 */
const QUARTER_MS = 900_000;
const QUARTER = `at_ms // ${QUARTER_MS}`;

/** What a row of a rollup counts. */
export const MEASURES = ['interruptions', 'outages', 'down_ms', 'episodes', 'repeats'] as const;

/** A condition on the rows of a table. */
export type RowsOf = (table: string) => string;

/** How many rows of a table are rolled up, in SQL. */
export type Marks = (table: string) => string;

/** As the statement itself finds it: for views. */
const STORED_MARKS: Marks = (table) =>
  `(select coalesce(max(rows), 0) from rollup_mark where source = '${table}')`;

/**
 * As it is now, in numbers: with them DuckDB passes over what lies on the other side of a mark, where a
 * statement that looks them up itself reads it all. For statements that run at the same moment
 * (atOneMoment).
 */
export async function readMarks(connection: DuckDBConnection): Promise<Marks> {
  const rows = await selectRows<{ source: string; rows: number }>(
    connection,
    'select source, rows from rollup_mark',
  );
  const known = new Map(rows.map((row) => [row.source, row.rows]));
  return (table) => String(known.get(table) ?? 0);
}

/** Rows that are not rolled up. */
export function behindMark(marks: Marks): RowsOf {
  return (table) => `rowid >= ${marks(table)}`;
}

/** Rows that are. */
export function belowMark(marks: Marks): RowsOf {
  return (table) => `rowid < ${marks(table)}`;
}

/** Interruptions that months count. */
export function rolledUp(marks: Marks): RowsOf {
  return (table) => `${belowMark(marks)(table)} and end_ms - start_ms <= ${LONG_MS}`;
}

const INTERRUPTION = `line_id, partition_id, start_ms as at_ms, until_ms, 1 as interruptions,
  outage::integer as outages, 0 as episodes, 0 as repeats, cause_id`;
const EPISODE = 'line_id, partition_id, at_ms, at_ms, 0, 0, 1, 0, null';
const REPEAT = 'line_id, partition_id, start_ms, start_ms, 0, 0, 0, 1, null';

/** Stored findings: (line_id, partition_id, at_ms, until_ms, how many of what they are, cause_id). */
export function storedOccurrences(rows: RowsOf): string {
  return `select ${INTERRUPTION} from (${endedFacts({ rows })})
    union all select ${EPISODE} from episode_row where ${OF_PRIMARY} and ${rows('episode_row')}
    union all select ${REPEAT} from repeat_row where ${rows('repeat_row')}`;
}

/** Findings behind the marks, and those that the open state holds. */
function newOccurrences(settings: FactSettings): string {
  return `${storedOccurrences(behindMark(STORED_MARKS))}
    union all select ${INTERRUPTION} from
      (${endedFacts({ tables: [] })} union all ${openFacts(settings)})
    union all select line_id, partition_id, episode_at_ms, episode_at_ms, 0, 0, 1, 0, null
      from open_state where episode_rule_id is not null
    union all select line_id, partition_id, start_ms, start_ms, 0, 0, 0, 1, null
      from (${openRepeats(settings)})`;
}

const COUNTS = `sum(interruptions)::integer as interruptions, sum(outages)::integer as outages,
  sum((until_ms - at_ms)::double)::bigint as down_ms, sum(episodes)::integer as episodes,
  sum(repeats)::integer as repeats`;

/** Occurrences by partition and UTC hour: the columns of rollup_hour. */
export function byHour(occurrences: string): string {
  const from = `at_ms // ${HOUR_MS} * ${HOUR_MS}`;
  return `select partition_id, ${from} as from_ms, ${from} + ${HOUR_MS} as until_ms, ${COUNTS}
    from (${occurrences}) group by all`;
}

/** Occurrences by partition and local day: the columns of rollup_day. */
export function byDay(occurrences: string, timeZone: string): string {
  return `select partition_id, ${dayStartMs('day', timeZone)} as from_ms,
      ${dayStartMs('day + 1', timeZone)} as until_ms,
      ${MEASURES.map((name) => `sum(${name})::${name === 'down_ms' ? 'bigint' : 'integer'} as ${name}`).join(', ')}
    from (select *, ${dayOf(`quarter * ${QUARTER_MS}`, timeZone)} as day
      from (select partition_id, ${QUARTER} as quarter, ${COUNTS} from (${occurrences}) group by all))
    group by partition_id, day`;
}

/** Occurrences with the local month they are in: its begin, a timestamp. */
function inMonth(occurrences: string, timeZone: string): string {
  return `
    with every as (${occurrences}),
    quarters as (select quarter, ${monthStart(`quarter * ${QUARTER_MS}`, timeZone)} as month
      from (select distinct ${QUARTER} as quarter from every))
    select e.*, q.month from every e join quarters q on q.quarter = e.${QUARTER}`;
}

/**
 * Occurrences by line, partition and local month: the columns of rollup_month. An interruption gives
 * its later months down time only, and no row where that is none.
 */
export function byMonth(occurrences: string, timeZone: string): string {
  const later = `generate_series(month + interval 1 month, ${monthStart('until_ms', timeZone)},
    interval 1 month)`;
  return `
    with found as (${inMonth(occurrences, timeZone)}),
    edges as (
      select month, ${dayStartMs('month', timeZone)} as from_ms,
        ${dayStartMs('month + interval 1 month', timeZone)} as until_ms
      from (select distinct month from found)),
    placed as (select f.*, e.from_ms, e.until_ms as edge_ms from found f join edges e using (month)),
    parts as (
      select line_id, partition_id, from_ms, edge_ms, interruptions, outages,
        least(until_ms, edge_ms) - at_ms as down_ms, episodes, repeats,
        if(interruptions > 0, at_ms, null) as last_start_ms
      from placed
      union all
      select line_id, partition_id, from_ms, edge_ms, 0, 0, least(until_ms, edge_ms) - from_ms, 0, 0, null
      from (
        select line_id, partition_id, until_ms, ${dayStartMs('month', timeZone)} as from_ms,
          ${dayStartMs('month + interval 1 month', timeZone)} as edge_ms
        from (select line_id, partition_id, until_ms, unnest(${later}) as month
          from placed where until_ms > edge_ms))
      where until_ms > from_ms)
    select line_id, partition_id, from_ms, edge_ms as until_ms,
      sum(interruptions)::integer as interruptions, sum(outages)::integer as outages,
      sum(down_ms::double)::bigint as down_ms, sum(episodes)::integer as episodes,
      sum(repeats)::integer as repeats, max(last_start_ms) as last_start_ms
    from parts group by all`;
}

/** Interruptions by line, partition, local month of their start and cause: the columns of rollup_cause. */
export function byCause(occurrences: string, timeZone: string): string {
  return `select line_id, partition_id, ${dayStartMs('month', timeZone)} as from_ms,
      ${dayStartMs('month + interval 1 month', timeZone)} as until_ms, cause_id,
      sum(interruptions)::integer as interruptions
    from (${inMonth(occurrences, timeZone)}) where cause_id <> 0
    group by line_id, partition_id, month, cause_id`;
}

const SUMS = MEASURES.map((name) => `sum(${name})::bigint as ${name}`).join(', ');

/** By partition and UTC hour: (partition_id, from_ms, until_ms, and MEASURES). */
export function hourFacts(settings: FactSettings): string {
  return `select partition_id, from_ms, until_ms, ${SUMS}
    from (from rollup_hour union all (${byHour(newOccurrences(settings))})) group by all`;
}

/** By partition and local day, with the same columns. */
export function dayFacts({ timeZone, ...settings }: ZonedSettings): string {
  return `select partition_id, from_ms, until_ms, ${SUMS}
    from (from rollup_day union all (${byDay(newOccurrences(settings), timeZone)})) group by all`;
}

/** By line, partition and local month: (line_id, partition_id, from_ms, until_ms, and MEASURES). */
export function monthFacts({ timeZone, ...settings }: ZonedSettings): string {
  const long = `select ${INTERRUPTION}
    from (select *, end_ms as until_ms, null as cause_id from rollup_long)`;
  const rows = `${newOccurrences(settings)} union all ${long}`;
  return `select line_id, partition_id, from_ms, until_ms, ${SUMS}, max(last_start_ms) as last_start_ms
    from (from rollup_month union all (${byMonth(rows, timeZone)})) group by all`;
}
