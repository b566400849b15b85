// What the live views need, copied out of the kernels' columns as it is found: interruption starts and
// episodes, by the store's line ids. Passed on at once, not only when it is stored: live views are
// provisional, and a slow commit does not hold them up.

import * as L from '../../assembly/layout.js';
import type { Kernel } from '../kernel/kernel.js';

/** What was found since the last time, in words that clients take. */
export interface LiveNews {
  /** Earliest time whose heat cells changed, null when none did. */
  readonly changedFromMs: number | null;
  /** The first interruption starts, NEWS_STARTS_MAX at most, and how many more there were. */
  readonly starts: readonly LiveStart[];
  readonly more: number;
}

/** An interruption that has just started; provisional until it is stored. */
export interface LiveStart {
  readonly lineId: number;
  readonly partitionId: number;
  readonly startMs: number;
}

/** Starts that one piece of news names. */
export const NEWS_STARTS_MAX = 100;

/** Takes what was found (the heat model). Times in epoch ms. */
export interface LiveTarget {
  /** It waits for lines that are not stored yet, and should be told no more until it is refreshed. */
  readonly isFull: boolean;
  addStarts(lineIds: Int32Array, startMs: BigInt64Array, count: number): void;
  addFlapping(
    lineIds: Int32Array,
    atMs: BigInt64Array,
    untilMs: BigInt64Array,
    count: number,
  ): void;
}

/** The live views that a loop tells what it finds. */
export interface LiveViews {
  /** null before there are any. */
  readonly live: () => LiveTarget | null;
  /** Has them learn what is stored. Never throws. */
  readonly refreshLive: () => Promise<void>;
}

type Change = (target: LiveTarget) => void;

/** Interruption starts as columns of their own. Times in epoch ms. */
export interface StartColumns {
  readonly lineIds: Int32Array;
  readonly times: BigInt64Array;
}

/** Collects changes until they are passed on. */
export class LiveChanges {
  private changes: Change[] = [];
  private changedFromMs: number | null = null;
  private starts: LiveStart[] = [];
  private started = 0;
  private readonly onStarts: (lineIds: Int32Array, times: BigInt64Array) => void;

  /** `onStarts` is given every start; the columns are its own. */
  constructor(onStarts: (lineIds: Int32Array, times: BigInt64Array) => void) {
    this.onStarts = onStarts;
  }

  /** Copies starts and ended episodes of the primary detector from tables whose lines have the store's ids. */
  takeFindings(kernel: Kernel, partitionId: number): void {
    const starts = kernel.foundCount(L.KIND_START);
    if (starts > 0) this.takeStarts(startColumns(kernel), partitionId);
    const at = (column: number): number => kernel.foundColumn(L.KIND_FLAP_END, column);
    const ends = rowsOf(kernel.foundCount(L.KIND_FLAP_END), (row) => {
      return kernel.u32[at(L.FOUND_ALARM) / 4 + row] === L.PRIMARY_DETECTOR;
    });
    if (ends.length > 0) {
      const lines = picked32(kernel, at(L.FOUND_LINE), ends);
      const from = picked64(kernel, at(L.FOUND_AT), ends);
      const until = picked64(kernel, at(L.FOUND_UNTIL), ends);
      this.takeFlapping(lines, from, until);
    }
  }

  /** Takes starts whose lines have the store's ids; the columns are kept. */
  takeStarts({ lineIds, times }: StartColumns, partitionId: number): void {
    this.note(lineIds, times, partitionId);
    this.onStarts(lineIds, times);
    this.changes.push((target) => target.addStarts(lineIds, times, times.length));
  }

  /** Takes times of flapping of lines by the store's ids; the columns are kept. */
  takeFlapping(lineIds: Int32Array, atMs: BigInt64Array, untilMs: BigInt64Array): void {
    this.changes.push((target) => target.addFlapping(lineIds, atMs, untilMs, lineIds.length));
  }

  /** Copies the open episodes among `rows` changed lines. */
  takeOpen(kernel: Kernel, rows: number): void {
    const flapping = kernel.openColumn(L.OPEN_EPISODE);
    const picked = rowsOf(rows, (row) => kernel.bytes[flapping + row] !== 0);
    if (picked.length === 0) return;
    const lines = picked32(kernel, kernel.openColumn(L.OPEN_LINE), picked);
    const at = picked64(kernel, kernel.openColumn(L.OPEN_AT), picked);
    const until = picked64(kernel, kernel.openColumn(L.OPEN_ENDS), picked);
    this.takeFlapping(lines, at, until);
  }

  /** Passes everything on and forgets it; null = there was nothing. */
  passOn(target: LiveTarget | null): LiveNews | null {
    if (this.changes.length === 0) return null;
    // Without live views what was collected is dropped: they count it when they are loaded.
    if (target) for (const change of this.changes) change(target);
    const { starts, started, changedFromMs } = this;
    this.changes = [];
    this.changedFromMs = null;
    this.starts = [];
    this.started = 0;
    return { changedFromMs, starts, more: started - starts.length };
  }

  private note(lines: Int32Array, times: BigInt64Array, partitionId: number): void {
    for (const [i, time] of times.entries()) {
      const startMs = Number(time);
      if (this.changedFromMs === null || startMs < this.changedFromMs) this.changedFromMs = startMs;
      if (this.starts.length >= NEWS_STARTS_MAX) continue;
      this.starts.push({ lineId: lines[i]!, partitionId, startMs });
    }
    this.started += times.length;
  }
}

/** Copies the starts that wait in a kernel's table. */
export function startColumns(kernel: Kernel): StartColumns {
  const rows = kernel.foundCount(L.KIND_START);
  return {
    lineIds: column32(kernel, kernel.foundColumn(L.KIND_START, L.FOUND_LINE), rows),
    times: column64(kernel, kernel.foundColumn(L.KIND_START, L.FOUND_FROM), rows),
  };
}

/** The rows that are wanted. */
function rowsOf(count: number, isWanted: (row: number) => boolean): number[] {
  const rows: number[] = [];
  for (let row = 0; row < count; row++) if (isWanted(row)) rows.push(row);
  return rows;
}

function picked32(kernel: Kernel, at: number, rows: readonly number[]): Int32Array {
  return Int32Array.from(rows, (row) => kernel.u32[at / 4 + row]!);
}

function picked64(kernel: Kernel, at: number, rows: readonly number[]): BigInt64Array {
  return BigInt64Array.from(rows, (row) => kernel.i64[at / 8 + row]!);
}

function column32(kernel: Kernel, at: number, rows: number): Int32Array {
  return new Int32Array(kernel.bytes.buffer as ArrayBuffer, at, rows).slice();
}

function column64(kernel: Kernel, at: number, rows: number): BigInt64Array {
  return kernel.i64.slice(at / 8, at / 8 + rows);
}
