// The sides of the kernel bench: how each is started, how they take turns, and what their rounds give.
// Every side of a group reads the same input; their hashes must be equal after every round.

import { fileURLToPath } from 'node:url';
import { DEFAULT_RULES, type Rules } from '../src/config/rules.js';
import type { ColumnsFile } from './kernel-columns.js';
import { ruleArguments } from './kernel-native.js';
import { median } from './machine.js';
import type { Core } from './pinned.js';
import { Side } from './steps.js';

/** What all sides need. */
export interface SideContext {
  readonly core: Core;
  /** The native program. */
  readonly native: string;
  readonly signal: AbortSignal;
}

/** A side that is yet to be started. */
export interface SidePlan {
  readonly name: string;
  readonly command: readonly string[];
}

/** The ns an event of every round of a side. */
export interface Rates {
  readonly name: string;
  readonly nsPerEvent: readonly number[];
}

/** What a group of sides gave. */
export interface GroupResult {
  readonly rates: readonly Rates[];
  readonly hash: string;
}

function script(module: string): string[] {
  return [process.execPath, fileURLToPath(new URL(module, import.meta.url))];
}

function columnArguments({ file, lines, warmBlocks, leadBlocks, timedBlocks }: ColumnsFile) {
  return [file, ...[lines, warmBlocks, leadBlocks, timedBlocks].map(String)];
}

/** The kernel's rules over event columns. */
export function ourDetect(columns: ColumnsFile): SidePlan {
  const command = [...script('./kernel-ours.js'), 'detect', ...columnArguments(columns)];
  return { name: 'kernel', command };
}

/** Ways of the native twin to ask for the lines of the next events: not at all, or early. */
export type Ahead = 'none' | 'touch' | 'prefetch';

/** The native twin over event columns. */
export function nativeDetect(native: string, columns: ColumnsFile, ahead: Ahead): SidePlan {
  const rules = ruleArguments(DEFAULT_RULES);
  const command = [native, 'detect', ...columnArguments(columns), ahead, ...rules];
  return { name: ahead === 'none' ? 'C++' : `C++ ${ahead}`, command };
}

/** The whole kernel, text to findings. */
export function ourFold(name: string, columns: ColumnsFile, rules: Rules): SidePlan {
  const args = [...columnArguments(columns), JSON.stringify(rules)];
  return { name, command: [...script('./kernel-ours.js'), 'fold', ...args] };
}

/** Text to named event columns, on every side. */
export function decodeSides(native: string, file: string, lines: number): SidePlan[] {
  const theirs = (table: string): string[] => [native, 'decode', file, String(lines), table];
  return [
    { name: 'kernel', command: [...script('./kernel-ours.js'), 'decode', file, String(lines)] },
    { name: 'simdjson, our table', command: [...theirs('open'), 'stream'] },
    { name: 'simdjson, unordered_map', command: [...theirs('map'), 'stream'] },
    { name: 'JSON.parse, Map', command: [...script('./kernel-json.js'), file] },
  ];
}

/**
 * Starts the sides, warms each up with a round and lets them take turns, the first of them changing
 * from round to round. Throws when their hashes differ; `mayDiffer`: other rules give other findings.
 */
export async function takeTurns(
  { core, signal }: SideContext,
  plans: readonly SidePlan[],
  rounds: number,
  mayDiffer = false,
): Promise<GroupResult> {
  const sides = plans.map(({ name, command }) => new Side(name, core, command, signal));
  const times = sides.map((): number[] => []);
  const hashes = sides.map(() => '');
  const playRound = async (order: readonly number[]): Promise<number[]> => {
    const ns: number[] = [];
    for (const i of order) {
      const report = await sides[i].step('round');
      ns[i] = report.ns / report.events;
      hashes[i] = report.hash;
    }
    if (!mayDiffer) requireEqual(plans, hashes);
    return ns;
  };
  try {
    const order = sides.map((_, i) => i);
    await playRound(order);
    for (let round = 0; round < rounds; round++) {
      const ns = await playRound(round % 2 === 0 ? order : order.toReversed());
      ns.forEach((one, i) => times[i].push(one));
    }
    for (let i = 0; i < sides.length; i++) hashes[i] = (await sides[i].step('state')).hash;
    if (!mayDiffer) requireEqual(plans, hashes);
  } finally {
    await Promise.all(sides.map((side) => side.end()));
  }
  const rates = plans.map(({ name }, i) => ({ name, nsPerEvent: times[i] }));
  return { rates, hash: hashes[0] };
}

function requireEqual(plans: readonly SidePlan[], hashes: readonly string[]): void {
  if (hashes.every((hash) => hash === hashes[0])) return;
  const told = plans.map(({ name }, i) => `${name} ${hashes[i]}`).join(', ');
  throw new Error(`the sides differ in what they put out: ${told}`);
}

/** A side's events a second, by the median round. */
export function eventsPerSecond(result: GroupResult, side: number): number {
  return Math.round(1e9 / median(result.rates[side].nsPerEvent));
}

/** Median over the rounds of theirs / ours: what side `theirs` takes, in what side `ours` takes. */
export function ratio(result: GroupResult, theirs: number, ours = 0): number {
  const own = result.rates[ours].nsPerEvent;
  const ratios = result.rates[theirs].nsPerEvent.map((ns, round) => ns / own[round]);
  return Math.round(median(ratios) * 1000) / 1000;
}
