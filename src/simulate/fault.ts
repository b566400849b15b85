// One simulated fault and the lengths faults have. Invariant: whole milliseconds, at least 200
// long.

import { causeIndex, type CauseText } from './alarms.js';
import { HOUR_MS, MINUTE_MS } from './clock.js';
import type { Random } from './random.js';
import type { Bout, Hits } from './truth.js';

/** An interruption to be, unless its line is down at its start. */
export interface Fault {
  readonly line: number;
  readonly startMs: number;
  readonly durationMs: number;
  /** index in CAUSES */
  readonly cause: number;
  /** the planted cause it belongs to, told when it happens */
  readonly hits: Hits | null;
  readonly bout: Bout | null;
}

const MOMENTARY_MEDIAN_MS = 8_000;
const MOMENTARY_SIGMA = 0.9;
/** P(lognormal < 60 s) = Phi(ln(60 / 8) / 0.9) */
export const MOMENTARY_SHARE = 0.9874;
const SHORTEST_MS = 200;
const LONGEST_OUTAGE_MS = 36 * HOUR_MS;

/** A fault, part of a planted cause where one is given. */
export function faultOf(
  line: number,
  startMs: number,
  durationMs: number,
  cause: CauseText | null,
  hits: Hits | null = null,
  bout: Bout | null = null,
): Fault {
  const wholeMs = Math.max(SHORTEST_MS, Math.floor(durationMs));
  return { line, startMs, durationMs: wholeMs, cause: causeIndex(cause), hits, bout };
}

/** The length of a fault of the common kind: lognormal, seldom 60 s or more. */
export function momentaryMs(random: Random): number {
  return random.logNormal(MOMENTARY_MEDIAN_MS, MOMENTARY_SIGMA);
}

/** The length of an outage: at least 60 s. */
export function outageMs(medianMs: number, sigma: number, random: Random): number {
  return Math.min(LONGEST_OUTAGE_MS, MINUTE_MS + random.logNormal(medianMs, sigma));
}
