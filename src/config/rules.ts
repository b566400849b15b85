// The rules of SPEC section 2 that the kernel judges by, with their defaults and the words they are
// written in. Times are ms; null = off. Bounds are checked by rules-check.ts.

import { FlaplineError } from './errors.js';

/** A rule (K, W) of the window detector: `starts` starts within `windowMs`. */
export interface FlapRule {
  readonly starts: number;
  readonly windowMs: number;
}

interface DetectorBase {
  /** Unique, not `window`: findings carry it. */
  readonly name: string;
  /** Counted and compared, raises nothing. */
  readonly shadow: boolean;
  /** Names of the classes of lines it applies to; empty = all lines. */
  readonly classes: readonly string[];
}

/** A window detector beside the primary one. */
export interface WindowDetector extends DetectorBase {
  readonly kind: 'window';
  readonly flap: readonly FlapRule[];
  readonly quietMs: number;
}

/** A penalty that decays (RFC 2439). Its ceiling is reuse * 2^(maxSuppressMs / larger half-life). */
export interface PenaltyDetector extends DetectorBase {
  readonly kind: 'penalty';
  readonly halfLifeUpMs: number;
  readonly halfLifeDownMs: number;
  /** Added at a start, at an end. */
  readonly penaltyDown: number;
  readonly penaltyUp: number;
  readonly suppress: number;
  readonly reuse: number;
  readonly maxSuppressMs: number;
}

/** Weighted state changes as Icinga 2 or Nagios count them; `high` and `low` in percent. */
export interface WeightedDetector extends DetectorBase {
  readonly kind: 'weighted';
  readonly form: 'icinga' | 'nagios';
  readonly high: number;
  readonly low: number;
  readonly quietMs: number;
}

/** Momentary interruptions, and the sum of their durations, within a window. */
export interface TransientDetector extends DetectorBase {
  readonly kind: 'transient';
  readonly windowMs: number;
  readonly countMax: number;
  readonly durationMsMax: number;
}

/** A detector beside the primary window detector. */
export type Detector = WindowDetector | PenaltyDetector | WeightedDetector | TransientDetector;

/** What a class of lines may have of its own. */
export interface LineRules {
  /** Tried in this order at each start. */
  readonly flap: readonly FlapRule[];
  /** Q: an episode ends after this time without a transition. */
  readonly quietMs: number;
  /** An interruption of at least this corrected length is an outage. */
  readonly outageMs: number;
  /** An outage that starts within this time after the previous one is a repeat fault. */
  readonly repeatMs: number;
  /** Interruptions with a gap of at most this are joined. */
  readonly mergeGapMs: number | null;
  /** Clear delay - raise delay of the source: taken off every duration. */
  readonly correctionMs: number;
  /** An alarm whose last raise is older than this reads as unknown. */
  readonly staleAfterMs: number | null;
}

/** Lines with rules of their own. */
export interface LineClass {
  readonly name: string;
  /** Columns of lines.csv and the values of which one must stand there; all columns must match. */
  readonly match: Readonly<Record<string, readonly string[]>>;
  readonly rules: LineRules;
}

/** Alarms that are no events. */
export interface IgnoreLists {
  readonly alarms: readonly string[];
  readonly causes: readonly string[];
  readonly severities: readonly string[];
}

/** What the kernel judges by; its own LineRules are those of lines without a class. */
export interface Rules extends LineRules {
  /** Beside the primary window detector, which is made of flap and quietMs. */
  readonly detectors: readonly Detector[];
  /** The first that matches a line is its class. */
  readonly classes: readonly LineClass[];
  /** Chattering is counted for every alarm: costs memory an alarm. */
  readonly chatter: boolean;
  /** An event further ahead of its record's own timestamp is rejected. */
  readonly maxSkewMs: number | null;
  /** A partition whose records are further apart than this is unknown from then to the next one. */
  readonly sourceSilenceMs: number | null;
  readonly ignore: IgnoreLists;
}

/** The primary detector's name. */
export const WINDOW_DETECTOR = 'window';

/** 4 in 10m, then 5 in 1h; Q = 30 min; 60 s; 30 days; skew 5 min; everything else off. */
export const DEFAULT_RULES: Rules = {
  flap: [
    { starts: 4, windowMs: 600_000 },
    { starts: 5, windowMs: 3_600_000 },
  ],
  quietMs: 1_800_000,
  outageMs: 60_000,
  repeatMs: 30 * 86_400_000,
  mergeGapMs: null,
  correctionMs: 0,
  staleAfterMs: null,
  detectors: [],
  classes: [],
  chatter: false,
  maxSkewMs: 300_000,
  sourceSilenceMs: null,
  ignore: { alarms: [], causes: [], severities: [] },
};

/** The rule sets by a line's class: the rules themselves for none, then those of each class. */
export function ruleSets(rules: Rules): readonly LineRules[] {
  return [rules, ...rules.classes.map((one) => one.rules)];
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** A duration in words: the largest unit that divides it, such as 10m. */
export function durationWords(ms: number): string {
  for (const [unit, size] of UNITS) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

/** Reads words such as 10m, 1.5h, 250ms. Throws BAD_CONFIG naming `what`. */
export function parseDuration(words: string | number, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(String(words).trim());
  const size = UNITS.find(([unit]) => unit === match?.[2])?.[1];
  if (!match || size === undefined) {
    throw new FlaplineError(
      'BAD_CONFIG',
      `${what}: '${words}' is no duration; write a number and a unit, such as 10m, 1h or 30d`,
    );
  }
  return Math.round(Number(match[1]) * size);
}

/** Reads a duration, or `off` as null. Throws BAD_CONFIG naming `what`. */
export function parseDurationOrOff(words: string, what: string): number | null {
  return words.trim().toLowerCase() === 'off' ? null : parseDuration(words, what);
}

/** The words of a rule in findings: "4 in 10m". */
export function ruleWords(rule: FlapRule): string {
  return `${rule.starts} in ${durationWords(rule.windowMs)}`;
}

/** The words of the rules of a detector in findings; a window detector has one for each rule. */
export function detectorWords(detector: Detector): readonly string[] {
  return detector.kind === 'window' ? detector.flap.map(ruleWords) : [detector.kind];
}

/** Reads "4 in 10m". Throws BAD_CONFIG naming `what`. */
export function parseFlapRule(words: string, what: string): FlapRule {
  const match = /^\s*(\d+)\s+in\s+(\S+)\s*$/.exec(words);
  if (!match) {
    throw new FlaplineError('BAD_CONFIG', `${what}: '${words}' is no rule; write it as '4 in 10m'`);
  }
  return { starts: Number(match[1]), windowMs: parseDuration(match[2]!, what) };
}

/** As many starts as the largest K of these rules. */
export function keptBy(flap: readonly FlapRule[]): number {
  return Math.max(1, ...flap.map((rule) => rule.starts));
}
