// What a list is, and how it is asked for: a statement whose columns are the list's, streamed from a
// connection chunk by chunk, so that memory does not grow with its rows.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import type { ViewFilter } from '../store/line-filter.js';
import type { ListMemory } from '../store/list-memory.js';
import type { ReadAt } from '../store/queries.js';
import { type Cell, type RowStream, streamRows } from '../store/sql.js';
import type { Period } from '../store/period-parts.js';
import type { Statement, WorstBy } from '../store/worst.js';
import type { ShortList } from '../store/worst-short.js';
import type { ListColumn, ListRow } from './column.js';

/** What is asked of a list. Times in epoch ms. */
export interface ListQuestion {
  readonly read: ReadAt;
  /** The reading time as one number, null before the first data. */
  readonly readingMs: number | null;
  readonly period: Period;
  readonly filter: ViewFilter;
  readonly by: WorstBy;
  readonly limit: number;
  /** Of the work list: what a gain of a key customer's line counts; without it KEY_WEIGHT. */
  readonly keyWeight?: number;
  /** Where days and months are cut and times are shown. */
  readonly zone: string;
  /** What short lists of this database hold; without it all is asked of the database. */
  readonly memory?: ListMemory | undefined;
}

/** What a gain of a key customer's line counts in the work list where nothing is said, and at most. */
export const KEY_WEIGHT = 3;
export const KEY_WEIGHT_MAX = 1_000;

/** A list. */
export interface List {
  readonly name: string;
  /** What a row is, for people. */
  readonly row: string;
  /** By what it can be grouped; a list of one kind has ['line']. */
  readonly by: readonly WorstBy[];
  columns(by: WorstBy): readonly ListColumn[];
  /** Its columns are `stored` (or all of them), then `total`: the rows before the limit. */
  statement(question: ListQuestion, connection: DuckDBConnection): Statement | Promise<Statement>;
  /** The rows of a short list by a faster way, without `total`; null = the statement makes them. */
  short?(question: ListQuestion, connection: DuckDBConnection): Promise<ShortList | null>;
  /** Columns of the statement where derive makes more of them. */
  readonly stored?: (by: WorstBy) => readonly string[];
  derive?(row: ListRow, by: WorstBy): ListRow;
}

/** A list as it is written out. */
export interface ListAnswer {
  readonly name: string;
  readonly columns: readonly ListColumn[];
  /** What was asked, for the head of a table and a sheet of XLSX; a column's kind and its value. */
  readonly about: ListAbout;
  readonly chunks: AsyncIterable<readonly ListRow[]>;
}

/** What an answer says of itself; a statement of SQL has the zone only. Times in epoch ms. */
export interface ListAbout {
  readonly by?: WorstBy;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly readingMs?: number | null;
  /** Rows before the limit. */
  readonly total?: number;
  readonly zone: string;
}

/** Asks for a list. The rows come while `chunks` is read; the connection is busy until its end. */
export async function askList(
  connection: DuckDBConnection,
  list: List,
  question: ListQuestion,
): Promise<ListAnswer> {
  const { by, period, readingMs, zone } = question;
  const columns = list.columns(by);
  const derive = (row: readonly Cell[]): ListRow => list.derive?.(row, by) ?? row;
  const about = { by, ...period, readingMs, zone };
  const short = await list.short?.(question, connection);
  if (short) {
    const { total, rows } = short;
    const chunks = rowsFrom([rows.map(derive)]);
    return { name: list.name, columns, about: { ...about, total }, chunks };
  }
  const { text, parameters } = await list.statement(question, connection);
  const stream = await streamRows(connection, text, parameters);
  const expected = [...(list.stored?.(by) ?? columns.map(({ name }) => name)), 'total'];
  if (stream.names.join() !== expected.join()) {
    throw new Error(`list ${list.name}: columns ${stream.names.join()}, not ${expected.join()}`);
  }
  const first = await stream.chunks.next();
  const total = first.done ? 0 : Number(first.value[0]!.at(-1));
  const chunks = derived(first, stream.chunks, derive);
  return { name: list.name, columns, about: { ...about, total }, chunks };
}

async function* rowsFrom(
  chunks: readonly (readonly ListRow[])[],
): AsyncGenerator<readonly ListRow[]> {
  yield* chunks;
}

async function* derived(
  first: IteratorResult<Cell[][], void>,
  rest: RowStream['chunks'],
  derive: (row: readonly Cell[]) => ListRow,
): AsyncGenerator<readonly ListRow[]> {
  for (let next = first; !next.done; next = await rest.next()) {
    yield next.value.map((row) => derive(row.slice(0, -1)));
  }
}

/** The list of a name. Throws NOT_FOUND. */
export function listOf(lists: readonly List[], name: string): List {
  const found = lists.find((list) => list.name === name);
  if (found) return found;
  const names = lists.map((list) => list.name).join(', ');
  throw new FlaplineError('NOT_FOUND', `there is no list '${name}': there are ${names}`);
}
