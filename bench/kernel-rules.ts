// Rules with everything on, for what it costs together: beside the primary window detector one of
// each kind and form; and with a second window detector and the chatter of every alarm besides. And
// with one rule more at a time.

import { DEFAULT_RULES, type Detector, type Rules } from '../src/config/rules.js';

const MINUTE_MS = 60_000;
const EVERYWHERE = { shadow: false, classes: [] } as const;

const DETECTORS: readonly Detector[] = [
  {
    ...EVERYWHERE,
    kind: 'penalty',
    name: 'penalty',
    halfLifeUpMs: 10 * MINUTE_MS,
    halfLifeDownMs: 10 * MINUTE_MS,
    penaltyDown: 1000,
    penaltyUp: 0,
    suppress: 3000,
    reuse: 1000,
    maxSuppressMs: 60 * MINUTE_MS,
  },
  {
    ...EVERYWHERE,
    kind: 'weighted',
    name: 'icinga',
    form: 'icinga',
    high: 30,
    low: 25,
    quietMs: 30 * MINUTE_MS,
  },
  {
    ...EVERYWHERE,
    kind: 'weighted',
    name: 'nagios',
    form: 'nagios',
    high: 30,
    low: 20,
    quietMs: 30 * MINUTE_MS,
  },
  {
    ...EVERYWHERE,
    kind: 'transient',
    name: 'transient',
    windowMs: 15 * MINUTE_MS,
    countMax: 10,
    durationMsMax: MINUTE_MS,
  },
];

const SLOW_WINDOW: Detector = {
  ...EVERYWHERE,
  kind: 'window',
  name: 'slow',
  flap: [{ starts: 10, windowMs: 86_400_000 }],
  quietMs: 6 * 3_600_000,
};

/** The default rules with every detector on. */
export const ALL_DETECTORS: Rules = { ...DEFAULT_RULES, detectors: DETECTORS };

/** With chatter, too, and two detectors of a kind. */
export const ALL_RULES: Rules = {
  ...DEFAULT_RULES,
  detectors: [...DETECTORS, SLOW_WINDOW],
  chatter: true,
};

/** The default rules with one more of each, for what each costs by itself. */
export const EACH_RULE: readonly (readonly [name: string, rules: Rules])[] = [
  ...[SLOW_WINDOW, ...DETECTORS].map(
    (detector) =>
      [`detector ${detector.name}`, { ...DEFAULT_RULES, detectors: [detector] }] as const,
  ),
  ['chatter', { ...DEFAULT_RULES, chatter: true }],
  ['mergeGap', { ...DEFAULT_RULES, mergeGapMs: 1_000 }],
  ['staleAfter', { ...DEFAULT_RULES, staleAfterMs: 86_400_000 }],
  ['sourceProfile', { ...DEFAULT_RULES, correctionMs: 7_500 }],
  ['ignore', { ...DEFAULT_RULES, ignore: { alarms: ['TEST'], causes: [], severities: [] } }],
];
