// The loop of serve: whole batches of the findings topic into the store, in transactions of their own with
// how far the topic was read. It consumes only as fast as the store takes what was found.

import { FlaplineError, messageOf } from '../config/errors.js';
import { notReading } from '../pipeline/changes.js';
import type { Sealed } from '../pipeline/committer.js';
import type { FeedCounters, FeedLoop } from '../pipeline/feed.js';
import { NewPartitions } from '../pipeline/new-partitions.js';
import type { ResetPlace, ResetRequest } from '../pipeline/pipeline.js';
import type { RunOptions } from '../pipeline/run.js';
import { StoreLoop, type StoreLoopOptions } from '../pipeline/store-loop.js';
import type { KafkaLog, LogRecord } from '../source/kafka.js';
import type { PartitionName } from '../store/progress.js';
import type { InputEnds } from './input-ends.js';
import type { Requests } from './requests.js';
import type { Served } from './served.js';

/** How it runs. Times in ms. */
export interface ServeLoopOptions extends StoreLoopOptions, Pick<RunOptions, 'onNews'> {
  readonly commitEveryMs: number;
  /** A partition without a leader is waited for so long at the start. */
  readonly startTimeoutMs: number;
  readonly input: Omit<PartitionName, 'partition'>;
  readonly ends: InputEnds;
  readonly requests: Requests;
}

const CONSUME = { recordsMax: 64, timeoutMs: 50 } as const;
/** Reads the findings until it is stopped. */
export class ServeLoop extends StoreLoop implements FeedLoop {
  private readonly served: Served;
  private readonly log: KafkaLog;
  private readonly options: ServeLoopOptions;
  private readonly newPartitions: NewPartitions;
  private recordBytes = 0;
  private isBusy = false;

  constructor(served: Served, log: KafkaLog, options: ServeLoopOptions) {
    super(served, options);
    this.served = served;
    this.log = log;
    this.options = options;
    this.newPartitions = new NewPartitions(log);
  }

  /** Takes up every partition where the store stands, and begins. Throws BROKER_UNAVAILABLE. */
  async start(onError: (error: unknown) => void): Promise<void> {
    for (const partition of await this.log.partitions()) {
      const { low } = await this.log.watermarks(partition, this.options.startTimeoutMs);
      await this.add(partition, low);
    }
    await this.assign();
    this.begin(onError);
  }

  reset(request: ResetRequest): Promise<ResetPlace[]> {
    if (!this.isRunning) return Promise.reject(notReading());
    return this.options.requests.reset(request, this.served.store.writer);
  }

  get records(): number {
    return this.served.records;
  }

  counters(): FeedCounters {
    return {
      records: this.served.records,
      recordBytes: this.recordBytes,
      ...this.commitCounters(),
      longestStallMs: 0,
      snapshots: 0,
      snapshotBytes: 0,
    };
  }

  endOf(partition: number): number | null {
    return this.options.ends.ends.get(partition) ?? null;
  }

  isAtEnd(partition: number): boolean {
    const served = this.served.partitions.get(partition);
    const end = this.endOf(partition);
    if (!served || end === null || this.isBusy || served.readTo < end) return false;
    const findingsEnd = this.log.ends().get(partition);
    return findingsEnd !== undefined && (this.log.positions().get(partition) ?? 0) >= findingsEnd;
  }

  protected async loop(): Promise<void> {
    while (!this.stopping) {
      if (this.changes.waiting) await this.changes.make(() => this.commitAll());
      const added = this.newPartitions.take(this.served.partitions);
      if (added.length > 0) await this.addSome(added);
      this.refuseLoss();
      const records = await this.log.consume(CONSUME.recordsMax, CONSUME.timeoutMs);
      this.isBusy = records.length > 0;
      for (const record of records) await this.take(record);
      this.isBusy = false;
      this.options.onNews(this.served.takeNews(this.options.live()));
      await this.whileLiveIsFull();
      await this.commitIfDue();
    }
    await this.changes.make(() => this.commitAll());
    await this.commitAll();
  }

  /** A broker that is away is met once more when it is back. */
  private async addSome(added: readonly number[]): Promise<void> {
    for (const partition of added) {
      const marks = await this.log.watermarks(partition).catch(() => null);
      if (!marks) break;
      await this.add(partition, marks.low);
    }
    await this.assign();
  }

  /** `low` = where its findings begin. */
  private async add(partition: number, low: number): Promise<void> {
    const served = await this.served.addPartition({ ...this.options.input, partition });
    served.next ??= low;
  }

  private assign(): Promise<void> {
    const positions = [...this.served.partitions].map(([partition, { next }]) => ({
      partition,
      offset: this.log.positions().get(partition) ?? next!,
    }));
    return this.log.assign(positions);
  }

  private async take({ partition, offset, value }: LogRecord): Promise<void> {
    const served = this.served.partitions.get(partition);
    if (!served || value === null) return;
    this.recordBytes += value.length;
    const text = wholeOf(served, value, partition, offset);
    if (text === null) return;
    // One batch of a partition a transaction: rows of the same lines replace one another.
    if (served.isTaken || this.isFull) {
      await this.settle();
      await this.beginCommit();
    }
    this.served.take(served, text, offset + 1);
  }

  /** Findings that are no longer kept: going on would be wrong from here on. */
  private refuseLoss(): void {
    for (const { partition, position, low, high } of this.log.problems.lost.values()) {
      throw new FlaplineError(
        'BAD_DATA',
        `partition ${partition} of topic ${this.log.topic} goes from ${low} to ${high}, the store stands ` +
          `at ${position}: findings between were removed before they were stored. Give the topic a ` +
          'longer retention, and restore a backup that is not behind it, or begin a new store',
      );
    }
  }

  protected async seal(): Promise<Sealed> {
    return this.served.seal((controls) => this.options.requests.stored(controls));
  }

  protected pauseMs(): number {
    return this.options.commitEveryMs;
  }
}

/** A whole batch once its last part is there. Throws BAD_DATA for a record that is none. */
function wholeOf(
  served: { readonly assembly: { add(part: Buffer): Buffer | null } },
  value: Buffer,
  partition: number,
  offset: number,
): Buffer | null {
  try {
    return served.assembly.add(value);
  } catch (error) {
    throw new FlaplineError(
      'BAD_DATA',
      `record ${offset} of partition ${partition} of the findings is no batch (${messageOf(error)}): ` +
        'nothing but flapline detect may write the topic',
      { cause: error },
    );
  }
}
