// Sets of detectors and of classes, and streams with control steps strewn in: resets, lines put into
// classes, other rules. Limits are small and lie on the gaps that scenarios have.

import fc from 'fast-check';
import { rulesProblems } from '../../src/config/rules-check.js';
import { DEFAULT_RULES as CONFIGURED, type Detector } from '../../src/config/rules.js';
import { DEFAULT_RULES, type Model, type Rules } from '../model.js';
import { someLineOptions, someOptions } from './interruptions.js';
import { type Scenario, type Step, applySteps, scenarios } from './scenario.js';

const MINUTE_MS = 60_000;
const CLASS_NAMES = ['vpn', 'gold'];
const LINES = ['A', 'B', 'port-1', 'port-2', 'port-3'];

const base = {
  name: fc.constantFrom('one', 'two', 'three', 'four', 'five'),
  shadow: fc.boolean(),
  classes: fc.constantFrom([], [], ['vpn'], ['gold', 'vpn']),
};
const quietMs = fc.constantFrom(30 * MINUTE_MS, 10 * MINUTE_MS, 1000);
const flap = fc.array(
  fc.record({
    starts: fc.constantFrom(2, 3, 4, 7),
    windowMs: fc.constantFrom(10 * MINUTE_MS, 60 * MINUTE_MS, 1000),
  }),
  { minLength: 1, maxLength: 3 },
);

/** A detector of any kind. */
export const someDetector: fc.Arbitrary<Detector> = fc.oneof(
  fc.record({ ...base, kind: fc.constant('window' as const), flap, quietMs }),
  fc.record({
    ...base,
    kind: fc.constant('penalty' as const),
    halfLifeUpMs: fc.constantFrom(10 * MINUTE_MS, 15 * MINUTE_MS, 5000),
    halfLifeDownMs: fc.constantFrom(10 * MINUTE_MS, 30 * MINUTE_MS),
    penaltyDown: fc.constantFrom(1000, 400, 0),
    penaltyUp: fc.constantFrom(0, 0, 500, 4000),
    suppress: fc.constantFrom(3000, 2000, 1000),
    reuse: fc.constantFrom(1000, 750, 400),
    maxSuppressMs: fc.constantFrom(60 * MINUTE_MS, 20_000),
  }),
  fc.record({
    ...base,
    kind: fc.constant('weighted' as const),
    form: fc.constantFrom('icinga' as const, 'nagios' as const),
    high: fc.constantFrom(30, 20, 5.9, 6.25),
    low: fc.constantFrom(25, 20, 5, 0),
    quietMs,
  }),
  fc.record({
    ...base,
    kind: fc.constant('transient' as const),
    windowMs: fc.constantFrom(15 * MINUTE_MS, 60 * MINUTE_MS, 1000, 1),
    countMax: fc.constantFrom(10, 3, 1),
    durationMsMax: fc.constantFrom(MINUTE_MS, 1000, 1),
  }),
);

const lineRules = fc.record({
  flap: fc.constantFrom(
    DEFAULT_RULES.flap,
    [],
    [{ name: '7 in 1h', starts: 7, windowMs: 3_600_000 }],
  ),
  quietMs,
  outageMs: fc.constantFrom(MINUTE_MS, 1000),
  repeatMs: fc.constantFrom(DEFAULT_RULES.repeatMs, 0),
  ...someLineOptions,
});

/** The same rules without the detectors that a configuration may not have. */
function allowed({ detectors, ...rules }: Rules): Rules {
  const classes = rules.classes.map(({ name }) => {
    return { name, match: { product: [name] }, rules: CONFIGURED };
  });
  const isAllowed = (detector: Detector): boolean =>
    rulesProblems({ ...CONFIGURED, classes, detectors: [detector] }).length === 0;
  return { ...rules, detectors: detectors.filter(isAllowed) };
}

/** Rules with several detectors and classes. */
export const detectorRules: fc.Arbitrary<Rules> = fc
  .record({
    flap: fc.constant(DEFAULT_RULES.flap),
    quietMs: fc.constantFrom(30 * MINUTE_MS, 1000),
    outageMs: fc.constant(MINUTE_MS),
    repeatMs: fc.constant(DEFAULT_RULES.repeatMs),
    ...someLineOptions,
    ...someOptions,
    starts: fc.constant(true),
    detectors: fc.uniqueArray(someDetector, {
      minLength: 1,
      maxLength: 5,
      selector: ({ name }) => name,
    }),
    classes: fc.uniqueArray(
      fc.record({ name: fc.constantFrom(...CLASS_NAMES), rules: lineRules }),
      {
        maxLength: 2,
        selector: ({ name }) => name,
      },
    ),
  })
  .map(allowed);

/** What happens between two events. */
export type Control =
  | { kind: 'reset'; line: string }
  | { kind: 'class'; line: string; name: string | null }
  | { kind: 'rules'; rules: Rules }
  | { kind: 'add-alias' | 'end-alias'; key: string; line: string }
  | { kind: 'grow' };

/** A stretch of events, and what happens behind it. */
export interface Stretch {
  readonly steps: Step[];
  readonly control: Control | null;
}

const control: fc.Arbitrary<Control> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('reset' as const), line: fc.constantFrom(...LINES) }),
  },
  fc.record({
    kind: fc.constant('class' as const),
    line: fc.constantFrom(...LINES),
    name: fc.constantFrom(null, ...CLASS_NAMES),
  }),
  fc.record({ kind: fc.constant('rules' as const), rules: detectorRules }),
  fc.record({ kind: fc.constant('grow' as const) }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('add-alias' as const, 'end-alias' as const, 'end-alias' as const),
      key: fc.constantFrom(...LINES),
      line: fc.constantFrom(...LINES),
    }),
  },
);

/** Streams cut into stretches by control steps. */
export function controlled(
  movesMax: number,
): fc.Arbitrary<{ aliases: Scenario['aliases']; stretches: Stretch[] }> {
  const controls = fc.array(fc.tuple(control, fc.nat(1000)), { maxLength: 6 });
  return fc.tuple(scenarios(movesMax), controls).map(([{ aliases, steps }, drawn]) => {
    const stretches: Stretch[] = [];
    let from = 0;
    for (const [each, share] of drawn.toSorted((a, b) => a[1] - b[1])) {
      const until = Math.max(from, Math.floor((steps.length * share) / 1000));
      stretches.push({ steps: steps.slice(from, until), control: each });
      from = until;
    }
    stretches.push({ steps: steps.slice(from), control: null });
    return { aliases, stretches };
  });
}

/** Has a model do what happens between two events; a class that the rules do not know is none. */
export function applyControl(model: Model, step: Control | null): void {
  if (step?.kind === 'reset') model.reset(step.line);
  if (step?.kind === 'add-alias') model.addAlias(step.key, step.line);
  if (step?.kind === 'end-alias') model.endAlias(step.key, step.line);
  if (step?.kind === 'rules') model.changeRules(step.rules);
  if (step?.kind === 'class') {
    const known = model.rules.classes.some(({ name }) => name === step.name);
    model.setClass(step.line, known ? step.name : null);
  }
}

/** Applies stretches to a model. */
export function applyStretches(model: Model, stretches: readonly Stretch[]): void {
  for (const stretch of stretches) {
    applySteps(model, stretch.steps);
    applyControl(model, stretch.control);
  }
}
