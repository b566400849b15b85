// The SQL that makes event columns of a relation: times of any type as epoch ms, reasons of
// rejection, and the rows in the order in which they are folded.

import * as L from '../../assembly/layout.js';

/** Keys of interval rows lie above every index of a name. */
export const ROW_KEY_BASE = 0x8000_0000;
/** Interval rows of all relations of one replay. */
export const INTERVAL_ROWS_MAX = 0x7fff_ffff;

/** Columns of a relation by their names in small letters, with DuckDB's names of their types. */
export type RelationColumns = ReadonlyMap<string, string>;

/** A time column: epoch ms, or ms of the local clock where `local` says so. */
interface TimeSql {
  readonly ms: string;
  readonly local: string;
}

const OFFSET = String.raw`:\d\d(\.\d+)? *([zZ]|[+-]\d\d(:?\d\d)?)$`;

/** `hasZone`: times without an offset are local times of the configured zone. */
function timeSql(name: string, type: string, hasZone: boolean): TimeSql {
  const column = `"${name}"`;
  const clock = `epoch_ms(try_cast(${column} as timestamp))`;
  if (/^TIMESTAMP WITH TIME ZONE|^TIMESTAMPTZ/.test(type)) {
    return { ms: `epoch_ms(${column})`, local: 'false' };
  }
  if (/^TIMESTAMP|^DATE/.test(type)) return { ms: clock, local: String(hasZone) };
  const number = `try_cast(trunc(try_cast(${column} as double)) as bigint)`;
  if (type !== 'VARCHAR') return { ms: number, local: 'false' };
  const isNumber = `try_cast(${column} as double) is not null`;
  const hasOffset = `regexp_matches(${column}, '${OFFSET}')`;
  return {
    ms: `case when ${isNumber} then ${number}
      when ${hasOffset} then epoch_ms(try_cast(${column} as timestamptz)) else ${hasZone ? clock : 'null'} end`,
    local: `(not (${isNumber}) and not ${hasOffset})`,
  };
}

/** Makes the table `input` of a relation. `hasZone`: the table `zone` (from_ms, offset_ms) is there. */
export function inputSql(sql: string, columns: RelationColumns, hasZone: boolean): string {
  const intervals = hasIntervals(columns);
  const text = (name: string): string =>
    columns.has(name) ? `coalesce(cast("${name}" as varchar), '')` : `''`;
  const times = intervals ? { t: 'start', u: 'end' } : { t: 'time' };
  const timed = Object.entries(times).map(([short, name]) => {
    const { ms, local } = timeSql(name, columns.get(name)!, hasZone);
    return `${ms} as ${short}, ${local} as ${short}_local`;
  });
  const state = intervals ? '"end" is null as open' : `lower(${text('state')}) as state`;
  return `create or replace temp table input as
    with named as (select row_number() over () as row, ${text('line')} as line,
      ${text('key')} as key, ${text('alarm')} as alarm, ${text('cause')} as cause,
      ${timed.join(', ')}, ${state} from (${sql}\n)),
    timed as (${hasZone ? zonedSql(Object.keys(times)) : 'from named'})
    select *, ${intervals ? INTERVAL_REASON : EVENT_REASON} as reason from timed`;
}

/** Local times of `named` become instants. */
function zonedSql(times: readonly string[]): string {
  const instants = times.map((t) => `if(${t}_local, ${t} - zone_${t}.offset_ms, ${t}) as ${t}`);
  const joins = times.map((t) => `asof left join zone zone_${t} on n.${t} >= zone_${t}.from_ms`);
  return `select n.* replace (${instants.join(', ')}) from named n ${joins.join(' ')}`;
}

/** Rows that raise and clear an alarm of their own, rather than events. */
export function hasIntervals(columns: RelationColumns): boolean {
  return columns.has('start') && columns.has('end');
}

const LINE_IS_GOOD = `strlen(line) between 1 and ${L.NAME_BYTES_MAX}`;
const TIME_IS_GOOD = `t >= 0 and t < 9007199254740992`;

const NAME_REASON = `
  when not (${LINE_IS_GOOD}) then '"line" must have 1 byte to ${L.NAME_BYTES_MAX} bytes'
  when strlen(key) > ${L.NAME_BYTES_MAX} or strlen(alarm) > ${L.NAME_BYTES_MAX}
    or strlen(cause) > ${L.NAME_BYTES_MAX}
    then '"key", "alarm" and "cause" must have at most ${L.NAME_BYTES_MAX} bytes'
  when t is null
    then 'the time is missing or none: epoch ms, or RFC 3339 with an offset (or set timeZone)'
  when not (${TIME_IS_GOOD}) then 'the time must be at least 0 and below 2^53 ms'`;
const EVENT_REASON = `case ${NAME_REASON}
  when state not in ('down', 'up') then '"state" must be "down" or "up"' end`;
const INTERVAL_REASON = `case ${NAME_REASON}
  when not open and (u is null or u >= 9007199254740992) then '"end" is no time'
  when not open and u < t then '"end" lies before "start"' end`;

/** Rows whose names are interned: good ones, and rejected ones that name their line. */
export const NAMED_ROWS = `from input where reason is null or (${LINE_IS_GOOD})`;

const NAMED = `join line_index l using (line) left join line_index k on k.line = input.key
  left join alarm_index a using (alarm) left join cause_index c using (cause)`;
const NAMES = `l.idx as target, coalesce(a.idx, 0) as alarm, coalesce(c.idx, 0) as cause`;

/** Events in the relation's order. A rejected row that names its line changes its coverage. */
export const EVENT_ROWS = `
  select t, row, ${NAMES}, coalesce(k.idx, 0) as key,
    if(state = 'down', 1, 0) as state
  from input ${NAMED} where reason is null
  union all
  select 0, row, l.idx, 0, 0, 0, ${L.STATE_REJECTED}
  from input join line_index l using (line) where reason is not null
  order by row`;

/**
 * Raises and clears by time; at equal times clears first, a row's own raise before its clear. Needs
 * the table `carried` (key, line, place): a row of an aliased line is one of each line it carries.
 */
export function intervalRows(rowsBefore: number): string {
  return `
  with input as (select * replace (coalesce(carried.line, input.line) as line),
      coalesce(carried.place, 0) as place
    from temp.main.input left join carried on carried.key = input.line),
  named as (select t, u, open, row, place, reason, ${NAMES} from input ${NAMED}
    where reason is null or (${TIME_IS_GOOD})),
  steps as (
    select t as moment, 1 as rank, 0 as step, if(reason is null, 1, ${L.STATE_REJECTED}) as state, *
    from named
    union all
    select u as moment, if(u = t, 1, 0) as rank, 1 as step, 0 as state, *
    from named where not open and reason is null)
  select moment as t, row, target, alarm, cause, state, ${ROW_KEY_BASE + rowsBefore} + row as key
  from steps order by moment, rank, row, step, place`;
}
