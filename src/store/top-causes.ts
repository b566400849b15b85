// The top cause of each of a short list: the component behind most of its interruptions by the causes of
// the record; only where these explain none, what most alarms were raised with. Of equals the last by
// name.

import type { DuckDBConnection } from '@duckdb/node-api';
import { SETTLE_MS } from '../cause/history.js';
import { byLine } from './by-line.js';
import { CAUSED_TABLES } from './facts.js';
import type { Columns } from './held-columns.js';
import type { Asking } from './line-sums.js';
import { lookUp } from './period-parts.js';
import { causesText, rowCausesText } from './period-sums.js';
import { readColumns } from './read-columns.js';

/** Counters kept at most, 4 bytes each. */
const CELLS_MAX = 8_000_000;

/** Of a longer period months are read where they are rolled up. */
const ROWS_ALONE_MS = 62 * 86_400_000;

/** So many lines are named in a statement. */
const NAMED_MAX = 1_000;

/** Which of a list a line counts for: places in it, several for one line of several components. */
export interface Places {
  readonly count: number;
  /** The places of a line are at [starts[line], starts[line + 1]) of `of`. */
  readonly starts: Int32Array;
  readonly of: Int32Array;
}

/** Places of pairs (place, line). */
export function placesOf(count: number, lines: number, places: Int32Array, of: Int32Array): Places {
  const { begins, order } = byLine(of, lines);
  return { count, starts: begins, of: order.map((i) => places[i]!) };
}

/** A condition on the lines that count for some places: true of all where these are many. */
function ofLines({ starts, of }: Places, isMeant: (place: number) => boolean): string {
  const lines: number[] = [];
  for (let line = 0; line + 1 < starts.length && lines.length <= NAMED_MAX; line++) {
    for (let i = starts[line]!; i < starts[line + 1]!; i++) {
      if (!isMeant(of[i]!)) continue;
      lines.push(line);
      break;
    }
  }
  if (lines.length > NAMED_MAX) return 'true';
  return lines.length === 0 ? 'false' : `line_id in (${lines.join(', ')})`;
}

/** Counters of one count at a time: nothing waits between its begin and its end. */
let scratch = new Uint32Array();

function zeros(count: number): Uint32Array {
  if (scratch.length < count) scratch = new Uint32Array(count);
  return scratch.subarray(0, count).fill(0);
}

/** Counts by place and id, a row of counters a place. */
class Tally {
  readonly ids: number;
  private readonly places: Places;
  private readonly counts: Uint32Array;

  constructor(places: Places, ids: number) {
    this.ids = ids;
    this.places = places;
    this.counts = zeros(places.count * ids);
  }

  add(line: number, id: number, count: number): void {
    const { starts, of } = this.places;
    for (let i = starts[line]!; i < starts[line + 1]!; i++) {
      this.counts[of[i]! * this.ids + id]! += count;
    }
  }

  /** The ids that count most at a place; none = nothing counts. */
  top(place: number): number[] {
    let [most, tops] = [0, [] as number[]];
    const from = place * this.ids;
    for (let id = 0; id < this.ids; id++) {
      const count = this.counts[from + id]!;
      if (count > most) [most, tops] = [count, [id]];
      else if (count === most && most > 0) tops.push(id);
    }
    return tops;
  }
}

/** The names of the tops of places; of several the last by name, bytes compared. */
function named(
  tops: readonly (readonly number[])[],
  names: ReadonlyMap<number, string>,
): (string | null)[] {
  return tops.map((top) => {
    const all = top.flatMap((id) => names.get(id) ?? []);
    return all.toSorted((a, b) => Buffer.compare(Buffer.from(b), Buffer.from(a)))[0] ?? null;
  });
}

const COMPONENTS = 'select name_id as id, name from cause_name';
const RAISED = 'select cause_id as id, cause as name from cause';

/** Interruptions that causes explain by a component, and until when their bursts last; by line. */
const EXPLAINED = {
  text: `select line_id, name_id, start_ms::double, burst_until_ms::double from cause_member
    where name_id <> 0 order by line_id`,
  words: 2,
  doubles: 2,
};

/**
 * The top cause of each place; null where nothing has one. Returns null where it would take more than
 * CELLS_MAX counters.
 */
export async function topCauses(
  connection: DuckDBConnection,
  asking: Asking,
  places: Places,
): Promise<(string | null)[] | null> {
  const { memory, moment } = asking;
  const components = moment.causeNameIdMax + 1;
  if (components * places.count > CELLS_MAX) return null;
  const { versions } = moment;
  const rows = await memory.columns.read(connection, versions.causes, EXPLAINED);
  const names = await memory.columns.readNames(connection, versions.components, COMPONENTS);
  const explained = new Tally(places, components);
  addExplained(explained, rows, places, asking);
  const tops = Array.from({ length: places.count }, (_, place) => explained.top(place));
  const found = named(tops, names);
  if (!found.includes(null)) return found;
  const few = ofLines(places, (place) => found[place] === null);
  const raised = await raisedTops(connection, asking, few, places);
  return raised && found.map((name, place) => name ?? raised[place]!);
}

/** Counts those of the period that are for the record at the reading time. */
function addExplained(
  explained: Tally,
  rows: Columns,
  places: Places,
  { moment, period: { fromMs, toMs } }: Asking,
): void {
  const [lines, names] = [rows.words[0]!, rows.words[1]!];
  const [starts, untils] = [rows.doubles[0]!, rows.doubles[1]!];
  const settledMs = (moment.leastReadingMs ?? -1) - SETTLE_MS;
  for (let i = 0, line = 0; i < rows.count && line + 1 < places.starts.length; line++) {
    if (places.starts[line] === places.starts[line + 1]) continue;
    for (i = firstFrom(lines, line, i); lines[i] === line; i++) {
      const startMs = starts[i]!;
      if (startMs >= fromMs && startMs < toMs && untils[i]! < settledMs) {
        explained.add(line, names[i]!, 1);
      }
    }
  }
}

/** Index of the first of sorted numbers, from one on, that is not below a value: near ones are found soon. */
function firstFrom(sorted: Int32Array, value: number, from: number): number {
  let [step, last] = [1, from];
  while (last < sorted.length && sorted[last]! < value) {
    from = last + 1;
    last += step;
    step *= 2;
  }
  last = Math.min(last, sorted.length);
  while (from < last) {
    const middle = (from + last) >> 1;
    if (sorted[middle]! < value) from = middle + 1;
    else last = middle;
  }
  return from;
}

/** What alarms were raised with, of some lines. */
async function raisedTops(
  connection: DuckDBConnection,
  { memory, moment, period }: Asking,
  few: string,
  places: Places,
): Promise<(string | null)[] | null> {
  const known = moment.causeIdMax + 1;
  if (known * places.count > CELLS_MAX) return null;
  const tables = CAUSED_TABLES.filter((table) => moment.rows[table] > 0);
  const isShort = period.toMs - period.fromMs <= ROWS_ALONE_MS;
  const causes = isShort
    ? rowCausesText(tables, period)
    : causesText(await lookUp(connection), period);
  const pieces: (readonly Int32Array[])[] = [];
  await readColumns(
    connection,
    `select line_id, cause_id, interruptions::integer from (${causes}) where ${few}`,
    { words: 3 },
    (_count, columns) => void pieces.push(columns),
  );
  const names = await memory.columns.readNames(connection, moment.versions.raised, RAISED);
  const raised = new Tally(places, known);
  for (const [lines, ids, counts] of pieces) {
    for (let i = 0; i < lines!.length; i++) raised.add(lines![i]!, ids![i]!, counts![i]!);
  }
  const tops = Array.from({ length: places.count }, (_, place) => raised.top(place));
  return named(tops, names);
}
