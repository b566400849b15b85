// What feeds the store, as the parts that look on see it: the folds of this process (pipeline.ts, run.ts),
// or workers elsewhere, whose batches come through Kafka (src/scale).

import type { StoreWriter } from '../store/commit.js';
import type { LogState } from '../store/progress.js';
import type { LogRecord } from '../source/log.js';
import type { ReadRecords } from '../records/read.js';
import type { ImportOptions, ImportReport } from '../store/record-import.js';
import type { Store } from '../store/store.js';
import type { CauseStarts } from './cause-starts.js';
import type { Committer } from './committer.js';
import type { ResetPlace, ResetRequest } from './pipeline.js';

/** A partition of the input. Times in epoch ms. */
export interface FeedPartition {
  readonly log: LogState;
  /** The largest effective time found, and the largest that is stored; null before the first. */
  readonly effectiveMs: number | null;
  readonly storedEffectiveMs: number | null;
}

/** Partitions, and the one writer of the store. */
export interface Feed {
  readonly store: Store;
  readonly writer: StoreWriter;
  /** By their numbers, and by the store's ids. */
  readonly partitions: ReadonlyMap<number, FeedPartition>;
  readonly byId: ReadonlyMap<number, FeedPartition>;
  /** Takes interruption starts once they are stored; null = nobody does. */
  starts: CauseStarts | null;
  /** Brings records in. */
  takeRecords(all: readonly ReadRecords[], options: ImportOptions): Promise<ImportReport[]>;
  /** Closes the writer; what was not committed is lost. */
  close(): Promise<void>;
}

/** What was done since the start. */
export interface FeedCounters {
  readonly records: number;
  readonly recordBytes: number;
  readonly commits: number;
  readonly failedCommits: number;
  readonly checkpoints: number;
  readonly lastCommitMs: number;
  readonly longestCommitMs: number;
  readonly waitingBytes: number;
  readonly longestStallMs: number;
  readonly snapshots: number;
  readonly snapshotBytes: number;
}

/** Keeps a feed running. */
export interface FeedLoop {
  readonly committer: Committer;
  readonly records: number;
  /** It has ended with an error: what it read last is not committed. */
  readonly failed: boolean;
  /** Makes a change between two batches; resolves when it is committed. Throws SERVICE_UNAVAILABLE. */
  change<T>(make: () => Promise<T>): Promise<T>;
  /** Resets a line wherever it has state. Throws NOT_FOUND, SERVICE_UNAVAILABLE. */
  reset(request: ResetRequest): Promise<ResetPlace[]>;
  counters(): FeedCounters;
  /**
   * The record of the input at an offset, null when it is kept no longer. Throws BROKER_UNAVAILABLE; absent
   * where the input is not read by this process.
   */
  recordAt?(partition: number, offset: number): Promise<LogRecord | null>;
  /** The offset behind the last record of a partition of the input, null when it is not known. */
  endOf(partition: number): number | null;
  /** True when a partition is stored up to its end. */
  isAtEnd(partition: number): boolean;
  stop(): Promise<void>;
}
