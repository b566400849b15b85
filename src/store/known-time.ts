// How long the state of lines was known within a period, as exposure.ts has it in one statement: the gaps
// are read by themselves and joined here, for a tenth of its planning where there are few.

import { GAPS } from './facts.js';
import type { Moment } from './moment.js';
import type { Period } from './period-parts.js';
import { QUERY_SETTINGS } from './queries.js';
import { type SqlRunner, selectRows } from './sql.js';

/** A time [a, b). */
type Interval = readonly [a: number, b: number];

/** Known time, ms. */
export interface KnownTime {
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

interface Gap {
  partition: number;
  /** Null = of all lines of the partition. */
  line: number | null;
  a: number | null;
  b: number | null;
}

/** Works it out; `isUnknown`: there are lines whose state is unknown at the reading time. */
export async function readKnownTime(
  connection: SqlRunner,
  moment: Moment,
  { fromMs, toMs }: Period,
  isUnknown: boolean,
): Promise<KnownTime> {
  const gaps = await readGaps(connection, moment, { fromMs, toMs }, isUnknown);
  const partitions = new Map<number, number>();
  const lines = new Map<string, number>();
  for (const { partition, firstMs, c } of moment.partitions) {
    if (c === undefined) continue;
    const lo = Math.max(fromMs, firstMs ?? fromMs);
    const hi = c === null ? toMs : Math.min(toMs, c + 1);
    const { shared, own } = clipped(gaps, partition, [lo, hi]);
    const knownMs = (unknown: readonly Interval[]): number =>
      Math.max(0, hi - lo) - unionMs(unknown);
    partitions.set(partition, knownMs(shared));
    for (const [line, intervals] of own) {
      lines.set(`${line} ${partition}`, knownMs([...intervals, ...shared]));
    }
  }
  const ofLine = (line: number, partition: number): number | undefined =>
    lines.size > 0 ? lines.get(`${line} ${partition}`) : undefined;
  return {
    bestMs: Math.max(0, ...partitions.values()),
    of: (line, partition) => ofLine(line, partition) ?? partitions.get(partition) ?? -1,
  };
}

/** Gaps that touch the period, of the kinds that there can be. */
async function readGaps(
  connection: SqlRunner,
  { partitions, reading }: Moment,
  { fromMs, toMs }: Period,
  isUnknown: boolean,
): Promise<Gap[]> {
  const isSilent = partitions.some(
    ({ newestRecordMs, c }) => newestRecordMs > 0 && (c ?? 0) > newestRecordMs,
  );
  const kinds = [
    { text: GAPS.stored(), asked: { clause: '', parameters: {} } },
    ...(isUnknown ? [{ text: GAPS.open(QUERY_SETTINGS), asked: reading }] : []),
    ...(isSilent ? [{ text: GAPS.silences(QUERY_SETTINGS), asked: reading }] : []),
  ];
  const found: Gap[] = [];
  for (const { text, asked } of kinds) {
    const rows = await selectRows<Gap>(
      connection,
      `${asked.clause} select partition_id as partition, line_id as line, from_ms as a,
         until_ms as b from (${text})
       where coalesce(from_ms, 0) < $to and coalesce(until_ms, $to) > $from`,
      { ...asked.parameters, from: fromMs, to: toMs },
    );
    found.push(...rows);
  }
  return found;
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
