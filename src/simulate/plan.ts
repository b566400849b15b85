// What is laid down for a calendar month of the simulated network: its planned works (割接), at night
// between 00:00 and 05:00 local, and its bad plant, components whose lines are bad all month.
// Invariant: a pure function of (network, month), so that records and every stream agree.

import { DAY_MS, HOUR_MS, MINUTE_MS, localWeekday, monthName, monthStartMs } from './clock.js';
import type { ComponentKind } from './components.js';
import type { Network } from './network.js';
import { DEFAULT_LINES } from './network.js';
import { Random } from './random.js';
import { WeightedChoice } from './weighted.js';

/** A planned work with its window. A cancelled one interrupts nothing. */
export interface Work {
  /** "W200611-0012" */
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly cancelled: boolean;
  /** null where there is no proof of notice */
  readonly notifiedDepartmentMs: number | null;
  readonly notifiedCustomerMs: number | null;
  /** indices in network.components */
  readonly components: readonly number[];
}

/** A component whose lines are bad all month, and by how much. */
export interface BadPlant {
  /** index in network.components */
  readonly component: number;
  /** affected line indices */
  readonly lines: Int32Array;
  /** interruptions a month on top of the line's own rate, one a line */
  readonly extraPerMonth: Float64Array;
}

export interface MonthPlan {
  readonly month: number;
  readonly works: readonly Work[];
  readonly badPlant: readonly BadPlant[];
}

/** Components that can be hit together, by kind, with the chance of each kind. */
export interface Targets {
  readonly byKind: readonly (readonly number[])[];
  /** picks an index of byKind */
  readonly kinds: WeightedChoice;
  /** lines of one target on average */
  readonly meanLines: number;
}

/** Works a night for 48,840 lines; others in proportion. */
export const WORKS_PER_NIGHT = 5;
export const CANCELLED_SHARE = 0.08;
/** Works on two components instead of one. */
export const PAIRED_WORK_SHARE = 0.15;
const WORK_KINDS: Partial<Record<ComponentKind, number>> = {
  card: 25,
  cable: 30,
  node: 25,
  trunk: 12,
  power: 8,
};
const FRIDAY_TO_SUNDAY_FACTOR = 0.45;
const OTHER_NIGHTS_FACTOR = (7 - 3 * FRIDAY_TO_SUNDAY_FACTOR) / 4;
const WINDOW_STEP_MS = 30 * MINUTE_MS;
const LAST_START_STEPS = 7;
const NIGHT_END_MS = 5 * HOUR_MS;
const NOTICE = { department: 0.97, customer: 0.9, late: 0.06 };

const BAD_PLANT: readonly { kind: ComponentKind; share: number; atLeast: number }[] = [
  { kind: 'card', share: 0.0035, atLeast: 1 },
  { kind: 'cable', share: 0.007, atLeast: 0 },
  { kind: 'node', share: 0.005, atLeast: 0 },
  { kind: 'power', share: 0.004, atLeast: 0 },
];
const BAD_PLANT_MIN_LINES = 6;
const BAD_LINE_SHARE = 0.8;
const BAD_LINE_EXTRA = { shape: 2, scale: 15 };
const TARGET_MAX_LINES = 1_500;

const PLAN_SALT = 101;

/** Everything planned for a month (clock.ts, monthOf). */
export function planMonth(network: Network, month: number): MonthPlan {
  const random = new Random(network.seed, network.lineNames.length, PLAN_SALT, month);
  return {
    month,
    works: drawWorks(network, month, random),
    badPlant: drawBadPlant(network, random),
  };
}

/** The components with at least minLines lines that a cause of these kinds may strike. */
export function targetsOf(
  network: Network,
  weights: Partial<Record<ComponentKind, number>>,
  minLines: number,
): Targets | null {
  const found = Object.entries(weights)
    .map(([kind, weight]) => ({ weight, members: membersOf(network, kind, minLines) }))
    .filter(({ members }) => members.length > 0);
  if (found.length === 0) return null;
  const total = found.reduce((sum, { weight }) => sum + weight, 0);
  const meanLines = found.reduce((sum, { weight, members }) => {
    const lines = members.reduce((n, index) => n + network.components[index].lines.length, 0);
    return sum + ((weight / total) * lines) / members.length;
  }, 0);
  return {
    byKind: found.map(({ members }) => members),
    kinds: new WeightedChoice(found.map(({ weight }) => weight)),
    meanLines,
  };
}

/** One component, and with the given chance another one beside it. */
export function drawTargets(targets: Targets, pairShare: number, random: Random): number[] {
  const drawOne = (): number => random.choose(targets.byKind[targets.kinds.pick(random)]);
  const first = drawOne();
  if (!random.chance(pairShare)) return [first];
  const second = drawOne();
  return second === first ? [first] : [first, second];
}

/** The targets of works: the calibration of the stream needs their mean size. */
export function workTargets(network: Network): Targets | null {
  return targetsOf(network, WORK_KINDS, 2);
}

function membersOf(network: Network, kind: string, minLines: number): number[] {
  return network.components.flatMap((component, index) =>
    component.kind === kind &&
    component.lines.length >= minLines &&
    component.lines.length <= TARGET_MAX_LINES
      ? [index]
      : [],
  );
}

function drawWorks(network: Network, month: number, random: Random): Work[] {
  const targets = workTargets(network);
  if (targets === null) return [];
  const works: Work[] = [];
  const endMs = monthStartMs(month + 1);
  const perNight = (WORKS_PER_NIGHT * network.lineNames.length) / DEFAULT_LINES;
  for (let nightMs = monthStartMs(month); nightMs < endMs; nightMs += DAY_MS) {
    const weekday = localWeekday(nightMs);
    const restNight = weekday === 0 || weekday >= 5;
    const mean = perNight * (restNight ? FRIDAY_TO_SUNDAY_FACTOR : OTHER_NIGHTS_FACTOR);
    for (let t = random.exponential(1); t < mean; t += random.exponential(1)) {
      const number = String(works.length + 1).padStart(4, '0');
      const name = `W${monthName(month).replace('-', '')}-${number}`;
      works.push(drawWork(name, nightMs, targets, random));
    }
  }
  return works.toSorted((x, y) => x.startMs - y.startMs || (x.name < y.name ? -1 : 1));
}

function drawWork(name: string, nightMs: number, targets: Targets, random: Random): Work {
  const startMs = nightMs + random.int(LAST_START_STEPS) * WINDOW_STEP_MS;
  const lengthMs = (2 + random.int(5)) * WINDOW_STEP_MS;
  const noticeMs = (): number => {
    const leadHours = random.chance(NOTICE.late) ? random.between(2, 23) : random.between(25, 120);
    return startMs - Math.round(leadHours * 60) * MINUTE_MS;
  };
  return {
    name,
    startMs,
    endMs: Math.min(startMs + lengthMs, nightMs + NIGHT_END_MS),
    cancelled: random.chance(CANCELLED_SHARE),
    notifiedDepartmentMs: random.chance(NOTICE.department) ? noticeMs() : null,
    notifiedCustomerMs: random.chance(NOTICE.customer) ? noticeMs() : null,
    components: drawTargets(targets, PAIRED_WORK_SHARE, random),
  };
}

function drawBadPlant(network: Network, random: Random): BadPlant[] {
  return BAD_PLANT.flatMap(({ kind, share, atLeast }) => {
    const members = membersOf(network, kind, BAD_PLANT_MIN_LINES);
    const count = Math.min(members.length, Math.max(atLeast, Math.round(members.length * share)));
    random.shuffle(members);
    return members.slice(0, count).map((component) => {
      const lines = network.components[component].lines.filter(() => random.chance(BAD_LINE_SHARE));
      const { shape, scale } = BAD_LINE_EXTRA;
      const extraPerMonth = Float64Array.from(lines, () => random.gamma(shape) * scale);
      return { component, lines, extraPerMonth };
    });
  });
}
