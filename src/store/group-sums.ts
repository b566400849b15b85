// Figures of lines added up by component, customer, product or branch, as the records had them at the
// period's end. A line has one group, or none (group 0), but any number of components.

import type { DuckDBConnection } from '@duckdb/node-api';
import { STANDS } from './facts.js';
import { type Asking, type LineSums, ONES, isWanted, withWanted } from './line-sums.js';
import type { GroupedBy } from './members.js';
import { readColumns } from './read-columns.js';
import type { ReadingClause } from './reading.js';
import type { Lent } from './scratch.js';
import { memberText } from './worst-texts.js';

/** Members as pairs; line -1 = a line of the records that no event has named. */
export interface GroupMembers {
  readonly groupIdMax: number;
  readonly groups: Int32Array;
  readonly lines: Int32Array;
}

/** Who belongs to what at the period's end, of the lines that are asked for. */
export async function readGroupMembers(
  connection: DuckDBConnection,
  asking: Asking,
  by: GroupedBy,
  lines: LineSums,
): Promise<GroupMembers> {
  const { groupIdMax } = asking.moment;
  const members = await (asking.wanted === null
    ? allMembers(connection, asking, by)
    : wantedMembers(connection, asking, asking.wanted, by));
  const others = by === 'component' ? new Int32Array() : withoutGroup(members.lines, lines);
  return {
    groupIdMax,
    groups: joined([members.groups, new Int32Array(others.length)]),
    lines: joined([members.lines, others]),
  };
}

type Pairs = Pick<GroupMembers, 'groups' | 'lines'>;

async function allMembers(
  connection: DuckDBConnection,
  { memory, moment, period: { toMs } }: Asking,
  by: GroupedBy,
): Promise<Pairs> {
  const { words, doubles, count } = await memory.columns.read(connection, moment.versions.members, {
    text: `select group_id, coalesce(line_id, -1), from_ms::double, to_ms::double
       from line_member where by_what = '${by}'`,
    words: 2,
    doubles: 2,
  });
  const [groups, lines] = [words[0]!, words[1]!];
  const [from, to] = [doubles[0]!, doubles[1]!];
  const holding = new Int32Array(count);
  let held = 0;
  for (let i = 0; i < count; i++) if (from[i]! < toMs && to[i]! >= toMs) holding[held++] = i;
  if (held === count) return { groups, lines };
  const of = holding.subarray(0, held);
  return { groups: of.map((i) => groups[i]!), lines: of.map((i) => lines[i]!) };
}

async function wantedMembers(
  connection: DuckDBConnection,
  { moment, period }: Asking,
  wanted: ReadingClause,
  by: GroupedBy,
): Promise<Pairs> {
  const { clause, parameters } = withWanted(moment, wanted);
  const text = `${clause}, ${memberText(by, true)}
     select group_id, coalesce(line_id, -1) from member`;
  const pieces: Pairs[] = [];
  const take = (_count: number, [groups, lines]: readonly Int32Array[]): void => {
    pieces.push({ groups: groups!, lines: lines! });
  };
  await readColumns(connection, text, { words: 2 }, take, { ...parameters, to: period.toMs });
  return {
    groups: joined(pieces.map(({ groups }) => groups)),
    lines: joined(pieces.map(({ lines }) => lines)),
  };
}

/** Lines of no group: they are one, group 0. */
function withoutGroup(members: Int32Array, lines: LineSums): Int32Array {
  const hasGroup = new Uint8Array(lines.state.length);
  for (let i = 0; i < members.length; i++) if (members[i]! >= 0) hasGroup[members[i]!] = 1;
  const others: number[] = [];
  for (let line = 0; line < hasGroup.length; line++) {
    if (!hasGroup[line] && isWanted(lines, line)) others.push(line);
  }
  return Int32Array.from(others);
}

function joined(pieces: readonly Int32Array[]): Int32Array {
  const some = pieces.filter(({ length }) => length > 0);
  if (some.length === 1) return some[0]!;
  const all = new Int32Array(some.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of some) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** What groups are ranked by, by their ids. */
export function rankGroups(
  { groupIdMax, groups, lines }: GroupMembers,
  { interruptions, downMs }: LineSums,
): { first: Float64Array; second: Float64Array } {
  const first = new Float64Array(groupIdMax + 1);
  const second = new Float64Array(groupIdMax + 1);
  for (let i = 0; i < groups.length; i++) {
    const line = lines[i]!;
    if (line < 0) continue;
    first[groups[i]!]! += interruptions[line]!;
    second[groups[i]!]! += downMs[line]!;
  }
  return { first, second };
}

/** Figures of groups by their places in a list. */
export interface GroupSums {
  readonly lines: Float64Array;
  readonly linesInterrupted: Float64Array;
  readonly linesDown: Float64Array;
  readonly interruptions: Float64Array;
  readonly outages: Float64Array;
  readonly before: Float64Array;
  readonly downMs: Float64Array;
  readonly knownMs: Float64Array;
  readonly ones: Readonly<Record<(typeof ONES)[number], Float64Array>>;
  /** -1 = none in the period. */
  readonly lastStartMs: Float64Array;
}

/** Members of the groups that are told, by their places in the list. */
export interface ToldMembers {
  readonly places: Int32Array;
  readonly lines: Int32Array;
  /** How many members there are by place, and those of them that no event has named: not among the lines. */
  readonly members: Float64Array;
  readonly unseen: Float64Array;
}

/** Those of `count` places; `placeOf` a group is negative where it has none. */
export function toldMembers(
  { groups, lines }: GroupMembers,
  placeOf: Int32Array,
  count: number,
): ToldMembers {
  const members = new Float64Array(count);
  const unseen = new Float64Array(count);
  let told = 0;
  for (let i = 0; i < groups.length; i++) if (placeOf[groups[i]!]! >= 0) told++;
  const places = new Int32Array(told);
  const own = new Int32Array(told);
  let at = 0;
  for (let i = 0; i < groups.length; i++) {
    const place = placeOf[groups[i]!]!;
    if (place < 0) continue;
    members[place]!++;
    if (lines[i]! < 0) {
      unseen[place]!++;
      continue;
    }
    places[at] = place;
    own[at++] = lines[i]!;
  }
  return { places: places.subarray(0, at), lines: own.subarray(0, at), members, unseen };
}

/** Adds up the lines of each place, a figure at a time. */
export function sumGroups(told: ToldMembers, lines: LineSums, lent: Lent): GroupSums {
  const of = (figures: Figures): Float64Array => sumOf(told, figures);
  const { interruptions, state, bestKnownMs, ones } = lines;
  const [known, interrupted, down] = [lent.float64(), lent.uint8(), lent.uint8()];
  for (let line = 0; line < state.length; line++) {
    // A line that no event has named is known as long as the best partition is.
    known[line] = lines.knownMs[line]! < 0 ? bestKnownMs : lines.knownMs[line]!;
    interrupted[line] = interruptions[line]! > 0 ? 1 : 0;
    down[line] = state[line]! & STANDS.down;
  }
  const knownMs = of(known);
  return {
    lines: told.members,
    linesInterrupted: of(interrupted),
    linesDown: of(down),
    interruptions: of(interruptions),
    outages: of(lines.outages),
    before: of(lines.before),
    downMs: of(lines.downMs),
    knownMs: knownMs.map((ms, place) => ms + told.unseen[place]! * bestKnownMs),
    ones: {
      flapEpisodes: of(ones.flapEpisodes),
      repeatFaults: of(ones.repeatFaults),
      planned: of(ones.planned),
    },
    lastStartMs: lastStarts(told, lines),
  };
}

type Figures = Uint8Array | Int32Array | Float64Array;

function sumOf({ places, lines, unseen }: ToldMembers, figures: Figures): Float64Array {
  const sums = new Float64Array(unseen.length);
  for (let i = 0; i < lines.length; i++) sums[places[i]!]! += figures[lines[i]!]!;
  return sums;
}

function lastStarts({ places, lines, unseen }: ToldMembers, sums: LineSums): Float64Array {
  const last = new Float64Array(unseen.length).fill(-1);
  for (let i = 0; i < lines.length; i++) {
    const ms = sums.lastStartMs[lines[i]!]!;
    if (ms > last[places[i]!]!) last[places[i]!] = ms;
  }
  return last;
}
