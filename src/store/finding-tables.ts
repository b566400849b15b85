// The tables of what is final: interruptions, episodes, repeat faults, transients. Columns of the
// kernel go in as they are. An interruption whose length alone says what it is stands in
// interruption_row, or in interruption_bare when there is nothing beside its times; one that was
// judged by other rules than that, or is uncertain, in interruption_judged. So none pays for columns
// that it does not use: each costs about 15 ns a row.

import * as L from '../../assembly/layout.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Rules, ruleSets } from '../config/rules.js';
import type { Kernel } from '../kernel/kernel.js';
import { type ColumnKind, type ColumnSource, TableAppender } from './chunks.js';
import { OUTAGE_MS } from './facts.js';
import { REJECTED_EVENT, STALE_ALARMS } from './gaps.js';

/** A control record of a partition, by its place. */
export interface ControlPlace {
  readonly log: number;
  readonly seq: number;
}

const INTERRUPTION: readonly ColumnKind[] = [
  'integer',
  'integer',
  'integer',
  'bigint',
  'bigint',
  'integer',
  'integer',
  'bigint',
  'bigint',
];
const BARE: readonly ColumnKind[] = INTERRUPTION.slice(0, 5);
const JUDGED: readonly ColumnKind[] = [...INTERRUPTION, 'bigint', 'integer'];
const EPISODE: readonly ColumnKind[] = [
  'integer',
  'integer',
  'integer',
  'bigint',
  'bigint',
  'bigint',
  'integer',
  'integer',
  'integer',
];
const REPEAT: readonly ColumnKind[] = ['integer', 'integer', 'bigint', 'bigint'];
const TRANSIENT: readonly ColumnKind[] = [
  'integer',
  'integer',
  'integer',
  'bigint',
  'integer',
  'bigint',
];

const GAP: readonly ColumnKind[] = ['integer', 'integer', 'bigint', 'bigint', 'varchar'];

const NOTHING: ColumnSource = { nothing: true };

const TABLES = {
  interruption_row: INTERRUPTION,
  interruption_bare: BARE,
  interruption_judged: JUDGED,
  episode_row: EPISODE,
  repeat_row: REPEAT,
  transient_row: TRANSIENT,
  coverage_gap: GAP,
} as const;

type TableName = keyof typeof TABLES;

/** Appends findings, on the connection's current transaction. */
export class FindingTables {
  private readonly tables: ReadonlyMap<TableName, TableAppender>;

  private constructor(tables: ReadonlyMap<TableName, TableAppender>) {
    this.tables = tables;
  }

  static async open(connection: DuckDBConnection): Promise<FindingTables> {
    const tables = new Map<TableName, TableAppender>();
    for (const [name, kinds] of Object.entries(TABLES)) {
      tables.set(name as TableName, await TableAppender.open(connection, name, kinds));
    }
    return new FindingTables(tables);
  }

  /**
   * Appends the rows of a kernel's tables whose lines have the store's ids; returns how many. `reset`
   * = the control record that caused them; without `keepOffsets` positions are left out.
   */
  append(
    kernel: Kernel,
    partitionId: number,
    keepOffsets: boolean,
    reset: ControlPlace | null,
  ): number {
    const partition = { constant: partitionId };
    const resetLog = reset ? { constant: reset.log } : NOTHING;
    const resetSeq = reset ? { constant: reset.seq } : NOTHING;
    return (
      this.appendInterruptions(kernel, partitionId, keepOffsets) +
      this.put('episode_row', kernel, L.KIND_FLAP_END, [
        L.FOUND_LINE,
        partition,
        L.FOUND_RULE,
        L.FOUND_AT,
        L.FOUND_FROM,
        L.FOUND_UNTIL,
        L.FOUND_N,
        resetLog,
        resetSeq,
      ]) +
      this.put('repeat_row', kernel, L.KIND_REPEAT, [
        L.FOUND_LINE,
        partition,
        L.FOUND_FROM,
        L.FOUND_UNTIL,
      ]) +
      this.put('transient_row', kernel, L.KIND_TRANSIENT, [
        L.FOUND_LINE,
        partition,
        L.FOUND_RULE,
        L.FOUND_AT,
        L.FOUND_N,
        L.FOUND_FROM,
      ]) +
      this.put('coverage_gap', kernel, L.KIND_UNKNOWN, [
        partition,
        L.FOUND_LINE,
        L.FOUND_FROM,
        L.FOUND_UNTIL,
        { texts: (row) => reasonOf(kernel, row) },
      ])
    );
  }

  /** Hands what was appended to the transaction. */
  flush(): void {
    for (const table of this.tables.values()) table.flush();
  }

  /** Forgets what was not flushed, and lets go of the tables. */
  close(): void {
    for (const table of this.tables.values()) {
      table.clear();
      table.close();
    }
  }

  private appendInterruptions(kernel: Kernel, partitionId: number, keepOffsets: boolean): number {
    // A dictionary without names (but `*`) has none to give: the column is null as a whole.
    const named = (dictionary: number, column: number): number | ColumnSource =>
      kernel.nameCount(dictionary) > (dictionary === L.DICTIONARY_ALARMS ? 1 : 0)
        ? column
        : NOTHING;
    const offset = (column: number): number | ColumnSource => (keepOffsets ? column : NOTHING);
    const columns = [
      L.FOUND_LINE,
      { constant: partitionId },
      L.FOUND_N,
      L.FOUND_FROM,
      L.FOUND_UNTIL,
      named(L.DICTIONARY_CAUSES, L.FOUND_CAUSE),
      named(L.DICTIONARY_ALARMS, L.FOUND_ALARM),
      offset(L.FOUND_FIRST),
      offset(L.FOUND_LAST),
    ];
    const kind = L.KIND_INTERRUPTION;
    if (isPlain(kernel)) {
      const isBare = columns.slice(BARE.length).every((column) => column === NOTHING);
      if (isBare) return this.put('interruption_bare', kernel, kind, columns.slice(0, BARE.length));
      return this.put('interruption_row', kernel, kind, columns);
    }
    return this.put('interruption_judged', kernel, kind, [...columns, L.FOUND_AT, L.FOUND_RULE]);
  }

  /** Appends the rows of a kind; a column of the kernel, or what stands in its place. */
  private put(
    table: TableName,
    kernel: Kernel,
    kind: number,
    columns: readonly (number | ColumnSource)[],
  ): number {
    const rows = kernel.foundCount(kind);
    if (rows === 0) return 0;
    const sources = columns.map((column) =>
      typeof column === 'number' ? { at: kernel.foundColumn(kind, column) } : column,
    );
    this.tables.get(table)!.append(kernel.bytes.buffer as ArrayBuffer, rows, sources);
    return rows;
  }
}

const REASONS: Readonly<Record<number, Uint8Array>> = {
  [L.UNKNOWN_REJECTED]: Buffer.from(REJECTED_EVENT),
  [L.UNKNOWN_STALE]: Buffer.from(STALE_ALARMS),
};

/** Why the line of a row of KIND_UNKNOWN was unknown. */
function reasonOf(kernel: Kernel, row: number): Uint8Array {
  return REASONS[kernel.u32[kernel.foundColumn(L.KIND_UNKNOWN, L.FOUND_RULE) / 4 + row]!]!;
}

const plainRules = new WeakMap<Rules, boolean>();

/** True when of all interruptions that wait their length against OUTAGE_MS says all there is. */
function isPlain(kernel: Kernel): boolean {
  const { rules } = kernel.options;
  let plain = plainRules.get(rules);
  if (plain === undefined) {
    plain = ruleSets(rules).every((set) => set.outageMs === OUTAGE_MS && set.correctionMs === 0);
    plainRules.set(rules, plain);
  }
  if (!plain) return false;
  const bits = kernel.foundColumn(L.KIND_INTERRUPTION, L.FOUND_RULE) / 4;
  const until = bits + kernel.foundCount(L.KIND_INTERRUPTION);
  for (let at = bits; at < until; at++)
    if ((kernel.u32[at]! & L.FOUND_UNCERTAIN) !== 0) return false;
  return true;
}
