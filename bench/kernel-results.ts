// What the kernel bench says and keeps of its measurements: the fields of RESULT, the gates, the dated
// JSON and the curve.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../src/config/root.js';
import { type Curve, drawCurves } from './kernel-curve.js';
import { type GroupResult, eventsPerSecond, ratio } from './kernel-sides.js';
import { type Machine, keepResult } from './machine.js';

/** What a field must at least be, a ceiling at most; the process is measured at full size only. */
export type Gates = Readonly<Record<GatedField, number>> & {
  readonly process_bytes_per_line?: number;
};
type GatedField =
  | 'detect_vs_native_48840'
  | 'detect_vs_native_1m'
  | 'decode_vs_simdjson_map'
  | 'decode_vs_simdjson_open'
  | 'decode_vs_json_parse'
  | 'all_detectors_cost'
  | 'bytes_per_line';
const CEILINGS: ReadonlySet<string> = new Set([
  'all_detectors_cost',
  'bytes_per_line',
  'process_bytes_per_line',
]);

/** Lines of the network of SPEC section 1. */
export const NETWORK_LINES = 48_840;
export const MILLION = 1_000_000;
export const TEN_MILLION = 10_000_000;

/** A point of the curve: detection on every side, and the whole kernel. */
export interface Point {
  readonly lines: number;
  readonly detect: GroupResult;
  readonly fold: GroupResult;
}

/** The fields of detection and of the curve. */
export function detectFields(points: readonly Point[]) {
  const at = (lines: number): Point => points.find((point) => point.lines === lines)!;
  const network = at(NETWORK_LINES).detect;
  const million = at(MILLION).detect;
  const largest = points.at(-1)!;
  const whole = eventsPerSecond(largest.fold, 0);
  return {
    detect_vs_native_48840: ratio(network, 1),
    detect_vs_native_1m: ratio(million, 1),
    detect_vs_native_touch_48840: ratio(network, 2),
    detect_vs_native_touch_1m: ratio(million, 2),
    detect_vs_native_prefetch_1m: ratio(million, 3),
    /** Text to findings in one instance; null at the size of the tests. */
    lines_10m_events_per_s: largest.lines === TEN_MILLION ? whole : null,
  };
}

/** The fields of decoding: ours against each of the others. */
export function decodeFields(decode: GroupResult) {
  return {
    decode_vs_simdjson_open: ratio(decode, 1),
    decode_vs_simdjson_map: ratio(decode, 2),
    decode_vs_json_parse: ratio(decode, 3),
    decode_events_per_s: eventsPerSecond(decode, 0),
  };
}

const COLOURS = ['#c2410c', '#1d4ed8', '#0e7490', '#15803d', '#7e22ce'];

/** Keeps the result as JSON and the curve as SVG; what was written, in words. */
export function keepAll(
  machine: Machine,
  kept: { readonly points: readonly Point[]; readonly [field: string]: unknown },
): string {
  const path = keepResult('kernel', machine, kept);
  const sides = kept.points[0].detect.rates.map(({ name }, side): Curve => {
    const named = name === 'kernel' ? 'kernel, rules' : `${name}, rules`;
    const points = kept.points.map(
      ({ lines, detect }) => [lines, eventsPerSecond(detect, side)] as const,
    );
    return { name: named, colour: COLOURS[side], points };
  });
  const whole: Curve = {
    name: 'kernel, text to findings',
    colour: COLOURS[sides.length],
    points: kept.points.map(({ lines, fold }) => [lines, eventsPerSecond(fold, 0)] as const),
  };
  const subtitle = `one core of ${machine.cpu}, Node ${machine.node}, ${machine.date.slice(0, 10)}`;
  const svg = drawCurves('events/s by the number of lines', subtitle, [...sides, whole]);
  const drawn = path.replace(/\.json$/, '.svg');
  mkdirSync(join(ROOT, 'bench', 'results'), { recursive: true });
  writeFileSync(join(ROOT, drawn), svg);
  return `kept in ${path} and ${drawn}`;
}

/** Throws when a field misses its gate, or was not measured. */
export function judge(result: Readonly<Record<string, unknown>>, gates: Gates): void {
  const missed = Object.entries(gates).flatMap(([field, gate]) => {
    const value = result[field];
    if (typeof value !== 'number') return [`${field} was not measured`];
    if (CEILINGS.has(field)) return value > gate ? [`${field} ${value} is above ${gate}`] : [];
    return value < gate ? [`${field} ${value} is below ${gate}`] : [];
  });
  if (missed.length > 0) throw new Error(`gate missed: ${missed.join('; ')}`);
}
