// Columns of the kernel's memory into a table: whole columns are copied into DuckDB's vectors, 2,048
// rows at a time, no JavaScript value a row. A column of one value for all rows is a constant.

import { setImmediate } from 'node:timers/promises';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

const CHUNK_ROWS = duckdb.vector_size();

/** A chunk's validity with no row valid. */
const NO_BITS = new ArrayBuffer(CHUNK_ROWS / 8);

/** The types a column can have, and their bytes a row (VARCHAR: none, it is written one by one). */
export const COLUMN = {
  integer: { type: INTEGER as DuckDBType, bytes: 4 },
  bigint: { type: BIGINT as DuckDBType, bytes: 8 },
  double: { type: DOUBLE as DuckDBType, bytes: 8 },
  boolean: { type: BOOLEAN as DuckDBType, bytes: 1 },
  varchar: { type: VARCHAR as DuckDBType, bytes: 0 },
} as const;

/** The kind of a column. */
export type ColumnKind = keyof typeof COLUMN;

/**
 * Where a column's values come from: an address in the source memory (or in a memory of its own), one
 * integer for all rows, a text a row (UTF-8), or nothing (null).
 */
export type ColumnSource =
  | { readonly at: number; readonly memory?: ArrayBuffer }
  | { readonly texts: (row: number) => Uint8Array }
  | { readonly constant: number }
  | { readonly nothing: true };

/** Takes rows of tables as columns. */
export interface RowSink<Table extends string> {
  append(table: Table, memory: ArrayBuffer, rows: number, sources: readonly ColumnSource[]): void;
}

/** Appends columns to one table, on the connection's current transaction. */
export class TableAppender {
  private readonly appender: DuckDBAppender;
  private readonly chunk: DuckDBDataChunk;
  private readonly kinds: readonly ColumnKind[];
  private isFilled = false;
  private readonly constants = new Map<number, Int32Array<ArrayBuffer>>();

  private constructor(appender: DuckDBAppender, kinds: readonly ColumnKind[]) {
    this.appender = appender;
    this.kinds = kinds;
    this.chunk = DuckDBDataChunk.create(kinds.map((kind) => COLUMN[kind].type));
  }

  /** Opens the table; `kinds` are its columns in order. `temporary` names a temporary table. */
  static async open(
    connection: DuckDBConnection,
    table: string,
    kinds: readonly ColumnKind[],
    temporary = false,
  ): Promise<TableAppender> {
    const appender = temporary
      ? await connection.createAppender(table, 'main', 'temp')
      : await connection.createAppender(table);
    return new TableAppender(appender, kinds);
  }

  /** Appends `rows` rows whose columns lie in `memory` at `sources`. Integer constants only. */
  append(memory: ArrayBuffer, rows: number, sources: readonly ColumnSource[]): void {
    this.isFilled = true;
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - from);
      duckdb.data_chunk_reset(this.chunk.chunk);
      sources.forEach((source, column) => {
        const { bytes } = COLUMN[this.kinds[column]!];
        const vector = duckdb.data_chunk_get_vector(this.chunk.chunk, column);
        if ('at' in source) {
          const at = source.at + from * bytes;
          duckdb.copy_data_to_vector(vector, 0, source.memory ?? memory, at, count * bytes);
        } else if ('texts' in source) {
          for (let row = 0; row < count; row++) {
            duckdb.vector_assign_string_element_len(vector, row, source.texts(from + row));
          }
        } else if ('nothing' in source) {
          duckdb.vector_ensure_validity_writable(vector);
          duckdb.copy_data_to_vector_validity(vector, 0, NO_BITS, 0, NO_BITS.byteLength);
        } else {
          const constant = this.constantOf(source.constant);
          duckdb.copy_data_to_vector(vector, 0, constant.buffer, 0, count * bytes);
        }
      });
      duckdb.data_chunk_set_size(this.chunk.chunk, count);
      this.appender.appendDataChunk(this.chunk);
    }
  }

  /** Appends (id, name) rows: ids count up from `firstId`, `nameAt(i)` gives the i-th name's bytes. */
  appendNames(firstId: number, count: number, nameAt: (i: number) => Uint8Array): void {
    this.isFilled = true;
    const ids = new Int32Array(CHUNK_ROWS);
    for (let from = 0; from < count; from += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, count - from);
      duckdb.data_chunk_reset(this.chunk.chunk);
      const idVector = duckdb.data_chunk_get_vector(this.chunk.chunk, 0);
      const nameVector = duckdb.data_chunk_get_vector(this.chunk.chunk, 1);
      for (let row = 0; row < rows; row++) {
        ids[row] = firstId + from + row;
        duckdb.vector_assign_string_element_len(nameVector, row, nameAt(from + row));
      }
      duckdb.copy_data_to_vector(idVector, 0, ids.buffer, 0, rows * 4);
      duckdb.data_chunk_set_size(this.chunk.chunk, rows);
      this.appender.appendDataChunk(this.chunk);
    }
  }

  /** Hands what was appended to the transaction; whether there was anything. */
  flush(): boolean {
    if (!this.isFilled) return false;
    this.isFilled = false;
    this.appender.flushSync();
    return true;
  }

  /** Forgets what was appended since the last flush. */
  clear(): void {
    this.appender.clear();
  }

  /** Closes the appender; its table is no longer held. */
  close(): void {
    this.appender.closeSync();
  }

  private constantOf(value: number): Int32Array<ArrayBuffer> {
    let values = this.constants.get(value);
    if (!values) {
      values = new Int32Array(CHUNK_ROWS).fill(value);
      this.constants.set(value, values);
    }
    return values;
  }
}

/** The appenders of several tables, on the connection's current transaction. */
export class TableAppenders<Table extends string> implements RowSink<Table> {
  private readonly tables: ReadonlyMap<Table, TableAppender>;

  private constructor(tables: ReadonlyMap<Table, TableAppender>) {
    this.tables = tables;
  }

  /** Opens tables by their columns; those named in `temporary` are temporary ones. */
  static async open<Table extends string>(
    connection: DuckDBConnection,
    kinds: Readonly<Record<Table, readonly ColumnKind[]>>,
    temporary: ReadonlySet<string>,
  ): Promise<TableAppenders<Table>> {
    const tables = new Map<Table, TableAppender>();
    for (const table of Object.keys(kinds) as Table[]) {
      const opened = TableAppender.open(connection, table, kinds[table], temporary.has(table));
      tables.set(table, await opened);
    }
    return new TableAppenders(tables);
  }

  append(table: Table, memory: ArrayBuffer, rows: number, sources: readonly ColumnSource[]): void {
    this.tables.get(table)!.append(memory, rows, sources);
  }

  /** The appender of one table. */
  of(table: Table): TableAppender {
    return this.tables.get(table)!;
  }

  /** Hands what was appended to the transaction: a table a turn, so that other work goes on. */
  async flush(): Promise<void> {
    for (const table of this.tables.values()) {
      if (table.flush()) await setImmediate();
    }
  }

  /** Forgets what was not flushed, and lets go of the tables. Never throws. */
  close(): void {
    for (const table of this.tables.values()) {
      try {
        table.clear();
        table.close();
      } catch {
        // An appender that failed, or whose database is gone, has nothing to let go of.
      }
    }
  }
}
