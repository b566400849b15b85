// Tells of the troubles of enrolled customers' lines: one start, digests while it goes on, one end. A
// pass records what is new, then sends what waits, a batch a customer and channel. A channel that does
// not acknowledge is tried again with a growing pause; a notice is given up after a day, and says so.

import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf } from '../config/errors.js';
import type { ReadAt } from '../store/queries.js';
import { type Notice, type Trouble, noticeOf } from './notice.js';
import {
  type Told,
  type Waiting,
  markNotices,
  readTold,
  readWaiting,
  recordNotices,
  troubleKey,
} from './outbox.js';
import { troublesNow } from './troubles.js';
import type { Channel } from './webhook.js';

const DAY_MS = 86_400_000;
/** Troubles found later than this are history, not news. */
const NEWS_MS = DAY_MS;
const TOLD_MS = 30 * DAY_MS;
const WAITING_MAX = 10_000;
const BATCH_MAX = 100;
const RETRY_MS = { least: 1_000, most: 300_000 } as const;
const GIVE_UP_MS = DAY_MS;

/** What the notifier needs of the service. */
export interface NotifierParts {
  read<T>(query: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Runs statements in the store's one writer; resolves when they are committed. */
  write(statements: (connection: DuckDBConnection) => Promise<void>): Promise<void>;
  readAt(): ReadAt;
  /** The wall clock, epoch ms. */
  now(): number;
  readonly channels: readonly Channel[];
  readonly digestEveryMs: number;
  note(text: string): void;
}

/** The notifier; call `pass` now and then, one at a time. */
export class Notifier {
  private readonly parts: NotifierParts;
  private readonly retries = new Map<string, { pauseMs: number; atMs: number }>();
  private running: Promise<void> | null = null;

  constructor(parts: NotifierParts) {
    this.parts = parts;
  }

  /** Records and sends what is due; does nothing while the last pass runs. Never throws. */
  pass(): Promise<void> {
    this.running ??= this.record()
      .then(() => this.send())
      .catch((error: unknown) => this.parts.note(`notices: ${messageOf(error)}`))
      .finally(() => {
        this.running = null;
      });
    return this.running;
  }

  /** Waits for the pass under way. */
  async stop(): Promise<void> {
    await this.running;
    for (const channel of this.parts.channels) channel.close();
  }

  private async record(): Promise<void> {
    const { parts } = this;
    const nowMs = parts.now();
    const due = await parts.read(async (connection) => {
      const told = await readTold(connection, nowMs - TOLD_MS);
      const troubles = await troublesNow(connection, parts.readAt(), nowMs);
      return troubles
        .map((trouble) => this.dueOf(trouble, told, nowMs))
        .filter((notice) => notice !== null);
    });
    if (due.length === 0) return;
    const names = parts.channels.map(({ name }) => name);
    await parts.write((connection) => recordNotices(connection, due, names));
  }

  /** What is shelved waits, but for the end of what was told; then it is news again, if it goes on. */
  private dueOf(trouble: Trouble, told: ReadonlyMap<string, Told>, nowMs: number): Notice | null {
    const { kind, line, startMs, endMs, detectedMs, count, down, shelvedMs } = trouble;
    const isShelved = shelvedMs !== null && shelvedMs > nowMs;
    const last = told.get(troubleKey(kind, line, startMs));
    if (last === undefined) {
      const passed = endMs !== null && shelvedMs !== null && shelvedMs > detectedMs;
      const isNews = nowMs - Math.max(detectedMs, shelvedMs ?? 0) <= NEWS_MS;
      return isNews && !isShelved && !passed ? noticeOf(trouble, 'start') : null;
    }
    if (last.ended || kind === 'reopened') return null;
    if (endMs !== null) return noticeOf(trouble, 'end');
    if (isShelved) return null;
    const changed = last.count !== count || last.down !== down;
    if (!changed || nowMs - last.recordedMs < this.parts.digestEveryMs) return null;
    return noticeOf(trouble, `digest-${last.digests + 1}`);
  }

  private async send(): Promise<void> {
    const waiting = await this.parts.read((connection) => readWaiting(connection, WAITING_MAX));
    const sending = this.parts.channels.map((channel) =>
      this.sendOn(
        channel,
        waiting.filter((one) => one.channel === channel.name),
      ),
    );
    await Promise.all(sending);
  }

  /** Sends until the channel does not acknowledge: then it is left alone for a while. */
  private async sendOn(channel: Channel, waiting: readonly Waiting[]): Promise<void> {
    const { parts, retries } = this;
    if ((retries.get(channel.name)?.atMs ?? 0) > parts.now()) return;
    for (const batch of batchesOf(waiting)) {
      let proof: string;
      try {
        proof = await channel.send(batch.map(({ notice }) => notice));
      } catch (error) {
        const pauseMs = Math.min(
          RETRY_MS.most,
          2 * (retries.get(channel.name)?.pauseMs ?? RETRY_MS.least / 2),
        );
        retries.set(channel.name, { pauseMs, atMs: parts.now() + pauseMs });
        parts.note(`notices by ${channel.name}: ${messageOf(error)}; again in ${pauseMs / 1000} s`);
        const old = batch.filter(({ recordedMs }) => parts.now() - recordedMs > GIVE_UP_MS);
        await this.mark(channel, old, 'given up', messageOf(error).slice(0, 200));
        return;
      }
      retries.delete(channel.name);
      await this.mark(channel, batch, 'sent', proof);
    }
  }

  private async mark(
    channel: Channel,
    batch: readonly Waiting[],
    state: 'sent' | 'given up',
    proof: string,
  ): Promise<void> {
    if (batch.length === 0) return;
    const ids = batch.map(({ notice }) => notice.id);
    await this.parts.write((to) => markNotices(to, ids, channel.name, state, proof));
  }
}

/** By customer, in order, at most so many together. */
function batchesOf(waiting: readonly Waiting[]): Waiting[][] {
  const batches: Waiting[][] = [];
  const open = new Map<string, Waiting[]>();
  for (const one of waiting) {
    const { customer } = one.notice;
    let batch = open.get(customer);
    if (batch === undefined || batch.length === BATCH_MAX) {
      batch = [];
      batches.push(batch);
      open.set(customer, batch);
    }
    batch.push(one);
  }
  return batches;
}
