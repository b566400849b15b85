// What the stream tells between two states of the service: how far every partition has been read and
// the interruptions that have just started, provisional until they are stored. Put together at most
// every `everyMs`, and only while somebody listens; it holds no more than one event.

import type { Live } from './api/contract.js';
import { type LiveNews, type LiveStart, NEWS_STARTS_MAX } from './pipeline/live.js';
import type { Feed } from './pipeline/feed.js';

/** How long news are gathered by default, ms. */
export const LIVE_EVERY_MS = 20;

/** Gathers news for the streams. */
export class LiveFeed {
  private readonly feed: Feed;
  private readonly everyMs: number;
  private readonly listeners = new Set<(live: Live) => void>();
  private timer: NodeJS.Timeout | null = null;
  private toldMs = 0;
  private starts: LiveStart[] = [];
  private more = 0;

  constructor(feed: Feed, everyMs = LIVE_EVERY_MS) {
    this.feed = feed;
    this.everyMs = everyMs;
  }

  /** Calls the listener with everything read from now on; returns how to stop that. */
  onLive(listener: (live: Live) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Something was read. */
  take(news: LiveNews | null): void {
    if (this.listeners.size === 0) return;
    const room = NEWS_STARTS_MAX - this.starts.length;
    const starts = news?.starts ?? [];
    this.starts.push(...starts.slice(0, room));
    this.more += (news?.more ?? 0) + Math.max(0, starts.length - room);
    const waitMs = this.toldMs + this.everyMs - performance.now();
    if (waitMs <= 0) this.tell();
    else this.timer ??= setTimeout(() => this.tell(), waitMs);
  }

  /** Tells nothing more. */
  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.listeners.clear();
  }

  private tell(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.toldMs = performance.now();
    const { byId, writer } = this.feed;
    const live: Live = {
      positions: [...byId.values()].map(({ log: { partition, log, position } }) => ({
        partition,
        log,
        position: Math.max(0, position),
      })),
      starts: this.starts.map(({ lineId, partitionId, startMs }) => ({
        line: writer.directory.lineOf(lineId),
        partition: byId.get(partitionId)?.log.partition ?? 0,
        start: startMs,
      })),
      more: this.more,
    };
    this.starts = [];
    this.more = 0;
    for (const listener of this.listeners) listener(live);
  }
}
