// The worst lines of a period, or the worst components, customers, products, branches. Interruptions
// count by their start in [from, to); down time is clipped to the period, that of an open interruption
// to the reading time as well. Of a short list of lines a first statement says which, a second one all
// about these.

import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type ViewFilter,
  filteredFacts,
  lineParameters,
  tellsInterruptionsApart,
} from './line-filter.js';
import { GROUPED_BY } from './members.js';
import { type Period, periodTexts } from './period-sums.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { type SqlParameters, selectRows, splitTotal } from './sql.js';
import {
  NEAR,
  type Texts,
  type Told,
  type ToldLine,
  countedText,
  groupStatement,
  lineStatement,
  wantedClause,
} from './worst-texts.js';

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

/** So many rows are told in two statements; ties at the end of them may make it more lines. */
const TWO_STEPS = { rowsMax: 1_000, linesMax: 2_000 } as const;

/** Which lines a short list tells; null where it is not short. */
async function toldLines(
  connection: DuckDBConnection,
  clause: string,
  texts: Texts,
  parameters: SqlParameters,
): Promise<Told | null> {
  const rows = await selectRows<ToldLine & { total: number }>(
    connection,
    `${clause}, ${countedText(texts)}, ${NEAR}
     select line_id as id, interruptions, outages, down_ms as "downMs",
       last_start_ms as "lastStart", (select count(*) from counted) as total
     from near limit ${TWO_STEPS.linesMax + 1}`,
    parameters,
  );
  if (rows.length === 0 || rows.length > TWO_STEPS.linesMax) return null;
  const { total, rows: lines } = splitTotal<ToldLine>(rows);
  return { lines, total };
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
  const wanted = wantedClause(filter);
  const hasWanted = wanted !== null;
  const relation = tellsInterruptionsApart(filter) ? filteredFacts(QUERY_SETTINGS, filter) : null;
  const earlier = before.fromMs < fromMs ? before : null;
  const found = await periodTexts(connection, QUERY_SETTINGS, period, { earlier, relation });
  const texts = { ...found, hasWanted, told: null };
  const bounds = { from: fromMs, to: toMs, before: before.fromMs, limit };
  const ofFilter = hasWanted ? lineParameters(filter) : {};
  if (by === 'line' && limit <= TWO_STEPS.rowsMax) {
    const asked = { ...parameters, ...ofFilter, ...(hasWanted && { to: toMs }), limit };
    const told = await toldLines(connection, withList(clause, wanted), texts, asked);
    if (told) {
      return {
        text: withList(clause, lineStatement({ ...texts, told })),
        parameters: { ...parameters, ...bounds },
      };
    }
  }
  const statement = by === 'line' ? lineStatement(texts) : groupStatement(by, texts);
  return {
    text: withList(clause, wanted, statement),
    parameters: { ...parameters, ...ofFilter, ...bounds },
  };
}

const withList = (...parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null).join(', ');

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
