// A short list of the worst in narrow statements, summed here: what every line has, who is told, then
// names and causes of these alone. Its rows are those of the one statement of worst-texts.ts, which
// makes long lists and judges this in tests and bench.

import type { DuckDBConnection } from '@duckdb/node-api';
import { MONTH_MS } from './exposure.js';
import { type GroupSums, readGroupSums } from './group-sums.js';
import { STANDS } from './facts.js';
import { type Asking, type LineSums, isWanted, readLineSums } from './line-sums.js';
import type { GroupedBy } from './members.js';
import { ONES, type PeriodRows } from './period-rows.js';
import { leaders } from './ranking.js';
import { type Cell, selectRows } from './sql.js';
import { type CauseRows, placesOf, topCauses } from './top-causes.js';
import { RECORDS } from './worst-texts.js';

/** Ties at the end of a list may make it longer before names decide. */
const NEAR_MAX = 2_000;

/** Rows in the order of the statement's columns but for the total. */
export interface ShortList {
  readonly total: number;
  readonly rows: Cell[][];
}

interface Question extends Asking {
  readonly rows: PeriodRows;
  readonly limit: number;
}

/** What is told of a line or a group, apart from its names. */
interface Told {
  readonly id: number;
  readonly names: readonly Cell[];
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const causeRows = ({ causes }: PeriodRows, { leastReadingMs }: LineSums): CauseRows => ({
  raised: causes,
  leastReadingMs,
});

/** The worst lines; null = names would decide among too many. */
export async function shortLines(
  connection: DuckDBConnection,
  question: Question,
): Promise<ShortList | null> {
  const { period, rows, limit } = question;
  const sums = await readLineSums(connection, question, rows);
  const counted: number[] = [];
  for (let line = 0; line < sums.state.length; line++) {
    if (sums.interruptions[line]! > 0 && isWanted(sums, line)) counted.push(line);
  }
  const near = leaders(counted, { first: sums.interruptions, second: sums.downMs }, limit);
  if (near.length > NEAR_MAX) return null;
  const told = await lineNames(connection, near, sums, limit, period.toMs);
  const ids = Int32Array.from(told, ({ id }) => id);
  const places = placesOf(
    ids.length,
    sums.state.length,
    ids.map((_, place) => place),
    ids,
  );
  const causes = await topCauses(connection, question, causeRows(rows, sums), places);
  return (
    causes && {
      total: counted.length,
      rows: told.map((one, place) => lineRow(one, sums, question, causes[place]!)),
    }
  );
}

/** Names and records of lines, in the order of the list. */
async function lineNames(
  connection: DuckDBConnection,
  near: readonly number[],
  sums: LineSums,
  limit: number,
  toMs: number,
): Promise<Told[]> {
  if (near.length === 0) return [];
  const named = await selectRows<{ id: number; line: string }>(
    connection,
    `select line_id as id, line from line where line_id in (${near.join(', ')})`,
  );
  const { interruptions, downMs } = sums;
  const told = named
    .toSorted(
      (a, b) =>
        interruptions[b.id]! - interruptions[a.id]! ||
        downMs[b.id]! - downMs[a.id]! ||
        byBytes(a.line, b.line),
    )
    .slice(0, limit);
  const records = await selectRows<Record<'line' | (typeof RECORDED)[number], Cell>>(
    connection,
    `select line, ${RECORDED.join(', ')} from ${RECORDS}
     where line in (select unnest($lines::varchar[]))`,
    { lines: told.map(({ line }) => line), to: toMs },
  );
  const byLine = new Map(records.map((record) => [record.line, record]));
  return told.map(({ id, line }) => {
    const record = byLine.get(line);
    return { id, names: [line, ...RECORDED.map((name) => record?.[name] ?? null)] };
  });
}

const RECORDED = ['branch', 'product', 'customer', 'key_customer'] as const;

function stateOf(state: number): string {
  if (state & STANDS.down) return 'down';
  if (state & STANDS.flapping) return 'flapping';
  return state & STANDS.unknown ? 'unknown' : 'up';
}

const orNull = (ms: number): number | null => (ms < 0 ? null : ms);

function lineRow(
  { id, names }: Told,
  sums: LineSums,
  { period, rows }: Question,
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
    rows.isCompared ? sums.before[id]! : null,
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
  const { rows, limit } = question;
  const lines = await readLineSums(connection, question, rows);
  const groups = await readGroupSums(connection, question, by, lines);
  const { interruptions, downMs } = groups.sums;
  const counted: number[] = [];
  for (let id = 0; id < groups.groups; id++) if (interruptions[id]! > 0) counted.push(id);
  const near = leaders(counted, { first: interruptions, second: downMs }, limit);
  if (near.length > NEAR_MAX) return null;
  const told = await groupNames(connection, near, groups, limit);
  const placeOf = new Int32Array(groups.groups).fill(-1);
  for (const [place, { id }] of told.entries()) placeOf[id] = place;
  const of = groups.memberGroups.map((group) => placeOf[group]!);
  const places = placesOf(told.length, lines.state.length, of, groups.memberLines);
  const causes = await topCauses(connection, question, causeRows(rows, lines), places);
  return (
    causes && {
      total: counted.length,
      rows: told.map((one, place) => groupRow(one, groups, question, causes[place]!)),
    }
  );
}

/** Kinds and names of groups, in the order of the list. */
async function groupNames(
  connection: DuckDBConnection,
  near: readonly number[],
  { sums }: GroupSums,
  limit: number,
): Promise<Told[]> {
  if (near.length === 0) return [];
  const rows = await selectRows<{ id: number; kind: string; name: string }>(
    connection,
    `select group_id as id, kind, name from line_group where group_id in (${near.join(', ')})`,
  );
  const named = near.includes(0) ? [...rows, { id: 0, kind: '', name: '' }] : rows;
  return named
    .toSorted(
      (a, b) =>
        sums.interruptions[b.id]! - sums.interruptions[a.id]! ||
        sums.downMs[b.id]! - sums.downMs[a.id]! ||
        byBytes(a.kind, b.kind) ||
        byBytes(a.name, b.name),
    )
    .slice(0, limit)
    .map(({ id, kind, name }) => ({ id, names: [kind === '' ? null : kind, name] }));
}

function groupRow(
  { id, names }: Told,
  { sums, lastStartMs }: GroupSums,
  { period, rows }: Question,
  cause: string | null,
): Cell[] {
  const interruptions = sums.interruptions[id]!;
  const [flapEpisodes, repeatFaults, planned] = ONES.map((name) => sums[name][id]!);
  const lines = sums.lines[id]!;
  const knownMs = sums.knownMs[id]!;
  return [
    ...names,
    lines,
    sums.linesInterrupted[id]!,
    interruptions,
    interruptions - sums.outages[id]!,
    sums.outages[id]!,
    sums.downMs[id]!,
    flapEpisodes!,
    repeatFaults!,
    sums.linesDown[id]!,
    orNull(lastStartMs[id]!),
    knownMs / MONTH_MS,
    rows.isCompared ? sums.before[id]! : null,
    cause,
    (100 * planned!) / interruptions,
    (100 * knownMs) / ((period.toMs - period.fromMs) * lines),
  ];
}
