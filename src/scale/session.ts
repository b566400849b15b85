// A worker's membership of its group: partitions are restored when they are given to it, folded, committed
// at intervals while it reads on, and given back whole, with a snapshot. It ends when it is told to stop,
// or with Fenced when the group went on without it; then everything it holds is forgotten.

import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../config/errors.js';
import { isAway } from '../pipeline/away.js';
import { WAITING_BYTES_MAX, commitPauseMs } from '../pipeline/store-loop.js';
import { Upkeep } from '../pipeline/upkeep.js';
import { KafkaFault } from '../source/client.js';
import type { GroupLog, Rebalance } from '../source/group.js';
import type { KafkaLog } from '../source/kafka.js';
import { type LogRecord, runEnd } from '../source/log.js';
import { committedOf } from '../source/transactions.js';
import type { KafkaCommits } from './commits.js';
import { Owned, type SealedPartition, type WorkerConfig, stateLost } from './owned.js';
import { resetOf } from './requests.js';
import { type StateReader, readState } from './state.js';
import type { ScaleTopics } from './topics.js';

/** What a session works with. */
export interface SessionParts {
  readonly group: GroupLog;
  readonly commits: KafkaCommits;
  readonly states: StateReader;
  /** The topic of requests, read by assignment. */
  readonly requests: KafkaLog;
  readonly topics: ScaleTopics;
  readonly cluster: string;
  readonly commitEveryMs: number;
  readonly config: WorkerConfig;
  readonly onNote: (text: string) => void;
}

const CONSUME = { recordsMax: 2_000, timeoutMs: 50 } as const;
const REQUESTS = { recordsMax: 100, everyMs: 200 } as const;
/** Tries to restore a partition: below the time that the group gives a member (max.poll.interval.ms). */
const RESTORE = { againMs: 500, msMax: 200_000 } as const;
/** How long a stop waits for the group to take the partitions. */
const LEAVE_MS_MAX = 10_000;

/** One membership. */
export class Session {
  private readonly parts: SessionParts;
  private readonly owned = new Map<number, Owned>();
  private readonly runs = new Map<number, Owned['run']>();
  private readonly upkeep: Upkeep;
  private readonly giveUp = new AbortController();
  private committing: Promise<void> | null = null;
  private failure: unknown = null;
  private lastCommitMs = 0;
  private requestsAtMs = 0;
  /** The records that are being fetched. */
  private next: Promise<readonly LogRecord[]> | null = null;
  records = 0;

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.upkeep = new Upkeep({
      partitions: this.runs,
      log: parts.group.log,
      onNote: parts.onNote,
      madeAgain: null,
      raise: refuse,
      commitAll: () => this.commitAll(new Set()),
      // The commit that says where they go on holds their snapshots.
      keep: () => Promise.resolve(),
    });
  }

  /** Partitions that it has. */
  get partitions(): readonly number[] {
    return [...this.owned.keys()].toSorted((a, b) => a - b);
  }

  /** Works until `stop` is aborted. Throws Fenced, and what no further session mends. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (this.upkeep.isNeeded() || this.isInterrupted) {
        if (this.next) await this.feed(await this.fetched());
        await this.pause(stop);
      }
      const records = await this.fetched();
      // What comes next is fetched while these are folded.
      if (records.length > 0) this.next = this.fetch();
      await this.feed(records);
      await this.commitIfDue();
    }
    if (this.next) await this.feed(await this.fetched());
    await this.leave();
  }

  private fetch(): Promise<readonly LogRecord[]> {
    return this.parts.group.log.consume(CONSUME.recordsMax, CONSUME.timeoutMs);
  }

  /** The records that are being fetched, or the next ones. */
  private async fetched(): Promise<readonly LogRecord[]> {
    const { next } = this;
    this.next = null;
    return next ?? this.fetch();
  }

  /** Gives up what is being committed, after a deadline of the caller's. */
  abandon(): void {
    this.giveUp.abort();
  }

  private get isInterrupted(): boolean {
    if (this.parts.group.next() !== null || this.failure !== null) return true;
    return performance.now() >= this.requestsAtMs;
  }

  /** Between two feeds, everything that was fetched being folded. */
  private async pause(stop: AbortSignal): Promise<void> {
    const { group } = this.parts;
    if (this.failure !== null) throw this.failure;
    for (let rebalance = group.next(); rebalance !== null; rebalance = group.next()) {
      await this.answer(rebalance, stop);
    }
    await this.upkeep.work();
    await this.takeRequests();
  }

  private async answer(rebalance: Rebalance, stop: AbortSignal): Promise<void> {
    const { onNote, group } = this.parts;
    const { isAssignment, partitions } = rebalance;
    if (isAssignment) {
      for (const partition of partitions) await this.untilRestored(partition, stop);
    } else {
      await this.commitAll(new Set(partitions));
      for (const partition of partitions) this.forget(partition);
    }
    await group.answer(rebalance, this.positions());
    await this.assignRequests();
    if (partitions.length === 0) return;
    onNote(
      `partitions ${isAssignment ? 'taken' : 'given back'}: ${partitions.join(', ')}; ` +
        `now ${this.partitions.join(', ') || 'none'}`,
    );
  }

  /** Restores a partition, also while brokers come and go. */
  private async untilRestored(partition: number, stop: AbortSignal): Promise<void> {
    const endMs = performance.now() + RESTORE.msMax;
    for (let told = false; ; told = true) {
      try {
        await this.restore(partition, stop);
        return;
      } catch (error) {
        const passes = isAway(error) || error instanceof KafkaFault;
        if (!passes || stop.aborted || performance.now() > endMs) throw error;
        if (!told) this.parts.onNote(`partition ${partition}: ${messageOf(error)}; tried again`);
      }
      await delay(RESTORE.againMs);
    }
  }

  /** Its state, once no transaction of another worker can change it any more. */
  private async restore(partition: number, stop: AbortSignal): Promise<void> {
    const { group, states, topics, cluster, config, onNote } = this.parts;
    const beganMs = performance.now();
    // First: from here on a commit by whoever had it is refused, and one that was on its way has ended.
    await committedOf(group.consumer, topics.input, [partition]);
    const state = await readState(states, partition, stop);
    const name = { cluster, topic: topics.input, partition };
    const owned = await Owned.restore(name, state, config);
    const { run } = owned;
    await this.upkeep.takeUpSome([run]);
    this.owned.set(partition, owned);
    this.runs.set(partition, run);
    const lines = run.fold.linesSeen;
    if (lines === 0) return;
    const took = ((performance.now() - beganMs) / 1_000).toFixed(2);
    onNote(`partition ${partition} restored in ${took} s: ${lines} lines at ${run.log.position}`);
  }

  private forget(partition: number): void {
    this.owned.delete(partition);
    this.runs.delete(partition);
  }

  private positions() {
    const { log } = this.parts.group;
    return [...this.owned].map(([partition, { run }]) => ({
      partition,
      offset: log.positions().get(partition) ?? Math.max(0, run.log.position),
    }));
  }

  private async feed(records: readonly LogRecord[]): Promise<void> {
    this.records += records.length;
    for (let from = 0; from < records.length;) {
      const until = runEnd(records, from);
      await this.runs.get(records[from]!.partition)?.feed(records, from, until);
      from = until;
    }
  }

  private async assignRequests(): Promise<void> {
    const { requests } = this.parts;
    await requests.assign(
      [...this.owned].map(([partition, { requests: offset }]) => ({ partition, offset })),
    );
  }

  /** What operators ask for is taken at the current position, with the next commit. */
  private async takeRequests(): Promise<void> {
    const { requests } = this.parts;
    this.requestsAtMs = performance.now() + REQUESTS.everyMs;
    // Requests that are no longer kept were never answered: whoever asked was told so.
    const lost = [...requests.problems.lost.values()];
    for (const { partition, low } of lost) {
      const owned = this.owned.get(partition);
      if (owned) owned.requests = low;
    }
    if (lost.length > 0) await this.assignRequests();
    for (const { partition, offset, value } of await requests.consume(REQUESTS.recordsMax, 0)) {
      const owned = this.owned.get(partition);
      if (!owned || value === null) continue;
      owned.requests = offset + 1;
      const reset = resetOf(value);
      if (reset) await owned.run.order([reset]);
      else this.parts.onNote(`request ${offset} of partition ${partition} is none: passed over`);
    }
  }

  private async commitIfDue(): Promise<void> {
    if (this.failure !== null) throw this.failure;
    let waiting = 0;
    for (const owned of this.owned.values()) waiting += owned.bytes;
    const isFull = waiting >= WAITING_BYTES_MAX;
    if (isFull) await this.committing;
    const { commitEveryMs, commits } = this.parts;
    const isTime =
      performance.now() - this.lastCommitMs >= commitPauseMs(commitEveryMs, commits.lastMs);
    if (this.committing || !(isTime || isFull)) return;
    await this.begin(new Set());
  }

  /** Seals what was found and begins to commit it; `leaving` partitions with a snapshot. */
  private async begin(leaving: ReadonlySet<number>): Promise<void> {
    const { commits, group } = this.parts;
    this.lastCommitMs = performance.now();
    const sealed: SealedPartition[] = [];
    for (const [partition, owned] of this.owned) {
      // While records are fetched ahead the log's position is not ours.
      const readTo = this.next ? 0 : (group.log.positions().get(partition) ?? 0);
      const one = await owned.seal(readTo, leaving.has(partition));
      if (one) sealed.push(one);
    }
    if (sealed.length === 0) return;
    this.committing = commits
      .commit(sealed, this.giveUp.signal)
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.committing = null;
      });
  }

  /** Commits everything that was folded; returns when it is committed. */
  private async commitAll(leaving: ReadonlySet<number>): Promise<void> {
    await this.committing;
    if (this.failure === null) await this.begin(leaving);
    await this.committing;
    if (this.failure !== null) throw this.failure;
  }

  /** Gives everything back, and leaves the group. */
  private async leave(): Promise<void> {
    const { group } = this.parts;
    await this.commitAll(new Set(this.owned.keys()));
    group.leave();
    const endMs = performance.now() + LEAVE_MS_MAX;
    while (this.owned.size > 0 && performance.now() < endMs) {
      await group.log.consume(1, CONSUME.timeoutMs);
      const rebalance = group.next();
      if (rebalance === null) continue;
      // Everything is committed: what is given to us by now is not ours to begin.
      for (const partition of rebalance.partitions) this.forget(partition);
      await group.answer(rebalance, this.positions());
    }
  }
}

/** There is no store to raise lines from. */
function refuse({ log }: Owned['run']): Promise<never> {
  return Promise.reject(stateLost(log, 'its state is older than what is committed'));
}
