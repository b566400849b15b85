// The forecast against simulated years: how often its band held the month's figure, judged on both sides
// of the level it claims. FLAPLINE_FORECAST_YEARS=n takes n years instead of CI's.

import { describe, expect, it } from 'vitest';
import { FORECAST_DEFAULTS, type DayCounts, forecastMonth } from '../../src/kpi/forecast.js';
import { AlarmStream, buildNetwork } from '../../src/simulate/index.js';
import { Tally } from '../../src/simulate/tally.js';

const YEARS = Number(process.env['FLAPLINE_FORECAST_YEARS'] ?? '8');
const LINES = 1_500;
const DAY = 86_400_000;
const HOUR = 3_600_000;
const OFFSET = 8 * HOUR;
const FROM_MS = Date.parse('2007-01-01T00:00:00+08:00');

/** Momentary interruptions of a simulated year by local day and hour. */
function simulatedYear(seed: number): DayCounts[] {
  const network = buildNetwork({ seed, lines: LINES });
  const days = Array.from({ length: 365 }, (_, i) => ({
    day: new Date(FROM_MS + OFFSET + i * DAY).toISOString().slice(0, 10),
    hours: Array.from({ length: 24 }, () => 0),
  }));
  const tally = new Tally(network, ({ startMs, endMs }) => {
    if (endMs - startMs >= 60_000) return;
    const hour = Math.floor((startMs - FROM_MS) / HOUR);
    const day = days[Math.floor(hour / 24)];
    if (day) day.hours[hour % 24]++;
  });
  const stream = new AlarmStream(network, { seed, fromMs: FROM_MS, keepTruth: false });
  stream.nextUntil(FROM_MS + 365 * DAY, (event) => tally.observe(event));
  return days;
}

/** Chance of at most (or at least) so many of n at p. */
function tails(held: number, n: number, p: number): { atMost: number; atLeast: number } {
  let term = (1 - p) ** n;
  const terms = [term];
  for (let k = 1; k <= n; k++) terms.push((term *= (((n - k + 1) / k) * p) / (1 - p)));
  const of = (from: number, to: number): number =>
    terms.slice(from, to + 1).reduce((a, b) => a + b, 0);
  return { atMost: of(0, held), atLeast: of(held, n) };
}

describe('the month-end forecast', () => {
  it('holds as many months as its band says', () => {
    const held = [0, 0];
    const widths: number[] = [];
    let total = 0;
    for (let seed = 1; seed <= YEARS; seed++) {
      const days = simulatedYear(seed);
      for (let month = 3; month <= 12; month++) {
        // Another day of the month each time: the 3rd to the 27th.
        const now = `2007-${String(month).padStart(2, '0')}-${String(3 + ((seed * 7 + month * 5) % 25)).padStart(2, '0')}`;
        const at = days.findIndex(({ day }) => day === now);
        const actual = days
          .filter(({ day }) => day.slice(0, 7) === now.slice(0, 7))
          .reduce((sum, { hours }) => sum + hours.reduce((a, b) => a + b, 0), 0);
        const known = days.slice(0, at + 1);
        known[at] = { day: now, hours: known[at].hours.map((count, h) => (h < 12 ? count : 0)) };
        const forecast = forecastMonth(known, 12, FORECAST_DEFAULTS)!;
        total++;
        if (actual < forecast.low) held[0]++;
        if (actual > forecast.high) held[1]++;
        widths.push((forecast.high - forecast.low) / actual);
      }
    }
    const inside = total - held[0] - held[1];
    const width = widths.reduce((a, b) => a + b, 0) / widths.length;
    console.log(
      `forecast: ${inside} of ${total} months in the ${FORECAST_DEFAULTS.band * 100} % band ` +
        `(${((100 * inside) / total).toFixed(1)} %), below ${held[0]}, above ${held[1]}; ` +
        `mean width ${(100 * width).toFixed(1)} % of the figure; ${YEARS} years of ${LINES} lines`,
    );
    const { atMost, atLeast } = tails(inside, total, FORECAST_DEFAULTS.band);
    expect(Math.min(atMost, atLeast)).toBeGreaterThan(0.005);
  }, 300_000);

  it('is null with less than two weeks before it, and says so of nothing else', () => {
    const days = simulatedYear(99).slice(0, 15);
    expect(forecastMonth(days.slice(0, 14), 24, FORECAST_DEFAULTS)).toBeNull();
    expect(forecastMonth(days, 24, FORECAST_DEFAULTS)).not.toBeNull();
    expect(forecastMonth([], 24, FORECAST_DEFAULTS)).toBeNull();
  });

  it('is the count itself at the end of the month', () => {
    const days = simulatedYear(98).slice(0, 59);
    const counted = days
      .slice(31)
      .reduce((sum, { hours }) => sum + hours.reduce((a, b) => a + b, 0), 0);
    const forecast = forecastMonth(days, 24, FORECAST_DEFAULTS)!;
    expect(forecast).toMatchObject({ counted, expected: counted, low: counted, high: counted });
  });
});
