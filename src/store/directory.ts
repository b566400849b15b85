// The store's dictionaries of lines, alarms and causes: name to id and back, shared by the kernels of
// all partitions. It is itself a kernel of which only the dictionaries are used, so that names stay
// out of JavaScript's heap. An id is the index in it; what is not yet in the tables is appended with
// the next commit.

import * as L from '../../assembly/layout.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DEFAULT_RULES } from '../config/rules.js';
import { grow } from '../kernel/grow.js';
import { DEFAULT_CAPACITIES, Kernel } from '../kernel/kernel.js';
import { DEFAULT_LIMITS } from '../config/limits.js';
import type { ColumnKind, TableAppender } from './chunks.js';
import type { Naming } from './collector.js';
import { readColumns } from './read-columns.js';
import { selectRows } from './sql.js';

const TABLES = [
  { dictionary: L.DICTIONARY_KEYS, table: 'line' },
  { dictionary: L.DICTIONARY_ALARMS, table: 'alarm' },
  { dictionary: L.DICTIONARY_CAUSES, table: 'cause' },
] as const;

/** The tables of names, and the kinds of their columns. */
export const NAME_TABLES = {
  line: ['integer', 'varchar'] as readonly ColumnKind[],
  alarm: ['integer', 'varchar'] as readonly ColumnKind[],
  cause: ['integer', 'varchar'] as readonly ColumnKind[],
};

/** The appenders of the tables of names. */
interface NameAppenders {
  of(table: keyof typeof NAME_TABLES): TableAppender;
}

/** Ids of names. */
export class Directory implements Naming {
  private kernel: Kernel;
  private readonly stored = [0, 0, 0];

  constructor() {
    this.kernel = new Kernel({
      rules: DEFAULT_RULES,
      ruleIds: { flap: [1, 2], detectors: [] },
      capacities: { ...DEFAULT_CAPACITIES, inboxBytes: 4096, frames: 1, events: 1, findings: 1 },
      limits: DEFAULT_LIMITS,
      emitStarts: false,
      zone: [],
    });
  }

  /** Reads the tables; call once, before any other. */
  async load(connection: DuckDBConnection): Promise<void> {
    for (const { dictionary, table } of TABLES) {
      await readNames(connection, table, (name) => {
        this.idOf(dictionary, name);
        this.stored[dictionary]!++;
      });
    }
  }

  /** Lines known to the store. */
  get lines(): number {
    return this.kernel.nameCount(L.DICTIONARY_KEYS);
  }

  /** The id of a name, given when it is new. */
  idOf(dictionary: number, name: Uint8Array): number {
    for (;;) {
      this.kernel.inbox.set(name);
      const id = this.kernel.calls.internInbox(dictionary, name.length) >>> 0;
      if (id !== 0) return id;
      this.kernel = grow(this.kernel);
    }
  }

  /** Gives the store's ids to the lines, alarms and causes that are new to a partition's kernel. */
  nameNew(kernel: Kernel): void {
    nameFresh(kernel, (dictionary, index) =>
      this.idOf(dictionary, kernel.nameBytes(dictionary, index)),
    );
  }

  /** How many names there are, by dictionary. */
  counts(): number[] {
    return TABLES.map(({ dictionary }) => this.kernel.nameCount(dictionary));
  }

  /** The name of a line with an id, as text. */
  lineOf(lineId: number): string {
    return this.kernel.name(L.DICTIONARY_KEYS, lineId);
  }

  /**
   * Appends the names up to `counts` that the tables do not hold yet to the current transaction; returns
   * how many lines were among them, and the id that they are above.
   */
  append(
    tables: NameAppenders,
    counts: readonly number[],
  ): { readonly above: number; readonly count: number } {
    const above = this.stored[L.DICTIONARY_KEYS]!;
    for (const { dictionary, table } of TABLES) {
      const stored = this.stored[dictionary]!;
      const count = counts[dictionary]! - stored;
      if (count <= 0) continue;
      tables
        .of(table)
        .appendNames(stored + 1, count, (i) => this.kernel.nameBytes(dictionary, stored + 1 + i));
    }
    return { above, count: counts[L.DICTIONARY_KEYS]! - above };
  }

  /** The transaction is committed: the names up to `counts` are stored. */
  committed(counts: readonly number[]): void {
    for (const { dictionary } of TABLES) {
      this.stored[dictionary] = Math.max(this.stored[dictionary]!, counts[dictionary]!);
    }
  }
}

/** Names that are read as one text. */
const NAMES_AT_ONCE = 4_096;

/**
 * Hands over the names of a table in the order of their ids, in UTF-8. They are read as pieces of text
 * and the names' lengths: a value for each would take most of a start.
 */
async function readNames(
  connection: DuckDBConnection,
  table: keyof typeof NAME_TABLES,
  take: (name: Uint8Array) => void,
): Promise<void> {
  const lengths: number[] = [];
  const inOrder = `select strlen(${table})::integer from ${table} order by ${table}_id`;
  await readColumns(connection, inOrder, { words: 1 }, (_rows, [some]) => {
    for (const length of some!) lengths.push(length);
  });
  const pieces = await selectRows<{ names: string }>(
    connection,
    `select string_agg(${table}, '' order by ${table}_id) as names from ${table}
     group by ${table}_id // ${NAMES_AT_ONCE} order by min(${table}_id)`,
  );
  const text = Buffer.concat(pieces.map(({ names }) => Buffer.from(names, 'utf8')));
  let at = 0;
  for (const length of lengths) take(text.subarray(at, (at += length)));
}

/**
 * Gives ids, by which they are stored, to the lines, alarms and causes that are new to a partition's
 * kernel.
 */
export function nameFresh(
  kernel: Kernel,
  idOf: (dictionary: number, index: number) => number,
): void {
  const nameOne = (dictionary: number, index: number): void => {
    kernel.calls.setStoreId(dictionary, index, idOf(dictionary, index));
  };
  const fresh = kernel.control[L.CTL_FRESH]!;
  const at = kernel.region(L.REGION_FRESH) / 4;
  for (let i = 0; i < fresh; i++) nameOne(L.DICTIONARY_KEYS, kernel.u32[at + i]!);
  kernel.control[L.CTL_FRESH] = 0;
  for (const dictionary of [L.DICTIONARY_ALARMS, L.DICTIONARY_CAUSES]) {
    const slot = L.CTL_NAMED + dictionary;
    const count = kernel.nameCount(dictionary);
    for (let i = kernel.control[slot]! + 1; i <= count; i++) nameOne(dictionary, i);
    kernel.control[slot] = count;
  }
}
