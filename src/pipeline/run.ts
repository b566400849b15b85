// The service's loop: records of all partitions from Kafka into their folds, what was found to the live
// views at once, a batch to the store at intervals while it reads on, a snapshot at longer ones. It
// consumes only as fast as the store takes what was found: what it does not ask for stays in Kafka.

import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorCode, FlaplineError } from '../config/errors.js';
import type { KafkaLog, Watermarks } from '../source/kafka.js';
import { byPartition, type LogRecord } from '../source/log.js';
import { Committer, type CommitterOptions } from './committer.js';
import type { LiveNews, LiveTarget } from './live.js';
import { NewPartitions } from './new-partitions.js';
import { type PartitionRun, hashOf } from './partition.js';
import type { Pipeline } from './pipeline.js';
import { raiseToStore } from './recover.js';

/** How the loop runs. Times in ms. */
export interface RunOptions {
  readonly commitEveryMs: number;
  /** Records asked for at a time. */
  readonly recordsMax: number;
  readonly live: () => LiveTarget | null;
  /** What was just found, provisional until it is stored. */
  readonly onNews: (news: LiveNews | null) => void;
  /** A batch is stored. */
  readonly onStored: () => void;
  readonly onNote: (text: string) => void;
  readonly beforeWrite?: CommitterOptions['beforeWrite'];
  /** The log is known to be new (the demo's), with or without a loss; null = that is found out. */
  readonly madeAgain: { readonly lost: boolean } | null;
}

const CONSUME_TIMEOUT_MS = 50;
/** Bytes of findings that wait for the store, at most, before reading stops. */
const WAITING_BYTES_MAX = 64 << 20;
/** How long a stop waits for a store that takes nothing. */
const STOP_PATIENCE_MS = 5_000;
const READ_ONE_TIMEOUT_MS = 5_000;

/** A change that waits for its turn between two feeds. */
interface Request {
  /** Makes the change; what it returns is told once the change is committed. */
  readonly make: () => Promise<() => void>;
  readonly refuse: (error: unknown) => void;
}

/** Errors that concern one request only: the loop goes on. */
const OF_THE_REQUEST: ReadonlySet<ErrorCode> = new Set([
  'NOT_FOUND',
  'SERVICE_UNAVAILABLE',
  'STORE_UNWRITABLE',
]);

/** Reads a topic until it is stopped. */
export class RunLoop {
  private readonly pipeline: Pipeline;
  private readonly log: KafkaLog;
  private readonly options: RunOptions;
  private readonly unreadable = new Set<number>();
  private readonly newPartitions: NewPartitions;
  private stopping = false;
  private running: Promise<void> | null = null;
  private lastCommitMs = 0;
  private requests: Request[] = [];
  readonly committer: Committer;
  /** Records read since the start, and the bytes of their values. */
  records = 0;
  bytes = 0;
  /** The longest time between two calls for records, ms: how long the reading stood still. */
  stallMs = 0;
  /** It has ended with an error: what it read last is not committed. */
  failed = false;

  constructor(pipeline: Pipeline, log: KafkaLog, options: RunOptions) {
    this.pipeline = pipeline;
    this.log = log;
    this.options = options;
    this.newPartitions = new NewPartitions(log);
    this.committer = new Committer(pipeline.writer, options);
  }

  /** Checks the log's identity, takes up the positions and begins. */
  async start(onError: (error: unknown) => void): Promise<void> {
    for (const run of this.pipeline.partitions.values()) await this.takeUp(run);
    await this.assignAll();
    await this.commitAll();
    await this.pipeline.snapshots.all(this.pipeline.partitions.values());
    this.running = this.loop()
      .catch((error: unknown) => {
        this.failed = true;
        onError(error);
      })
      .finally(() => {
        this.stopping = true;
        for (const { refuse } of this.requests.splice(0)) refuse(notReading());
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
    return new Promise((resolve, refuse) => {
      this.requests.push({
        refuse,
        make: async () => {
          const made = await make();
          return () => resolve(made);
        },
      });
    });
  }

  /** What was read, stored and written since the start. */
  counters() {
    const { commits, failedCommits, checkpoints, lastMs, longestMs } = this.committer;
    const { written, bytes } = this.pipeline.snapshots;
    return {
      records: this.records,
      recordBytes: this.bytes,
      commits,
      failedCommits,
      checkpoints,
      lastCommitMs: lastMs,
      longestCommitMs: longestMs,
      waitingBytes: this.pipeline.writer.bytes,
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
  isAtEnd(run: PartitionRun): boolean {
    const end = this.endOf(run.log.partition);
    const next = this.log.positions().get(run.log.partition);
    return end !== null && next !== undefined && next >= end && !run.silent;
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      await this.handleProblems();
      const added = this.newPartitions.take(this.pipeline.partitions);
      if (added.length > 0) await this.addPartitions(added);
      const records = await this.log.consume(this.options.recordsMax, CONSUME_TIMEOUT_MS);
      const readMs = performance.now();
      await this.feed(records);
      if (this.requests.length > 0) await this.makeChanges();
      await this.commitIfDue();
      this.stallMs = Math.max(this.stallMs, performance.now() - readMs);
    }
    await this.makeChanges();
    await this.commitAll();
    await this.pipeline.snapshots.all(this.pipeline.partitions.values());
    await this.commitAll();
  }

  private async feed(records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return;
    this.records += records.length;
    for (const [partition, own] of byPartition(records)) {
      for (const { value } of own) this.bytes += value?.length ?? 0;
      await this.pipeline.partitions.get(partition)?.feed(own);
    }
    this.options.onNews(await this.pipeline.takeNews(this.options.live()));
  }

  /** What was folded is committed before: a change sees it in the store. */
  private async makeChanges(): Promise<void> {
    await this.commitAll();
    const requests = this.requests.splice(0);
    const made: (() => void)[] = [];
    try {
      for (const { make, refuse } of requests) {
        try {
          made.push(await make());
        } catch (error) {
          if (!(error instanceof FlaplineError && OF_THE_REQUEST.has(error.code))) throw error;
          refuse(error);
        }
      }
      await this.commitAll();
    } catch (error) {
      for (const { refuse } of requests) refuse(notReading());
      throw error;
    }
    for (const tell of made) tell();
  }

  /** Begins a commit when its time has come; waits only for a store that does not keep up. */
  private async commitIfDue(): Promise<void> {
    const { committer, pipeline } = this;
    if (committer.failure !== null) throw committer.failure;
    const isFull = pipeline.writer.bytes >= WAITING_BYTES_MAX;
    if (committer.busy && (isFull || committer.problem !== null)) await this.whileWaiting();
    const isTime = performance.now() - this.lastCommitMs >= this.options.commitEveryMs;
    if (committer.busy || !(isTime || isFull) || !pipeline.isDue) return;
    await this.beginCommit();
    pipeline.snapshots.begin(pipeline.partitions.values());
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

  private async assignAll(): Promise<void> {
    const runs = [...this.pipeline.partitions.values()];
    await this.log.assign(
      runs.map((run) => ({ partition: run.log.partition, offset: Math.max(0, run.log.position) })),
    );
  }

  /** Where a partition goes on: the same log, a new one, or behind a loss. */
  private async takeUp(run: PartitionRun, marks: Watermarks | null = null): Promise<void> {
    const { low, high } = marks ?? (await this.log.watermarks(run.log.partition));
    if (this.options.madeAgain || !(await this.isSameLog(run, low, high))) {
      await this.beginNewLog(run, low);
      return;
    }
    await this.goBehindLoss(run, low);
  }

  /** Where the log begins behind our position: goes on at its beginning. */
  private async goBehindLoss(run: PartitionRun, low: number): Promise<void> {
    if (low > run.log.position && run.silent) await this.raise(run);
    if (low > run.log.position) await this.skip(run, low);
  }

  private async isSameLog(run: PartitionRun, low: number, high: number): Promise<boolean> {
    const { lastHash, lastTimestampMs, partition } = run.log;
    if (run.committed > high) return false;
    if (run.committed <= low || lastHash === null) return true;
    const record = await this.log.readOne(partition, run.committed - 1, READ_ONE_TIMEOUT_MS);
    return (
      record === null || (hashOf(record) === lastHash && record.timestampMs === lastTimestampMs)
    );
  }

  private async beginNewLog(run: PartitionRun, low: number): Promise<void> {
    const { partition, log } = run.log;
    if (run.silent) await this.raise(run);
    await run.beginLog(log + 1);
    if (low > 0) run.skipTo(low);
    if (this.options.madeAgain?.lost === false) return;
    this.options.onNote(
      `partition ${partition}: the topic was made again; reading its new log ${log + 1} from its ` +
        'start, the lines keep their state, the gap shows in the coverage',
    );
    this.pipeline.notePositionsLost(run);
  }

  /** The log between snapshot and commit is gone: what the store holds is taken instead. */
  private async raise(run: PartitionRun): Promise<void> {
    await run.applyStored({ resets: false });
    const raised = await raiseToStore(run, this.pipeline.store.writer);
    const { partition } = run.log;
    this.options.onNote(
      `partition ${partition}: the log since the last snapshot is gone; ${raised} lines were raised ` +
        'to what the store holds and are unknown until their next event',
    );
    run.goOnBehindStored();
    await run.applyControl(run.log.position);
  }

  private async skip(run: PartitionRun, low: number): Promise<void> {
    const { partition, position } = run.log;
    this.options.onNote(
      `partition ${partition}: positions ${position} to ${low - 1} are no longer kept by Kafka; ` +
        'going on behind them, the gap shows in the coverage',
    );
    run.skipTo(low);
    this.pipeline.notePositionsLost(run);
  }

  private async handleProblems(): Promise<void> {
    const { lost, partitionErrors, connected } = this.log.problems;
    for (const run of this.pipeline.partitions.values()) {
      const { partition } = run.log;
      const bad = partitionErrors.has(partition) && !lost.has(partition);
      if (bad === this.unreadable.has(partition)) continue;
      if (bad) this.unreadable.add(partition);
      else this.unreadable.delete(partition);
      this.pipeline.noteUnreadable(run, bad);
    }
    if (lost.size > 0 && connected) await this.takeUpLost([...lost.keys()]);
  }

  /** The topic has more partitions: they are read from their start. */
  private async addPartitions(added: readonly number[]): Promise<void> {
    const [{ log: known }] = this.pipeline.partitions.values();
    await this.commitAll();
    for (const partition of added) {
      const { cluster, topic } = known;
      const marks = await this.log.watermarks(partition).catch(() => null);
      // The broker is away: it is met once more when it is back.
      if (!marks) break;
      await this.takeUp(await this.pipeline.addPartition({ cluster, topic, partition }), marks);
      this.options.onNote(
        `partition ${partition} is new and is read from its start; lines whose key it takes from ` +
          'another partition have a state in each: "flapline rekey" gives each line one again',
      );
    }
    await this.assignAll();
    await this.commitAll();
  }

  private async takeUpLost(partitions: readonly number[]): Promise<void> {
    // What is raised to the store finds there all that was folded.
    await this.commitAll();
    for (const partition of partitions) {
      const run = this.pipeline.partitions.get(partition);
      if (!run) continue;
      const marks = await this.log.watermarks(partition).catch(() => null);
      if (!marks) {
        // The broker is away again: the loss is met once more when it is back.
        await delay(CONSUME_TIMEOUT_MS);
        return;
      }
      if (run.log.position > marks.high) await this.beginNewLog(run, marks.low);
      else await this.goBehindLoss(run, marks.low);
    }
    await this.assignAll();
    await this.commitAll();
    await this.pipeline.snapshots.all(this.pipeline.partitions.values());
  }
}

/** Changes are taken only while the topic is read. */
export function notReading(): FlaplineError {
  return new FlaplineError(
    'SERVICE_UNAVAILABLE',
    'the service is not reading its topic now (starting or stopping): try again in a while',
  );
}
