// How long the state of lines was known within a period, as exposure.ts has it in one statement: spans
// and gaps are read by themselves and joined here, for a tenth of its planning where there are few gaps.

import type { DuckDBConnection } from '@duckdb/node-api';
import { gapFacts } from './facts.js';
import type { Period } from './period-parts.js';
import { QUERY_SETTINGS } from './queries.js';
import type { ReadingClause } from './reading.js';
import { selectRows } from './sql.js';

/** A time [a, b). */
type Interval = readonly [a: number, b: number];

/** Known time, ms. */
export interface KnownTime {
  /** The earliest reading time of all partitions; null = of none. */
  readonly leastReadingMs: number | null;
  /** Of the best partition. */
  readonly bestMs: number;
  /** Of a line of a partition; -1 = the partition has no data. */
  of(line: number, partition: number): number;
}

/** How long intervals are together. */
function unionMs(intervals: readonly Interval[]): number {
  let [sum, reached] = [0, -Infinity];
  for (const [a, b] of intervals.toSorted((x, y) => x[0] - y[0] || x[1] - y[1])) {
    sum += Math.max(0, b - Math.max(a, reached));
    reached = Math.max(reached, b);
  }
  return sum;
}

interface Span {
  partition: number;
  c: number | null;
  first: number | null;
  hasData: boolean;
}

interface Gap {
  partition: number;
  /** Null = of all lines of the partition. */
  line: number | null;
  a: number | null;
  b: number | null;
}

/** Reads spans and gaps of all partitions. */
export async function readKnownTime(
  connection: DuckDBConnection,
  { clause, parameters }: ReadingClause,
  { fromMs, toMs }: Period,
): Promise<KnownTime> {
  const read = await selectRows<Span>(
    connection,
    `${clause} select r.partition_id as partition, r.c, g.first, g.partition_id is not null as "hasData"
     from ${QUERY_SETTINGS.reading} r left join (select partition_id, min(first_ms) as first
       from progress group by partition_id) g on g.partition_id = r.partition_id`,
    parameters,
  );
  const gaps = await selectRows<Gap>(
    connection,
    `${clause} select partition_id as partition, line_id as line, from_ms as a, until_ms as b
     from (${gapFacts(QUERY_SETTINGS)})
     where coalesce(from_ms, 0) < $to and coalesce(until_ms, $to) > $from`,
    { ...parameters, from: fromMs, to: toMs },
  );
  const spans = new Map(
    read.flatMap(({ partition, c, first, hasData }): [number, Interval][] => {
      const span = [Math.max(fromMs, first ?? fromMs), c === null ? toMs : Math.min(toMs, c + 1)];
      return hasData ? [[partition, [span[0]!, span[1]!]]] : [];
    }),
  );
  const partitions = new Map<number, number>();
  const lines = new Map<string, number>();
  for (const [partition, [lo, hi]] of spans) {
    const { shared, own } = clipped(gaps, partition, [lo, hi]);
    const knownMs = (unknown: readonly Interval[]): number =>
      Math.max(0, hi - lo) - unionMs(unknown);
    partitions.set(partition, knownMs(shared));
    for (const [line, intervals] of own) {
      lines.set(`${line} ${partition}`, knownMs([...intervals, ...shared]));
    }
  }
  const times = read.flatMap(({ c }) => c ?? []);
  const ofLine = (line: number, partition: number): number | undefined =>
    lines.size > 0 ? lines.get(`${line} ${partition}`) : undefined;
  return {
    leastReadingMs: times.length > 0 ? Math.min(...times) : null,
    bestMs: Math.max(0, ...partitions.values()),
    of: (line, partition) => ofLine(line, partition) ?? partitions.get(partition) ?? -1,
  };
}

/** Gaps of a partition within its span: those of all its lines, and those of some by line. */
function clipped(
  gaps: readonly Gap[],
  of: number,
  [lo, hi]: Interval,
): { shared: Interval[]; own: Map<number, Interval[]> } {
  const shared: Interval[] = [];
  const own = new Map<number, Interval[]>();
  for (const { partition, line, a, b } of gaps) {
    const gap: Interval = [Math.max(a ?? lo, lo), Math.min(b ?? hi, hi)];
    if (partition !== of || gap[0] >= gap[1]) continue;
    const intervals = line === null ? shared : (own.get(line) ?? []);
    if (line !== null) own.set(line, intervals);
    intervals.push(gap);
  }
  return { shared, own };
}
