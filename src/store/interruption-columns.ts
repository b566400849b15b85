// The interruptions of a period as compact columns, for judging them again under other rules (what-if in
// the browser). Rows of a line stand together in the order of its log; before them come those of the lead:
// the interruptions since the last gap longer than RULE_MS_MAX, so that rules with windows and quiet times
// up to it find in the period exactly what a fold from the first event finds. About 12 bytes a row.
//
// Little-endian, every section at a multiple of 8:
//
//   header, 64 bytes: magic u32 'FLC1' │ rows │ groups │ names │ long rows │ name bytes │ unsure │ 0
//                     (u32 each), then f64: from │ to │ reading time (-1 = none) │ begin of the lead
//   start      f64[rows]        epoch ms
//   duration   u32[rows]        ms; LONG: see the long rows
//   count      u32[groups]      rows of each (line, partition), in this order
//   name       u32[groups]      index of its line's name; ascending
//   episodes   u32[groups]      stored episodes of the primary detector found in the period
//   long row   u32[long rows]   row
//   long end   f64[long rows]   its end in epoch ms, -1 = open
//   offset     u32[names + 1]   of each name in the bytes that follow
//   bytes                       UTF-8
//
// unsure = groups whose lead is older than LEAD_MS_MAX: they begin in the middle.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { episodeFacts, interruptionFacts } from './facts.js';
import type { Period } from './period-parts.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { streamBytes, streamRows } from './sql.js';

/** Windows and quiet times up to this are judged right from the period's begin on. */
const RULE_MS_MAX = 86_400_000;
/** How far before the period rows are looked at for the lead. */
const LEAD_MS_MAX = 8 * RULE_MS_MAX;
const MAGIC = 0x31434c46;
const LONG = 0xffffffff;
/** line_id, partition_id, start_ms, end_ms. */
const WIDTHS = [4, 4, 8, 8] as const;
const HIGH_WORD = 2 ** 32;

/** One (line, partition). */
interface Group {
  readonly lineId: number;
  readonly partitionId: number;
  rows: number;
}

/** Collects rows in order, without those that the lead does not need. */
class Rows {
  starts = new Float64Array(65_536);
  durations = new Uint32Array(65_536);
  readonly groups: Group[] = [];
  readonly longs: { row: number; endMs: number }[] = [];
  rows = 0;
  unsure = 0;
  private readonly period: Period;
  private readonly leadMs: number;
  /** Of the group at hand: the end of its last row, and whether a row lies in the period. */
  private reached = 0;
  private isWanted = false;
  private isUnsure = false;

  constructor(period: Period, leadMs: number) {
    this.period = period;
    this.leadMs = leadMs;
  }

  /** Takes the next row; endMs -1 = open. */
  take(lineId: number, partitionId: number, startMs: number, endMs: number): void {
    const last = this.groups.at(-1);
    if (last?.lineId !== lineId || last.partitionId !== partitionId) {
      this.endGroup();
      this.groups.push({ lineId, partitionId, rows: 0 });
      this.isUnsure = this.leadMs > 0 && startMs - this.leadMs <= RULE_MS_MAX;
    } else if (startMs - this.reached > RULE_MS_MAX && !this.isWanted) {
      this.forgetGroup();
      this.isUnsure = false;
    }
    if (this.rows === this.starts.length) this.makeRoom();
    const durationMs = endMs - startMs;
    const isLong = endMs < 0 || durationMs >= LONG;
    if (isLong) this.longs.push({ row: this.rows, endMs });
    this.starts[this.rows] = startMs;
    this.durations[this.rows] = isLong ? LONG : durationMs;
    this.rows++;
    this.groups.at(-1)!.rows++;
    this.reached = endMs < 0 ? Number.MAX_SAFE_INTEGER : endMs;
    if (startMs >= this.period.fromMs) this.isWanted = true;
  }

  /** A group without a row in the period is not told: nothing can be found of it there. */
  endGroup(): void {
    if (this.groups.length === 0) return;
    if (!this.isWanted) {
      this.forgetGroup();
      this.groups.pop();
    } else if (this.isUnsure) {
      this.unsure++;
    }
    this.isWanted = false;
  }

  private forgetGroup(): void {
    const group = this.groups.at(-1)!;
    this.rows -= group.rows;
    group.rows = 0;
    while (this.longs.length > 0 && this.longs.at(-1)!.row >= this.rows) this.longs.pop();
  }

  private makeRoom(): void {
    const { starts, durations } = this;
    this.starts = new Float64Array(2 * this.rows);
    this.starts.set(starts);
    this.durations = new Uint32Array(2 * this.rows);
    this.durations.set(durations);
  }
}

/**
 * The columns of a period. Throws BAD_REQUEST when more than rowsMax interruptions lie in it and in its
 * lead.
 */
export async function interruptionColumns(
  connection: DuckDBConnection,
  read: ReadAt & { readonly readingMs: number | null },
  period: Period,
  rowsMax: number,
): Promise<Uint8Array> {
  const leadMs = Math.max(0, period.fromMs - LEAD_MS_MAX);
  const rows = await rowsOf(connection, read, period, leadMs, rowsMax);
  const names = await namesOf(connection, rows.groups);
  const episodes = await episodesOf(connection, read, period, rows.groups);
  const times = [period.fromMs, period.toMs, read.readingMs ?? -1, leadMs];
  return packed(rows, names, episodes, times);
}

async function rowsOf(
  connection: DuckDBConnection,
  read: ReadAt,
  period: Period,
  leadMs: number,
  rowsMax: number,
): Promise<Rows> {
  const { clause, parameters } = readingClause(read.at);
  const rows = new Rows(period, leadMs);
  let seen = 0;
  await streamBytes(
    connection,
    `${clause}
     select line_id::integer, partition_id::integer, start_ms::bigint, coalesce(end_ms, -1)::bigint
     from (${interruptionFacts(QUERY_SETTINGS)}) where start_ms < $to and until_ms >= $lead
     order by line_id, partition_id, n`,
    { ...parameters, to: period.toMs, lead: leadMs },
    WIDTHS,
    (count, columns) => {
      seen += count;
      if (seen > rowsMax) throw tooMany(rowsMax);
      const [lines, partitions, starts, ends] = columns.map(wordsOf);
      for (let i = 0; i < count; i++) {
        rows.take(lines![i]!, partitions![i]!, timeAt(starts!, i), timeAt(ends!, i));
      }
    },
  );
  rows.endGroup();
  return rows;
}

function tooMany(rowsMax: number): FlaplineError {
  return new FlaplineError(
    'BAD_REQUEST',
    `the period has more than ${rowsMax} interruptions, with the ${LEAD_MS_MAX / RULE_MS_MAX} days ` +
      'before it: ask for a shorter one',
  );
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** A 64-bit integer of a column, -1 too. */
function timeAt(words: Uint32Array, row: number): number {
  return (words[2 * row + 1]! | 0) * HIGH_WORD + words[2 * row]!;
}

/** The names of the lines, each once, by ascending id. */
async function namesOf(
  connection: DuckDBConnection,
  groups: readonly Group[],
): Promise<ReadonlyMap<number, string>> {
  const ids = [...new Set(groups.map(({ lineId }) => lineId))];
  const names: string[] = [];
  // One text: a value of a list costs more than the name that it asks for.
  const { chunks } = await streamRows(
    connection,
    `select line from line
     where line_id in (select unnest(string_split($ids, ',')::integer[])) order by line_id`,
    { ids: ids.join(',') || '0' },
  );
  for await (const rows of chunks) for (const [name] of rows) names.push(String(name));
  return new Map(ids.map((id, i) => [id, names[i]!]));
}

/** Stored episodes of each group that were found in the period. */
async function episodesOf(
  connection: DuckDBConnection,
  read: ReadAt,
  { fromMs, toMs }: Period,
  groups: readonly Group[],
): Promise<Uint32Array> {
  const { clause, parameters } = readingClause(read.at);
  const counts = new Uint32Array(groups.length);
  let group = 0;
  await streamBytes(
    connection,
    `${clause}
     select line_id::integer, partition_id::integer, count(*)::integer
     from (${episodeFacts(QUERY_SETTINGS)}) where at_ms >= $from and at_ms < $to
     group by line_id, partition_id order by 1, 2`,
    { ...parameters, from: fromMs, to: toMs },
    [4, 4, 4],
    (count, columns) => {
      const [lines, partitions, found] = columns.map(wordsOf);
      for (let i = 0; i < count; i++) {
        while (group < groups.length && isBefore(groups[group]!, lines![i]!, partitions![i]!)) {
          group++;
        }
        const { lineId, partitionId } = groups[group] ?? NO_GROUP;
        if (lineId === lines![i] && partitionId === partitions![i]) counts[group] = found![i]!;
      }
    },
  );
  return counts;
}

const NO_GROUP: Group = { lineId: -1, partitionId: -1, rows: 0 };

function isBefore(group: Group, lineId: number, partitionId: number): boolean {
  return group.lineId === lineId ? group.partitionId < partitionId : group.lineId < lineId;
}

/** The next multiple of 8. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** All sections, one after the other. */
function packed(
  { rows, starts, durations, groups, longs, unsure }: Rows,
  names: ReadonlyMap<number, string>,
  episodes: Uint32Array,
  times: readonly number[],
): Uint8Array {
  const indices = new Map([...names.keys()].map((lineId, index) => [lineId, index]));
  const texts = [...names.values()].map((name) => Buffer.from(name));
  const offsets = new Uint32Array(texts.length + 1);
  texts.forEach((text, i) => {
    offsets[i + 1] = offsets[i]! + text.length;
  });
  const counts = [rows, groups.length, texts.length, longs.length, offsets.at(-1)!, unsure, 0];
  const sections = [
    Uint32Array.of(MAGIC, ...counts),
    Float64Array.from(times),
    starts.subarray(0, rows),
    durations.subarray(0, rows),
    Uint32Array.from(groups, (group) => group.rows),
    Uint32Array.from(groups, ({ lineId }) => indices.get(lineId)!),
    episodes,
    Uint32Array.from(longs, ({ row }) => row),
    Float64Array.from(longs, ({ endMs }) => endMs),
    offsets,
    Buffer.concat(texts),
  ].map((section) => Buffer.from(section.buffer, section.byteOffset, section.byteLength));
  const whole = new Uint8Array(sections.reduce((sum, { length }) => sum + aligned(length), 0));
  let at = 0;
  for (const section of sections) {
    whole.set(section, at);
    at += aligned(section.length);
  }
  return whole;
}
