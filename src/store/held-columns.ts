// Columns of numbers held in memory for lists by a version: a list whose transaction sees another version
// reads them again, and these are held then. So every list has the rows of its own moment.

import type { DuckDBConnection } from '@duckdb/node-api';
import { readColumns } from './read-columns.js';
import { streamRows } from './sql.js';

/** Rows of one kind that are held; where there are more, each list reads them. */
const ROWS_MAX = 4_000_000;

/** What is read: first columns of integers, then of doubles, none of them null. */
export interface Reading {
  readonly text: string;
  readonly words: number;
  readonly doubles?: number;
}

/** Rows as columns. */
export interface Columns {
  readonly count: number;
  readonly words: readonly Int32Array[];
  readonly doubles: readonly Float64Array[];
}

interface Held {
  readonly version: string;
  readonly columns: Columns;
}

interface HeldNames {
  readonly version: string;
  readonly names: ReadonlyMap<number, string>;
}

/** One for all lists of an open database. */
export class HeldColumns {
  private readonly held = new Map<string, Held>();
  private readonly names = new Map<string, HeldNames>();

  /** Forgets all: the database is another one. */
  clear(): void {
    this.held.clear();
    this.names.clear();
  }

  /** The names that a text selects as (id, name), by id, at a version. */
  async readNames(
    connection: DuckDBConnection,
    version: string,
    text: string,
  ): Promise<ReadonlyMap<number, string>> {
    const known = this.names.get(text);
    if (known?.version === version) return known.names;
    const names = new Map<number, string>();
    // Chunk by chunk: there can be as many as lines, and the thread has other work.
    const { chunks } = await streamRows(connection, text);
    for await (const rows of chunks) {
      for (const [id, name] of rows) names.set(Number(id), String(name));
    }
    this.names.set(text, { version, names });
    return names;
  }

  /** The rows of a text, which stays the same, at the version that the transaction at hand sees. */
  async read(connection: DuckDBConnection, version: string, asked: Reading): Promise<Columns> {
    const known = this.held.get(asked.text);
    if (known?.version === version) return known.columns;
    const columns = await readAll(connection, asked);
    if (columns.count <= ROWS_MAX) this.held.set(asked.text, { version, columns });
    else this.held.delete(asked.text);
    return columns;
  }
}

async function readAll(
  connection: DuckDBConnection,
  { text, words, doubles = 0 }: Reading,
): Promise<Columns> {
  const pieces: Columns[] = [];
  await readColumns(connection, text, { words, doubles }, (count, integers, numbers) => {
    pieces.push({ count, words: integers, doubles: numbers });
  });
  const count = pieces.reduce((sum, piece) => sum + piece.count, 0);
  const all: Columns = {
    count,
    words: Array.from({ length: words }, () => new Int32Array(count)),
    doubles: Array.from({ length: doubles }, () => new Float64Array(count)),
  };
  let at = 0;
  for (const piece of pieces) {
    for (const [i, column] of piece.words.entries()) all.words[i]!.set(column, at);
    for (const [i, column] of piece.doubles.entries()) all.doubles[i]!.set(column, at);
    at += piece.count;
  }
  return all;
}
