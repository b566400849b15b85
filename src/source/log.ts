// What a topic looks like to the rest of flapline: a log of records in partitions. A record is what
// node-rdkafka gives, as it is: none is copied or made anew on the way to the fold.

import type { Message } from 'node-rdkafka';

import type { Settings } from './client.js';
import type { PositionLost } from './positions.js';

/** One record of the log: the part of a message that is looked at. */
export interface LogRecord {
  readonly partition: number;
  readonly offset: number;
  /** the record's own time, epoch ms; -1 when it has none */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** A place in the log: the next offset to be read of a partition. */
export interface LogPosition {
  readonly partition: number;
  readonly offset: number;
}

/** What is wrong now. The maps are live views. */
export interface LogProblems {
  /** some broker answers */
  readonly connected: boolean;
  /** the last error since all was well */
  readonly lastError: string | null;
  /** partition -> why it cannot be read */
  readonly partitionErrors: ReadonlyMap<number, string>;
  /** partition -> the position that the log does not hold, until another one is assigned */
  readonly lost: ReadonlyMap<number, PositionLost>;
  /** partitions whose log may be another one: nothing is read of them until a position is assigned */
  readonly doubted: ReadonlySet<number>;
}

/** Default of `startTimeoutMs` (SPEC section 4). */
export const START_TIMEOUT_MS = 30_000;

/** What `openLog` takes. */
export interface LogOptions {
  /** "HOST:PORT[,HOST:PORT]" */
  readonly brokers: string;
  readonly topic: string;
  readonly clientId?: string;
  /** librdkafka's settings (security, limits); those flapline depends on are refused */
  readonly settings?: Settings;
  readonly startTimeoutMs?: number;
}

/** Messages as records: the binding gives every one a timestamp, and keys as bytes. */
export function asRecords(messages: Message[]): LogRecord[] {
  return messages as LogRecord[];
}

/** Index behind the run of records of one partition that begins at `from`. */
export function runEnd(records: readonly LogRecord[], from: number): number {
  const { partition } = records[from]!;
  let until = from + 1;
  while (until < records.length && records[until]!.partition === partition) until++;
  return until;
}

/** Records by partition, each in its order. */
export function byPartition(records: readonly LogRecord[]): Map<number, LogRecord[]> {
  const found = new Map<number, LogRecord[]>();
  for (const record of records) {
    const own = found.get(record.partition);
    if (own) own.push(record);
    else found.set(record.partition, [record]);
  }
  return found;
}
