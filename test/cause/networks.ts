// Small seeded networks with a burst in them, for the properties of the cause engine, and the engine
// run over one.

import { CauseHistory, type Burst } from '../../src/cause/history.js';
import { causeFindings } from '../../src/cause/finding.js';
import { CauseRecords } from '../../src/cause/records.js';
import { DEFAULT_CAUSE_SETTINGS } from '../../src/cause/settings.js';

/** A recorded membership, and a start. */
export type Row = readonly [line: string, kind: string, component: string];
export type Start = readonly [line: string, timeMs: number];

/** Records and starts. */
export interface SmallNetwork {
  readonly rows: readonly Row[];
  readonly starts: readonly Start[];
}

const NODES = 12;
const LINES = 24;
const BURST_MS = 3_600_000;

/** Numbers in [0, 1), the same for a seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

/**
 * 12 nodes of 24 lines, three cards and two trunks each, 30 % of the card and trunk records missing,
 * 4 % wrong, a little background, and one component of which most lines are hit after an hour.
 */
export function smallNetwork(seed: number): SmallNetwork {
  const next = random(seed);
  const rows: Row[] = [];
  const members = new Map<string, string[]>();
  for (let line = 0; line < NODES * LINES; line++) {
    const node = Math.floor(line / LINES);
    const on: [string, string][] = [
      ['node', `n${node}`],
      ['card', `c${node}-${line % 3}`],
      ['trunk', `t${node % 4}`],
      ['trunk', `u${node % 5}`],
    ];
    for (const [kind, name] of on) {
      const key = `${kind}/${name}`;
      members.set(key, [...(members.get(key) ?? []), `L${line}`]);
      if (kind !== 'node' && next() < 0.3) continue;
      const recorded = kind !== 'node' && next() < 0.04 ? Math.floor(next() * NODES * LINES) : line;
      rows.push([`L${recorded}`, kind, name]);
    }
  }
  const keys = [...members.keys()].toSorted();
  const hit = members.get(keys[Math.floor(next() * keys.length)]!)!;
  const starts: Start[] = [];
  for (let i = 0; i < 40; i++)
    starts.push([`L${Math.floor(next() * NODES * LINES)}`, Math.floor(next() * 2 * BURST_MS)]);
  for (const line of hit)
    if (next() < 0.7) starts.push([line, BURST_MS + Math.floor(next() * 12_000)]);
  return { rows, starts };
}

/** The records of a network. */
export function recordsOf({ rows }: SmallNetwork): CauseRecords {
  const records = new CauseRecords(DEFAULT_CAUSE_SETTINGS);
  for (const [line, kind, component] of rows) {
    records.addComponent({ line, kind, component, fromMs: 0, untilMs: Infinity });
  }
  return records;
}

/** All bursts of a network, its starts given at once or in pieces. */
export function burstsOf(network: SmallNetwork, pieces = 1): Burst[] {
  const records = recordsOf(network);
  const history = new CauseHistory(records, DEFAULT_CAUSE_SETTINGS);
  const known = network.starts.filter(([line]) => records.indexOf(line) >= 0);
  for (let piece = 0; piece < pieces; piece++) {
    const part = known.filter((_, i) => i % pieces === piece);
    history.add(
      part.map(([line]) => records.indexOf(line)),
      part.map(([, time]) => time),
    );
    history.walk(Infinity);
  }
  history.walk(Number.MAX_SAFE_INTEGER);
  return history.bursts;
}

/** Findings of a network. */
export function findingsOf(network: SmallNetwork, pieces = 1) {
  return burstsOf(network, pieces).flatMap((burst) =>
    causeFindings(burst, () => new Set()).map(({ finding }) => finding),
  );
}

/** The records of an exact small network as CSV, and starts in which most of card c3-1 is hit. */
export function burstNetwork() {
  const lines = ['line,kind,component'];
  const hit: string[] = [];
  const starts: Start[] = [];
  for (let line = 0; line < NODES * LINES; line++) {
    const node = Math.floor(line / LINES);
    lines.push(`L${line},node,n${node}`, `L${line},card,c${node}-${line % 3}`);
    if (node !== 3 || line % 3 !== 1 || line % 5 === 0) continue;
    starts.push([`L${line}`, BURST_MS + hit.length * 1_000]);
    hit.push(`L${line}`);
  }
  for (let i = 0; i < 10; i++) starts.push([`L${i * 20}`, i * 200_000]);
  return { csv: lines.join('\n'), starts, burstMs: BURST_MS, hit };
}
