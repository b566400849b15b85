// Coverage of the heat map: which share of a bucket's line-time is known (SPEC section 2, coverage).
// A partition is known from its first data to its reading time, but for its gaps; a line as its
// partitions are, but for its own gaps. Intervals are [fromMs, untilMs), epoch milliseconds.

import type { DuckDBConnection } from '@duckdb/node-api';
import { gapFacts } from './facts.js';
import { selectRows } from './sql.js';

/** Heat is counted in buckets of five minutes (SPEC section 2, heat cell). */
export const BUCKET_MS = 300_000;

/** Columns of a heat map: `buckets` buckets from fromMs (a multiple of BUCKET_MS) on; the last one
 * may be cut off at endMs. */
export interface HeatWindow {
  readonly fromMs: number;
  readonly buckets: number;
  readonly endMs: number;
}

/** The window of the buckets that [fromMs, endMs) touches. */
export function heatWindow(fromMs: number, endMs: number): HeatWindow {
  const first = Math.floor(fromMs / BUCKET_MS) * BUCKET_MS;
  return { fromMs: first, buckets: Math.max(0, Math.ceil((endMs - first) / BUCKET_MS)), endMs };
}

export interface Interval {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What is known of a partition: nothing before firstMs (null: no data yet) and in its gaps. */
export interface PartitionCover {
  readonly partitionId: number;
  readonly firstMs: number | null;
  /** Sorted, disjoint. */
  readonly gaps: readonly Interval[];
}

/** A period in which one line's state is unknown. */
export interface LineGap extends Interval {
  readonly lineId: number;
}

/** Sorted and disjoint intervals that cover the same time. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const next of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1);
    if (last === undefined || next.fromMs > last.untilMs) merged.push(next);
    else if (next.untilMs > last.untilMs) {
      merged[merged.length - 1] = { fromMs: last.fromMs, untilMs: next.untilMs };
    }
  }
  return merged;
}

/** Adds the milliseconds of [fromMs, untilMs), times weight, to the buckets of the window. */
export function addOverlap(
  into: Float64Array,
  window: HeatWindow,
  fromMs: number,
  untilMs: number,
  weight: number,
): void {
  const from = Math.max(fromMs, window.fromMs);
  const until = Math.min(untilMs, window.endMs);
  for (let at = from; at < until;) {
    const bucket = Math.floor((at - window.fromMs) / BUCKET_MS);
    const next = Math.min(until, window.fromMs + (bucket + 1) * BUCKET_MS);
    into[bucket] += (next - at) * weight;
    at = next;
  }
}

/** Known milliseconds of a partition in each bucket, read up to readingMs (undefined: not read). */
export function knownMs(
  cover: PartitionCover,
  readingMs: number | undefined,
  window: HeatWindow,
): Float64Array {
  const known = new Float64Array(window.buckets);
  if (cover.firstMs === null || readingMs === undefined) return known;
  const until = readingMs + 1;
  addOverlap(known, window, cover.firstMs, until, 1);
  for (const gap of cover.gaps) {
    addOverlap(
      known,
      window,
      Math.max(gap.fromMs, cover.firstMs),
      Math.min(gap.untilMs, until),
      -1,
    );
  }
  return known;
}

/** The length of each bucket of the window in milliseconds: the last one may be cut. */
export function bucketMs(window: HeatWindow): Float64Array {
  const lengths = new Float64Array(window.buckets);
  addOverlap(lengths, window, window.fromMs, window.endMs, 1);
  return lengths;
}

/** Known over whole time as shares 0..1 with three digits; a little is never shown as none. */
export function shares(known: Float64Array, whole: Float64Array, weight: number): number[] {
  return Array.from(known, (ms, i) => {
    const share = weight > 0 && whole[i] > 0 ? ms / (whole[i] * weight) : 0;
    if (share <= 0) return 0;
    return share >= 1 ? 1 : Math.min(0.999, Math.max(0.001, Math.round(share * 1000) / 1000));
  });
}

/** At most this many gaps are held, the newest ones. */
const MAX_GAPS = 100_000;

/** Read at the end of time: alarms that will be stale are unknown from then on. */
const AT_LAST = `(select partition_id, ${Number.MAX_SAFE_INTEGER} as c from log_partition)`;

interface GapRow {
  partitionId: number;
  lineId: number | null;
  fromMs: number;
  untilMs: number;
}

/** What is known of every partition, and the gaps of single lines, that end after sinceMs. */
export async function readCoverage(
  connection: DuckDBConnection,
  sinceMs: number,
): Promise<{ partitions: PartitionCover[]; lineGaps: LineGap[] }> {
  const gaps = await selectRows<GapRow>(
    connection,
    `select partition_id as "partitionId", line_id as "lineId", coalesce(from_ms, 0) as "fromMs",
       coalesce(until_ms, $ever) as "untilMs"
     from (${gapFacts({ reading: AT_LAST })}) where coalesce(until_ms, $ever) > $since
     order by "untilMs" desc limit ${MAX_GAPS}`,
    { since: sinceMs, ever: Number.MAX_SAFE_INTEGER },
  );
  const partitions = await selectRows<{ partitionId: number; firstMs: number | null }>(
    connection,
    `select p.partition_id as "partitionId", min(g.first_ms) as "firstMs"
     from log_partition p left join progress g on g.partition_id = p.partition_id
     group by p.partition_id order by p.partition_id`,
  );
  const lineGaps: LineGap[] = [];
  const wide = new Map<number, Interval[]>(partitions.map((p) => [p.partitionId, []]));
  for (const { partitionId, lineId, fromMs, untilMs } of gaps) {
    if (lineId === null) wide.get(partitionId)?.push({ fromMs, untilMs });
    else lineGaps.push({ lineId, fromMs, untilMs });
  }
  return {
    partitions: partitions.map(({ partitionId, firstMs }) => ({
      partitionId,
      firstMs,
      gaps: mergeIntervals(wide.get(partitionId) ?? []),
    })),
    lineGaps,
  };
}
