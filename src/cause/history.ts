// Causes over a stretch of starts: a function of the starts, the records and the reading time alone. The
// starts may come in pieces and late: what a late one may change is worked out again from there on.
// Records are read once a day (UTC): those in force at its start.

import { type BurstCause, BurstEngine } from './burst.js';
import type { Network } from './network.js';
import type { CauseRecords } from './records.js';
import type { CauseSettings } from './settings.js';
import { Starts } from './starts.js';
import { type BurstSpan, Trigger } from './trigger.js';

/** A burst with its causes, none where nothing explains it. */
export interface Burst {
  readonly span: BurstSpan;
  readonly causes: readonly BurstCause[];
  /** What the indices of the causes mean. */
  readonly network: Network;
}

/** A cause is for the record once everything is read so far past its end, ms (SPEC section 3). */
export const SETTLE_MS = 60_000;

/** Finds causes among starts. Line indices are those of the records. */
export class CauseHistory {
  readonly starts = new Starts();
  /** Bursts that ended, in the order of their times. */
  bursts: Burst[] = [];
  private readonly records: CauseRecords;
  private readonly settings: CauseSettings;
  private segment: Segment | null = null;

  constructor(records: CauseRecords, settings: CauseSettings) {
    this.records = records;
    this.settings = settings;
  }

  /**
   * Adds starts, in any order. Returns the time from which bursts found before are void, Infinity when
   * all stand.
   */
  add(lines: ArrayLike<number>, times: ArrayLike<number | bigint>): number {
    const fromMs = this.starts.add(lines, times);
    if (!this.segment || fromMs > this.segment.trigger.walkedMs) return Infinity;
    return this.rewind(fromMs);
  }

  /** Walks over the starts before a time, and ends bursts that nothing before it prolongs. */
  walk(beforeMs: number): void {
    if (this.starts.count === 0) return;
    this.segment ??= this.segmentAt(this.starts.times[0]!);
    for (;;) {
      const { segment } = this;
      segment.trigger.walk(Math.min(beforeMs, segment.untilMs), (span) => this.take(segment, span));
      if (segment.untilMs >= beforeMs) break;
      segment.trigger.end((span) => this.take(segment, span));
      this.segment = this.segmentAt(segment.untilMs);
    }
    const { segment } = this;
    if (beforeMs !== Infinity)
      segment.trigger.endBefore(beforeMs, (span) => this.take(segment, span));
  }

  /** The burst that may still grow, with its causes so far. */
  provisional(): Burst | null {
    const { segment } = this;
    return segment?.trigger.open ? this.explain(segment, segment.trigger.open) : null;
  }

  /** The bursts that are for the record at reading time c, the open one among them. */
  settled(atMs: number): Burst[] {
    const open = this.provisional();
    const all = open ? [...this.bursts, open] : this.bursts;
    return all.filter(({ span }) => span.untilMs + SETTLE_MS < atMs);
  }

  /** Walks again from a time on; returns from when bursts are void. */
  rewind(fromMs: number): number {
    const { windowMs } = this.settings;
    const reached = this.bursts.find(({ span }) => fromMs <= span.untilMs + windowMs);
    const open = this.segment?.trigger.open;
    const trigger = reached?.span.triggerMs ?? open?.triggerMs ?? Infinity;
    const againMs = Math.min(fromMs, trigger);
    for (const burst of this.bursts) {
      if (burst.span.triggerMs >= againMs) this.mark(burst, 0);
    }
    this.bursts = this.bursts.filter(({ span }) => span.triggerMs < againMs);
    this.segment = this.segmentAt(againMs);
    return againMs;
  }

  private take(segment: Segment, span: BurstSpan): void {
    const burst = this.explain(segment, span);
    this.bursts.push(burst);
    this.mark(burst, 1);
  }

  private explain({ engine, trigger, network }: Segment, span: BurstSpan): Burst {
    const mayBe = this.records.worksAt(network, span);
    return { span, network, causes: engine.explain(span, this.starts, trigger.rates, mayBe) };
  }

  /** Starts that a cause explains are no part of their lines' own rates. */
  private mark({ span, causes }: Burst, explained: 0 | 1): void {
    const { starts } = this;
    const lines = new Set(causes.flatMap((cause) => cause.lines));
    for (let row = starts.firstFrom(span.fromMs); row < starts.count; row++) {
      if (starts.times[row]! > span.untilMs) return;
      if (lines.has(starts.lines[row]!)) starts.explained[row] = explained;
    }
  }

  /** A walk from a time on, with the records of its day. */
  private segmentAt(atMs: number): Segment {
    const { network, untilMs } = this.records.networkAt(atMs);
    const before = this.segment;
    const same = before !== null && before.network === network;
    const trigger = same ? before.trigger : new Trigger(network, this.starts, this.settings);
    const engine = same ? before.engine : new BurstEngine(network, this.settings);
    trigger.rewind(atMs);
    return { network, trigger, engine, untilMs };
  }
}

/** A time over which the records do not change. */
interface Segment {
  readonly network: Network;
  readonly trigger: Trigger;
  readonly engine: BurstEngine;
  readonly untilMs: number;
}
