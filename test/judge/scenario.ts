// Streams of events for the rules: few lines and many events, with gaps on and around every limit of
// SPEC section 2, late events, duplicates, several alarms, "*", zero lengths, clocks that jump ahead,
// aliases, keys, and rejected events. A stream is made of moves, so that a failure shrinks well.

import fc from 'fast-check';
import { Model, type FlapRule, type ModelEvent, type Rules } from '../model.js';
import { pick, rarely, type Choose } from './choose.js';
import { someLineOptions, someOptions } from './interruptions.js';

/** One step of a stream: an accepted event, or a rejected one that names a line or key. */
export type Step =
  | { kind: 'event'; event: ModelEvent }
  | { kind: 'reject'; line: string; key?: string };

/** A partition's stream and the rows (key, line) of its aliases. */
export interface Scenario {
  aliases: [key: string, line: string][];
  steps: Step[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NAMES = ['A', 'B', 'port-1', 'port-2', 'port-3'];
const ALARMS = [undefined, 'LOS', 'AIS', '*', ''];
const CAUSES = [undefined, undefined, 'card 3', 'cable 7'];
const BASES_MS = [1_164_900_000_000, 0];
const PULSES = ['pulse', 'pulse', 'pulse'] as const;
const LATE = ['late-down', 'late-up', 'ahead'] as const;
const OTHERS = ['down', 'up', 'again', 'clear-all', 'reject', 'reject-key'] as const;
const SHAPES = [...PULSES, ...LATE, ...OTHERS];
const SHORT_GAPS_MS = [1000, 0, 1, 60_000];
/** In 4 starts W = 10 min is reached exactly by gaps of 200 s, in 5 starts 1 h by gaps of 15 min. */
const FLAP_GAPS_MS = [200_000, 900_000, 600_000, HOUR_MS / 2, HOUR_MS, 30 * DAY_MS];
const AROUND = FLAP_GAPS_MS.flatMap((gap) => [gap, gap - 1, gap + 1]);
const GAPS_MS = [...SHORT_GAPS_MS, ...AROUND, 8 * HOUR_MS];
const HOLDS_MS = [0, 1, 1000, 59_999, 60_000, 60_001, 600_000, HOUR_MS / 2, HOUR_MS / 2 + 1];
const TIMES_MAX = 6;
const AHEAD_MS = 8 * HOUR_MS;

const ALIAS_TABLES: [string, string][][] = [
  [],
  [
    ['port-1', 'A'],
    ['port-2', 'A'],
  ],
  [
    ['port-1', 'A'],
    ['port-1', 'B'],
    ['port-2', 'A'],
    ['port-3', 'port-3'],
    ['port-3', 'B'],
    ['port-1', 'A'],
  ],
  [
    ['A', 'A'],
    ['A', 'B'],
    ['B', 'A'],
  ],
];

/** Indices into the tables above; zeros are the plainest move. */
interface Move {
  name: number;
  shape: number;
  gap: number;
  hold: number;
  times: number;
  alarm: number;
  cause: number;
  key: number;
}

const MOVE_BOUNDS: Move = {
  name: NAMES.length,
  shape: SHAPES.length,
  gap: GAPS_MS.length,
  hold: HOLDS_MS.length,
  times: TIMES_MAX,
  alarm: ALARMS.length,
  cause: CAUSES.length,
  key: 12,
};

function below(bound: number): fc.Arbitrary<number> {
  return fc.nat(bound - 1);
}

/** Streams of up to `movesMax` moves over five names. */
export function scenarios(movesMax = 60): fc.Arbitrary<Scenario> {
  const move = fc.record({
    name: below(MOVE_BOUNDS.name),
    shape: below(MOVE_BOUNDS.shape),
    gap: below(MOVE_BOUNDS.gap),
    hold: below(MOVE_BOUNDS.hold),
    times: below(MOVE_BOUNDS.times),
    alarm: below(MOVE_BOUNDS.alarm),
    cause: below(MOVE_BOUNDS.cause),
    key: below(MOVE_BOUNDS.key),
  });
  return fc
    .record({
      moves: fc.array(move, { maxLength: movesMax, size: 'max' }),
      aliases: fc.constantFrom(...ALIAS_TABLES),
      base: fc.constantFrom(...BASES_MS),
      oneClock: fc.boolean(),
    })
    .map(({ moves, aliases, base, oneClock }) => ({
      aliases,
      steps: stepsOf(moves, NAMES, base, oneClock),
    }));
}

const someFlapRule: fc.Arbitrary<FlapRule> = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(600_000, HOUR_MS, 1000, 1, 0))
  .map(([starts, windowMs]) => ({ name: `${starts} in ${windowMs}ms`, starts, windowMs }));

/** Other rules than the default ones: small counts, short windows, any order. */
export const someRules: fc.Arbitrary<Partial<Rules>> = fc.record({
  flap: fc.uniqueArray(someFlapRule, { minLength: 1, maxLength: 4, selector: ({ name }) => name }),
  quietMs: fc.constantFrom(1_800_000, 60_000, 1000, 1),
  outageMs: fc.constantFrom(60_000, 1000),
  repeatMs: fc.constantFrom(30 * DAY_MS, HOUR_MS, 0),
  ...someLineOptions,
  ...someOptions,
});

/** A long stream for fuzz loops, over names "L0", "L1", ... and a table of aliases. */
export function fuzzScenario(choose: Choose, moves: number, names: number): Scenario {
  const bounds = { ...MOVE_BOUNDS, name: names };
  const drawn = Array.from({ length: moves }, () => {
    const entries = Object.entries(bounds).map(([field, bound]) => [field, choose(bound)]);
    return Object.fromEntries(entries) as Move;
  });
  const lines = Array.from({ length: names }, (_, i) => `L${i}`);
  const aliases: [string, string][] = [];
  for (const line of lines) {
    while (rarely(choose, 8)) aliases.push([line, pick(choose, lines)]);
  }
  return { aliases, steps: stepsOf(drawn, lines, pick(choose, BASES_MS), rarely(choose, 2)) };
}

/** The model after all steps. */
export function modelOf(scenario: Scenario, rules: Partial<Rules> = {}): Model {
  const model = new Model(rules, scenario.aliases);
  applySteps(model, scenario.steps);
  return model;
}

/** Applies the steps to a model, in their order. */
export function applySteps(model: Model, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.kind === 'event') model.apply(step.event);
    else model.reject(step.line, step.key);
  }
}

/** Each name has a clock of its own, so that gaps fall exactly, or all share one. */
function stepsOf(
  moves: readonly Move[],
  names: readonly string[],
  base: number,
  oneClock: boolean,
): Step[] {
  const steps: Step[] = [];
  const clocks = new Map<string, number>();
  for (const move of moves) {
    const clock = oneClock ? '' : names[move.name];
    const now = clocks.get(clock) ?? base;
    clocks.set(clock, play(move, names[move.name], now, steps));
  }
  return steps;
}

/** Writes a move's steps and returns the clock after it. */
function play(move: Move, line: string, now: number, steps: Step[]): number {
  const [gap, hold] = [GAPS_MS[move.gap], HOLDS_MS[move.hold]];
  const key = move.key === 1 ? 'port-1' : undefined;
  const push = (time: number, state: 'down' | 'up', alarm = ALARMS[move.alarm]): void => {
    const cause = state === 'down' ? CAUSES[move.cause] : undefined;
    steps.push({
      kind: 'event',
      event: { line, time: Math.max(0, time), state, alarm, cause, key },
    });
  };
  const at = now + gap;
  switch (SHAPES[move.shape]) {
    case 'pulse':
      return pulses(at, gap, hold, move.times + 1, push);
    case 'down':
      push(at, 'down');
      return at;
    case 'up':
      push(at, 'up');
      return at;
    case 'again':
      push(at, 'down');
      push(at + hold, 'down');
      return at + hold;
    case 'clear-all':
      push(at, 'up', '*');
      return at;
    case 'late-down':
      push(now - gap, 'down');
      return now;
    case 'late-up':
      push(now - gap, 'up');
      return now;
    case 'ahead':
      push(now + AHEAD_MS, move.times % 2 === 0 ? 'down' : 'up');
      return now;
    case 'reject':
      steps.push({ kind: 'reject', line });
      return now;
    case 'reject-key':
      steps.push({ kind: 'reject', line, key: 'port-2' });
      return now;
  }
}

/** Interruptions of `hold` ms whose starts lie `gap` apart, or as close as they can. */
function pulses(
  first: number,
  gap: number,
  hold: number,
  times: number,
  push: (time: number, state: 'down' | 'up') => void,
): number {
  const period = Math.max(gap, hold);
  for (let i = 0; i < times; i++) {
    push(first + i * period, 'down');
    push(first + i * period + hold, 'up');
  }
  return first + (times - 1) * period + hold;
}
