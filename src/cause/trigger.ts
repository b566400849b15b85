// Which starts are a burst: of every component the distinct lines interrupted in the last 30 s are
// counted, and an improbable number opens a burst or keeps it open. Starts are walked in the order of
// their times, those of one instant judged together, so their order does not show; the walk can be
// taken back to an earlier time, when a start comes late.
// Cost: the line's memberships, for each start when it comes, when it leaves and when it counts as history.

import type { Network } from './network.js';
import { poissonTail } from './poisson.js';
import { Rates, historyFrom } from './rates.js';
import type { CauseSettings } from './settings.js';
import type { Starts } from './starts.js';

/** A span of time in which some component was hit improbably often. */
export interface BurstSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  /** When the first improbable count was reached. */
  readonly triggerMs: number;
}

/** Memberships below this do not count towards a trigger. */
const STRONG = 0.5;

/** Walks over starts and finds the spans of bursts. */
export class Trigger {
  readonly rates: Rates;
  /** The burst that may still grow. */
  open: BurstSpan | null = null;
  private readonly network: Network;
  private readonly settings: CauseSettings;
  private readonly starts: Starts;
  private readonly inWindow: Int32Array;
  private readonly linesOf: Int32Array;
  private readonly touched: number[] = [];
  /** Rows of the window, of the history that is counted, and the next to be walked over. */
  private windowFrom = 0;
  private historyFrom = 0;
  private historyTo = 0;
  private next = 0;

  constructor(network: Network, starts: Starts, settings: CauseSettings) {
    this.network = network;
    this.settings = settings;
    this.starts = starts;
    this.rates = new Rates(network, settings);
    this.inWindow = new Int32Array(network.lines.length);
    this.linesOf = new Int32Array(network.components.length);
  }

  /** Time of the last start walked over; -Infinity before the first. */
  get walkedMs(): number {
    return this.next > 0 ? this.starts.times[this.next - 1]! : -Infinity;
  }

  /** Walks over the starts before a time; bursts whose end shows are passed on, rates as at their beginning. */
  walk(beforeMs: number, onBurst: (span: BurstSpan) => void): void {
    const { starts, settings } = this;
    while (this.next < starts.count) {
      const atMs = starts.times[this.next]!;
      if (atMs >= beforeMs) return;
      this.endBefore(atMs, onBurst);
      if (this.open && atMs - this.open.fromMs > settings.burstMaxMs) this.end(onBurst);
      if (!this.open) this.countHistory(atMs);
      this.moveWindow(atMs);
      const fromMs = this.triggeredSince(atMs);
      if (fromMs === null) continue;
      const since = this.open ?? { fromMs, triggerMs: atMs };
      const { triggerMs } = since;
      this.open = { fromMs: Math.min(since.fromMs, fromMs), untilMs: atMs, triggerMs };
    }
  }

  /** Ends the open burst when no start before `atMs` can belong to it any more. */
  endBefore(atMs: number, onBurst: (span: BurstSpan) => void): void {
    if (this.open && atMs - this.open.untilMs > this.settings.windowMs) this.end(onBurst);
  }

  /** Begins a walk at a time. */
  begin(atMs: number): void {
    this.historyFrom = this.starts.firstFrom(historyFrom(atMs, this.settings.historyDays));
    this.historyTo = this.historyFrom;
    this.rewind(atMs);
  }

  /** Makes the rates those of an earlier time; to be called before starts change, from `lagMs` before it on. */
  back(atMs: number): void {
    const { starts, settings } = this;
    const from = starts.firstFrom(historyFrom(atMs, settings.historyDays));
    while (this.historyFrom > from) this.count(--this.historyFrom, 1);
    const to = Math.max(this.historyFrom, starts.firstFrom(atMs - settings.lagMs));
    while (this.historyTo > to) this.count(--this.historyTo, -1);
  }

  /** Walks over starts from `atMs` on again, once `back` has been called. No burst was open then. */
  rewind(atMs: number): void {
    const { starts, settings } = this;
    this.open = null;
    this.inWindow.fill(0);
    this.linesOf.fill(0);
    this.next = starts.firstFrom(atMs);
    this.windowFrom = starts.firstFrom(atMs - settings.windowMs);
    for (let row = this.windowFrom; row < this.next; row++) this.step(starts.lines[row]!, 1);
  }

  /** How many of the first starts, of `rows`, no walk from here on reads again. */
  spare(rows: number): number {
    return Math.min(rows, this.historyFrom);
  }

  /** The first `rows` starts are no more; not more than are spare. */
  dropped(rows: number): void {
    this.historyFrom -= rows;
    this.historyTo -= rows;
    this.windowFrom -= rows;
    this.next -= rows;
  }

  /** Ends the open burst whatever follows. */
  end(onBurst: (span: BurstSpan) => void): void {
    const span = this.open;
    this.open = null;
    if (span) onBurst(span);
  }

  /** Starts older than the lag count as history, those before its first day no more. */
  private countHistory(atMs: number): void {
    const { starts, settings, rates } = this;
    const beforeMs = atMs - settings.lagMs;
    while (this.historyTo < starts.count && starts.times[this.historyTo]! < beforeMs) {
      this.count(this.historyTo++, 1);
    }
    const fromMs = historyFrom(atMs, settings.historyDays);
    while (this.historyFrom < this.historyTo && starts.times[this.historyFrom]! < fromMs) {
      this.count(this.historyFrom++, -1);
    }
    rates.span(Math.max(fromMs, starts.beganMs), beforeMs);
  }

  private count(row: number, step: 1 | -1): void {
    if (this.starts.explained[row] === 0) this.rates.count(this.starts.lines[row]!, step);
  }

  /** Takes every start of an instant into the window, and those too old out of it. */
  private moveWindow(atMs: number): void {
    const { starts, settings } = this;
    this.touched.length = 0;
    for (; this.next < starts.count && starts.times[this.next] === atMs; this.next++) {
      this.step(starts.lines[this.next]!, 1);
    }
    for (; starts.times[this.windowFrom]! < atMs - settings.windowMs; this.windowFrom++) {
      this.step(starts.lines[this.windowFrom]!, -1);
    }
  }

  private step(line: number, step: 1 | -1): void {
    const before = this.inWindow[line]!;
    this.inWindow[line] = before + step;
    if (before !== 0 && before + step !== 0) return;
    const { first, other, weight } = this.network.byLine;
    for (let i = first[line]!; i < first[line + 1]!; i++) {
      if (weight[i]! < STRONG) continue;
      this.linesOf[other[i]!]! += step;
      if (step === 1) this.touched.push(other[i]!);
    }
  }

  /** The first start in the window of a component that is hit improbably often, else null. */
  private triggeredSince(atMs: number): number | null {
    const { settings, rates } = this;
    const hit = new Set<number>();
    for (const component of this.touched) {
      const count = this.linesOf[component]!;
      if (count < settings.distinctMin || hit.has(component)) continue;
      const mean = rates.ofComponentAt(component) * settings.windowMs;
      if (poissonTail(count, mean) < settings.tailMax) hit.add(component);
    }
    if (hit.size === 0) return null;
    for (let row = this.windowFrom; row < this.next; row++) {
      if (this.isOn(this.starts.lines[row]!, hit)) return this.starts.times[row]!;
    }
    return atMs;
  }

  private isOn(line: number, components: ReadonlySet<number>): boolean {
    const { first, other, weight } = this.network.byLine;
    for (let i = first[line]!; i < first[line + 1]!; i++) {
      if (weight[i]! >= STRONG && components.has(other[i]!)) return true;
    }
    return false;
  }
}
