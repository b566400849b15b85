// The one door of the read queries to DuckDB: prepared statements with named parameters in, plain
// objects out. 64-bit integers become JavaScript numbers here (times and counts stay below 2^53).

import { setImmediate } from 'node:timers/promises';
import {
  BIGINT,
  LIST,
  VARCHAR,
  listValue,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBMaterializedResult,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** What a statement's parameter can be: integers are bound as BIGINT, an empty list as BIGINT[]. */
export type SqlParameter = number | string | null | readonly number[] | readonly string[];
export type SqlParameters = Readonly<Record<string, SqlParameter>>;

/** A cell of a row, 64-bit integers already numbers. */
export type Cell = string | number | boolean | null;

/** What runs a statement: a connection, or one whose statements are kept. */
export interface SqlRunner {
  run(
    text: string,
    values?: Record<string, DuckDBValue>,
    types?: Record<string, DuckDBType>,
  ): Promise<DuckDBMaterializedResult>;
}

interface Bound {
  readonly values: Record<string, DuckDBValue>;
  readonly types: Record<string, DuckDBType>;
}

function bind(parameters: SqlParameters): Bound {
  const values: Record<string, DuckDBValue> = {};
  const types: Record<string, DuckDBType> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === 'number') {
      values[name] = BigInt(value);
      types[name] = BIGINT;
    } else if (value === null || typeof value === 'string') {
      values[name] = value;
      types[name] = VARCHAR;
    } else {
      const texts = typeof value[0] === 'string';
      values[name] = listValue(value.map((item) => (texts ? String(item) : BigInt(item))));
      types[name] = LIST(texts ? VARCHAR : BIGINT);
    }
  }
  return { values, types };
}

function cellOf(value: DuckDBValue): Cell {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value !== 'object') return value;
  return String(value);
}

/**
 * Runs one prepared statement and returns all its rows, columns by name. The caller names the row's
 * type and bounds the number of rows in the statement itself.
 */
export async function selectRows<Row extends Record<keyof Row, Cell>>(
  connection: SqlRunner,
  statement: string,
  parameters: SqlParameters = {},
): Promise<Row[]> {
  const { values, types } = bind(parameters);
  const result = await connection.run(statement, values, types);
  const names = result.columnNames();
  return (await result.getRows()).map((cells) => {
    const row: Record<string, Cell> = {};
    for (let i = 0; i < names.length; i += 1) row[names[i]] = cellOf(cells[i]);
    return row as Row;
  });
}

/** Runs queries that have to see the store of one moment, in a transaction that writes nothing. */
export async function atOneMoment<T>(
  connection: DuckDBConnection,
  query: () => Promise<T>,
): Promise<T> {
  await connection.run('begin transaction read only');
  try {
    return await query();
  } finally {
    await connection.run('rollback');
  }
}

/** A result that is read while it is made. */
export interface RowStream {
  readonly names: readonly string[];
  /** Chunks of at most 2,048 rows, none of them empty. */
  readonly chunks: AsyncGenerator<Cell[][], void>;
}

/** Runs one prepared statement and hands its rows over chunk by chunk. */
export async function streamRows(
  connection: DuckDBConnection,
  statement: string,
  parameters: SqlParameters = {},
): Promise<RowStream> {
  const { values, types } = bind(parameters);
  const result = await connection.stream(statement, values, types);
  return { names: result.columnNames(), chunks: chunksOf(result) };
}

async function* chunksOf(result: DuckDBResult): AsyncGenerator<Cell[][], void> {
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk.getRows().map((cells) => cells.map(cellOf));
  }
}

/** Takes the column `total` (the same in every row: the number of rows before a limit) out of rows. */
export function splitTotal<Row>(found: readonly (Row & { total: number })[]): {
  total: number;
  rows: Row[];
} {
  const rows: Row[] = [];
  let total = 0;
  for (const { total: all, ...row } of found) {
    total = all;
    rows.push(row as Row);
  }
  return { total, rows };
}

/**
 * Streams a statement whose columns are all 64-bit integers and hands them over chunk by chunk
 * (at most 2,048 rows), null as -1n. For results too long to be held as rows.
 */
export async function streamIntegers(
  connection: DuckDBConnection,
  statement: string,
  parameters: SqlParameters,
  take: (columns: readonly BigInt64Array[], count: number) => void | Promise<void>,
): Promise<void> {
  const { values, types } = bind(parameters);
  const result = await connection.stream(statement, values, types);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    await take(integersOf(chunk), chunk.rowCount);
  }
}

/** Columns of 64-bit integers, copied as they are; null becomes -1n. */
function integersOf({ chunk, columnCount, rowCount }: DuckDBDataChunk): BigInt64Array[] {
  return Array.from({ length: columnCount }, (_, i) => {
    const vector = duckdb.data_chunk_get_vector(chunk, i);
    const values = new BigInt64Array(duckdb.vector_get_data(vector, rowCount * 8).slice().buffer);
    const valid = duckdb.vector_get_validity(vector, Math.ceil(rowCount / 8)) as Uint8Array | null;
    if (valid === null) return values;
    for (let row = 0; row < rowCount; row++) {
      if ((valid[row >> 3]! & (1 << (row & 7))) === 0) values[row] = -1n;
    }
    return values;
  });
}

/**
 * Streams a statement whose columns are fixed-width and never null and hands over their bytes, chunk by
 * chunk: no JavaScript value is made for a cell. `take` may throw to stop it.
 */
export async function streamBytes(
  connection: DuckDBConnection,
  statement: string,
  parameters: SqlParameters,
  widths: readonly number[],
  take: (rows: number, columns: readonly Uint8Array[]) => void,
): Promise<void> {
  const { values, types } = bind(parameters);
  const result = await connection.stream(statement, values, types);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    take(chunk.rowCount, bytesOf(chunk, widths));
  }
}

function bytesOf({ chunk, rowCount }: DuckDBDataChunk, widths: readonly number[]): Uint8Array[] {
  return widths.map((bytes, i) =>
    duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, i), rowCount * bytes),
  );
}

/** Chunks between two rests of the thread: some milliseconds of work. */
const CHUNKS_AT_ONCE = 64;

/**
 * The same of a result that DuckDB holds whole, under its memory limit: a chunk then costs no turn of
 * the thread pool, half of all that a stream takes.
 */
export async function readBytes(
  connection: SqlRunner,
  statement: string,
  parameters: SqlParameters,
  widths: readonly number[],
  take: (rows: number, columns: readonly Uint8Array[]) => void,
): Promise<void> {
  const { values, types } = bind(parameters);
  const result = await connection.run(statement, values, types);
  for (let i = 0; i < result.chunkCount; i++) {
    const chunk = result.getChunk(i);
    take(chunk.rowCount, bytesOf(chunk, widths));
    if ((i + 1) % CHUNKS_AT_ONCE === 0) await setImmediate();
  }
}
