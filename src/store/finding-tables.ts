// The tables of what is final: interruptions, episodes, repeat faults, transients. Columns of the
// kernel go in as they are. An interruption whose length alone says what it is stands in
// interruption_row, or in interruption_bare when there is nothing beside its times; one that was
// judged by other rules than that, or is uncertain, in interruption_judged. So none pays for columns
// that it does not use: each costs about 15 ns a row.

import * as L from '../../assembly/layout.js';
import { type Rules, ruleSets } from '../config/rules.js';
import type { Kernel } from '../kernel/kernel.js';
import type { ColumnKind, ColumnSource, RowSink } from './chunks.js';
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

/** The tables of findings, and the kinds of their columns. */
export const FINDING_TABLES = {
  interruption_row: INTERRUPTION,
  interruption_bare: BARE,
  interruption_judged: JUDGED,
  episode_row: EPISODE,
  repeat_row: REPEAT,
  transient_row: TRANSIENT,
  coverage_gap: GAP,
} as const;

type TableName = keyof typeof FINDING_TABLES;

/** Whose findings they are, and what goes in beside them. */
export interface FindingPlace {
  readonly partitionId: number;
  /** Positions are offsets in Kafka; without, they are left out. */
  readonly keepOffsets: boolean;
  /** The control record that caused them. */
  readonly reset: ControlPlace | null;
}

/** Appends the rows of a kernel's tables whose lines have the store's ids; returns how many. */
export function appendFindings(
  sink: RowSink<TableName>,
  kernel: Kernel,
  { partitionId, keepOffsets, reset }: FindingPlace,
): number {
  const partition = { constant: partitionId };
  const resetLog = reset ? { constant: reset.log } : NOTHING;
  const resetSeq = reset ? { constant: reset.seq } : NOTHING;
  const put = (table: TableName, kind: number, columns: Columns): number =>
    appendKind(sink, table, kernel, kind, columns);
  const interruptions = interruptionColumns(kernel, partition, keepOffsets);
  return (
    put(interruptions.table, L.KIND_INTERRUPTION, interruptions.columns) +
    put('episode_row', L.KIND_FLAP_END, [
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
    put('repeat_row', L.KIND_REPEAT, [L.FOUND_LINE, partition, L.FOUND_FROM, L.FOUND_UNTIL]) +
    put('transient_row', L.KIND_TRANSIENT, [
      L.FOUND_LINE,
      partition,
      L.FOUND_RULE,
      L.FOUND_AT,
      L.FOUND_N,
      L.FOUND_FROM,
    ]) +
    put('coverage_gap', L.KIND_UNKNOWN, [
      partition,
      L.FOUND_LINE,
      L.FOUND_FROM,
      L.FOUND_UNTIL,
      { texts: (row) => reasonOf(kernel, row) },
    ])
  );
}

/** Columns of the kernel, or what stands in their place. */
type Columns = readonly (number | ColumnSource)[];

/** The table of a kernel's interruptions, and its columns. */
function interruptionColumns(
  kernel: Kernel,
  partition: ColumnSource,
  keepOffsets: boolean,
): { readonly table: TableName; readonly columns: Columns } {
  // A dictionary without names (but `*`) has none to give: the column is null as a whole.
  const named = (dictionary: number, column: number): number | ColumnSource =>
    kernel.nameCount(dictionary) > (dictionary === L.DICTIONARY_ALARMS ? 1 : 0) ? column : NOTHING;
  const offset = (column: number): number | ColumnSource => (keepOffsets ? column : NOTHING);
  const columns = [
    L.FOUND_LINE,
    partition,
    L.FOUND_N,
    L.FOUND_FROM,
    L.FOUND_UNTIL,
    named(L.DICTIONARY_CAUSES, L.FOUND_CAUSE),
    named(L.DICTIONARY_ALARMS, L.FOUND_ALARM),
    offset(L.FOUND_FIRST),
    offset(L.FOUND_LAST),
  ];
  if (!isPlain(kernel)) {
    return { table: 'interruption_judged', columns: [...columns, L.FOUND_AT, L.FOUND_RULE] };
  }
  const isBare = columns.slice(BARE.length).every((column) => column === NOTHING);
  if (isBare) return { table: 'interruption_bare', columns: columns.slice(0, BARE.length) };
  return { table: 'interruption_row', columns };
}

/** Appends the rows of a kind. */
function appendKind(
  sink: RowSink<TableName>,
  table: TableName,
  kernel: Kernel,
  kind: number,
  columns: Columns,
): number {
  const rows = kernel.foundCount(kind);
  if (rows === 0) return 0;
  const sources = columns.map((column) =>
    typeof column === 'number' ? { at: kernel.foundColumn(kind, column) } : column,
  );
  sink.append(table, kernel.bytes.buffer as ArrayBuffer, rows, sources);
  return rows;
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
