// Ticks of a time axis in the network's zone: whole minutes, hours and days as people count
// them, as many as fit, and the date at the first and where a day begins.

import type uPlot from 'uplot';
import { cssColour, cssFont, remPixels } from '../shell/theme.js';
import { clock, clockSeconds, monthDay, offsetMs, startOfDayMs } from '../shell/zone.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS_MS = [
  ...[1, 2, 5, 10, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7].map((count) => count * DAY),
];

const AXIS_REM = 2.6;
const TICK_GAP_REM = 6;

export interface Ticks {
  times: number[];
  labels: string[];
}

function labelOf(ms: number, stepMs: number, isFirst: boolean): string {
  if (stepMs >= DAY) return monthDay(ms);
  const time = stepMs < MINUTE ? clockSeconds(ms) : clock(ms);
  return isFirst || ms === startOfDayMs(ms) ? `${time}\n${monthDay(ms)}` : time;
}

/**
 * Ticks from `fromMs` to `toMs` at least `gapPx` apart, none closer than half a label to
 * an edge.
 */
export function ticksOf(fromMs: number, toMs: number, widthPx: number, gapPx: number): Ticks {
  const perPx = (toMs - fromMs) / Math.max(1, widthPx);
  const stepMs = STEPS_MS.find((step) => step >= perPx * gapPx) ?? 28 * DAY;
  const edgeMs = perPx * gapPx * 0.3;
  const ticks: Ticks = { times: [], labels: [] };
  let wall = Math.ceil((fromMs + offsetMs(fromMs)) / stepMs) * stepMs;
  for (; ; wall += stepMs) {
    const time = wall - offsetMs(wall - offsetMs(fromMs));
    if (time > toMs - edgeMs) return ticks;
    if (time < fromMs + edgeMs) continue;
    ticks.times.push(time);
    ticks.labels.push(labelOf(time, stepMs, ticks.labels.length === 0));
  }
}

/** A time axis in the page's colours and font, for any plot with milliseconds on x. */
export function timeAxis(): uPlot.Axis {
  const rem = remPixels();
  let labels: string[] = [];
  return {
    stroke: () => cssColour('--dim'),
    font: cssFont(rem * 0.85),
    size: axisPx(),
    gap: rem * 0.3,
    grid: { show: false },
    ticks: { stroke: () => cssColour('--line'), size: rem * 0.3 },
    splits: (u, _axis, min, max) => {
      const ticks = ticksOf(min, max, u.width, rem * TICK_GAP_REM);
      labels = ticks.labels;
      return ticks.times;
    },
    values: () => labels,
  };
}

/** Height of the time axis in CSS pixels. */
export function axisPx(): number {
  return Math.round(remPixels() * AXIS_REM);
}
