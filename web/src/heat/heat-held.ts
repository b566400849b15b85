// An answer of the API as the page holds it: numbers in typed columns, in one piece of memory a heat map,
// so that a repaint reads a quarter of what arrays of numbers would have it read; and tails put over it.

import type { Heat as HeatAnswer } from '../../../src/api/contract.js';
import { HATCH_BELOW, type Heat, type HeatRow } from './heat-data.js';

/** The columns of all rows, in one piece each. */
class Columns {
  private readonly starts: Int32Array;
  private readonly flapping: Int32Array;
  private readonly coverage: Float64Array;
  private readonly thin: Int32Array;

  constructor(
    rows: number,
    private readonly buckets: number,
  ) {
    this.starts = new Int32Array(rows * buckets);
    this.flapping = new Int32Array(rows * buckets);
    this.coverage = new Float64Array(rows * buckets);
    this.thin = new Int32Array(buckets);
  }

  /** The columns of the row at `index`, zero until something is put into them. */
  of(index: number) {
    const [from, to] = [index * this.buckets, (index + 1) * this.buckets];
    return {
      starts: this.starts.subarray(from, to),
      flapping: this.flapping.subarray(from, to),
      coverage: this.coverage.subarray(from, to),
    };
  }

  thinOf(coverage: Float64Array): Int32Array {
    let count = 0;
    for (let bucket = 0; bucket < coverage.length; bucket += 1) {
      this.thin[count] = bucket;
      if (coverage[bucket] < HATCH_BELOW) count += 1;
    }
    return this.thin.slice(0, count);
  }
}

/** The bucket that is being read, and the part of it that has been; null where there is none. */
function newestOf({ readingMs, fromMs, bucketMs, buckets }: HeatAnswer) {
  if (readingMs === null) return null;
  const bucket = Math.floor((readingMs - fromMs) / bucketMs);
  if (bucket < 0 || bucket >= buckets) return null;
  return { bucket, passed: (readingMs - fromMs - bucket * bucketMs + 1) / bucketMs };
}

/**
 * Holds an answer. The newest bucket's coverage is a share of the part of it that has been read, not of
 * the five minutes it will once have: what is still to come is not unknown.
 */
export function heldHeat(answer: HeatAnswer): Heat {
  const columns = new Columns(answer.rows.length, answer.buckets);
  const newest = newestOf(answer);
  const rows = answer.rows.map((row, index): HeatRow => {
    const { starts, flapping, coverage } = columns.of(index);
    starts.set(row.starts);
    flapping.set(row.flapping);
    coverage.set(row.coverage);
    if (newest !== null) {
      coverage[newest.bucket] = Math.min(1, coverage[newest.bucket] / newest.passed);
    }
    const { name, lines } = row;
    return { name, lines, starts, flapping, coverage, thin: columns.thinOf(coverage) };
  });
  return { ...answer, rows };
}

/** The tail's columns put over the old ones; null if the rows or their lines are not the same. */
export function withTail(old: Heat, tail: Heat): Heat | null {
  const skip = Math.round((tail.fromMs - old.fromMs) / old.bucketMs);
  const fits = skip >= 0 && skip + tail.buckets === old.buckets;
  if (!fits || tail.rows.length !== old.rows.length) return null;
  const columns = new Columns(old.rows.length, old.buckets);
  const tails = new Map(tail.rows.map((row) => [row.name, row]));
  const rows: HeatRow[] = [];
  for (const [index, { name, lines, ...before }] of old.rows.entries()) {
    const next = tails.get(name);
    if (next === undefined || next.lines !== lines) return null;
    const { starts, flapping, coverage } = columns.of(index);
    starts.set(before.starts);
    starts.set(next.starts, skip);
    flapping.set(before.flapping);
    flapping.set(next.flapping, skip);
    coverage.set(before.coverage);
    coverage.set(next.coverage, skip);
    rows.push({ name, lines, starts, flapping, coverage, thin: columns.thinOf(coverage) });
  }
  return { ...old, rows, readingMs: tail.readingMs };
}
