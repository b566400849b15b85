// The state of a partition in its topic, which is compacted: of each key the last record counts. Written
// in the transaction of the findings that the state goes with, so that what is read here, and where the
// log goes on, always belong together.
//
//   progress               where the log goes on, and what is counted of it
//   control/LOG/SEQ        a control record; all are kept
//   snapshot               what a snapshot says of itself, and the hashes of its pages
//   page/SECTION/PAGE      256 KiB of it

import { setTimeout as delay } from 'node:timers/promises';
import { FlaplineError } from '../config/errors.js';
import type { KafkaLog } from '../source/kafka.js';
import type { ControlRecord } from '../store/control.js';
import type { LogState } from '../store/progress.js';
import { type SnapshotHead, payloadOf } from './pages.js';
import type { SnapshotHeader } from '../kernel/snapshot.js';

/** A record of the state topic. */
export interface StateRecord {
  readonly key: string;
  readonly value: Buffer;
}

/** Where a partition goes on. */
export interface StateProgress {
  readonly log: LogState;
  readonly effectiveMs: number | null;
  /** Next offset of its requests. */
  readonly requests: number;
  /** Rejects that are kept of the block at the position (rejected.ts). */
  readonly rejectsKept: number;
}

/** The state of a partition. */
export interface PartitionState {
  /** null = it was never committed. */
  readonly progress: StateProgress | null;
  /** All control records in the order in which they apply. */
  readonly controls: readonly ControlRecord[];
  readonly head: SnapshotHead | null;
  /** Puts the snapshot together. Throws SNAPSHOT_UNREADABLE. */
  payload(): { readonly header: SnapshotHeader; readonly payload: Buffer };
}

const PROGRESS = 'progress';
const SNAPSHOT = 'snapshot';
const CONTROL = 'control/';

export function progressRecord(progress: StateProgress): StateRecord {
  return { key: PROGRESS, value: asJson(progress) };
}

export function controlRecord(record: ControlRecord): StateRecord {
  return { key: `${CONTROL}${record.log}/${record.seq}`, value: asJson(record) };
}

export function snapshotRecord(head: SnapshotHead): StateRecord {
  return { key: SNAPSHOT, value: asJson(head) };
}

function asJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

const CONSUME = { recordsMax: 500, timeoutMs: 100 } as const;
/** A transaction of a worker that is gone holds the end of its partition back for as long, and a bit. */
const PATIENCE_MS = 90_000;
/** When that is told. */
const TOLD_MS = 3_000;

/** How a state is read. */
export interface StateReader {
  /** The state topic, read by committed records; nobody else reads it meanwhile. */
  readonly log: KafkaLog;
  /** The same topic, where the ends of open transactions are seen. */
  readonly ends: Pick<KafkaLog, 'watermarks'>;
  readonly onNote: (text: string) => void;
}

/**
 * Reads a partition's state to its very end, waiting for transactions that are open there. Throws
 * BROKER_UNAVAILABLE when they do not end, INTERRUPTED.
 */
export async function readState(
  reader: StateReader,
  partition: number,
  stop: AbortSignal,
): Promise<PartitionState> {
  const { log, ends, onNote } = reader;
  const { low, high } = await ends.watermarks(partition);
  const records = new Map<string, Buffer>();
  let lastMs = performance.now();
  let told = false;
  await log.assign([{ partition, offset: low }]);
  for (;;) {
    if ((log.positions().get(partition) ?? low) >= high) break;
    const read = await log.consume(CONSUME.recordsMax, CONSUME.timeoutMs);
    for (const { key, value } of read) {
      if (key === null) continue;
      if (value === null) records.delete(key.toString());
      else records.set(key.toString(), value);
    }
    if (stop.aborted) throw new FlaplineError('INTERRUPTED', 'stopped while a state was read');
    if (read.length > 0) {
      lastMs = performance.now();
      continue;
    }
    const waitedMs = performance.now() - lastMs;
    if (waitedMs > TOLD_MS && !told) {
      onNote(`partition ${partition}: waiting for an open transaction of another worker to end`);
      told = true;
    }
    if (waitedMs > PATIENCE_MS) throw notEnding(log.topic, partition);
    await delay(CONSUME.timeoutMs);
  }
  await log.assign([]);
  return stateOf(records);
}

function notEnding(topic: string, partition: number): FlaplineError {
  return new FlaplineError(
    'BROKER_UNAVAILABLE',
    `the state of partition ${partition} in topic ${topic} could not be read to its end within ` +
      `${PATIENCE_MS / 1000} s: see to its brokers, and lower transaction.timeout.ms when it is raised`,
  );
}

/** The state that records of its topic are; of each key the last. */
export function stateOf(records: ReadonlyMap<string, Buffer>): PartitionState {
  const json = <T>(key: string): T | null => {
    const value = records.get(key);
    return value === undefined ? null : (JSON.parse(value.toString()) as T);
  };
  const controls = [...records.keys()]
    .filter((key) => key.startsWith(CONTROL))
    .map((key) => json<ControlRecord>(key)!)
    .toSorted((a, b) => a.log - b.log || a.position - b.position || a.seq - b.seq);
  const head = json<SnapshotHead>(SNAPSHOT);
  return {
    progress: json<StateProgress>(PROGRESS),
    controls,
    head,
    payload: () => ({
      header: head!.header,
      payload: payloadOf(head!, (key) => records.get(key)),
    }),
  };
}
