// How often what happens in the simulated network, and how the rates of a month are balanced.
// Invariant: background, bad plant, bouts, bursts and works together give 10.44 momentary
// interruptions a line-month. Rates "per day" are those of 48,840 lines; others in proportion.

import { DAY_MS, HOUR_MS, MEAN_MONTH_MS, MINUTE_MS, localHour, localWeekday } from './clock.js';
import type { ComponentKind } from './components.js';
import { MOMENTARY_SHARE } from './fault.js';
import { DEFAULT_LINES, type Network } from './network.js';
import {
  CANCELLED_SHARE,
  PAIRED_WORK_SHARE,
  WORKS_PER_NIGHT,
  targetsOf,
  workTargets,
  type MonthPlan,
  type Targets,
} from './plan.js';
import { WeightedChoice } from './weighted.js';

/** SPEC section 1: 510,000 a month over 48,840 lines. */
const MOMENTARY_PER_LINE_MONTH = 510_000 / DEFAULT_LINES;

export const OUTAGES_PER_DAY = 110;

export const BOUTS_PER_DAY = 100;
/** Flapping bouts: fast ones trip 4 in 10m, slow ones 5 in 1h. */
export const BOUT = {
  fast: { share: 0.65, least: 5, meanMore: 6, meanGapMs: 75_000 },
  slow: { share: 0.35, least: 6, meanMore: 4, meanGapMs: 8 * MINUTE_MS },
};

export const BURSTS_PER_DAY = 18;
const BURST_KINDS: Partial<Record<ComponentKind, number>> = {
  card: 35,
  cable: 30,
  node: 15,
  trunk: 12,
  power: 8,
};
const BURST_MIN_LINES = 6;
/** The share of a component's lines that a burst hits. */
export const BURST_SHARE = { low: 0.3, high: 0.95 };
/** Bursts of two components at once. */
export const PAIRED_BURST_SHARE = 0.08;
/** Bursts that last: one common outage. */
export const BURST_OUTAGE_SHARE = 0.15;

/** The share of its lines that a work interrupts. */
export const WORK_SHARE = { low: 0.5, high: 0.95 };
/** Works that keep lines down until their end. */
export const WORK_OUTAGE_SHARE = 0.25;
/** Lines interrupted a second time as a work switches back. */
export const WORK_RETURN_SHARE = 0.5;

/** What one month's stream draws from; made again at each month. */
export interface Rates {
  readonly plan: MonthPlan;
  readonly lineCount: number;
  readonly lines: WeightedChoice;
  readonly outageLines: WeightedChoice;
  readonly rate: Float64Array;
  readonly bursts: Targets | null;
  /** background interruptions an hour, before the hour's activity */
  readonly backgroundPerHour: number;
}

const DAYS_PER_MONTH = MEAN_MONTH_MS / DAY_MS;

/** The rates of a month: the background takes what bursts, bouts, works and bad plant leave. */
export function ratesOf(network: Network, plan: MonthPlan): Rates {
  const lineCount = network.lineNames.length;
  const size = lineCount / DEFAULT_LINES;
  const bursts = targetsOf(network, BURST_KINDS, BURST_MIN_LINES);
  const extra = new Float64Array(lineCount);
  for (const bad of plan.badPlant) {
    bad.lines.forEach((line, i) => (extra[line] += bad.extraPerMonth[i]));
  }
  const extraSum = extra.reduce((sum, value) => sum + value, 0);
  const target = (lineCount * MOMENTARY_PER_LINE_MONTH) / MOMENTARY_SHARE;
  const perDay = boutsPerDay() + burstsPerDay(bursts) + worksPerDay(workTargets(network));
  const own = Math.max(0, target - extraSum - perDay * size * DAYS_PER_MONTH);
  const weights = network.rate.map((value, line) => (value * own) / lineCount + extra[line]);
  const lines = new WeightedChoice(weights);
  return {
    plan,
    lineCount,
    lines,
    outageLines: new WeightedChoice(network.rate.map((value) => 0.3 + 0.7 * value)),
    rate: network.rate,
    bursts,
    backgroundPerHour: (lines.total * HOUR_MS) / MEAN_MONTH_MS,
  };
}

function boutsPerDay(): number {
  const { fast, slow } = BOUT;
  const mean =
    fast.share * (fast.least + fast.meanMore) + slow.share * (slow.least + slow.meanMore);
  return BOUTS_PER_DAY * mean;
}

function burstsPerDay(targets: Targets | null): number {
  const share = (BURST_SHARE.low + BURST_SHARE.high) / 2;
  const lines = (targets?.meanLines ?? 0) * (1 + PAIRED_BURST_SHARE) * share;
  return BURSTS_PER_DAY * lines * (1 - BURST_OUTAGE_SHARE);
}

function worksPerDay(targets: Targets | null): number {
  const share = (WORK_SHARE.low + WORK_SHARE.high) / 2;
  const lines = (targets?.meanLines ?? 0) * (1 + PAIRED_WORK_SHARE) * share;
  const momentary = (1 - WORK_OUTAGE_SHARE) * (1 + WORK_RETURN_SHARE);
  return WORKS_PER_NIGHT * (1 - CANCELLED_SHARE) * lines * momentary;
}

/** Mild day and week: mean 1 over a week, most at 14:00, least at 02:00 and at weekends. */
export function activityAt(timeMs: number): number {
  const weekday = localWeekday(timeMs);
  const ofWeek = weekday === 0 || weekday === 6 ? 0.9 : 1.04;
  return ofWeek * (1 + 0.25 * Math.sin(((localHour(timeMs) + 0.5 - 8) / 24) * 2 * Math.PI));
}
