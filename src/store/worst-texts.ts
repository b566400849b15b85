// The statements of the worst lists. Everything is counted by the ids of lines first, months from their
// rollups; names and details are joined to what is told only. Sums are of doubles, which are exact below
// 2^53 and cost a third of DuckDB's 128-bit sums. Groups go by the records in force at the period's end.

import { explainedFacts } from './cause-views.js';
import { MONTH_MS, exposureTexts } from './exposure.js';
import { lineFacts } from './facts.js';
import { LINE_CONDITION, type LineFilter } from './line-filter.js';
import type { GroupedBy } from './members.js';
import type { PeriodTexts } from './period-sums.js';
import { QUERY_SETTINGS } from './queries.js';
import { holdsAt } from './record-views.js';

/** Records of lines in force at the period's end, $to. */
export const RECORDS = `(select * from line_row r where ${holdsAt('r', '$to - 1')})`;

/** The lines that the filter asks for, to stand in a `with` list as wanted(line_id); null = all. */
export function wantedClause({ branch, product, customer, key, kind }: LineFilter): string | null {
  if ([branch, product, customer, key, kind].every((name) => name === undefined)) return null;
  return `wanted as (select l.line_id from line l left join ${RECORDS} r on r.line = l.line
    where ${LINE_CONDITION})`;
}

/**
 * Lines as they stand and how long they are known: (line_id, down, flapping, unknown, known_ms); a line
 * of several partitions counts the longest.
 */
function standing(among: string): string {
  return `standing as (
    select o.line_id, bool_or(o.down) as down, bool_or(o.flapping) as flapping,
      bool_or(o.unknown) as unknown, max(coalesce(e.known_ms, p.known_ms))::double as known_ms
    from (${lineFacts(QUERY_SETTINGS)}) o join partition_known p on p.partition_id = o.partition_id
    left join line_known e on e.line_id = o.line_id and e.partition_id = o.partition_id
    where ${among} group by o.line_id)`;
}

/** 100 where every interruption before is known; otherwise nothing is compared. */
const COMPARED = `(select min(first_ms) <= $before from progress)`;

/** Interruptions of the period that causes of the record explain by a component: explained(line_id, name_id). */
function explainedText({ relation }: Texts): string {
  const own = `(line_id, start_ms) in (select (line_id, start_ms) from (${relation}))`;
  return `explained as (select line_id, name_id from (${explainedFacts(QUERY_SETTINGS)})
      where start_ms >= $from and start_ms < $to ${relation === null ? '' : `and ${own}`})`;
}

/** What a statement is made of. */
export interface Texts extends PeriodTexts {
  /** The statement has the filter's lines as `wanted`; else all are meant. */
  readonly hasWanted: boolean;
}

/** A condition on the lines of a relation. */
function amongText({ hasWanted }: Texts, column = 'line_id'): string {
  return hasWanted ? `${column} in (select line_id from wanted)` : 'true';
}

/** Figures beside the first ones, each by line: left joins to `k`. */
const FIGURES = [
  ['before', 'before'],
  ['flapEpisodes', 'flap_episodes'],
  ['repeatFaults', 'repeat_faults'],
  ['planned', 'planned'],
] as const satisfies readonly (readonly [keyof PeriodTexts, string])[];

const FIGURE_COLUMNS = FIGURES.map(([, name]) => `coalesce(${name}, 0) as ${name}`).join(', ');

function figureJoins(texts: Texts, to: string): string {
  return FIGURES.map(([key, name]) => {
    const text = texts[key] ?? `select 0 as line_id, 0 as ${name} where false`;
    return `left join (select * from (${text}) where ${amongText(texts)}) ${name}_of
      on ${name}_of.line_id = ${to}.line_id`;
  }).join('\n    ');
}

/** Sums by line of those that had an interruption: counted(line_id, ...). */
function countedText(texts: Texts): string {
  return `counted as (select * from (${texts.started})
    where interruptions > 0 and ${amongText(texts)})`;
}

/** Lines with as many interruptions and as much down time as the last one told, before names decide. */
const NEAR = `ranked as (select interruptions, down_ms from counted
      order by interruptions desc, down_ms desc limit $limit),
    least_told as (select interruptions, down_ms from ranked
      order by interruptions, down_ms limit 1),
    near as (select k.* from counted k, least_told t where k.interruptions > t.interruptions
      or (k.interruptions = t.interruptions and k.down_ms >= t.down_ms))`;

const ofNamed = (column: string): string => `${column} in (select line_id from named)`;

export function lineStatement(texts: Texts): string {
  const { causes } = texts;
  return `${countedText(texts)},
    ${NEAR},
    named as (
      select k.*, l.line, r.branch, r.product, r.customer, r.key_customer
      from near k join line l on l.line_id = k.line_id left join ${RECORDS} r on r.line = l.line
      order by k.interruptions desc, k.down_ms desc, l.line limit $limit),
    top as (select k.*, ${FIGURE_COLUMNS} from named k ${figureJoins(texts, 'k')}),
    ${explainedText(texts)},
    caused as (
      select line_id, arg_max(cause, (named, n, cause)) as top_cause from (
        select f.line_id, k.cause, false as named, sum(f.interruptions::double) as n
        from (${causes}) f join cause k on k.cause_id = f.cause_id where ${ofNamed('f.line_id')}
        group by all
        union all
        select f.line_id, c.name, true, count(*)::double
        from explained f join cause_name c on c.name_id = f.name_id where ${ofNamed('f.line_id')}
        group by all)
      group by line_id),
    ${exposureTexts(QUERY_SETTINGS)},
    ${standing(ofNamed('o.line_id'))}
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

/** Which lines count in which group, member(group_id, line_id): those of the records, seen or not, that
 * the filter asks for. */
export function memberText(by: GroupedBy, hasWanted: boolean): string {
  const holds = `m.by_what = '${by}' and m.from_ms < $to and m.to_ms >= $to`;
  const unseen = `m.line in (select l.line from ${RECORDS} l join ${RECORDS} r on r.line = l.line
    where ${LINE_CONDITION})`;
  const named = hasWanted ? `and (m.line_id in (select line_id from wanted) or ${unseen})` : '';
  return `member as (select m.group_id, m.line_id from line_member m where ${holds} ${named})`;
}

/** Sums of what lines have, by group. */
const GROUP_SUMS = ['interruptions', 'outages', 'down_ms', ...FIGURES.map(([, name]) => name)]
  .map((name) => `sum(${name}::double)::bigint as ${name}`)
  .join(', ');

/**
 * Lines by group. Those that no event has named are known as long as the best partition is; those that
 * the records put into no group make one, but of components.
 */
export function groupStatement(by: GroupedBy, texts: Texts): string {
  const { causes, started, hasWanted } = texts;
  const join = by === 'component' ? 'join' : 'left join';
  const among = amongText(texts, 'f.line_id');
  // A line has one group, but several components: then its causes are summed before they are joined.
  const byLine = `select line_id, cause_id, sum(interruptions::double) as interruptions
    from (${causes}) group by all`;
  const byGroup = `select m.group_id, f.cause_id, sum(f.interruptions::double) as n
    from (${by === 'component' ? byLine : causes}) f join told_member m on m.line_id = f.line_id
    where ${among} group by all`;
  const lines =
    by === 'component'
      ? 'member'
      : `(select l.line_id, coalesce(m.group_id, 0) as group_id
      from line l left join member m on m.line_id = l.line_id)`;
  return `${exposureTexts(QUERY_SETTINGS)}, ${standing('true')},
    best as (select coalesce(max(known_ms), 0)::double as known_ms from partition_known),
    ${memberText(by, hasWanted)},
    stands as (
      select l.line_id, s.down, s.known_ms, nullif(k.interruptions, 0) as interruptions, k.outages,
        k.down_ms, k.last_start_ms, ${FIGURE_COLUMNS}
      from line l left join standing s on s.line_id = l.line_id
      left join (${started}) k on k.line_id = l.line_id ${figureJoins(texts, 'l')}
      where ${amongText(texts, 'l.line_id')}),
    grouped as (select group_id, count(*) as lines, count(interruptions) as lines_interrupted,
        ${GROUP_SUMS}, count(*) filter (down) as lines_down, max(last_start_ms) as last_start,
        sum(known_ms) as known_ms, count(*) - count(known_ms) as unseen
      from (
        select coalesce(m.group_id, 0) as group_id, s.* exclude (line_id)
        from stands s ${join} member m on m.line_id = s.line_id
        union all by name select group_id from member where line_id is null)
      group by group_id having sum(interruptions::double) > 0),
    top as (select t.* exclude (known_ms), t.known_ms + t.unseen * b.known_ms as known_ms,
        nullif(g.kind, '') as kind, coalesce(g.name, '') as name, count(*) over () as total
      from grouped t cross join best b left join line_group g on g.group_id = t.group_id
      order by interruptions desc, down_ms desc, kind, name limit $limit),
    told_member as (select m.* from ${lines} m semi join top t on t.group_id = m.group_id),
    ${explainedText(texts)},
    caused as (
      select group_id, arg_max(cause, (named, n, cause)) as top_cause from (
        select f.group_id, k.cause, false as named, f.n
        from (${byGroup}) f join cause k on k.cause_id = f.cause_id
        union all
        select f.group_id, c.name, true, sum(f.n)
        from (select m.group_id, f.name_id, count(*)::double as n
          from explained f join told_member m on m.line_id = f.line_id where ${among} group by all) f
        join cause_name c on c.name_id = f.name_id group by all)
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
