// Real alarms in the cause bench: telecom-alarms/24V, 2,028 alarmed keys on 439 microwave devices with
// 395 links between them, six days. A key is a line, its device a node, a link a trunk section that the
// lines of both its ends lie on. There is no truth: causes are printed, and how many of them stand when
// 40 % of the topology is deleted. By hand: docs beside the figures in the README of the project.

import { existsSync, readFileSync } from 'node:fs';
import type { FoundCause } from '../src/cause/finding.js';
import { causeFindings } from '../src/cause/finding.js';
import { CauseHistory } from '../src/cause/history.js';
import { CauseRecords } from '../src/cause/records.js';
import { DEFAULT_CAUSE_SETTINGS } from '../src/cause/settings.js';
import { SHARED } from './cause-data.js';
import { print, rounded } from './cause-outcome.js';
import { seeded } from './random.js';

const SET = 'data/telecom-alarms/24V_439N_Microwave';
/** Share of the topology that is deleted. */
const DELETED = 0.4;
const SEEDS = [1, 2, 3, 4, 5];
/** Lines two causes share, of all they have, to be of the same burst. */
const SAME_LINES = 0.5;
/** The largest bursts that are printed. */
const SHOWN = 12;

interface RealSet {
  /** Alarm, device, second. */
  readonly rows: readonly (readonly [alarm: number, device: number, second: number])[];
  readonly links: readonly (readonly [number, number])[];
}

function readSet(folder: string): RealSet {
  const numbers = (name: string): number[][] =>
    readFileSync(`${folder}/${name}`, 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(',').map(Number));
  return {
    rows: numbers('Alarm.csv').map(
      ([alarm, device, second]) => [alarm!, device!, second!] as const,
    ),
    links: numbers('Topology_edges.csv').map(([a, b]) => [a!, b!] as const),
  };
}

const lineOf = (alarm: number, device: number): string => `${device}/${alarm}`;

/** What the records say, without the memberships or links that `isDeleted`. */
function recordsOf(
  { rows, links }: RealSet,
  isDeleted: (what: 'node' | 'link' | 'end') => boolean,
): CauseRecords {
  const records = new CauseRecords(DEFAULT_CAUSE_SETTINGS);
  const linesOf = new Map<number, Set<string>>();
  for (const [alarm, device] of rows) {
    const lines = linesOf.get(device) ?? new Set<string>();
    linesOf.set(device, lines.add(lineOf(alarm, device)));
  }
  const add = (line: string, kind: string, component: string): void =>
    records.addComponent({ line, kind, component, fromMs: 0, untilMs: Infinity });
  for (const [device, lines] of linesOf) {
    for (const line of lines) if (!isDeleted('node')) add(line, 'node', `device ${device}`);
  }
  for (const [a, b] of links) {
    if (isDeleted('link')) continue;
    for (const device of [a, b]) {
      for (const line of linesOf.get(device) ?? []) {
        if (!isDeleted('end')) add(line, 'trunk', `link ${a}-${b}`);
      }
    }
  }
  return records;
}

function causesOf(
  { rows }: RealSet,
  records: CauseRecords,
): { found: FoundCause[]; bursts: number } {
  const history = new CauseHistory(records, DEFAULT_CAUSE_SETTINGS);
  const known = rows
    .map(([alarm, device, second]) => [records.indexOf(lineOf(alarm, device)), second * 1_000])
    .filter(([line]) => line! >= 0);
  history.add(
    known.map(([line]) => line!),
    known.map(([, time]) => time!),
  );
  history.walk(Infinity);
  history.walk(Number.MAX_SAFE_INTEGER);
  const { bursts } = history;
  const found = bursts.flatMap((burst) => causeFindings(burst, () => new Set()));
  return { found, bursts: bursts.length };
}

const nameOf = ({ finding }: FoundCause): string =>
  finding.components.map(({ kind, name }) => (kind === 'unknown' ? 'unknown' : name)).join(' = ');

/** Devices that a cause's components have a part in. */
function devicesOf({ finding }: FoundCause): Set<string> {
  const all = [...finding.components, ...(finding.within ?? [])];
  return new Set(all.flatMap(({ name }) => name.match(/\d+/g) ?? []));
}

const linesOf = (cause: FoundCause): Set<string> => new Set(cause.members.map(({ line }) => line));

/** Of the causes of whole records: those named again, and those named at a device of theirs. */
function agreement(whole: readonly FoundCause[], other: readonly FoundCause[]) {
  let [same, near, burst] = [0, 0, 0];
  for (const cause of whole) {
    const lines = linesOf(cause);
    const again = other.filter((candidate) => {
      if (
        candidate.finding.at > cause.finding.until ||
        candidate.finding.until < cause.finding.at
      ) {
        return false;
      }
      const both = candidate.members.filter(({ line }) => lines.has(line)).length;
      return both >= SAME_LINES * Math.min(lines.size, candidate.members.length);
    });
    if (again.length === 0) continue;
    burst++;
    const names = new Set(cause.finding.components.map(({ name }) => name));
    const devices = devicesOf(cause);
    if (
      again.some(({ finding }) =>
        finding.components.some(({ name }) => name !== '' && names.has(name)),
      )
    )
      same++;
    if (again.some((candidate) => [...devicesOf(candidate)].some((device) => devices.has(device))))
      near++;
  }
  const share = (count: number): number => rounded(count / Math.max(1, whole.length));
  return { same: share(same), sameDevice: share(near), anyCause: share(burst) };
}

const WHOLE = (): boolean => false;

/** Prints the causes of the real bursts and how they stand; null without the shared data. */
export function runRealCauses() {
  const folder = `${SHARED}/${SET}`;
  if (!existsSync(`${folder}/Alarm.csv`)) {
    print(`SKIPPED: real alarms: ${folder} is missing`);
    return null;
  }
  const set = readSet(folder);
  const { found, bursts } = causesOf(set, recordsOf(set, WHOLE));
  const kinds = new Map<string, number>();
  for (const { finding } of found) {
    const { kind } = finding.components[0]!;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const counts = [...kinds]
    .map(([kind, n]) => `${n} ${kind === 'trunk' ? 'link' : kind}`)
    .join(', ');
  print(`24V: ${set.rows.length} alarms, ${bursts} bursts, ${found.length} causes: ${counts}`);
  for (const cause of found
    .toSorted((a, b) => b.members.length - a.members.length)
    .slice(0, SHOWN)) {
    const { at, until, lines, members, confidence } = cause.finding;
    print(
      `  ${(at / 1_000).toFixed(0).padStart(7)} s, ${((until - at) / 1_000).toFixed(0)} s long: ` +
        `${nameOf(cause)}: ${lines} of ${members} lines, confidence ${confidence.toFixed(3)}`,
    );
  }
  const deleted = (name: string, of: (next: () => number) => Parameters<typeof recordsOf>[1]) => {
    const runs = SEEDS.map((seed) => {
      const other = causesOf(set, recordsOf(set, of(seeded(seed))));
      return Object.assign(agreement(found, other.found), { causes: other.found.length });
    });
    const mean = (value: (run: (typeof runs)[number]) => number): number =>
      rounded(runs.reduce((sum, run) => sum + value(run), 0) / runs.length);
    const means = {
      same: mean(({ same }) => same),
      sameDevice: mean(({ sameDevice }) => sameDevice),
      anyCause: mean(({ anyCause }) => anyCause),
      causes: mean(({ causes }) => causes),
    };
    print(
      `24V, ${name}: of the causes ${means.same} are named again, ${means.sameDevice} at a device of ` +
        `theirs, ${means.anyCause} have any cause for their lines; ${means.causes} causes`,
    );
    return means;
  };
  return {
    bursts,
    causes: found.length,
    kinds: Object.fromEntries(kinds),
    linksDeleted: deleted(
      '40 % of the links deleted',
      (next) => (what) => what === 'link' && next() < DELETED,
    ),
    rowsDeleted: deleted(
      '40 % of all records deleted',
      (next) => (what) => what !== 'link' && next() < DELETED,
    ),
  };
}
