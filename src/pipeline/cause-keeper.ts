// The causes of a running service: starts that are stored go into the work at once, what it finds is told
// live, and stored once every partition has been read past it. It begins with what the store holds, and
// again when records of components or works change. Work is done in slices between other turns.

import { setImmediate } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError, messageOf } from '../config/errors.js';
import type { RecordDoubts } from '../cause/doubts.js';
import type { FoundCause } from '../cause/finding.js';
import { historyFrom } from '../cause/rates.js';
import { type CauseSettings, causeMark } from '../cause/settings.js';
import {
  type CauseProgress,
  readCauseProgress,
  readKnownBursts,
  streamStarts,
  writeCauses,
} from '../store/causes.js';
import { lastCommit } from '../store/commit.js';
import type { Readers } from '../store/readers.js';
import { storedCauseRecords } from '../store/cause-records.js';
import { CauseStarts, type StoredStarts } from './cause-starts.js';
import { CauseWork, LATE_MAX_MS, type ProvisionalCause } from './cause-work.js';
import type { Feed } from './feed.js';

/** What a keeper needs. */
export interface KeeperOptions {
  readonly feed: Feed;
  readonly readers: Readers;
  readonly settings: CauseSettings;
  /** Up to here every partition has been read, epoch ms; -Infinity before. */
  readonly readPastMs: () => number;
  /** What is found and may still change, and what has just been stored. */
  readonly onCauses: (news: CauseNews) => void;
  readonly onNote: (text: string) => void;
}

/** What was found. */
export interface CauseNews {
  /** Causes that may still change. */
  readonly provisional: readonly ProvisionalCause[];
  /** Those that have just become final. */
  readonly final: readonly FoundCause[];
}

/** Starts that wait while the store is read, at most: beyond that it is read once more. */
const WAITING_STARTS_MAX = 2_000_000;
/** To read what causes begin with. */
const LOAD_MS_MAX = 600_000;
/** The open burst is explained again after so many times what that last took: a tenth of the core. */
const EXPLAIN_REST = 9;
/** Chunks of starts after which a load stores what it found: a few statements, not hundreds. */
const STORE_EVERY_CHUNKS = 64;
/** A slice of the walk: about 10 ms. */
const SLICE_STARTS = 2_000;

/** Keeps the causes of a service. */
export class CauseKeeper {
  readonly starts: CauseStarts;
  private readonly options: KeeperOptions;
  private work: CauseWork | null = null;
  private waiting: StoredStarts[] = [];
  private waitingCount = 0;
  private isStale = true;
  private isLoading = false;
  private isBegun = false;
  private running: Promise<void> | null = null;
  private stopped = false;
  private explainFromMs = 0;
  private told: readonly FoundCause[] = [];
  private timer: NodeJS.Timeout | null = null;
  /** Causes that became final since the start; how long from a burst's trigger to its being told, ms. */
  finalCount = 0;
  lastDelayMs: number | null = null;
  longestDelayMs: number | null = null;

  constructor(options: KeeperOptions) {
    this.options = options;
    this.starts = new CauseStarts(options.feed.writer, (starts) => this.take(starts));
  }

  /** Reads up to where causes are stored; to be called before anything is folded. */
  async open(): Promise<void> {
    const { store } = this.options.feed;
    this.starts.toldMs = (await readCauseProgress(store.writer)).resumeMs;
    this.options.feed.starts = this.starts;
  }

  /** True while what the store holds is read: causes may be missing. */
  get isWorking(): boolean {
    return this.isStale || this.isLoading;
  }

  /** Causes that may still change, as last told. */
  get provisionalCount(): number {
    return this.told.length;
  }

  /** Begins, once history is loaded. */
  begin(): void {
    this.isBegun = true;
    this.look();
  }

  /** Records have changed: everything is read again. */
  reload(): void {
    this.isStale = true;
    this.look();
  }

  /** Takes up what there is; returns at once. To be called now and then: time passing settles causes. */
  look(): void {
    if (this.stopped || this.running || !this.isBegun) return;
    this.running = this.pass()
      .catch((error: unknown) => {
        this.isStale = true;
        if (!this.stopped) this.options.onNote(`causes: ${messageOf(error)}`);
      })
      .finally(() => {
        this.running = null;
      });
  }

  /** What the records say against one another, and how much of them is missing; null without records. */
  doubts(): RecordDoubts | null {
    return this.work?.doubts() ?? null;
  }

  /** Ends; what is found later is worked out at the next start. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.running;
  }

  private take(starts: StoredStarts): void {
    if (!this.isBegun) return;
    if (this.waitingCount > WAITING_STARTS_MAX) {
      this.waiting = [];
      this.waitingCount = 0;
      this.isStale = true;
    }
    this.waiting.push(starts);
    this.waitingCount += starts.count;
    this.look();
  }

  private async pass(): Promise<void> {
    // What becomes known while another pass runs is its next turn.
    do {
      if (this.isStale) await this.load();
      const batches = this.waiting.splice(0);
      this.waitingCount = 0;
      if (this.work) await this.feed(this.work, batches);
    } while (!this.stopped && (this.isStale || this.waiting.length > 0));
  }

  private async feed(work: CauseWork, batches: readonly StoredStarts[]): Promise<void> {
    for (const { lineIds, times } of batches.flatMap(({ parts }) => parts)) {
      if (work.add(lineIds, times)) continue;
      this.isStale = true;
      return;
    }
    await this.walk(work);
    const final = this.store(work);
    this.tell(work, final, batches[0]?.notedMs ?? null);
    work.forget();
  }

  /** Walks to the last start, and past it where nothing earlier can come. */
  private async walk(work: CauseWork): Promise<void> {
    if (Number.isFinite(work.lastMs)) await work.prepare(work.lastMs);
    while (!work.walkSome(SLICE_STARTS)) await setImmediate();
    const pastMs = this.options.readPastMs();
    if (Number.isFinite(pastMs)) work.walk(Math.max(pastMs, work.lastMs + 1));
  }

  /** Has what is for the record stored with the next commit; returns it. */
  private store(work: CauseWork): readonly FoundCause[] {
    const atMs = this.options.readPastMs();
    if (!work.isDue(atMs)) return [];
    const change = work.change(atMs, this.starts.waitingMs);
    if (!change) return [];
    this.starts.toldMs = change.progress.resumeMs;
    this.options.feed.writer.order((connection) => writeCauses(connection, change));
    this.finalCount += change.found.length;
    return change.found;
  }

  private tell(work: CauseWork, final: readonly FoundCause[], notedMs: number | null): void {
    const now = performance.now();
    if (work.history.open && now < this.explainFromMs) {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.look();
      }, this.explainFromMs - now);
      if (final.length === 0) return;
    }
    const provisional = work.provisional();
    const endMs = performance.now();
    this.explainFromMs = endMs + EXPLAIN_REST * (endMs - now);
    const known = new Set(this.told.map(({ finding }) => finding.id));
    if (notedMs !== null && provisional.some(({ finding }) => !known.has(finding.id))) {
      this.lastDelayMs = endMs - notedMs;
      this.longestDelayMs = Math.max(this.longestDelayMs ?? 0, this.lastDelayMs);
    }
    this.told = provisional;
    this.options.onCauses({ provisional, final });
  }

  /** Begins with what the store holds: starts as of one moment, later ones wait. */
  private async load(): Promise<void> {
    this.isStale = false;
    this.isLoading = true;
    this.work = null;
    const { readers, settings, feed } = this.options;
    const nameOf = (line: number): string => feed.writer.directory.lineOf(line);
    const loaded = await readers.read(async (connection) => {
      await connection.run('begin transaction read only');
      try {
        const number = await lastCommit(connection);
        const records = await storedCauseRecords(connection, settings);
        const stored = await readCauseProgress(connection);
        const isSame = stored.mark === causeMark(settings);
        const progress: CauseProgress = isSame ? stored : { ...stored, resumeMs: 0 };
        if (!records) return { number, work: null, progress };
        const work = new CauseWork(records, settings, nameOf);
        await this.fill(connection, work, progress);
        return { number, work, progress };
      } finally {
        await connection.run('rollback');
      }
    }, LOAD_MS_MAX);
    this.waiting = this.waiting.filter(({ number }) => number > loaded.number);
    this.work = loaded.work;
    this.isLoading = false;
    this.starts.toldMs = Math.min(this.starts.toldMs, loaded.work?.toldMs ?? Infinity);
  }

  /** Starts in the order of their times: those that rates need, then the walk goes on. */
  private async fill(
    connection: DuckDBConnection,
    work: CauseWork,
    { resumeMs, beganMs }: CauseProgress,
  ): Promise<void> {
    const { settings, feed, readPastMs } = this.options;
    const isWhole = resumeMs <= 0;
    const heldMs = isWhole ? 0 : historyFrom(resumeMs - LATE_MAX_MS, settings.historyDays);
    const known = isWhole
      ? []
      : await readKnownBursts(connection, heldMs, (line) => work.indexOf(line));
    let isResumed = isWhole;
    let chunks = 0;
    const resume = (): void => {
      if (!isResumed)
        work.resume(
          known.filter(({ span }) => span.triggerMs < resumeMs),
          resumeMs,
          beganMs,
        );
      isResumed = true;
    };
    await work.prepare(isWhole ? 0 : resumeMs);
    await streamStarts(connection, heldMs, async (lineIds, times) => {
      if (this.stopped) throw new FlaplineError('INTERRUPTED', 'the service is stopping');
      work.add(lineIds, times);
      const lastMs = Number(times.at(-1));
      if (lastMs < resumeMs) return;
      await work.prepare(lastMs);
      resume();
      work.walk(lastMs);
      chunks++;
      if (chunks % STORE_EVERY_CHUNKS !== 0) return;
      const atMs = readPastMs();
      const change = work.isDue(atMs) ? work.change(atMs, this.starts.waitingMs) : null;
      if (change) feed.writer.order((to) => writeCauses(to, change));
      work.forget();
    });
    resume();
  }
}
