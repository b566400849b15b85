// The state of the service as the API shows it, from memory: partitions and lag from the loop, counts
// from a query that runs at most once a second.

import type { Status } from './api/contract.js';
import { VERSION } from './config/root.js';
import type { Feed, FeedLoop, FeedPartition } from './pipeline/feed.js';
import type { LiveNews } from './pipeline/live.js';

import { type StatusCounts, statusCounts } from './store/queries.js';
import type { Readers } from './store/readers.js';
import { Rested } from './rested.js';

/** What the status is made of. */
export interface StatusSources {
  readonly feed: Feed;
  readonly readers: Readers;
  readonly source: Status['source'];
  readonly idleMs: number;
  readonly timeZone: string;
}

/** Between two counts, by what one takes: they are asked for far more often. */
const COUNTS_MS = { least: 1_000, most: 5_000 } as const;
/** A change is told for this long, so that a stream that skips a status still learns of it. */
const CHANGES_TOLD_MS = 5_000;
const CHANGES_STEP_MS = 100;
/** The rate is taken over this time. */
const RATE_MS = 5_000;

/** Keeps what the status needs and puts it together. */
export class StatusBoard {
  phase: Status['phase'] = 'starting';
  message = 'starting';
  loop: FeedLoop | null = null;
  connected = true;
  /** Why the store takes nothing; null = it does. */
  storeProblem: string | null = null;
  /** Why the dead-letter topic takes nothing; null = it does. */
  outputProblem: string | null = null;
  problemOf: (partition: number) => string | null = () => null;
  /** Lines whose keys lie on several partitions. */
  splitLines: () => number = () => 0;
  private readonly sources: StatusSources;
  private counts: StatusCounts | null = null;
  private readonly counting = new Rested(() => this.count(), COUNTS_MS);
  private changes: { readonly atMs: number; fromMs: number }[] = [];
  private readonly listeners = new Set<() => void>();
  private rateFrom = { atMs: 0, records: 0 };
  private rate = 0;

  constructor(sources: StatusSources) {
    this.sources = sources;
  }

  /** What is read. */
  get source(): Status['source'] {
    return this.sources.source;
  }

  /** Calls the listener after every change; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Says what the service is doing. */
  say(phase: Status['phase'], message: string): void {
    this.phase = phase;
    this.message = message;
    this.notify();
  }

  /** Something was found, or read: heat cells may have changed from a time on. */
  noteNews(news: LiveNews | null): void {
    if (news && news.changedFromMs !== null) this.noteChange(Date.now(), news.changedFromMs);
    this.notify();
  }

  /** Something was stored. */
  noteCommit(): void {
    this.notify();
  }

  /** One entry a CHANGES_STEP_MS: news come many times a second. */
  private noteChange(atMs: number, fromMs: number): void {
    const last = this.changes.at(-1);
    if (last && atMs - last.atMs < CHANGES_STEP_MS) last.fromMs = Math.min(last.fromMs, fromMs);
    else this.changes.push({ atMs, fromMs });
  }

  /** Partition id -> reading time, of the partitions that have data (SPEC section 2). */
  reading(): Map<number, number> {
    const times = new Map<number, number>();
    for (const partition of this.sources.feed.partitions.values()) {
      const ms = this.readingOf(partition);
      if (ms !== null) times.set(partition.log.partitionId, ms);
    }
    return times;
  }

  private readingOf({ log, storedEffectiveMs: ms }: FeedPartition): number | null {
    if (ms === null) return null;
    const atEnd = this.connected && (this.loop?.isAtEnd(log.partition) ?? false);
    return atEnd ? Math.max(ms, Date.now() - this.sources.idleMs) : ms;
  }

  /** Up to here every partition has been read, -Infinity while one has not been read at all. */
  readPastMs(): number {
    let pastMs = Infinity;
    for (const partition of this.sources.feed.partitions.values()) {
      pastMs = Math.min(pastMs, this.readingOf(partition) ?? -Infinity);
    }
    return pastMs === Infinity ? -Infinity : pastMs;
  }

  /** The status now. */
  status(): Status {
    const now = Date.now();
    const reading = this.reading();
    const partitions = [...this.sources.feed.partitions.values()].map((run) => ({
      partition: run.log.partition,
      log: run.log.log,
      position: Math.max(0, run.log.position),
      end: this.loop?.endOf(run.log.partition) ?? null,
      readingMs: reading.get(run.log.partitionId) ?? null,
      effectiveMs: run.effectiveMs,
      problem: this.problemOf(run.log.partition),
    }));
    const readingMs = reading.size > 0 ? Math.max(...reading.values()) : null;
    const oldest = reading.size > 0 ? Math.min(...reading.values()) : null;
    this.counting.ask();
    this.changes = this.changes.filter((change) => now - change.atMs < CHANGES_TOLD_MS);
    const changed = this.changes.map((change) => change.fromMs);
    return {
      version: VERSION,
      nowMs: now,
      phase: this.phase,
      message: this.message,
      source: this.sources.source,
      connected: this.connected,
      storeProblem: this.storeProblem,
      outputProblem: this.outputProblem,
      readingMs,
      dataAgeMs: oldest === null ? null : Math.max(0, now - oldest),
      partitions,
      lines: this.counts?.lines ?? 0,
      linesOnSeveralPartitions: this.splitLines(),
      downNow: this.counts?.down ?? 0,
      flappingNow: this.counts?.flapping ?? 0,
      interruptionsToday: this.counts?.interruptions ?? 0,
      events: this.counts?.events ?? 0,
      late: this.counts?.late ?? 0,
      duplicates: this.counts?.duplicates ?? 0,
      rejected: this.counts?.rejected ?? 0,
      eventsPerSecond: this.ratePerSecond(now),
      timeZone: this.sources.timeZone,
      changedFromMs: changed.length > 0 ? Math.min(...changed) : null,
    };
  }

  private async count(): Promise<void> {
    try {
      const { readers, timeZone } = this.sources;
      const read = { at: this.reading() };
      this.counts = await readers.read((connection) =>
        statusCounts(connection, read, midnightBefore(Date.now(), timeZone)),
      );
      this.notify();
    } catch {
      // Busy or closing: the last counts stand, the next time tries again.
    }
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }

  private ratePerSecond(now: number): number {
    const records = this.loop?.records ?? 0;
    const passed = now - this.rateFrom.atMs;
    if (passed >= RATE_MS) {
      this.rate =
        this.rateFrom.atMs === 0 ? 0 : ((records - this.rateFrom.records) / passed) * 1_000;
      this.rateFrom = { atMs: now, records };
    }
    return Math.round(this.rate * 10) / 10;
  }
}

/** The last local midnight, in epoch ms. */
export function midnightBefore(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(ms);
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value ?? 0);
  const sinceMidnight = (part('hour') * 60 + part('minute')) * 60_000 + part('second') * 1_000;
  return ms - sinceMidnight - (ms % 1_000);
}
