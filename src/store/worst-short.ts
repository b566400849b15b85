// A short list of the worst, summed here from memory and narrow statements: what every line has, who is
// told, then names and causes of these alone. Its rows are those of the one statement of worst-texts.ts, which
// makes long lists and judges this in tests and bench.

import type { DuckDBConnection } from '@duckdb/node-api';
import { MONTH_MS } from './exposure.js';
import { STANDS } from './facts.js';
import {
  type GroupMembers,
  type GroupSums,
  rankGroups,
  readGroupMembers,
  sumGroups,
  toldMembers,
} from './group-sums.js';
import { type Asking, type LineSums, isWanted, readLineSums } from './line-sums.js';
import type { GroupedBy } from './members.js';
import { type Ranked, leaders } from './ranking.js';
import { type Cell, selectRows } from './sql.js';
import { placesOf, topCauses } from './top-causes.js';
import { RECORDS } from './worst-texts.js';

/** Ties at the end of a list may make it longer before names decide. */
const NEAR_MAX = 2_000;

/** Rows in the order of the statement's columns but for the total. */
export interface ShortList {
  readonly total: number;
  readonly rows: Cell[][];
}

interface Question extends Asking {
  readonly limit: number;
}

/** What is told of a line or a group, apart from its figures. */
interface Told {
  readonly id: number;
  readonly names: readonly Cell[];
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Those that have anything, and the first of them; null = names would decide among too many. */
function ranked(
  { first, second }: Ranked,
  limit: number,
  isMeant: (id: number) => boolean = () => true,
): { total: number; near: number[] } | null {
  const counted: number[] = [];
  for (let id = 0; id < first.length; id++) if (first[id]! > 0 && isMeant(id)) counted.push(id);
  const near = leaders(counted, { first, second }, limit);
  return near.length > NEAR_MAX ? null : { total: counted.length, near };
}

/** The worst lines; null where the statement has to make them. */
export async function shortLines(
  connection: DuckDBConnection,
  question: Question,
): Promise<ShortList | null> {
  const sums = await readLineSums(connection, question);
  if (sums === null) return null;
  const found = ranked({ first: sums.interruptions, second: sums.downMs }, question.limit, (line) =>
    isWanted(sums, line),
  );
  if (found === null) return null;
  const told = await lineNames(connection, found.near, sums, question);
  const ids = Int32Array.from(told, ({ id }) => id);
  const own = ids.map((_, place) => place);
  const places = placesOf(ids.length, sums.state.length, own, ids);
  const causes = await topCauses(connection, question, places);
  const rows = told.map((one, place) => lineRow(one, sums, question, causes?.[place] ?? null));
  return causes && { total: found.total, rows };
}

/** Names and records of lines, in the order of the list. */
async function lineNames(
  connection: DuckDBConnection,
  near: readonly number[],
  { interruptions, downMs }: LineSums,
  { limit, period }: Question,
): Promise<Told[]> {
  if (near.length === 0) return [];
  const rows = await selectRows<Record<'id', number> & Record<'line', string> & Recorded>(
    connection,
    `select l.line_id as id, l.line, ${RECORDED.map((name) => `r.${name}`).join(', ')}
     from line l left join ${RECORDS} r on r.line = l.line where l.line_id in (${near.join(', ')})`,
    { to: period.toMs },
  );
  return rows
    .toSorted(
      (a, b) =>
        interruptions[b.id]! - interruptions[a.id]! ||
        downMs[b.id]! - downMs[a.id]! ||
        byBytes(a.line, b.line),
    )
    .slice(0, limit)
    .map((row) => ({ id: row.id, names: [row.line, ...RECORDED.map((name) => row[name])] }));
}

const RECORDED = ['branch', 'product', 'customer', 'key_customer'] as const;

type Recorded = Record<(typeof RECORDED)[number], Cell>;

function stateOf(state: number): string {
  if (state & STANDS.down) return 'down';
  if (state & STANDS.flapping) return 'flapping';
  return state & STANDS.unknown ? 'unknown' : 'up';
}

const orNull = (ms: number): number | null => (ms < 0 ? null : ms);

function lineRow(
  { id, names }: Told,
  sums: LineSums,
  { period, earlier }: Question,
  cause: string | null,
): Cell[] {
  const interruptions = sums.interruptions[id]!;
  const outages = sums.outages[id]!;
  const knownMs = Math.max(0, sums.knownMs[id]!);
  return [
    ...names,
    interruptions,
    interruptions - outages,
    outages,
    sums.downMs[id]!,
    sums.ones.flapEpisodes[id]!,
    sums.ones.repeatFaults[id]!,
    stateOf(sums.state[id]!),
    orNull(sums.lastStartMs[id]!),
    knownMs / MONTH_MS,
    earlier ? sums.before[id]! : null,
    cause,
    (100 * sums.ones.planned[id]!) / interruptions,
    (100 * knownMs) / (period.toMs - period.fromMs),
  ];
}

/** The worst groups; null as for lines. */
export async function shortGroups(
  connection: DuckDBConnection,
  by: GroupedBy,
  question: Question,
): Promise<ShortList | null> {
  const lines = await readLineSums(connection, question);
  if (lines === null) return null;
  const members = await readGroupMembers(connection, question, by, lines);
  const ranks = rankGroups(members, lines);
  const found = ranked(ranks, question.limit);
  if (found === null) return null;
  const told = await groupNames(connection, found.near, ranks, question);
  const own = toldMembers(members, placesByGroup(members, told), told.length);
  const sums = sumGroups(own, lines, question.lent);
  const places = placesOf(told.length, lines.state.length, own.places, own.lines);
  const causes = await topCauses(connection, question, places);
  const rows = told.map((one, i) => groupRow(one, i, sums, question, causes?.[i] ?? null));
  return causes && { total: found.total, rows };
}

function placesByGroup({ groupIdMax }: GroupMembers, told: readonly Told[]): Int32Array {
  const placeOf = new Int32Array(groupIdMax + 1).fill(-1);
  for (const [place, { id }] of told.entries()) placeOf[id] = place;
  return placeOf;
}

/** Kind and name of groups, as JSON. */
const GROUPS = `select group_id as id, to_json([kind, name])::varchar as name from line_group`;

/** Kinds and names of groups, in the order of the list. */
async function groupNames(
  connection: DuckDBConnection,
  near: readonly number[],
  { first, second }: Ranked,
  { memory, moment, limit }: Question,
): Promise<Told[]> {
  const names = await memory.columns.readNames(connection, moment.versions.members, GROUPS);
  return near
    .map((id) => {
      const [kind, name] = JSON.parse(names.get(id) ?? '["", ""]') as [string, string];
      return { id, kind, name };
    })
    .toSorted(
      (a, b) =>
        first[b.id]! - first[a.id]! ||
        second[b.id]! - second[a.id]! ||
        byBytes(a.kind, b.kind) ||
        byBytes(a.name, b.name),
    )
    .slice(0, limit)
    .map(({ id, kind, name }) => ({ id, names: [kind === '' ? null : kind, name] }));
}

function groupRow(
  { names }: Told,
  place: number,
  sums: GroupSums,
  { period, earlier }: Question,
  cause: string | null,
): Cell[] {
  const [lines, interruptions] = [sums.lines[place]!, sums.interruptions[place]!];
  const [outages, knownMs] = [sums.outages[place]!, sums.knownMs[place]!];
  return [
    ...names,
    lines,
    sums.linesInterrupted[place]!,
    interruptions,
    interruptions - outages,
    outages,
    sums.downMs[place]!,
    sums.ones.flapEpisodes[place]!,
    sums.ones.repeatFaults[place]!,
    sums.linesDown[place]!,
    orNull(sums.lastStartMs[place]!),
    knownMs / MONTH_MS,
    earlier ? sums.before[place]! : null,
    cause,
    (100 * sums.ones.planned[place]!) / interruptions,
    (100 * knownMs) / ((period.toMs - period.fromMs) * lines),
  ];
}
