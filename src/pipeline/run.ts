// The service's loop: records of all partitions from Kafka into their folds, what was found to the live
// views at once, a batch to the store at intervals while it reads on, a snapshot at longer ones. The next
// records are fetched while those at hand are folded. It consumes only as fast as the store takes what
// was found: what it does not ask for stays in Kafka.

import { setTimeout as delay } from 'node:timers/promises';
import { FlaplineError } from '../config/errors.js';
import type { KafkaLog } from '../source/kafka.js';
import { type LogRecord, runEnd } from '../source/log.js';
import { Changes, notReading } from './changes.js';
import { Committer, type CommitterOptions } from './committer.js';
import type { FeedCounters, FeedLoop } from './feed.js';
import type { LiveNews, LiveTarget } from './live.js';
import type { Pipeline, ResetPlace, ResetRequest } from './pipeline.js';
import { raiseToStore } from './recover.js';
import type { TakeUpParts } from './take-up.js';
import { Upkeep } from './upkeep.js';

/** How the loop runs. Times in ms. */
export interface RunOptions extends Pick<TakeUpParts, 'onNote' | 'madeAgain'> {
  readonly commitEveryMs: number;
  /** Records asked for at a time. */
  readonly recordsMax: number;
  readonly live: () => LiveTarget | null;
  /** What was just found, provisional until it is stored. */
  readonly onNews: (news: LiveNews | null) => void;
  /** A batch is stored. */
  readonly onStored: () => void;
  readonly beforeWrite?: CommitterOptions['beforeWrite'];
}

const CONSUME_TIMEOUT_MS = 50;
/** Bytes of findings that wait for the store, at most, before reading stops. */
const WAITING_BYTES_MAX = 64 << 20;
/** How long a stop waits for a store that takes nothing. */
const STOP_PATIENCE_MS = 5_000;
/**
 * Between the beginnings of two commits lies at least so many times what the last one took, and no more
 * than so many ms; while records come in full fetches, at least `behindMs`: in a storm larger batches are
 * written, each line's state once, not many times.
 */
const COMMIT_PAUSE = { times: 4, msMax: 5_000, behindMs: 2_000 } as const;

/** Reads a topic until it is stopped. */
export class RunLoop implements FeedLoop {
  private readonly pipeline: Pipeline;
  private readonly log: KafkaLog;
  private readonly options: RunOptions;
  private readonly upkeep: Upkeep;
  private readonly changes = new Changes();
  private stopping = false;
  private running: Promise<void> | null = null;
  private lastCommitMs = 0;
  /** The records that are being fetched. */
  private next: Promise<readonly LogRecord[]> | null = null;
  /** Records that were fetched and are not folded yet. */
  private unfolded = 0;
  /** The last fetch was full: more is there. */
  private isBehind = false;
  readonly committer: Committer;
  /** Records read since the start, and the bytes of their values. */
  records = 0;
  /** The longest time from records at hand to being ready for more, ms: how long reading stood still. */
  stallMs = 0;
  /** It has ended with an error: what it read last is not committed. */
  failed = false;

  constructor(pipeline: Pipeline, log: KafkaLog, options: RunOptions) {
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
    this.committer = new Committer(pipeline.writer, options);
  }

  /** Checks the log's identity, takes up the positions and begins. */
  async start(onError: (error: unknown) => void): Promise<void> {
    await this.upkeep.begin();
    await this.commitAll();
    await this.pipeline.snapshots.all(this.pipeline.partitions.values());
    this.running = this.loop()
      .catch((error: unknown) => {
        this.failed = true;
        onError(error);
      })
      .finally(() => {
        this.stopping = true;
        this.changes.refuseAll();
      });
  }

  /** Ends the loop after a last commit and a snapshot. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  /**
   * Makes a change between two feeds and commits it with its effects; resolves when it is committed.
   * Throws what `make` throws, SERVICE_UNAVAILABLE when the loop does not run.
   */
  change<T>(make: () => Promise<T>): Promise<T> {
    if (this.stopping || !this.running) return Promise.reject(notReading());
    const { problem } = this.committer;
    if (problem !== null) return Promise.reject(new FlaplineError('SERVICE_UNAVAILABLE', problem));
    return this.changes.add(make);
  }

  /** What was read, stored and written since the start. */
  counters(): FeedCounters {
    const { commits, failedCommits, checkpoints, lastMs, longestMs } = this.committer;
    const { written, bytes } = this.pipeline.snapshots;
    const runs = [...this.pipeline.partitions.values()];
    return {
      records: this.records,
      recordBytes: runs.reduce((sum, { fold }) => sum + fold.valueBytes, 0),
      commits,
      failedCommits,
      checkpoints,
      lastCommitMs: lastMs,
      longestCommitMs: longestMs,
      waitingBytes: this.pipeline.writer.bytes + this.committer.bytes,
      longestStallMs: this.stallMs,
      snapshots: written,
      snapshotBytes: bytes,
    };
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

  private async loop(): Promise<void> {
    while (!this.stopping) {
      if (this.upkeep.isNeeded() || this.changes.waiting) await this.pause();
      const records = await this.fetched();
      const readMs = performance.now();
      // What comes next is fetched while these are folded.
      if (records.length > 0) this.next ??= this.fetch();
      await this.feed(records);
      this.isBehind = records.length >= this.options.recordsMax;
      await this.commitIfDue();
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
    this.options.onNews(await this.pipeline.takeNews(this.options.live()));
  }

  /** Between two feeds, everything that was fetched being folded: partitions are seen to, and changes. */
  private async pause(): Promise<void> {
    if (this.next) await this.feed(await this.fetched());
    await this.upkeep.work();
    if (this.changes.waiting) await this.changes.make(() => this.commitAll());
  }

  /** Begins a commit when its time has come; waits only for a store that does not keep up. */
  private async commitIfDue(): Promise<void> {
    const { committer, pipeline } = this;
    if (committer.failure !== null) throw committer.failure;
    const isFull = pipeline.writer.bytes >= WAITING_BYTES_MAX;
    if (committer.busy && (isFull || committer.problem !== null)) await this.whileWaiting();
    const isTime = performance.now() - this.lastCommitMs >= this.commitPauseMs;
    if (committer.busy) return;
    if (!pipeline.isDue) committer.tidy();
    if (!(isTime || isFull) || !pipeline.isDue) return;
    await this.beginCommit();
    pipeline.snapshots.begin(pipeline.partitions.values());
  }

  private get commitPauseMs(): number {
    const { times, msMax, behindMs } = COMMIT_PAUSE;
    const pauseMs = Math.min(msMax, times * this.committer.lastCommitMs);
    return Math.max(this.options.commitEveryMs, pauseMs, this.isBehind ? behindMs : 0);
  }

  private async beginCommit(): Promise<void> {
    this.lastCommitMs = performance.now();
    this.committer.begin(await this.pipeline.seal());
  }

  /** Waits for the store, and no longer than the stop of the service. */
  private async whileWaiting(): Promise<void> {
    while (this.committer.busy && !this.stopping) {
      await Promise.race([this.committer.idle(), delay(CONSUME_TIMEOUT_MS)]);
    }
  }

  /** Commits everything that was folded. Ends with the stop of the service when the store takes nothing. */
  private async commitAll(): Promise<void> {
    await this.settle();
    if (!this.pipeline.isDue) return;
    await this.beginCommit();
    await this.settle();
    this.options.onNews(await this.pipeline.takeNews(this.options.live()));
  }

  private async settle(): Promise<void> {
    await this.whileWaiting();
    if (this.stopping) await this.committer.end(STOP_PATIENCE_MS);
    else await this.committer.idle();
  }
}
