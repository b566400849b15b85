// The worst lines of a period, or the worst components, customers, products, branches. Interruptions
// count by their start in [from, to); down time is clipped to the period, that of an open interruption
// to the reading time as well. A long list is one statement, a short one several narrow ones.

import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type ViewFilter,
  filteredFacts,
  lineParameters,
  tellsInterruptionsApart,
} from './line-filter.js';
import type { ListMemory } from './list-memory.js';
import { GROUPED_BY } from './members.js';
import { readMoment } from './moment.js';
import type { Period } from './period-parts.js';
import { periodTexts } from './period-sums.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { type Cell, type SqlParameters, selectRows, splitTotal } from './sql.js';
import { type ShortList, shortGroups, shortLines } from './worst-short.js';
import { groupStatement, lineStatement, wantedClause } from './worst-texts.js';

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

/** A list of so many rows is short. */
const SHORT_ROWS_MAX = 1_000;

/** What a list of the worst is asked for. */
export interface WorstQuestion {
  readonly by: WorstBy;
  readonly read: ReadAt;
  readonly period: Period;
  readonly filter: ViewFilter;
  readonly limit: number;
  /** What lists of this database hold; without it all is asked of the database. */
  readonly memory?: ListMemory | undefined;
}

function asked({ read, period, filter }: WorstQuestion) {
  const { fromMs, toMs } = period;
  const before = { fromMs: Math.max(0, 2 * fromMs - toMs), toMs: fromMs };
  const text = wantedClause(filter);
  return {
    reading: readingClause(read.at),
    wanted: text === null ? null : { clause: text, parameters: lineParameters(filter) },
    before,
    earlier: before.fromMs < fromMs ? before : null,
    relation: tellsInterruptionsApart(filter)
      ? filteredFacts(QUERY_SETTINGS, filter, { isMarked: true })
      : null,
  };
}

/**
 * What has at least one interruption start in the period, most starts first, then most down time, then
 * by name; `total`, the last column, = how many there are before the limit. The columns are those of
 * lists/worst.ts, before what is derived there.
 */
export async function worstStatement(
  connection: DuckDBConnection,
  question: WorstQuestion,
): Promise<Statement> {
  const { by, period, limit } = question;
  const { reading, wanted, before, earlier, relation } = asked(question);
  const options = { earlier, relation };
  const found = await periodTexts(connection, QUERY_SETTINGS, period, options);
  const texts = { ...found, hasWanted: wanted !== null };
  const statement = by === 'line' ? lineStatement(texts) : groupStatement(by, texts);
  const clauses = [reading.clause, ...(wanted ? [wanted.clause] : []), statement];
  const bounds = { from: period.fromMs, to: period.toMs, before: before.fromMs, limit };
  return {
    text: clauses.join(', '),
    parameters: { ...reading.parameters, ...wanted?.parameters, ...bounds },
  };
}

/**
 * The same rows of a short list, much sooner, where there is a memory; null where the statement has to
 * make them.
 */
export async function worstShort(
  connection: DuckDBConnection,
  question: WorstQuestion,
): Promise<ShortList | null> {
  const { by, read, period, limit, memory } = question;
  const { wanted, earlier, relation } = asked(question);
  if (memory === undefined || limit > SHORT_ROWS_MAX || relation !== null) return null;
  const moment = await readMoment(memory.statements.on(connection), read.at);
  const isCompared = earlier && moment.firstMs !== null && moment.firstMs <= earlier.fromMs;
  const lent = memory.scratch.lend(moment.lineIdMax + 1);
  const compared = isCompared ? earlier : null;
  const asking = { lent, moment, memory, period, earlier: compared, wanted, limit };
  try {
    return await (by === 'line'
      ? shortLines(connection, asking)
      : shortGroups(connection, by, asking));
  } finally {
    lent.end();
  }
}

/** The worst lines, for the page. */
export async function worstLines(
  connection: DuckDBConnection,
  asking: Omit<WorstQuestion, 'by'>,
): Promise<{ total: number; rows: WorstRow[] }> {
  const question = { by: 'line', ...asking } as const;
  const short = await worstShort(connection, question);
  if (short) return { total: short.total, rows: short.rows.map(lineOf) };
  const { text, parameters } = await worstStatement(connection, question);
  const found = await selectRows<Record<string, Cell> & { total: number }>(
    connection,
    text,
    parameters,
  );
  const { total, rows } = splitTotal<Record<string, Cell>>(found);
  return { total, rows: rows.map((row) => lineOf(Object.values(row))) };
}

/** A row of the statement by its places. */
function lineOf(cells: readonly Cell[]): WorstRow {
  const [line, branch, product, customer, , interruptions, momentary, outages, downMs, ...rest] =
    cells;
  const [flapEpisodes, repeatFaults, state, lastStart] = rest;
  const names = { line, branch, product, customer };
  const counts = { interruptions, momentary, outages, downMs, flapEpisodes, repeatFaults };
  return { ...names, ...counts, down: state === 'down', lastStart } as WorstRow;
}
