// Causes over a stretch of starts: a function of the starts, the records and the reading time alone. The
// starts may come in pieces and late: what a late one may change is worked out again from there on. What
// was settled before may be given instead of worked out, and what is old forgotten, so that a service
// holds the history that lines' own rates need and no more. Records are read once a day (UTC): those in
// force at its start.

import { type BurstCause, BurstEngine } from './burst.js';
import type { Network } from './network.js';
import { historyFrom } from './rates.js';
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

/** A burst that was settled before, and the lines that its causes explain. */
export interface KnownBurst {
  readonly span: BurstSpan;
  readonly lines: readonly number[];
}

/** A cause is for the record once everything is read so far past its end, ms (SPEC section 3). */
export const SETTLE_MS = 60_000;

/** Finds causes among starts. Line indices are those of the records. */
export class CauseHistory {
  readonly starts = new Starts();
  /** Bursts that ended and were worked out here, in the order of their times. */
  bursts: Burst[] = [];
  /** Those before them that were given. */
  private known: KnownBurst[] = [];
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
    let fromMs = Infinity;
    for (let i = 0; i < times.length; i++) fromMs = Math.min(fromMs, Number(times[i]));
    const againMs = this.stands(fromMs) ? Infinity : this.back(fromMs);
    this.starts.add(lines, times);
    if (againMs !== Infinity) this.segment = this.segmentAt(againMs);
    return againMs;
  }

  /** Goes on at a time, starts before it being added, where bursts triggered before it are known. */
  resume(known: readonly KnownBurst[], atMs: number): number {
    this.known = [...known];
    for (const burst of known) this.mark(burst, 1);
    const againMs = this.back(atMs);
    this.segment = this.segmentAt(againMs);
    return againMs;
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

  /** The span of the burst that may still grow. */
  get open(): BurstSpan | null {
    return this.segment?.trigger.open ?? null;
  }

  /** The burst that may still grow, with its causes so far. */
  provisional(): Burst | null {
    const { segment } = this;
    return segment?.trigger.open ? this.explain(segment, segment.trigger.open) : null;
  }

  /** The bursts that are for the record at reading time c, once that has been walked up to. */
  settled(atMs: number): Burst[] {
    return this.bursts.filter(({ span }) => span.untilMs + SETTLE_MS < atMs);
  }

  /**
   * Forgets what a walk from `fromMs` on does not need: starts before the history of lines' rates then,
   * and bursts before it. Starts before it can be added no more.
   */
  forget(fromMs: number): void {
    const { trigger } = this.segment ?? {};
    if (!trigger) return;
    const beforeMs = historyFrom(fromMs, this.settings.historyDays);
    const rows = trigger.spare(this.starts.firstFrom(beforeMs));
    this.starts.dropFirst(rows);
    trigger.dropped(rows);
    this.known = this.known.filter(({ span }) => span.untilMs >= beforeMs);
    const old = this.bursts.filter(({ span }) => span.untilMs < fromMs);
    this.bursts = this.bursts.slice(old.length);
    this.known.push(...old.map(knownOf));
  }

  /** True when starts from a time on change nothing that was walked over. */
  private stands(fromMs: number): boolean {
    const { segment, settings } = this;
    if (!segment) return true;
    const last = this.bursts.at(-1) ?? this.known.at(-1);
    if (last && fromMs <= last.span.untilMs + settings.windowMs) return false;
    return fromMs >= segment.fromMs && fromMs > segment.trigger.walkedMs;
  }

  /** Takes back what a start at `fromMs` may change; returns from when it is to be walked again. */
  private back(fromMs: number): number {
    const { windowMs } = this.settings;
    const isReached = ({ span }: KnownBurst | Burst): boolean => fromMs <= span.untilMs + windowMs;
    const reached = this.known.find(isReached) ?? this.bursts.find(isReached);
    const trigger = reached?.span.triggerMs ?? this.open?.triggerMs ?? Infinity;
    const againMs = Math.min(fromMs, trigger);
    this.segment?.trigger.back(againMs);
    const isVoid = ({ span }: KnownBurst | Burst): boolean => span.triggerMs >= againMs;
    const all: readonly KnownBurst[] = [...this.known, ...this.bursts.map(knownOf)];
    for (const burst of all.filter(isVoid)) this.mark(burst, 0);
    // A burst reaches back into the one before it.
    for (const burst of all) {
      if (!isVoid(burst) && burst.span.untilMs >= againMs - windowMs) this.mark(burst, 1);
    }
    this.known = this.known.filter((burst) => !isVoid(burst));
    this.bursts = this.bursts.filter((burst) => !isVoid(burst));
    return againMs;
  }

  private take(segment: Segment, span: BurstSpan): void {
    const burst = this.explain(segment, span);
    this.bursts.push(burst);
    this.mark(knownOf(burst), 1);
  }

  private explain({ engine, trigger, network }: Segment, span: BurstSpan): Burst {
    const mayBe = this.records.worksAt(network, span);
    const moved = this.records.movedPriors(network, span.triggerMs);
    const causes = engine.explain(span, this.starts, trigger.rates, mayBe, moved);
    return { span, network, causes };
  }

  /** Starts that a cause explains are no part of their lines' own rates. */
  private mark({ span, lines: explainedLines }: KnownBurst, explained: 0 | 1): void {
    const { starts } = this;
    const lines = new Set(explainedLines);
    for (let row = starts.firstFrom(span.fromMs); row < starts.count; row++) {
      if (starts.times[row]! > span.untilMs) return;
      if (lines.has(starts.lines[row]!)) starts.explained[row] = explained;
    }
  }

  /** A walk from a time on, with the records of its day. */
  private segmentAt(fromMs: number): Segment {
    const { network, untilMs } = this.records.networkAt(fromMs);
    const before = this.segment;
    if (before?.network === network) {
      before.trigger.rewind(fromMs);
      return { ...before, fromMs };
    }
    const trigger = new Trigger(network, this.starts, this.settings);
    trigger.begin(fromMs);
    return { network, trigger, engine: new BurstEngine(network, this.settings), fromMs, untilMs };
  }
}

/** A burst as it is needed once it is settled. */
function knownOf({ span, causes }: Burst): KnownBurst {
  return { span, lines: causes.flatMap(({ lines }) => lines) };
}

/** A time over which the records do not change. */
interface Segment {
  readonly network: Network;
  readonly trigger: Trigger;
  readonly engine: BurstEngine;
  /** The walk began here. */
  readonly fromMs: number;
  readonly untilMs: number;
}
