// Counts of a stream by branch and product and month, taken from the events themselves and not
// from what planted them. Invariant: an interruption counts in the local month of its start, its
// down time is clipped at month edges; class and planned are judged as SPEC section 2 says.

import { ALARMS } from './alarms.js';
import { MINUTE_MS, monthName, monthOf, monthStartMs } from './clock.js';
import type { Network } from './network.js';
import { planMonth } from './plan.js';
import { BRANCHES, PRODUCTS } from './province.js';
import type { SimulatedEvent } from './stream.js';

/** SPEC section 2: momentary below, outage from here on. */
export const OUTAGE_FROM_MS = 60_000;
/** SPEC section 2: a work's window is taken 5 minutes wider at either side. */
const WORK_MARGIN_MS = 5 * MINUTE_MS;

/** What happened in one month to the lines of one branch, product, or all of them. */
export interface Counts {
  /** interruption starts, those still open included */
  interruptions: number;
  /** ended in less than 60 s */
  momentary: number;
  /** ended after 60 s or more */
  outages: number;
  /** not ended when the stream ended */
  open: number;
  downMs: number;
  /** interruptions that start in the widened window of a work on their line */
  planned: number;
  /** down time of planned interruptions within the widened window */
  plannedDownMs: number;
}

export interface MonthCounts extends Counts {
  readonly name: string;
  /** "2006-11" */
  readonly month: string;
}

/** An interruption that has ended. */
export interface Ended {
  readonly line: number;
  readonly startMs: number;
  readonly endMs: number;
  /** that of the first of its raises that has one, else null */
  readonly cause: string | null;
}

/** An interruption that had not ended when the stream did. */
export type Open = Omit<Ended, 'endMs'>;

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Windows of works are kept this long: no interruption is longer than 36 h. */
const MONTHS_KEPT = 3;
const ALL = 0;
const GROUPS = 1 + BRANCHES.length + PRODUCTS.length;
const ALARM_BITS = new Map<string, number>(ALARMS.map(({ name }, index) => [name, 1 << index]));

/** Follows every line of a stream and counts; feed it all events in order, then call `finish`. */
export class Tally {
  readonly #network: Network;
  readonly #onEnded: (ended: Ended) => void;
  /** active alarms, a bit each, by line */
  readonly #active: Uint8Array;
  readonly #startMs: Float64Array;
  /** of the open interruption, by line */
  readonly #cause = new Map<number, string>();
  readonly #counts = new Map<number, Counts[]>();
  readonly #windows = new Map<number, Map<number, Window[]>>();
  events = 0;
  /** times of the first and the last event, epoch ms; null before there is one */
  firstMs: number | null = null;
  lastMs: number | null = null;

  /** @param onEnded told of every interruption as it ends, in the order of ends */
  constructor(network: Network, onEnded: (ended: Ended) => void = () => {}) {
    this.#network = network;
    this.#onEnded = onEnded;
    this.#active = new Uint8Array(network.lineNames.length);
    this.#startMs = new Float64Array(network.lineNames.length);
  }

  observe(event: Readonly<SimulatedEvent>): void {
    this.events++;
    const { line, timeMs } = event;
    this.firstMs ??= timeMs;
    this.lastMs = timeMs;
    const bit = ALARM_BITS.get(event.alarm)!;
    const before = this.#active[line];
    const after = event.down ? before | bit : before & ~bit;
    this.#active[line] = after;
    if (before === 0 && after !== 0) this.#startMs[line] = timeMs;
    if (event.down && event.cause !== null && !this.#cause.has(line)) {
      this.#cause.set(line, event.cause);
    }
    if (before === 0 || after !== 0) return;
    const startMs = this.#startMs[line];
    this.#count(line, startMs, timeMs, false);
    this.#onEnded({ line, startMs, endMs: timeMs, cause: this.#cause.get(line) ?? null });
    this.#cause.delete(line);
  }

  /** The interruptions that are open now, by line. */
  *open(): Generator<Open> {
    for (const [line, active] of this.#active.entries()) {
      if (active === 0) continue;
      yield { line, startMs: this.#startMs[line], cause: this.#cause.get(line) ?? null };
    }
  }

  /** Counts what is still open, its down time up to untilMs. Call it once. */
  finish(untilMs: number): void {
    this.#active.forEach((active, line) => {
      if (active !== 0) this.#count(line, this.#startMs[line], untilMs, true);
    });
  }

  /** All lines together, one row a month. */
  totals(): MonthCounts[] {
    return this.#rows(ALL, ['all']);
  }

  byBranch(): MonthCounts[] {
    return this.#rows(
      1,
      BRANCHES.map((branch) => branch.name),
    );
  }

  byProduct(): MonthCounts[] {
    return this.#rows(
      1 + BRANCHES.length,
      PRODUCTS.map((product) => product.name),
    );
  }

  #rows(first: number, names: readonly string[]): MonthCounts[] {
    return [...this.#counts.keys()]
      .toSorted((x, y) => x - y)
      .flatMap((month) => {
        const groups = this.#counts.get(month)!;
        return names.map((name, i) => ({ name, month: monthName(month), ...groups[first + i] }));
      });
  }

  #count(line: number, startMs: number, endMs: number, open: boolean): void {
    const startMonth = monthOf(startMs);
    const windowEndMs = this.#plannedUntil(line, startMs);
    const plannedMs = Math.max(0, Math.min(endMs, windowEndMs ?? startMs) - startMs);
    for (const counts of this.#countsOf(line, startMonth)) {
      counts.interruptions++;
      if (open) counts.open++;
      else if (endMs - startMs < OUTAGE_FROM_MS) counts.momentary++;
      else counts.outages++;
      if (windowEndMs === null) continue;
      counts.planned++;
      counts.plannedDownMs += plannedMs;
    }
    for (let fromMs = startMs, month = startMonth; fromMs < endMs; month++) {
      const toMs = Math.min(endMs, monthStartMs(month + 1));
      for (const counts of this.#countsOf(line, month)) counts.downMs += toMs - fromMs;
      fromMs = toMs;
    }
  }

  #countsOf(line: number, month: number): Counts[] {
    let groups = this.#counts.get(month);
    if (groups === undefined) {
      groups = Array.from({ length: GROUPS }, noCounts);
      this.#counts.set(month, groups);
    }
    const branch = 1 + this.#network.branchOf[line];
    const product = 1 + BRANCHES.length + this.#network.productOf[line];
    return [groups[ALL], groups[branch], groups[product]];
  }

  /** The end of the widened window of a work on the line that holds timeMs, or null. */
  #plannedUntil(line: number, timeMs: number): number | null {
    let untilMs: number | null = null;
    const month = monthOf(timeMs);
    const nextMonth = monthOf(timeMs + WORK_MARGIN_MS);
    for (let at = month; at <= nextMonth; at++) {
      for (const { fromMs, toMs } of this.#windowsOf(at).get(line) ?? []) {
        if (fromMs <= timeMs && timeMs < toMs) untilMs = Math.max(untilMs ?? 0, toMs);
      }
    }
    return untilMs;
  }

  #windowsOf(month: number): Map<number, Window[]> {
    const known = this.#windows.get(month);
    if (known !== undefined) return known;
    const windows = new Map<number, Window[]>();
    for (const work of planMonth(this.#network, month).works) {
      if (work.cancelled) continue;
      const window = { fromMs: work.startMs - WORK_MARGIN_MS, toMs: work.endMs + WORK_MARGIN_MS };
      for (const index of work.components) {
        for (const line of this.#network.components[index].lines) {
          const own = windows.get(line);
          if (own === undefined) windows.set(line, [window]);
          else own.push(window);
        }
      }
    }
    this.#windows.set(month, windows);
    this.#windows.delete(month - MONTHS_KEPT);
    return windows;
  }
}

function noCounts(): Counts {
  return {
    interruptions: 0,
    momentary: 0,
    outages: 0,
    open: 0,
    downMs: 0,
    planned: 0,
    plannedDownMs: 0,
  };
}
