// A small province with planted causes, for tests of the whole way: records with gaps as CSV, and alarms
// in the order of their times.

import { random } from './networks.js';

const NODES = 16;
const LINES = 48;
/** Records of cards and trunks that are missing. */
const MISSING = 0.2;
/** Share of a cause's lines that it hits. */
const HIT = 0.8;
const BURST_MS = 12_000;

/** A cause as it was planted. Times in ms. */
export interface PlantedCause {
  readonly kind: string;
  readonly name: string;
  readonly at: number;
  readonly hit: number;
}

/** A line that goes down or comes up. */
export interface PlantedEvent {
  readonly line: string;
  readonly time: number;
  readonly state: 'down' | 'up';
}

/** The records of the province, the same for a seed. */
export function plantedRecords(seed: number): {
  readonly components: string;
  readonly lines: string;
  /** kind/name -> lines. */
  readonly members: ReadonlyMap<string, readonly string[]>;
} {
  const next = random(seed);
  const members = new Map<string, string[]>();
  const components = ['line,kind,component'];
  const lines = ['line,customer,key_customer,branch'];
  for (let line = 0; line < NODES * LINES; line++) {
    const node = Math.floor(line / LINES);
    const name = `L${line}`;
    lines.push(`${name},customer-${line % 40},${line % 40 === 0},branch-${node % 3}`);
    const on = [
      ['node', `n${node}`],
      ['card', `c${node}-${line % 3}`],
      ['trunk', `t${node % 5}`],
    ] as const;
    for (const [kind, component] of on) {
      const key = `${kind}/${component}`;
      members.set(key, [...(members.get(key) ?? []), name]);
      if (kind === 'node' || next() >= MISSING) components.push(`${name},${kind},${component}`);
    }
  }
  return { components: components.join('\n'), lines: lines.join('\n'), members };
}

/** Causes planted one after the other, each `gapMs` after the one before, and what else happens. */
export function plantedAlarms(
  seed: number,
  fromMs: number,
  bursts: number,
  gapMs: number,
): { readonly events: readonly PlantedEvent[]; readonly planted: readonly PlantedCause[] } {
  const next = random(seed + 1);
  const { members } = plantedRecords(seed);
  const able = [...members.keys()].filter((key) => !key.startsWith('node/'));
  const events: PlantedEvent[] = [];
  const planted: PlantedCause[] = [];
  const interrupt = (line: string, time: number): void => {
    const upMs = time + 2_000 + Math.floor(next() * 20_000);
    events.push({ line, time, state: 'down' }, { line, time: upMs, state: 'up' });
  };
  for (let burst = 0; burst < bursts; burst++) {
    const at = fromMs + (burst + 1) * gapMs;
    const key = able[Math.floor(next() * able.length)]!;
    const lines = members.get(key)!.filter(() => next() < HIT);
    for (const line of lines) interrupt(line, at + Math.floor(next() * BURST_MS));
    const [kind, name] = key.split('/') as [string, string];
    planted.push({ kind, name, at, hit: lines.length });
  }
  // A line here and there, with nothing behind it.
  for (let i = 0; i < bursts * 4; i++) {
    const line = `L${Math.floor(next() * NODES * LINES)}`;
    interrupt(line, fromMs + Math.floor(next() * (bursts + 1) * gapMs));
  }
  events.sort((a, b) => a.time - b.time || (a.line < b.line ? -1 : 1));
  return { events, planted };
}

/** Found, missed and false causes, by a name and a time at most 30 s from what was planted. */
export function counted(
  planted: readonly PlantedCause[],
  causes: readonly {
    readonly at: number;
    readonly components: readonly { readonly kind: string; readonly name: string }[];
  }[],
): { found: number; missed: number; false: number } {
  const isOf = (cause: (typeof causes)[number], one: PlantedCause): boolean =>
    Math.abs(cause.at - one.at) < 30_000 &&
    cause.components.some(({ kind, name }) => kind === one.kind && name === one.name);
  const found = planted.filter((one) => causes.some((cause) => isOf(cause, one))).length;
  const right = causes.filter((cause) => planted.some((one) => isOf(cause, one))).length;
  return { found, missed: planted.length - found, false: causes.length - right };
}
