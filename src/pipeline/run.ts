// The service's loop: records of all partitions from Kafka into their folds, what was found to the live
// views at once, a batch to the store at intervals while it reads on, a snapshot at longer ones. The next
// records are fetched while those at hand are folded. It consumes only as fast as the store takes what
// was found: what it does not ask for stays in Kafka.

import type { KafkaLog } from '../source/kafka.js';
import { type LogRecord, runEnd } from '../source/log.js';
import type { Sealed } from './committer.js';
import type { FeedCounters, FeedLoop } from './feed.js';
import type { LiveNews } from './live.js';
import type { Pipeline, ResetPlace, ResetRequest } from './pipeline.js';
import { raiseToStore } from './recover.js';
import { StoreLoop, type StoreLoopOptions, commitPauseMs } from './store-loop.js';
import type { TakeUpParts } from './take-up.js';
import { Upkeep } from './upkeep.js';

/** How the loop runs. Times in ms. */
export interface RunOptions extends StoreLoopOptions, Pick<TakeUpParts, 'onNote' | 'madeAgain'> {
  readonly commitEveryMs: number;
  /** Records asked for at a time. */
  readonly recordsMax: number;
  /** What was just found, provisional until it is stored. */
  readonly onNews: (news: LiveNews | null) => void;
}

const CONSUME_TIMEOUT_MS = 50;
/** To read one record back that somebody asks to see. */
const READ_BACK_MS = 5_000;
/**
 * While records come in full fetches, commits lie at least so far apart: in a storm larger batches are
 * written, each line's state once, not many times.
 */
const BEHIND_MS = 5_000;

/** Reads a topic until it is stopped. */
export class RunLoop extends StoreLoop implements FeedLoop {
  private readonly pipeline: Pipeline;
  private readonly log: KafkaLog;
  private readonly options: RunOptions;
  private readonly upkeep: Upkeep;
  /** The records that are being fetched. */
  private next: Promise<readonly LogRecord[]> | null = null;
  /** Records that were fetched and are not folded yet. */
  private unfolded = 0;
  /** The last fetch was full: more is there. */
  private isBehind = false;
  /** Records read since the start, and the bytes of their values. */
  records = 0;
  /** The longest time from records at hand to being ready for more, ms: how long reading stood still. */
  stallMs = 0;

  constructor(pipeline: Pipeline, log: KafkaLog, options: RunOptions) {
    super(pipeline, options);
    this.pipeline = pipeline;
    this.log = log;
    this.options = options;
    const { onNote, madeAgain } = options;
    this.upkeep = new Upkeep({
      partitions: pipeline.partitions,
      log,
      onNote,
      madeAgain,
      raise: (run) => raiseToStore(run, pipeline.store.writer),
      addPartition: (name) => pipeline.addPartition(name),
      commitAll: () => this.commitAll(),
      keep: () => pipeline.snapshots.all(pipeline.partitions.values()),
    });
  }

  /** Checks the log's identity, takes up the positions and begins. */
  async start(onError: (error: unknown) => void): Promise<void> {
    await this.upkeep.begin();
    await this.commitAll();
    await this.pipeline.snapshots.all(this.pipeline.partitions.values());
    this.begin(onError);
  }

  /** What was read, stored and written since the start. */
  counters(): FeedCounters {
    const { written, bytes } = this.pipeline.snapshots;
    const runs = [...this.pipeline.partitions.values()];
    return {
      records: this.records,
      recordBytes: runs.reduce((sum, { fold }) => sum + fold.valueBytes, 0),
      ...this.commitCounters(),
      longestStallMs: this.stallMs,
      snapshots: written,
      snapshotBytes: bytes,
    };
  }

  recordAt(partition: number, offset: number): Promise<LogRecord | null> {
    return this.log.readOne(partition, offset, READ_BACK_MS);
  }

  /** Lag in records of a partition, null when the log's end is not known. */
  endOf(partition: number): number | null {
    return this.log.ends().get(partition) ?? null;
  }

  /** True when a partition has been read up to its end. */
  isAtEnd(partition: number): boolean {
    const end = this.endOf(partition);
    const next = this.log.positions().get(partition);
    const isRead = end !== null && next !== undefined && next >= end;
    return isRead && this.unfolded === 0 && !this.pipeline.partitions.get(partition)?.silent;
  }

  /** Resets a line and commits it. Throws NOT_FOUND, SERVICE_UNAVAILABLE. */
  reset(request: ResetRequest): Promise<ResetPlace[]> {
    return this.change(() => this.pipeline.reset(request));
  }

  protected async loop(): Promise<void> {
    while (!this.stopping) {
      if (this.upkeep.isNeeded() || this.changes.waiting) await this.pause();
      const records = await this.fetched();
      const readMs = performance.now();
      // What comes next is fetched while these are folded.
      if (records.length > 0) this.next ??= this.fetch();
      await this.feed(records);
      this.isBehind = records.length >= this.options.recordsMax;
      if (await this.commitIfDue())
        this.pipeline.snapshots.begin(this.pipeline.partitions.values());
      this.stallMs = Math.max(this.stallMs, performance.now() - readMs);
    }
    if (this.next) await this.feed(await this.next);
    await this.changes.make(() => this.commitAll());
    await this.commitAll();
    await this.pipeline.snapshots.all(this.pipeline.partitions.values());
    await this.commitAll();
  }

  private async fetch(): Promise<readonly LogRecord[]> {
    const records = await this.log.consume(this.options.recordsMax, CONSUME_TIMEOUT_MS);
    this.unfolded += records.length;
    return records;
  }

  /** The records that are being fetched, or the next ones. */
  private async fetched(): Promise<readonly LogRecord[]> {
    const { next } = this;
    this.next = null;
    return next ?? this.fetch();
  }

  private async feed(records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return;
    this.records += records.length;
    for (let from = 0; from < records.length;) {
      const until = runEnd(records, from);
      const { partition } = records[from]!;
      await this.pipeline.partitions.get(partition)?.feed(records, from, until);
      from = until;
    }
    this.unfolded -= records.length;
    await this.tellNews();
    await this.whileLiveIsFull();
  }

  /** Tells the live views what was found since the last time. */
  private async tellNews(): Promise<void> {
    this.options.onNews(await this.pipeline.takeNews(this.options.live()));
  }

  /** Between two feeds, everything that was fetched being folded: partitions are seen to, and changes. */
  private async pause(): Promise<void> {
    if (this.next) await this.feed(await this.fetched());
    await this.upkeep.work();
    if (this.changes.waiting) await this.changes.make(() => this.commitAll());
  }

  protected seal(): Promise<Sealed> {
    return this.pipeline.seal();
  }

  protected pauseMs(): number {
    const pauseMs = commitPauseMs(this.options.commitEveryMs, this.committer.lastCommitMs);
    return Math.max(pauseMs, this.isBehind ? BEHIND_MS : 0);
  }

  /** And tells the live views what the change found. */
  protected override async commitAll(): Promise<boolean> {
    const isCommitted = await super.commitAll();
    if (isCommitted) await this.tellNews();
    return isCommitted;
  }
}
