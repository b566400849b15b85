// What a heat map shows, as values: the API's rows joined with later tails, and the columns in
// which they are drawn. A column is one bucket, or, where buckets are narrower than can be
// seen, several, and then speaks for its worst bucket. Shapes: arrays of `buckets` numbers,
// index 0 at fromMs.

import type { Heat } from '../../../src/api/contract.js';

export type HeatRow = Heat['rows'][number];

/** Buckets in a column: 5, 10, 15, 20, 30 minutes, 1, 2, 3, 6, 12, 24 hours. */
const JOINED = [1, 2, 3, 4, 6, 12, 24, 36, 72, 144, 288];

/** Below this share of known line-time a cell is hatched (SPEC section 2). */
export const HATCH_BELOW = 0.5;

export interface Column {
  fromMs: number;
  toMs: number;
  /** Bucket indices, last excluded. */
  first: number;
  last: number;
}

export interface Cell {
  row: HeatRow;
  column: Column;
  /** Start of the bucket that the cell speaks for. */
  bucketMs: number;
  starts: number;
  /** Starts per 1,000 lines, or starts where the row is one line. */
  value: number;
  flapping: number;
  coverage: number;
}

export type Kind = 'full' | 'hatched' | 'none';

/** The tail's columns put over the old ones; null if the rows or their lines are not the same. */
export function withTail(old: Heat, tail: Heat): Heat | null {
  const skip = Math.round((tail.fromMs - old.fromMs) / old.bucketMs);
  const fits = skip >= 0 && skip + tail.buckets === old.buckets;
  if (!fits || tail.rows.length !== old.rows.length) return null;
  const tails = new Map(tail.rows.map((row) => [row.name, row]));
  const rows: HeatRow[] = [];
  for (const row of old.rows) {
    const next = tails.get(row.name);
    if (next === undefined || next.lines !== row.lines) return null;
    rows.push({
      name: row.name,
      lines: row.lines,
      starts: [...row.starts.slice(0, skip), ...next.starts],
      flapping: [...row.flapping.slice(0, skip), ...next.flapping],
      coverage: [...row.coverage.slice(0, skip), ...next.coverage],
    });
  }
  return { ...old, rows, readingMs: tail.readingMs };
}

/**
 * The newest bucket's coverage as a share of the part of it that has been read, not of the five
 * minutes it will once have: what is still to come is not unknown.
 */
export function coverageSoFar(heat: Heat): Heat {
  const { readingMs, fromMs, bucketMs, buckets } = heat;
  if (readingMs === null) return heat;
  const newest = Math.floor((readingMs - fromMs) / bucketMs);
  if (newest < 0 || newest >= buckets) return heat;
  const passedMs = readingMs - fromMs - newest * bucketMs + 1;
  const rows = heat.rows.map((row) => {
    const share = Math.min(1, (row.coverage[newest] * bucketMs) / passedMs);
    return { ...row, coverage: row.coverage.with(newest, share) };
  });
  return { ...heat, rows };
}

/** Branches and products in the order of their names (中文 by pinyin), what has no name last. */
export function byName(heat: Heat): Heat {
  const order = new Intl.Collator('zh-Hans-CN').compare;
  const rows = heat.rows.toSorted(
    (a, b) => Number(a.name === '') - Number(b.name === '') || order(a.name, b.name),
  );
  return { ...heat, rows };
}

/**
 * Columns at least `minPx` wide on `widthPx`; cut at multiples of their length, so that
 * they stand.
 */
export function columnsOf(heat: Heat, widthPx: number, minPx: number): Column[] {
  const { fromMs, bucketMs, buckets } = heat;
  const wanted = Math.ceil((buckets * minPx) / Math.max(1, widthPx));
  const joined = JOINED.find((count) => count >= wanted) ?? wanted;
  const columns: Column[] = [];
  let first = 0;
  while (first < buckets) {
    const absolute = Math.floor(fromMs / bucketMs) + first;
    const last = Math.min(buckets, first + joined - (absolute % joined));
    const start = fromMs + first * bucketMs;
    columns.push({ fromMs: start, toMs: fromMs + last * bucketMs, first, last });
    first = last;
  }
  return columns;
}

/** Starts per 1,000 lines; at line level the starts themselves. */
export function valueOf(heat: Heat, row: HeatRow, starts: number): number {
  if (heat.by === 'line') return starts;
  return row.lines > 0 ? (starts * 1000) / row.lines : 0;
}

/** The bucket from `first` to before `last` with the most starts; of equal ones the latest known one. */
export function worstBucket(
  starts: readonly number[],
  coverage: readonly number[],
  first: number,
  last: number,
): number {
  let worst = first;
  let most = starts[first];
  for (let bucket = first + 1; bucket < last; bucket += 1) {
    const count = starts[bucket];
    if (count < most || (count === most && coverage[bucket] <= 0)) continue;
    worst = bucket;
    most = count;
  }
  return worst;
}

/** What a row says in a column. */
export function cellOf(heat: Heat, row: HeatRow, column: Column): Cell {
  const bucket = worstBucket(row.starts, row.coverage, column.first, column.last);
  const starts = row.starts[bucket];
  return {
    row,
    column,
    bucketMs: heat.fromMs + bucket * heat.bucketMs,
    starts,
    value: valueOf(heat, row, starts),
    flapping: row.flapping[bucket],
    coverage: row.coverage[bucket],
  };
}

/**
 * How a bucket is drawn. A start without coverage is shown, hatched: what is known is
 * never hidden.
 */
export function kindOf(starts: number, coverage: number): Kind {
  if (coverage <= 0 && starts === 0) return 'none';
  return coverage < HATCH_BELOW ? 'hatched' : 'full';
}

/** Lines flapping in the newest bucket with data; null where the row has none. */
export function flappingNow(row: HeatRow): number | null {
  for (let bucket = row.flapping.length - 1; bucket >= 0; bucket -= 1) {
    if (row.coverage[bucket] > 0 || row.flapping[bucket] > 0) return row.flapping[bucket];
  }
  return null;
}
