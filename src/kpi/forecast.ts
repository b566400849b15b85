// The month's figure as it will be at its end, with a band. Expected a day: level x weekday; expected
// of the rest of today: by the profile of its hours. What days differ from that (bursts, storms; counts
// are overdispersed, far wider than Poisson) is drawn again from the days seen, three in a row since
// storms last, and the level is estimated anew from such a draw each time, so that the band holds both
// what days do and what is not known of their level. Deterministic: the draws are seeded.

import { Random } from '../simulate/random.js';

/** Counts of a local day. */
export interface DayCounts {
  /** Such as 2007-03-31. */
  readonly day: string;
  /** By local hour, 24 of them; an hour that a day has twice holds both. */
  readonly hours: readonly number[];
}

/** How a forecast is made. */
export interface ForecastOptions {
  /** Share of months that the band should hold, 0..1. */
  readonly band: number;
  /** Days before today that are looked at, at most. */
  readonly historyDays: number;
}

export const FORECAST_DEFAULTS: ForecastOptions = { band: 0.9, historyDays: 180 };

/** Fewer days than these tell nothing of a month. */
const DAYS_MIN = 14;
const DRAWS = 2_000;
const BLOCK_DAYS = 3;
/** A weekday's own mean counts as much as the mean of all with so many of it. */
const WEEKDAY_PRIOR = 4;
/** Days after which a day weighs half as much in the level. */
const LEVEL_HALF_LIFE = 28;
/** Weekdays and the level. */
const FITTED = 8;
const SEED = 20061130;

/** A forecast; `counted` stands already. */
export interface Forecast {
  readonly counted: number;
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  /** Days it was learned from. */
  readonly days: number;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / Math.max(1, values.length);
const weighted = (values: ArrayLike<number>, weights: readonly number[]): number => {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += values[i] * weights[i];
  return total;
};
const weekdayOf = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();

/** The days from a day on to the end of its month, the day itself excluded. */
function daysLeft(day: string): string[] {
  const [year, month, date] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Array.from({ length: last - date }, (_, i) => {
    return `${day.slice(0, 8)}${String(date + i + 1).padStart(2, '0')}`;
  });
}

/**
 * The figure of today's month at its end. `days` are in order and without holes, the last of them is
 * today, counted up to `hourNow` (0..24, fractions too). Null with less than two weeks before today.
 */
export function forecastMonth(
  days: readonly DayCounts[],
  hourNow: number,
  { band, historyDays }: ForecastOptions,
): Forecast | null {
  const today = days.at(-1);
  const history = days.slice(-historyDays - 1, -1);
  if (today === undefined || history.length < DAYS_MIN) return null;
  const counted = sum(
    days
      .filter(({ day }) => day.slice(0, 7) === today.day.slice(0, 7))
      .map((one) => sum(one.hours)),
  );
  const totals = history.map(({ hours }) => sum(hours));
  const overall = mean(totals);
  if (overall === 0) return { counted, expected: counted, low: counted, high: counted, days: 0 };
  const weekday = Array.from({ length: 7 }, (_, w) => {
    const own = totals.filter((_total, i) => weekdayOf(history[i].day) === w);
    return (sum(own) / overall + WEEKDAY_PRIOR) / (own.length + WEEKDAY_PRIOR);
  });
  const factor = (day: string): number => weekday[weekdayOf(day)];
  const plain = totals.map((total, i) => total / factor(history[i].day));
  const weights = plain.map((_, i) => 2 ** ((i + 1 - plain.length) / LEVEL_HALF_LIFE));
  const allWeights = sum(weights);
  const levelOf = (values: ArrayLike<number>): number => weighted(values, weights) / allWeights;
  const level = levelOf(plain);
  // Level and weekdays were fitted to these very days: what is left is smaller than what will come.
  const wider = Math.sqrt(plain.length / Math.max(1, plain.length - FITTED));
  const spread = plain.map((value) => Math.max(0, level + (value - level) * wider));
  const ahead = [
    factor(today.day) * shareLeft(history, hourNow),
    ...daysLeft(today.day).map(factor),
  ];
  const random = new Random(SEED);
  const outcomes = new Float64Array(DRAWS);
  const before = new Float64Array(plain.length);
  const future = new Float64Array(ahead.length);
  for (let draw = 0; draw < DRAWS; draw++) {
    drawBlocks(before, spread, random);
    const drawnLevel = levelOf(before);
    drawBlocks(future, spread, random);
    outcomes[draw] = weighted(future, ahead) * (drawnLevel / level);
  }
  outcomes.sort();
  const at = (share: number): number => outcomes[Math.min(DRAWS - 1, Math.floor(share * DRAWS))];
  return {
    counted,
    expected: Math.round(counted + level * sum(ahead)),
    low: Math.round(counted + at((1 - band) / 2)),
    high: Math.round(counted + at((1 + band) / 2)),
    days: history.length,
  };
}

/** Fills `into` with values drawn again, runs of BLOCK_DAYS in their order. */
function drawBlocks(into: Float64Array, values: readonly number[], random: Random): void {
  for (let i = 0; i < into.length;) {
    const from = random.int(values.length - BLOCK_DAYS + 1);
    const end = Math.min(into.length, i + BLOCK_DAYS);
    for (let k = from; i < end;) into[i++] = values[k++];
  }
}

/** The share of a day's count that lies behind an hour. */
function shareLeft(history: readonly DayCounts[], hourNow: number): number {
  const hours = Array.from({ length: 24 }, (_, h) => sum(history.map((day) => day.hours[h])));
  const whole = Math.floor(hourNow);
  const left = sum(hours.slice(whole + 1)) + (hours[whole] ?? 0) * (whole + 1 - hourNow);
  return left / Math.max(1, sum(hours));
}
