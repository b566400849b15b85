// What lines have in a period as rows of plain statements, to be summed by who reads them (line-sums.ts):
// months from their rollup, rows at its edges and behind the marks a table at a time. A plain statement
// is planned in half a millisecond, one of many relations in ten and more.

import type { DuckDBConnection } from '@duckdb/node-api';
import { type FactSettings, OF_PRIMARY, endedFacts } from './facts.js';
import {
  type Found,
  type Period,
  inMonths,
  lookUp,
  partsOf,
  whole,
  within,
} from './period-parts.js';
import { causesText, clipped, counted, startedText, startsBefore } from './period-sums.js';
import { behindMark, belowMark, rolledUp } from './rollup-facts.js';

/** Rows of interruptions that count for a part of a period: what of them lies in it. */
export interface PartRows {
  /** (line_id, outage: integer; start_ms, until_ms: double). */
  readonly text: string;
  readonly part: Period;
}

/**
 * What lines have in a period as plain statements, several rows a line, to be summed by who reads them.
 * Nothing of the open state, which openSums gives.
 */
export interface PeriodRows {
  readonly parts: readonly PartRows[];
  /** (line_id, interruptions, outages: integer; down_ms, last_start_ms: double, -1 = no start), or null. */
  readonly months: string | null;
  /** (line_id, interruptions: integer) of the earlier period. */
  readonly before: readonly string[];
  /** (line_id): one row a finding. */
  readonly ones: Readonly<Record<(typeof ONES)[number], string>>;
  /** (line_id, cause_id, interruptions), the open ones too. */
  readonly causes: string;
  /** Of some interruptions only, open ones among them: the statements read at the reading relation. */
  readonly isOfSome: boolean;
  /** All interruptions of the earlier period are known. */
  readonly isCompared: boolean;
  /** The largest id of a line. */
  readonly lineIdMax: number;
}

/** Findings counted one by one. */
export const ONES = ['flapEpisodes', 'repeatFaults', 'planned'] as const;

/** The rows of a period: from months, and one table at a time from rows at its edges and behind the marks. */
export async function periodRows(
  connection: DuckDBConnection,
  settings: FactSettings,
  period: Period,
  earlier: Period | null,
): Promise<PeriodRows> {
  const found = await lookUp(connection);
  const ones = (table: string, column: string, condition = 'true'): string =>
    `select line_id from ${table} where ${condition} and ${within(column, period)}`;
  const { months } = partsOf(period, found);
  return {
    parts: partRows(period, found),
    months:
      months &&
      `select line_id, interruptions, outages, down_ms::double,
         coalesce(last_start_ms, -1)::double from rollup_month where ${inMonths(months)}`,
    before: earlier ? beforeRows(earlier, found) : [],
    ones: {
      flapEpisodes: ones('episode_row', 'at_ms', OF_PRIMARY),
      repeatFaults: ones('repeat_row', 'start_ms'),
      planned: ones('planned_mark', 'start_ms'),
    },
    causes: causesText(settings, found, period),
    isOfSome: false,
    isCompared: earlier !== null && found.firstMs !== null && found.firstMs <= earlier.fromMs,
    lineIdMax: found.lineIdMax,
  };
}

const rowsIn = (relation: string, part: Period): PartRows => ({
  text: `select line_id, outage::integer, start_ms::double, until_ms::double from (${relation})
    where start_ms < ${whole(part.toMs)} and until_ms >= ${whole(part.fromMs)}`,
  part,
});

function partRows(period: Period, found: Found): PartRows[] {
  const { marks, tables } = found;
  const { edges } = partsOf(period, found);
  const parts: PartRows[] = [];
  for (const table of tables) {
    for (const edge of edges) {
      parts.push(rowsIn(endedFacts({ tables: [table], rows: rolledUp(marks) }), edge));
    }
    if (!found.waits(table)) continue;
    parts.push(rowsIn(endedFacts({ tables: [table], rows: behindMark(marks) }), period));
  }
  if (found.hasLong) parts.push(rowsIn('select *, end_ms as until_ms from rollup_long', period));
  return parts;
}

const startsIn = (table: string, condition: string, part: Period): string =>
  `select line_id, 1 from ${table} where ${condition} and ${within('start_ms', part)}`;

function beforeRows(earlier: Period, found: Found): string[] {
  const { marks, tables } = found;
  const { months, edges } = partsOf(earlier, found);
  const texts: string[] = [];
  for (const table of tables) {
    for (const edge of edges) texts.push(startsIn(table, belowMark(marks)(table), edge));
    if (found.waits(table)) texts.push(startsIn(table, behindMark(marks)(table), earlier));
  }
  if (months === null) return texts;
  texts.push(`select line_id, interruptions from rollup_month where ${inMonths(months)}`);
  if (found.hasLong) texts.push(startsIn('rollup_long', 'true', months));
  return texts;
}

/** The same of some interruptions only, which no rollup has: summed by DuckDB, there may be millions. */
export async function someRows(
  connection: DuckDBConnection,
  settings: FactSettings,
  period: Period,
  { earlier, relation }: { earlier: Period | null; relation: string },
): Promise<PeriodRows> {
  const rows = await periodRows(connection, settings, period, earlier);
  return {
    ...rows,
    isOfSome: true,
    parts: [],
    months: `select line_id, interruptions::integer, outages::integer, down_ms::double,
      coalesce(last_start_ms, -1)::double from (${startedText([clipped(relation, period)])})`,
    before: earlier
      ? [
          `select line_id, before::integer from (${counted('before', [startsBefore(relation, earlier)])})`,
        ]
      : [],
  };
}
