// Interruptions that touch 24 days of time, as pieces cut at its edges, 12 bytes each. What lines have in
// the whole block is added up when it is settled, and kept, so that a year is sixteen sums and two scans of
// pieces.

import type { Period } from './period-parts.js';
import { type Lent, Scratch } from './scratch.js';

/** Offsets in a block and lengths of pieces stay below 2^31. */
export const BLOCK_MS = 24 * 86_400_000;

/** What lines have in a period, by line id. */
export interface InterruptionSums {
  readonly interruptions: Int32Array;
  readonly outages: Int32Array;
  readonly downMs: Float64Array;
  /** -1 = none in the period. */
  readonly lastStartMs: Float64Array;
}

/** Room for the lines with ids below `size`, in arrays that are lent, or new ones. */
export function emptyInterruptionSums(
  size: number,
  lent: Lent = new Scratch().lend(size),
): InterruptionSums {
  return {
    interruptions: lent.int32(),
    outages: lent.int32(),
    downMs: lent.float64(),
    lastStartMs: lent.float64().fill(-1),
  };
}

/** Words of a piece: line and flags, where it begins in the block, how long it is. */
const WORDS = 3;
export const PIECE_BYTES = 4 * WORDS;
const LINE = 2 ** 29 - 1;
/** The interruption starts here, not in a block before. */
const STARTS = 2 ** 29;
const OUTAGE = 2 ** 30;

const PIECES_FIRST = 64;
/** A block grows by half. */
const GROWTH = 1.5;
/** Of a sum by line. */
const SUM_BYTES = 4 + 4 + 8 + 8;

/** One block of time. */
export class InterruptionBlock {
  readonly fromMs: number;
  private words = new Int32Array(PIECES_FIRST * WORDS);
  private used = 0;
  /** Pieces are in the order of their lines. */
  private isSettled = true;
  /** What lines have in all of it, up to its last line; null = it is scanned. */
  private whole: InterruptionSums | null = null;

  constructor(index: number) {
    this.fromMs = index * BLOCK_MS;
  }

  get bytes(): number {
    return this.words.byteLength + (this.whole ? this.whole.downMs.length * SUM_BYTES : 0);
  }

  /** Adds what of an interruption lies in the block. */
  push(line: number, startMs: number, untilMs: number, isStart: boolean, isOutage: boolean): void {
    if (line > LINE) throw new RangeError(`line ${line} is above ${LINE}`);
    if (this.used === this.words.length) this.grow();
    const flags = (isStart ? STARTS : 0) + (isOutage ? OUTAGE : 0);
    this.words[this.used] = line + flags;
    this.words[this.used + 1] = startMs - this.fromMs;
    this.words[this.used + 2] = untilMs - startMs;
    this.used += WORDS;
    this.isSettled = false;
    this.whole = null;
  }

  /**
   * Puts pieces in the order of their lines, so that sums are walked through instead of jumped about in,
   * gives back the room that is not used, and adds up the whole. About 30 ns a piece, when there are new
   * ones.
   */
  settle(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { words, used } = this;
    let lines = 0;
    for (let i = 0; i < used; i += WORDS) lines = Math.max(lines, (words[i]! & LINE) + 1);
    const next = new Int32Array(lines + 1);
    for (let i = 0; i < used; i += WORDS) next[(words[i]! & LINE) + 1]! += WORDS;
    for (let line = 0; line < lines; line++) next[line + 1]! += next[line]!;
    const sorted = new Int32Array(used);
    for (let i = 0; i < used; i += WORDS) {
      const line = words[i]! & LINE;
      const at = next[line]!;
      next[line] = at + WORDS;
      sorted[at] = words[i]!;
      sorted[at + 1] = words[i + 1]!;
      sorted[at + 2] = words[i + 2]!;
    }
    this.words = sorted;
    if (used < lines * WORDS) return;
    const sums = emptyInterruptionSums(lines);
    this.scan(sums, 0, BLOCK_MS);
    this.whole = sums;
  }

  /** Adds what lines with ids below sums' length have of a period in the block. */
  addTo(sums: InterruptionSums, { fromMs, toMs }: Period): void {
    const from = Math.max(0, fromMs - this.fromMs);
    const to = Math.min(BLOCK_MS, toMs - this.fromMs);
    if (from >= to) return;
    if (from === 0 && to === BLOCK_MS && this.whole) addAll(sums, this.whole);
    else this.scan(sums, from, to);
  }

  /** The same of starts alone, by line. */
  addStartsTo(interruptions: Int32Array, { fromMs, toMs }: Period): void {
    const from = Math.max(0, fromMs - this.fromMs);
    const to = Math.min(BLOCK_MS, toMs - this.fromMs);
    if (from >= to) return;
    const { words, used, whole } = this;
    if (from === 0 && to === BLOCK_MS && whole) {
      const more = whole.interruptions;
      for (let line = 0; line < more.length; line++) interruptions[line]! += more[line]!;
      return;
    }
    for (let i = 0; i < used; i += WORDS) {
      const start = words[i + 1]!;
      const word = words[i]!;
      if (start >= from && start < to && (word & STARTS) !== 0) interruptions[word & LINE]!++;
    }
  }

  private scan(sums: InterruptionSums, from: number, to: number): void {
    const { words, used, fromMs } = this;
    const { interruptions, outages, downMs, lastStartMs } = sums;
    for (let i = 0; i < used; i += WORDS) {
      const start = words[i + 1]!;
      const until = start + words[i + 2]!;
      if (start >= to || until < from) continue;
      const word = words[i]!;
      const line = word & LINE;
      downMs[line]! += Math.min(until, to) - Math.max(start, from);
      if (start < from || (word & STARTS) === 0) continue;
      interruptions[line]!++;
      if ((word & OUTAGE) !== 0) outages[line]!++;
      if (fromMs + start > lastStartMs[line]!) lastStartMs[line] = fromMs + start;
    }
  }

  private grow(): void {
    const pieces = Math.ceil((this.used / WORDS) * GROWTH) + PIECES_FIRST;
    const larger = new Int32Array(pieces * WORDS);
    larger.set(this.words);
    this.words = larger;
  }
}

function addAll(sums: InterruptionSums, more: InterruptionSums): void {
  const { interruptions, outages, downMs, lastStartMs } = sums;
  for (let line = 0; line < more.downMs.length; line++) {
    interruptions[line]! += more.interruptions[line]!;
    outages[line]! += more.outages[line]!;
    downMs[line]! += more.downMs[line]!;
    if (more.lastStartMs[line]! > lastStartMs[line]!) lastStartMs[line] = more.lastStartMs[line]!;
  }
}

/** Adds an interruption that touches the period: its start counts, its down time is cut at the edges. */
export function addInterruption(
  sums: InterruptionSums,
  { fromMs, toMs }: Period,
  line: number,
  isOutage: boolean,
  startMs: number,
  untilMs: number,
): void {
  if (startMs >= toMs || untilMs < fromMs) return;
  sums.downMs[line]! += Math.min(untilMs, toMs) - Math.max(startMs, fromMs);
  if (startMs < fromMs) return;
  sums.interruptions[line]!++;
  if (isOutage) sums.outages[line]!++;
  if (startMs > sums.lastStartMs[line]!) sums.lastStartMs[line] = startMs;
}
