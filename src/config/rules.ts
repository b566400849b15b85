// The rules of SPEC section 2 that the kernel judges by, with their defaults and bounds.

import { FLAP_RULES_MAX, FLAP_STARTS_MAX } from '../../assembly/layout.js';
import { FlaplineError } from './errors.js';

/** A rule (K, W) of the window detector: `starts` starts within `windowMs`. */
export interface FlapRule {
  readonly starts: number;
  readonly windowMs: number;
}

/** What the kernel judges by. All times in ms. */
export interface Rules {
  /** Tried in this order at each start. */
  readonly flap: readonly FlapRule[];
  /** Q: an episode ends after this time without a transition. */
  readonly quietMs: number;
  /** An interruption of at least this length is an outage. */
  readonly outageMs: number;
  /** An outage that starts within this time after the previous one is a repeat fault. */
  readonly repeatMs: number;
}

/** 4 in 10m, then 5 in 1h; Q = 30 min; 60 s; 30 days. */
export const DEFAULT_RULES: Rules = {
  flap: [
    { starts: 4, windowMs: 600_000 },
    { starts: 5, windowMs: 3_600_000 },
  ],
  quietMs: 1_800_000,
  outageMs: 60_000,
  repeatMs: 30 * 86_400_000,
};

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

/** The words of a rule in findings: "4 in 10m". */
export function ruleWords(rule: FlapRule): string {
  return `${rule.starts} in ${durationWords(rule.windowMs)}`;
}

/** Reads "4 in 10m". Throws BAD_CONFIG naming `what`. */
export function parseFlapRule(words: string, what: string): FlapRule {
  const match = /^\s*(\d+)\s+in\s+(\S+)\s*$/.exec(words);
  if (!match) {
    throw new FlaplineError('BAD_CONFIG', `${what}: '${words}' is no rule; write it as '4 in 10m'`);
  }
  return { starts: Number(match[1]), windowMs: parseDuration(match[2]!, what) };
}

function complain(text: string): never {
  throw new FlaplineError('BAD_CONFIG', `rules: ${text}`);
}

/** Throws BAD_CONFIG when a rule is out of bounds. */
export function checkRules(rules: Rules): void {
  if (rules.flap.length > FLAP_RULES_MAX) complain(`at most ${FLAP_RULES_MAX} flap rules`);
  for (const rule of rules.flap) {
    if (rule.starts < 2 || rule.starts > FLAP_STARTS_MAX) {
      complain(`'${ruleWords(rule)}': starts must be 2 to ${FLAP_STARTS_MAX}`);
    }
    if (rule.windowMs < 1) complain(`'${ruleWords(rule)}': the window must be at least 1ms`);
  }
  if (rules.quietMs < 1) complain('quiet must be at least 1ms');
  if (rules.outageMs < 1) complain('outage must be at least 1ms');
  if (rules.repeatMs < 0) complain('repeat must not be negative');
}
