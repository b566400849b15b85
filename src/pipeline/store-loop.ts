// A loop that feeds the store, whatever it reads: begun once, changed between two batches, ended behind
// what it has found. Batches are written while it goes on; it waits only for a store that does not keep up.

import { setTimeout as delay } from 'node:timers/promises';
import { FlaplineError } from '../config/errors.js';
import { Changes, notReading } from './changes.js';
import { Committer, type CommitterOptions, type Sealed } from './committer.js';
import type { Feed, FeedCounters } from './feed.js';
import type { LiveViews } from './live.js';

/** Bytes of findings that wait for a commit, at most, before reading stops. */
export const WAITING_BYTES_MAX = 64 << 20;
/** How long a stop waits for a store that takes nothing. */
const STOP_PATIENCE_MS = 5_000;
/** How often a wait for the store looks whether it is to stop. */
const LOOK_MS = 50;
/**
 * Between the beginnings of two commits lies at least so many times what the last one took, and no more
 * than so many ms.
 */
const COMMIT_PAUSE = { times: 9, msMax: 5_000 } as const;

/** What lies at least between the beginnings of two commits of which the last took `lastMs`. */
export function commitPauseMs(everyMs: number, lastMs: number): number {
  return Math.max(everyMs, Math.min(COMMIT_PAUSE.msMax, COMMIT_PAUSE.times * lastMs));
}

/** What it needs of what it feeds. */
type StoreFeed = Pick<Feed, 'writer'> & {
  /** True when there is something to commit. */
  readonly isDue: boolean;
};

/** What it is made with. */
export interface StoreLoopOptions extends CommitterOptions, LiveViews {}

/** What runs until it is stopped. */
export abstract class StoreLoop {
  readonly committer: Committer;
  /** It has ended with an error: what it read last is not committed. */
  failed = false;
  protected readonly changes = new Changes();
  protected stopping = false;
  private readonly fed: StoreFeed;
  private readonly views: LiveViews;
  private running: Promise<void> | null = null;
  private lastCommitMs = 0;

  constructor(fed: StoreFeed, options: StoreLoopOptions) {
    this.fed = fed;
    this.views = options;
    this.committer = new Committer(fed.writer, options);
  }

  /** Works until `stopping`. */
  protected abstract loop(): Promise<void>;

  /** Closes what was found as one batch. */
  protected abstract seal(): Promise<Sealed>;

  /** What lies at least between the beginnings of two commits, ms. */
  protected abstract pauseMs(): number;

  /** Ends the loop after a last commit. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  /**
   * Makes a change between two batches and commits it with its effects; resolves when it is committed.
   * Throws what `make` throws, SERVICE_UNAVAILABLE when the loop does not run.
   */
  change<T>(make: () => Promise<T>): Promise<T> {
    if (!this.isRunning) return Promise.reject(notReading());
    const { problem } = this.committer;
    if (problem !== null) return Promise.reject(new FlaplineError('SERVICE_UNAVAILABLE', problem));
    return this.changes.add(make);
  }

  /** True from its beginning until it is stopped. */
  protected get isRunning(): boolean {
    return this.running !== null && !this.stopping;
  }

  protected begin(onError: (error: unknown) => void): void {
    this.running = this.loop()
      .catch(async (error: unknown) => {
        this.failed = true;
        onError(error);
        // The store is let go only when nothing writes to it.
        await this.committer.end(STOP_PATIENCE_MS).catch(() => undefined);
      })
      .finally(() => {
        this.stopping = true;
        this.changes.refuseAll();
      });
  }

  /** What was committed and waits. */
  protected commitCounters() {
    const { commits, failedCommits, checkpoints, lastMs, longestMs, bytes } = this.committer;
    return {
      commits,
      failedCommits,
      checkpoints,
      lastCommitMs: lastMs,
      longestCommitMs: longestMs,
      waitingBytes: this.fed.writer.bytes + bytes,
    } satisfies Partial<FeedCounters>;
  }

  /** As much waits as may. */
  protected get isFull(): boolean {
    return this.fed.writer.bytes >= WAITING_BYTES_MAX;
  }

  /** Begins a commit when its time has come, and says whether it did. */
  protected async commitIfDue(): Promise<boolean> {
    const { committer, fed, isFull } = this;
    if (committer.failure !== null) throw committer.failure;
    if (committer.busy && (isFull || committer.problem !== null)) await this.whileWaiting();
    const isTime = performance.now() - this.lastCommitMs >= this.pauseMs();
    if (committer.busy) return false;
    if (!fed.isDue) committer.tidy();
    if (!(isTime || isFull) || !fed.isDue) return false;
    await this.beginCommit();
    return true;
  }

  protected async beginCommit(): Promise<void> {
    this.lastCommitMs = performance.now();
    this.committer.begin(await this.seal());
  }

  /**
   * Commits everything that was found, and says whether there was anything. Ends with the stop of the
   * service when the store takes nothing.
   */
  protected async commitAll(): Promise<boolean> {
    await this.settle();
    if (!this.fed.isDue) return false;
    await this.beginCommit();
    await this.settle();
    return true;
  }

  /** Stores what was found until the live views have room for more. */
  protected async whileLiveIsFull(): Promise<void> {
    const { live, refreshLive } = this.views;
    while (live()?.isFull && !this.stopping) {
      await this.commitAll();
      await refreshLive();
      if (live()?.isFull) await delay(LOOK_MS);
    }
  }

  /** Waits until nothing is being written; at a stop no longer than STOP_PATIENCE_MS. */
  protected async settle(): Promise<void> {
    await this.whileWaiting();
    if (this.stopping) await this.committer.end(STOP_PATIENCE_MS);
    else await this.committer.idle();
  }

  /** Waits for the store, and no longer than the stop of the service. */
  private async whileWaiting(): Promise<void> {
    while (this.committer.busy && !this.stopping) {
      await Promise.race([this.committer.idle(), delay(LOOK_MS)]);
    }
  }
}
