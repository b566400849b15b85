// The worst lines of a period, or the worst components, customers, products, branches. Interruptions
// count by their start in [from, to); down time is clipped to the period, that of an open interruption
// to the reading time as well. Everything is counted by the ids of lines first, months from their
// rollups; names and details are joined to what is told only. Sums are of doubles, which are exact below
// 2^53 and cost a third of DuckDB's 128-bit sums. Groups go by the records in force at the period's end.

import type { DuckDBConnection } from '@duckdb/node-api';
import { causeFacts } from './cause-views.js';
import { MONTH_MS, exposureTexts } from './exposure.js';
import { lineFacts } from './facts.js';
import { GROUPED_BY, type GroupedBy } from './members.js';
import {
  LINE_CONDITION,
  type LineFilter,
  type ViewFilter,
  filteredFacts,
  lineParameters,
  tellsInterruptionsApart,
} from './line-filter.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { type Period, periodTexts } from './period-sums.js';
import { readingClause } from './reading.js';
import { holdsAt } from './record-views.js';
import { type SqlParameters, selectRows, splitTotal } from './sql.js';

/** What is ranked. */
export const WORST_BY = ['line', ...GROUPED_BY] as const;
export type WorstBy = (typeof WORST_BY)[number];

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

/** A statement and its parameters. */
export interface Statement {
  readonly text: string;
  readonly parameters: SqlParameters;
}

const SETTINGS = QUERY_SETTINGS;

/** Records of lines in force at the period's end. */
const RECORDS = `(select * from line_row r where ${holdsAt('r', '$to - 1')})`;

/** The lines that the filter asks for; null = all. */
function wantedLines({ branch, product, customer, key, kind }: LineFilter): string | null {
  if ([branch, product, customer, key, kind].every((name) => name === undefined)) return null;
  return `select l.line_id from line l left join ${RECORDS} r on r.line = l.line
    where ${LINE_CONDITION}`;
}

/**
 * Lines as they stand and how long they are known: (line_id, down, flapping, unknown, known_ms); a line
 * of several partitions counts the longest.
 */
function standing(among: string): string {
  return `standing as (
    select o.line_id, bool_or(o.down) as down, bool_or(o.flapping) as flapping,
      bool_or(o.unknown) as unknown, max(coalesce(e.known_ms, p.known_ms))::double as known_ms
    from (${lineFacts(SETTINGS)}) o join partition_known p on p.partition_id = o.partition_id
    left join line_known e on e.line_id = o.line_id and e.partition_id = o.partition_id
    where ${among} group by o.line_id)`;
}

/** 100 where every interruption before is known; otherwise nothing is compared. */
const COMPARED = `(select min(first_ms) <= $before from progress)`;

/**
 * Components that the cause engine names for interruptions: they come before what alarms were raised
 * with.
 */
const NAMED_CAUSES = `select m.line_id, c.kind || ' ' || c.component as cause
  from (${causeFacts(SETTINGS)}) c join cause_member m on m.cause = c.cause
  where m.start_ms >= $from and m.start_ms < $to and c.kind <> 'unknown'`;

/** What a statement is made of. */
interface Texts {
  /** Sums by line, of the filter's lines: counted(line_id, ...). */
  readonly counted: string;
  readonly causes: string;
  readonly wanted: string | null;
}

/** Lines with as many interruptions and as much down time as the last one told, before names decide. */
const NEAR = `ranked as (select interruptions, down_ms from counted
      order by interruptions desc, down_ms desc limit $limit),
    least_told as (select interruptions, down_ms from ranked
      order by interruptions, down_ms limit 1),
    near as (select k.* from counted k, least_told t where k.interruptions > t.interruptions
      or (k.interruptions = t.interruptions and k.down_ms >= t.down_ms))`;

function lineStatement({ counted, causes }: Texts): string {
  return `${counted},
    ${NEAR},
    top as (
      select k.*, l.line, r.branch, r.product, r.customer, r.key_customer
      from near k join line l on l.line_id = k.line_id left join ${RECORDS} r on r.line = l.line
      order by k.interruptions desc, k.down_ms desc, l.line limit $limit),
    caused as (
      select line_id, arg_max(cause, (named, n, cause)) as top_cause from (
        select f.line_id, k.cause, false as named, sum(f.interruptions::double) as n
        from (${causes}) f semi join top t on t.line_id = f.line_id
        join cause k on k.cause_id = f.cause_id group by all
        union all
        select f.line_id, f.cause, true, count(*)::double
        from (${NAMED_CAUSES}) f semi join top t on t.line_id = f.line_id group by all)
      group by line_id),
    ${exposureTexts(SETTINGS)}, ${standing('o.line_id in (select line_id from top)')}
    select t.line, t.branch, t.product, t.customer, t.key_customer, t.interruptions,
      t.interruptions - t.outages as momentary, t.outages, t.down_ms, t.flap_episodes,
      t.repeat_faults,
      case when s.down then 'down' when s.flapping then 'flapping' when s.unknown then 'unknown'
        else 'up' end as state,
      t.last_start_ms as last_start, coalesce(s.known_ms, 0) / ${MONTH_MS}.0 as line_months,
      if(${COMPARED}, t.before, null) as before, c.top_cause,
      100.0 * t.planned / t.interruptions as planned_percent,
      100.0 * coalesce(s.known_ms, 0) / ($to - $from) as coverage_percent,
      (select count(*) from counted) as total
    from top t left join standing s on s.line_id = t.line_id
    left join caused c on c.line_id = t.line_id
    order by t.interruptions desc, t.down_ms desc, t.line`;
}

/** Which lines count in which group: those of the records, seen or not, that the filter asks for. */
function memberText(by: GroupedBy, wanted: string | null): string {
  const holds = `m.by_what = '${by}' and m.from_ms < $to and m.to_ms >= $to`;
  const unseen = `m.line in (select l.line from ${RECORDS} l join ${RECORDS} r on r.line = l.line
    where ${LINE_CONDITION})`;
  const named = wanted === null ? '' : `and (m.line_id in (${wanted}) or ${unseen})`;
  return `member as (select m.group_id, m.line_id from line_member m where ${holds} ${named})`;
}

/**
 * Lines by group. Those that no event has named are known as long as the best partition is; those that
 * the records put into no group make one, but of components.
 */
function groupStatement(by: GroupedBy, { counted, causes, wanted }: Texts): string {
  const join = by === 'component' ? 'join' : 'left join';
  const among = wanted === null ? '' : `where f.line_id in (${wanted})`;
  return `${counted},
    ${exposureTexts(SETTINGS)}, ${standing('true')},
    best as (select coalesce(max(known_ms), 0)::double as known_ms from partition_known),
    ${memberText(by, wanted)},
    stands as (
      select l.line_id, s.down, s.known_ms, k.* exclude (line_id)
      from line l left join standing s on s.line_id = l.line_id
      left join counted k on k.line_id = l.line_id
      ${wanted === null ? '' : `where l.line_id in (${wanted})`}),
    grouped as (select group_id, count(*) as lines, count(interruptions) as lines_interrupted,
        sum(interruptions::double)::bigint as interruptions,
        sum(outages::double)::bigint as outages, sum(down_ms::double)::bigint as down_ms,
        sum(before::double)::bigint as before,
        sum(flap_episodes::double)::bigint as flap_episodes,
        sum(repeat_faults::double)::bigint as repeat_faults,
        sum(planned::double)::bigint as planned, count(*) filter (down) as lines_down,
        max(last_start_ms) as last_start, sum(known_ms) as known_ms,
        count(*) - count(known_ms) as unseen
      from (
        select coalesce(m.group_id, 0) as group_id, s.* exclude (line_id)
        from stands s ${join} member m on m.line_id = s.line_id
        union all by name select group_id from member where line_id is null)
      group by group_id having sum(interruptions::double) > 0),
    top as (select t.* exclude (known_ms), t.known_ms + t.unseen * b.known_ms as known_ms,
        nullif(g.kind, '') as kind, coalesce(g.name, '') as name, count(*) over () as total
      from grouped t cross join best b left join line_group g on g.group_id = t.group_id
      order by interruptions desc, down_ms desc, kind, name limit $limit),
    caused as (
      select group_id, arg_max(cause, (named, n, cause)) as top_cause from (
        select t.group_id, k.cause, false as named, sum(f.interruptions::double) as n
        from (${causes}) f ${join} member m on m.line_id = f.line_id
        join top t on t.group_id = coalesce(m.group_id, 0)
        join cause k on k.cause_id = f.cause_id ${among} group by all
        union all
        select t.group_id, f.cause, true, count(*)::double
        from (${NAMED_CAUSES}) f ${join} member m on m.line_id = f.line_id
        join top t on t.group_id = coalesce(m.group_id, 0) ${among} group by all)
      group by group_id)
    select t.kind, t.name, t.lines, t.lines_interrupted, t.interruptions,
      t.interruptions - t.outages as momentary, t.outages, t.down_ms, t.flap_episodes,
      t.repeat_faults, t.lines_down, t.last_start, t.known_ms / ${MONTH_MS}.0 as line_months,
      if(${COMPARED}, t.before, null) as before, c.top_cause,
      100.0 * t.planned / t.interruptions as planned_percent,
      100.0 * t.known_ms / (($to - $from)::double * t.lines) as coverage_percent, t.total
    from top t left join caused c on c.group_id = t.group_id
    order by t.interruptions desc, t.down_ms desc, t.kind, t.name`;
}

/**
 * What has at least one interruption start in the period, most starts first, then most down time, then
 * by name; `total`, the last column, = how many there are before the limit. The columns are those of
 * lists/worst.ts, before what is derived there.
 */
export async function worstStatement(
  connection: DuckDBConnection,
  by: WorstBy,
  read: ReadAt,
  period: Period,
  filter: ViewFilter,
  limit: number,
): Promise<Statement> {
  const { clause, parameters } = readingClause(read.at);
  const { fromMs, toMs } = period;
  const before = { fromMs: Math.max(0, 2 * fromMs - toMs), toMs: fromMs };
  const earlier = before.fromMs < fromMs ? before : null;
  const relation = tellsInterruptionsApart(filter) ? filteredFacts(SETTINGS, filter) : null;
  const options = { earlier, relation };
  const { sums, causes } = await periodTexts(connection, SETTINGS, period, options);
  const wanted = wantedLines(filter);
  const texts: Texts = {
    counted: `${clause}, counted as (select * from (${sums}) where interruptions > 0
      ${wanted === null ? '' : `and line_id in (${wanted})`})`,
    causes,
    wanted,
  };
  return {
    text: by === 'line' ? lineStatement(texts) : groupStatement(by, texts),
    parameters: {
      ...parameters,
      ...(wanted === null ? {} : lineParameters(filter)),
      from: fromMs,
      to: toMs,
      before: before.fromMs,
      limit,
    },
  };
}

/** The worst lines, for the page. */
export async function worstLines(
  connection: DuckDBConnection,
  read: ReadAt,
  period: Period,
  filter: ViewFilter,
  limit: number,
): Promise<{ total: number; rows: WorstRow[] }> {
  const { text, parameters } = await worstStatement(
    connection,
    'line',
    read,
    period,
    filter,
    limit,
  );
  const found = await selectRows<WorstRow & { total: number }>(
    connection,
    `select line, branch, product, customer, interruptions, momentary, outages, down_ms as "downMs",
       flap_episodes as "flapEpisodes", repeat_faults as "repeatFaults", state = 'down' as down,
       last_start as "lastStart", total
     from (${text})`,
    parameters,
  );
  return splitTotal<WorstRow>(found);
}
