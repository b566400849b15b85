// Durations and rules in the words of flapline.yaml, and the steps that the sliders take.

import type { FlapRule } from './kernel.js';

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** A duration in words: the largest unit that divides it, such as 10m. */
export function durationWords(ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** Reads words such as 10m; null where they are none. */
function durationOf(words: string): number | null {
  const match = /^(\d+(?:\.\d+)?) *(ms|s|m|h|d)$/.exec(words.trim());
  const size = UNITS.find(([unit]) => unit === match?.[2])?.[1];
  return match === null || size === undefined ? null : Math.round(Number(match[1]) * size);
}

/** "4 in 10m". */
export const ruleWords = ({ starts, windowMs }: FlapRule): string =>
  `${starts} in ${durationWords(windowMs)}`;

/** Reads "4 in 10m"; null where it is none. */
function ruleOf(words: string): FlapRule | null {
  const [starts, window] = words.split(' in ');
  const windowMs = durationOf(window ?? '');
  const count = Number(starts);
  return Number.isInteger(count) && windowMs !== null ? { starts: count, windowMs } : null;
}

/** Rules and a quiet time in words; what cannot be read, or is none, is left out. */
export function rulesOf(flap: readonly string[], quiet: string, usualQuietMs: number) {
  return {
    flap: flap.map(ruleOf).filter((rule) => rule !== null),
    quietMs: durationOf(quiet) ?? usualQuietMs,
  };
}

const MINUTE = 60_000;

/** What a slider offers: half a minute to a day. */
export const STEPS_MS: readonly number[] = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 105, 120, 150, 180, 240,
  300, 360, 480, 600, 720, 900, 1080, 1440,
].map((minutes) => minutes * MINUTE);
