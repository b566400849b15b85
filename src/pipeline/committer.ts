// Writes sealed batches, one at a time and in order, off the path that folds. A batch that the store
// does not take (full, unwritable) is kept and written again until it is taken: the kernels are ahead
// of the store by it, so nothing is lost; its number in the store says whether a transaction whose end
// was an error is stored after all, so nothing is written twice. An error that is not the storage's is
// a defect: it ends the service.

import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../config/errors.js';
import type { Batch } from '../store/collector.js';
import type { StoreWriter } from '../store/commit.js';
import { ROLLUP_ROWS } from '../store/rollup.js';
import { isOfStorage } from '../store/store.js';
import { isOfBroker } from './away.js';

/** A batch, and what its being stored means for the partitions. */
export interface Sealed {
  readonly batch: Batch;
  readonly stored: () => void;
}

/** What a committer tells. */
export interface CommitterOptions {
  readonly onNote: (text: string) => void;
  /** Runs before a batch is written; what it throws delays the batch like the store's errors. */
  readonly beforeWrite?: (batch: Batch) => Promise<void>;
  /** The log is written into the store's file when it has this size: CHECKPOINT_BYTES by default. */
  readonly checkpointBytes?: number;
  /** A batch is stored. */
  readonly onStored: () => void;
}

/** How often a batch is tried again, ms: doubled from the first to the last. */
const AGAIN_MS = { first: 250, last: 5_000 } as const;

/** The log is written into the store's file when it has this size. */
const CHECKPOINT_BYTES = 32 << 20;

/** How long until a checkpoint that failed is tried again, ms. */
const CHECKPOINT_AGAIN_MS = 30_000;

/**
 * Rows of findings are rolled up some at a time: fewer and larger steps cost less a row. It is looked
 * whether some wait after so many ms, and a step rests so many times what it took, but for rows so many
 * that lists would feel them.
 */
const ROLL_UP = {
  everyMs: 2_000,
  stepRows: 200_000,
  restTimes: 9,
  urgentRows: 1_000_000,
} as const;

/** Writes batches. */
export class Committer {
  private readonly writer: StoreWriter;
  private readonly options: CommitterOptions;
  private readonly giveUp = new AbortController();
  private running: Promise<void> | null = null;
  private checkpointFromMs = 0;
  private rollUpFromMs = 0;
  /** Rows that wait to be rolled up; null = more have been stored since that was known. */
  rowsToRollUp: number | null = null;
  /** Why what was found is not taken; null = it is. */
  problem: string | null = null;
  /** Who does not take it: the store, or the topic that is written before it. */
  problemOf: 'store' | 'output' | null = null;
  /** A defect: nothing is written any more. */
  failure: unknown = null;
  /** Bytes of the batch that is being written. */
  bytes = 0;
  commits = 0;
  failedCommits = 0;
  checkpoints = 0;
  /** How long the last commit took, ms. */
  lastCommitMs = 0;
  /** How long commits and checkpoints took, ms. */
  lastMs = 0;
  longestMs = 0;

  constructor(writer: StoreWriter, options: CommitterOptions) {
    this.writer = writer;
    this.options = options;
  }

  /** True while a batch is being written. */
  get busy(): boolean {
    return this.running !== null;
  }

  /** Begins to write a batch; not while another is being written. */
  begin(sealed: Sealed): void {
    if (this.running) throw new Error('a batch is still being written');
    this.bytes = sealed.batch.pieces.bytes;
    this.hold(this.untilStored(sealed));
  }

  /** While nothing is to be written: rolls up what waits, without rests. Does not wait. */
  tidy(): void {
    if (this.running || this.problem !== null) return;
    const isKnown = (this.rowsToRollUp ?? 0) >= ROLLUP_ROWS.least;
    if (!isKnown && performance.now() < this.rollUpFromMs) return;
    this.hold(this.rollUp().then(() => this.takesAgain()));
  }

  private hold(work: Promise<void>): void {
    this.running = work
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.running = null;
        this.bytes = 0;
      });
  }

  /** Waits until nothing is being written. Throws what writing failed with for good. */
  async idle(): Promise<void> {
    await this.running;
    if (this.failure !== null) throw this.failure;
  }

  /** Waits until nothing is being written; while the store takes nothing, for `patienceMs` at most. */
  async end(patienceMs: number): Promise<void> {
    const timer = setTimeout(() => this.giveUp.abort(), patienceMs);
    try {
      await this.idle();
    } finally {
      clearTimeout(timer);
    }
  }

  private async untilStored({ batch, stored }: Sealed): Promise<void> {
    let waitMs: number = AGAIN_MS.first;
    for (let isStored = false; !isStored;) {
      try {
        await this.options.beforeWrite?.(batch);
        await this.timed(() => this.writer.write(batch));
        this.lastCommitMs = this.lastMs;
        isStored = true;
      } catch (error) {
        this.fail(error);
        isStored = await this.isStoredAfterAll(batch);
        if (!isStored) await this.pause(waitMs, error);
        waitMs = Math.min(waitMs * 2, AGAIN_MS.last);
      }
    }
    this.commits++;
    this.rowsToRollUp = null;
    stored();
    if (performance.now() >= this.rollUpFromMs) await this.rollUp();
    await this.checkpointIfLarge();
    this.takesAgain();
    this.options.onStored();
  }

  private takesAgain(): void {
    if (this.problem !== null) this.options.onNote('what is found is taken again');
    this.problem = null;
    this.problemOf = null;
  }

  /** Says why, once; throws what no waiting mends. */
  private fail(error: unknown): void {
    this.failedCommits++;
    if (!isOfStorage(error) && !isOfBroker(error)) throw error;
    const text = messageOf(error);
    if (this.problem === null) {
      this.options.onNote(`${text}; reading stops until it can be written, nothing is lost`);
    }
    this.problem = text;
    this.problemOf = isOfBroker(error) ? 'output' : 'store';
  }

  private async isStoredAfterAll(batch: Batch): Promise<boolean> {
    try {
      return await this.writer.recover(batch);
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  private async pause(ms: number, error: unknown): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.giveUp.signal });
    } catch {
      throw error;
    }
  }

  /** Until it is done rows are read in its place. */
  private async rollUp(): Promise<void> {
    const { everyMs, stepRows, restTimes, urgentRows } = ROLL_UP;
    const beganMs = performance.now();
    try {
      const { waiting, isRolled } = await this.writer.rollUp(stepRows);
      this.rowsToRollUp = waiting;
      const endMs = performance.now();
      const restMs = waiting >= urgentRows ? 0 : restTimes * (endMs - beganMs);
      this.rollUpFromMs = endMs + (isRolled ? restMs : everyMs);
    } catch (error) {
      this.rollUpFromMs = performance.now() + everyMs;
      this.fail(error);
      await this.untilRecovered();
    }
  }

  /** One that fails is tried again later: what was committed stands in the log. */
  private async checkpointIfLarge(): Promise<void> {
    const wal = statSync(`${this.writer.store.file}.wal`, { throwIfNoEntry: false });
    const { checkpointBytes = CHECKPOINT_BYTES } = this.options;
    if ((wal?.size ?? 0) < checkpointBytes || Date.now() < this.checkpointFromMs) return;
    try {
      await this.timed(async () => {
        if (await this.writer.checkpoint()) this.checkpoints++;
      });
    } catch (error) {
      this.fail(error);
      this.checkpointFromMs = Date.now() + CHECKPOINT_AGAIN_MS;
      await this.untilRecovered();
    }
  }

  private async untilRecovered(): Promise<void> {
    for (let waitMs: number = AGAIN_MS.first; ; waitMs = Math.min(waitMs * 2, AGAIN_MS.last)) {
      try {
        await this.writer.recover(null);
        return;
      } catch (error) {
        this.fail(error);
        await this.pause(waitMs, error);
      }
    }
  }

  private async timed(work: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    await work();
    this.lastMs = performance.now() - startMs;
    this.longestMs = Math.max(this.longestMs, this.lastMs);
  }
}
