// What findings add up to by line over a period with any edges, in SQL: whole months from their rollups,
// the rest from rows. There are only pieces that hold something: an empty table would take from DuckDB
// what it knows of the ids of lines, and with it the fast way to sum by them. Each figure is a relation
// of its own, so that a row pays for what it counts in only. Where rows may be rolled up meanwhile:
// atOneMoment.

import type { DuckDBConnection } from '@duckdb/node-api';
import {
  CAUSED_TABLES,
  type FactSettings,
  endedFacts,
  episodeFacts,
  openFacts,
  repeatFacts,
} from './facts.js';
import {
  type Found,
  type Period,
  inMonths,
  lookUp,
  partsOf,
  whole,
  within,
} from './period-parts.js';
import { behindMark, belowMark, rolledUp } from './rollup-facts.js';

/** What of the interruptions that touch a period counts: (line_id, ...STARTED, last_start_ms). */
export function clipped(relation: string, period: Period): string {
  const [from, to] = [whole(period.fromMs), whole(period.toMs)];
  return `select line_id, (start_ms >= ${from})::integer as interruptions,
      (start_ms >= ${from} and outage)::integer as outages,
      greatest(0, least(until_ms, ${to}) - greatest(start_ms, ${from})) as down_ms,
      if(start_ms >= ${from}, start_ms, null) as last_start_ms
    from (${relation}) where start_ms < ${to} and until_ms >= ${from}`;
}

const STARTED = ['interruptions', 'outages', 'down_ms'] as const;

/** Interruptions of a period that are rolled up: their counts, starts and down time. */
function rolledTexts(period: Period, found: Found): string[] {
  const { months, edges } = partsOf(period, found);
  const rows = endedFacts({ tables: found.tables, rows: rolledUp(found.marks) });
  const texts = edges.map((edge) => clipped(rows, edge));
  if (months) {
    texts.push(`select line_id, ${STARTED.join(', ')}, last_start_ms from rollup_month
      where ${inMonths(months)}`);
  }
  if (found.hasLong) texts.push(clipped('select *, end_ms as until_ms from rollup_long', period));
  return texts;
}

/** Interruptions that are not rolled up; without a mark these are all. */
function othersOf(settings: FactSettings, { zone, marks, tables }: Found): string {
  const ended = endedFacts({ tables, ...(zone === null ? {} : { rows: behindMark(marks) }) });
  return `${ended} union all ${openFacts(settings)}`;
}

const sumOf = (name: string): string => `sum(${name}::double)::bigint as ${name}`;

/** Rows of clipped() summed by line. */
export function startedText(texts: readonly string[]): string {
  return `select line_id, ${STARTED.map(sumOf).join(', ')}, max(last_start_ms) as last_start_ms
    from (${texts.join(' union all ')}) group by line_id`;
}

/** Rows (line_id, name) summed by line. */
export function counted(name: string, texts: readonly string[]): string {
  return `select line_id, ${sumOf(name)} from (${texts.join(' union all ')}) group by line_id`;
}

/** Starts of a relation in a part of the earlier period. */
export const startsBefore = (relation: string, part: Period): string =>
  `select line_id, 1 as before from (${relation}) where ${within('start_ms', part)}`;

/** Starts in the earlier period. */
function beforeTexts(settings: FactSettings, earlier: Period, found: Found): string[] {
  const { months, edges } = partsOf(earlier, found);
  const rows = endedFacts({ tables: found.tables, rows: belowMark(found.marks) });
  const texts = [
    startsBefore(othersOf(settings, found), earlier),
    ...edges.map((edge) => startsBefore(rows, edge)),
  ];
  if (months === null) return texts;
  texts.push(`select line_id, interruptions from rollup_month where ${inMonths(months)}`);
  if (found.hasLong) texts.push(startsBefore('from rollup_long', months));
  return texts;
}

const withCause = (relation: string, part: Period): string =>
  `select line_id, cause_id, 1 as interruptions from ${relation}
     and cause_id <> 0 and ${within('start_ms', part)}`;

const OPEN = 'open_state where down';
type Tables = readonly (typeof CAUSED_TABLES)[number][];

/** Causes that alarms were raised with: (line_id, cause_id, interruptions), several rows each; of all rows
 * of tables, without a look at what is rolled up: for short periods. */
export function rowCausesText(tables: Tables, period: Period): string {
  const ended = tables.map((table) => withCause(`${table} where true`, period));
  return [withCause(OPEN, period), ...ended].join(' union all ');
}

/** The same of any period. */
export function causesText(found: Found, period: Period): string {
  const { marks } = found;
  const { months, edges } = partsOf(period, found);
  const texts = [withCause(OPEN, period)];
  for (const table of CAUSED_TABLES.filter((name) => found.tables.includes(name))) {
    if (found.waits(table))
      texts.push(withCause(`${table} where ${behindMark(marks)(table)}`, period));
    for (const edge of edges) {
      texts.push(withCause(`${table} where ${belowMark(marks)(table)}`, edge));
    }
  }
  if (months) {
    texts.push(
      `select line_id, cause_id, interruptions from rollup_cause where ${inMonths(months)}`,
    );
  }
  return texts.join(' union all ');
}

/** Texts of relations over a period, one row a line but in `causes`. */
export interface PeriodTexts {
  /**
   * (line_id, interruptions, outages, down_ms, last_start_ms): interruptions count by their start, down
   * time is clipped to the period.
   */
  readonly started: string;
  /** (line_id, before): interruptions that start in the earlier period; null without one. */
  readonly before: string | null;
  /** (line_id, flap_episodes) by their `at`, (line_id, repeat_faults) and (line_id, planned) by start. */
  readonly flapEpisodes: string;
  readonly repeatFaults: string;
  readonly planned: string;
  /** (line_id, cause_id, interruptions): causes of interruptions that start in it, several rows each. */
  readonly causes: string;
  /** What was asked for instead of all interruptions. */
  readonly relation: string | null;
}

/** What else is asked of a period. */
export interface PeriodOptions {
  readonly earlier?: Period | null;
  /** Some interruptions (with the columns of plannedFacts) instead of all, row by row. */
  readonly relation?: string | null;
}

/** What a period adds up to. */
export async function periodTexts(
  connection: DuckDBConnection,
  settings: FactSettings,
  period: Period,
  { earlier = null, relation = null }: PeriodOptions = {},
): Promise<PeriodTexts> {
  const found = await lookUp(connection);
  const ones = (name: string, from: string, column: string): string =>
    counted(name, [
      `select line_id, 1 as ${name} from (select * from ${from}) where ${within(column, period)}`,
    ]);
  const all = relation === null;
  const started = all
    ? [clipped(othersOf(settings, found), period), ...rolledTexts(period, found)]
    : [clipped(relation, period)];
  const before = (part: Period): string[] =>
    all ? beforeTexts(settings, part, found) : [startsBefore(relation, part)];
  return {
    started: startedText(started),
    before: earlier && counted('before', before(earlier)),
    flapEpisodes: ones('flap_episodes', `(${episodeFacts(settings)})`, 'at_ms'),
    repeatFaults: ones('repeat_faults', `(${repeatFacts(settings)})`, 'start_ms'),
    planned: ones('planned', all ? 'planned_mark' : `(${relation}) where planned`, 'start_ms'),
    causes: all ? causesText(found, period) : withCause(`(${relation}) where true`, period),
    relation,
  };
}
