// The worst lines of a period, or the worst components, customers, products, branches. Interruptions
// count by their start in [from, to); down time is clipped to the period, that of an open interruption
// to the reading time as well. Counted by line id first; names are joined to the counts, not to the
// interruptions. Down time is summed as doubles, which are exact below 2^53 ms and cost a third of
// DuckDB's 128-bit sums. Groups go by the records in force now.

import type { DuckDBConnection } from '@duckdb/node-api';
import { causeFacts } from './cause-views.js';
import { MONTH_MS, exposureTexts } from './exposure.js';
import { episodeFacts, interruptionFacts, lineFacts, repeatFacts } from './facts.js';
import {
  LINE_CONDITION,
  type ViewFilter,
  filteredFacts,
  lineParameters,
  tellsInterruptionsApart,
} from './line-filter.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { type Period, periodSums } from './period-sums.js';
import { readingClause } from './reading.js';
import { type SqlParameters, selectRows, splitTotal } from './sql.js';

/** What is ranked. */
export const WORST_BY = ['line', 'component', 'customer', 'product', 'branch'] as const;
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

/** Interruptions of the period by line, and starts of the period before it, of the same length. */
async function countedText(
  connection: DuckDBConnection,
  period: Period,
  filter: ViewFilter,
): Promise<string> {
  const some = tellsInterruptionsApart(filter) ? filteredFacts(SETTINGS, filter) : null;
  const { fromMs, toMs } = period;
  const before = { fromMs: Math.max(0, 2 * fromMs - toMs), toMs: fromMs };
  const earlier =
    before.fromMs < fromMs ? await periodSums(connection, SETTINGS, before, some) : null;
  return `counted as (
    select s.line_id, s.interruptions, s.outages, s.down_ms, s.last_start_ms as last_start,
      ${earlier ? 'coalesce(e.interruptions, 0)' : '0'} as before
    from (${await periodSums(connection, SETTINGS, period, some)}) s
    ${earlier ? `left join (${earlier}) e on e.line_id = s.line_id` : ''}
    where s.interruptions > 0)`;
}

/** What else is counted of a line, for the lines of a relation `among`. */
function besides(among: string): string {
  const of = `line_id in (select line_id from ${among})`;
  return `flaps as (select line_id, count(*) as flap_episodes from (${episodeFacts(SETTINGS)})
      where at_ms >= $from and at_ms < $to and ${of} group by line_id),
    repeats as (select line_id, count(*) as repeat_faults from (${repeatFacts(SETTINGS)})
      where start_ms >= $from and start_ms < $to and ${of} group by line_id),
    marked as (select line_id, count(*) as planned from planned_mark
      where start_ms >= $from and start_ms < $to and ${of} group by line_id),
    standing as (select line_id, bool_or(down) as down, bool_or(flapping) as flapping,
        bool_or(unknown) as unknown from (${lineFacts(SETTINGS)}) where ${of} group by line_id)`;
}

/**
 * Causes of the period's interruptions of the lines of `among`, the commonest by `key`: components that
 * the cause engine names; only where it names none, what alarms were raised with.
 */
function topCauses(among: string, key: string): string {
  return `causes as (
    select "key", arg_max(cause, (named, n, cause)) as top_cause from (
      select a.${key} as "key", c.kind || ' ' || c.component as cause, true as named, count(*) as n
      from (${causeFacts(SETTINGS)}) c join cause_member m on m.cause = c.cause
      join ${among} a on a.line_id = m.line_id
      where m.start_ms >= $from and m.start_ms < $to and c.kind <> 'unknown' group by all
      union all
      select a.${key} as "key", k.cause, false as named, count(*) as n
      from (${interruptionFacts(SETTINGS)}) f join ${among} a on a.line_id = f.line_id
      join cause k on k.cause_id = f.cause_id
      where f.start_ms >= $from and f.start_ms < $to group by all)
    group by "key")`;
}

/** Known time by line; a line of several partitions counts the longest. */
const LINE_EXPOSURE = `exposed as (
    select o.line_id, max(coalesce(e.known_ms, p.known_ms)) as known_ms
    from open_state o join partition_known p on p.partition_id = o.partition_id
    left join line_known e on e.line_id = o.line_id and e.partition_id = o.partition_id
    group by o.line_id)`;

/** 100 where every interruption before is known; otherwise nothing is compared. */
const COMPARED = `(select min(first_ms) <= $before from progress)`;

function lineStatement(clause: string, counted: string): string {
  return `${clause},
    ${counted},
    top as (
      select k.*, l.line, r.branch, r.product, r.customer, r.key_customer, count(*) over () as total
      from counted k join line l on l.line_id = k.line_id left join line_record r on r.line = l.line
      where ${LINE_CONDITION}
      order by k.interruptions desc, k.down_ms desc, l.line limit $limit),
    ${besides('top')}, ${topCauses('top', 'line_id')},
    ${exposureTexts(SETTINGS)}, ${LINE_EXPOSURE}
    select t.line, t.branch, t.product, t.customer, t.key_customer, t.interruptions,
      t.interruptions - t.outages as momentary, t.outages, t.down_ms,
      coalesce(f.flap_episodes, 0) as flap_episodes, coalesce(e.repeat_faults, 0) as repeat_faults,
      case when s.down then 'down' when s.flapping then 'flapping' when s.unknown then 'unknown'
        else 'up' end as state,
      t.last_start, coalesce(x.known_ms, 0) / ${MONTH_MS}.0 as line_months,
      if(${COMPARED}, t.before, null) as before, c.top_cause,
      100.0 * coalesce(m.planned, 0) / t.interruptions as planned_percent,
      100.0 * coalesce(x.known_ms, 0) / ($to - $from) as coverage_percent, t.total
    from top t left join flaps f on f.line_id = t.line_id
    left join repeats e on e.line_id = t.line_id left join standing s on s.line_id = t.line_id
    left join marked m on m.line_id = t.line_id left join causes c on c."key" = t.line_id
    left join exposed x on x.line_id = t.line_id
    order by t.interruptions desc, t.down_ms desc, t.line`;
}

/** The members of groups: (kind, name, line), every line of the records or seen. */
function members(by: Exclude<WorstBy, 'line'>): string {
  const lines = `(select l.line from line l union select r.line from line_record r) l
    left join line_record r on r.line = l.line`;
  if (by !== 'component') {
    return `select null::varchar as kind, coalesce(r.${by}, '') as name, l.line from ${lines}
      where ${LINE_CONDITION}`;
  }
  return `select k.kind, k.component as name, l.line from ${lines}
    join component_row k on k.line = l.line and k.valid_to_ms is null where ${LINE_CONDITION}`;
}

/** Lines of the records that no event has named are known as long as the best partition is. */
function groupStatement(by: Exclude<WorstBy, 'line'>, clause: string, counted: string): string {
  return `${clause},
    ${counted},
    ${besides('counted')},
    ${exposureTexts(SETTINGS)}, ${LINE_EXPOSURE},
    member as (select m.kind, m.name, m.line, l.line_id
      from (${members(by)}) m left join line l on l.line = m.line),
    best as (select coalesce(max(known_ms), 0) as known_ms from partition_known),
    grouped as (select d.kind, d.name, count(*) as lines, count(k.line_id) as lines_interrupted,
        sum(k.interruptions)::bigint as interruptions, sum(k.outages)::bigint as outages,
        sum(k.down_ms::double)::bigint as down_ms, sum(k.before)::bigint as before,
        coalesce(sum(f.flap_episodes), 0)::bigint as flap_episodes,
        coalesce(sum(e.repeat_faults), 0)::bigint as repeat_faults,
        count(*) filter (s.down) as lines_down, max(k.last_start) as last_start,
        coalesce(sum(m.planned), 0)::bigint as planned,
        sum(coalesce(x.known_ms, b.known_ms)::double) as known_ms
      from member d cross join best b left join counted k on k.line_id = d.line_id
      left join flaps f on f.line_id = d.line_id left join repeats e on e.line_id = d.line_id
      left join standing s on s.line_id = d.line_id left join marked m on m.line_id = d.line_id
      left join exposed x on x.line_id = d.line_id
      group by d.kind, d.name having sum(k.interruptions) > 0),
    top as (select *, count(*) over () as total from grouped
      order by interruptions desc, down_ms desc, kind, name limit $limit),
    among as (select d.line_id, (d.kind, d.name) as "group" from member d
      join top t on t.kind is not distinct from d.kind and t.name = d.name
      where d.line_id is not null),
    ${topCauses('among', '"group"')}
    select t.kind, t.name, t.lines, t.lines_interrupted, t.interruptions,
      t.interruptions - t.outages as momentary, t.outages, t.down_ms, t.flap_episodes,
      t.repeat_faults, t.lines_down, t.last_start, t.known_ms / ${MONTH_MS}.0 as line_months,
      if(${COMPARED}, t.before, null) as before, c.top_cause,
      100.0 * t.planned / t.interruptions as planned_percent,
      100.0 * t.known_ms / (($to - $from)::double * t.lines) as coverage_percent, t.total
    from top t left join causes c on c."key" is not distinct from (t.kind, t.name)
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
  const counted = await countedText(connection, period, filter);
  const { fromMs, toMs } = period;
  return {
    text: by === 'line' ? lineStatement(clause, counted) : groupStatement(by, clause, counted),
    parameters: {
      ...parameters,
      ...lineParameters(filter),
      from: fromMs,
      to: toMs,
      before: Math.max(0, 2 * fromMs - toMs),
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
