// Counts of findings, in all and by line, taken from the kernel's columns before they are emptied:
// 16 bytes a line, no object a finding. For the summary that people read, and for back-tests.

import * as L from '../../assembly/layout.js';
import type { Kernel } from '../kernel/kernel.js';

const FIELDS = 4;
const INTERRUPTIONS = 0;
const OUTAGES = 1;
const EPISODES = 2;
const REPEATS = 3;
const LINES_AT_START = 65_536;
const HIGH_WORD = 2 ** 32;

/** What was found, of a line or of all. Open interruptions count. */
export interface Counts {
  readonly interruptions: number;
  readonly outages: number;
  readonly flapEpisodes: number;
  readonly repeatFaults: number;
}

/** A line of the summary. */
export interface LineCounts extends Counts {
  readonly line: string;
}

/** Counts findings as they pass. */
export class Tally {
  private counts = new Uint32Array(LINES_AT_START * FIELDS);
  private kernel: Kernel | null = null;
  private readonly fromMs: number;
  private readonly toMs: number;

  /** Counts what starts (an episode: is found) in [fromMs, toMs). */
  constructor(fromMs = 0, toMs = Number.MAX_SAFE_INTEGER) {
    this.fromMs = fromMs;
    this.toMs = toMs;
  }

  /** Takes the rows of a kernel's tables. */
  take(kernel: Kernel): void {
    this.kernel = kernel;
    this.makeRoom(kernel.nameCount(L.DICTIONARY_KEYS) + 1);
    this.takeOutages(kernel);
    this.takeKind(kernel, L.KIND_INTERRUPTION, L.FOUND_FROM, INTERRUPTIONS);
    this.takeKind(kernel, L.KIND_FLAP_START, L.FOUND_AT, EPISODES);
    this.takeKind(kernel, L.KIND_REPEAT, L.FOUND_FROM, REPEATS);
  }

  /** Of all lines. */
  totals(): Counts {
    const sums = [0, 0, 0, 0];
    this.counts.forEach((count, i) => {
      sums[i % FIELDS]! += count;
    });
    return countsOf(sums, 0);
  }

  /** The lines with most interruptions, then outages, then as they first appeared. */
  worst(limit: number): LineCounts[] {
    const of = (index: number, field: number): number => this.counts[index * FIELDS + field]!;
    return this.indices()
      .toSorted(
        (a, b) => of(b, INTERRUPTIONS) - of(a, INTERRUPTIONS) || of(b, OUTAGES) - of(a, OUTAGES),
      )
      .slice(0, limit)
      .map((index) => this.lineCounts(index));
  }

  /** Every line that has a count. */
  *lines(): Generator<LineCounts> {
    for (const index of this.indices()) yield this.lineCounts(index);
  }

  private indices(): number[] {
    const found: number[] = [];
    for (let index = 1; index * FIELDS < this.counts.length; index++) {
      const at = index * FIELDS;
      if (this.counts[at + INTERRUPTIONS]! > 0 || this.counts[at + EPISODES]! > 0) {
        found.push(index);
      }
    }
    return found;
  }

  private lineCounts(index: number): LineCounts {
    const line = this.kernel!.name(L.DICTIONARY_KEYS, index);
    return { line, ...countsOf(this.counts, index * FIELDS) };
  }

  private takeOutages(kernel: Kernel): void {
    const { u32 } = kernel;
    const { counts, fromMs, toMs } = this;
    const lines = kernel.foundColumn(L.KIND_INTERRUPTION, L.FOUND_LINE) / 4;
    const from = kernel.foundColumn(L.KIND_INTERRUPTION, L.FOUND_FROM) / 4;
    const bits = kernel.foundColumn(L.KIND_INTERRUPTION, L.FOUND_RULE) / 4;
    for (let row = 0; row < kernel.foundCount(L.KIND_INTERRUPTION); row++) {
      const startMs = timeAt(u32, from, row);
      if (startMs < fromMs || startMs >= toMs) continue;
      if ((u32[bits + row]! & L.FOUND_OUTAGE) === 0) continue;
      counts[u32[lines + row]! * FIELDS + OUTAGES]! += 1;
    }
  }

  private takeKind(kernel: Kernel, kind: number, time: number, field: number): void {
    const { u32 } = kernel;
    const { counts, fromMs, toMs } = this;
    const lines = kernel.foundColumn(kind, L.FOUND_LINE) / 4;
    const times = kernel.foundColumn(kind, time) / 4;
    const detectors = kernel.foundColumn(kind, L.FOUND_ALARM) / 4;
    const primaryOnly = kind === L.KIND_FLAP_START;
    for (let row = 0; row < kernel.foundCount(kind); row++) {
      if (primaryOnly && u32[detectors + row] !== L.PRIMARY_DETECTOR) continue;
      const atMs = timeAt(u32, times, row);
      if (atMs >= fromMs && atMs < toMs) counts[u32[lines + row]! * FIELDS + field]! += 1;
    }
  }

  private makeRoom(lines: number): void {
    if (lines * FIELDS <= this.counts.length) return;
    const larger = new Uint32Array(Math.max(lines * FIELDS, this.counts.length * 2));
    larger.set(this.counts);
    this.counts = larger;
  }
}

/** A time of a column of 64-bit integers, without a BigInt. */
function timeAt(u32: Uint32Array, column: number, row: number): number {
  return u32[column + 2 * row + 1]! * HIGH_WORD + u32[column + 2 * row]!;
}

function countsOf(counts: ArrayLike<number>, at: number): Counts {
  return {
    interruptions: counts[at + INTERRUPTIONS]!,
    outages: counts[at + OUTAGES]!,
    flapEpisodes: counts[at + EPISODES]!,
    repeatFaults: counts[at + REPEATS]!,
  };
}
