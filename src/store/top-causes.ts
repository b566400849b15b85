// The top cause of each of a short list: the component behind most of its interruptions by the causes of
// the record; only where these explain none, what most alarms were raised with. Of equals the last by
// name.

import type { DuckDBConnection } from '@duckdb/node-api';
import { explainedBefore } from './cause-views.js';
import { type Asking, readColumns } from './line-sums.js';
import { selectRows } from './sql.js';

/** Counters kept at most, 4 bytes each. */
const CELLS_MAX = 8_000_000;

/** So many lines are named in a statement. */
const NAMED_MAX = 1_000;

/** Which of a list a line counts for: places in it, several for one line of several components. */
export interface Places {
  readonly count: number;
  /** The places of a line are at [starts[line], starts[line + 1]) of `of`. */
  readonly starts: Int32Array;
  readonly of: Int32Array;
}

/** Places of pairs (place, line); pairs with a negative line or place are left out. */
export function placesOf(count: number, lines: number, places: Int32Array, of: Int32Array): Places {
  const starts = new Int32Array(lines + 1);
  const counts = (i: number): boolean => places[i]! >= 0 && of[i]! >= 0;
  for (let i = 0; i < of.length; i++) if (counts(i)) starts[of[i]! + 1]!++;
  for (let line = 0; line < lines; line++) starts[line + 1]! += starts[line]!;
  const next = starts.slice();
  const sorted = new Int32Array(starts[lines]!);
  for (let i = 0; i < of.length; i++) if (counts(i)) sorted[next[of[i]!]!++] = places[i]!;
  return { count, starts, of: sorted };
}

/** A condition on the lines that count for places (for some of them): true of all where these are many. */
function ofLines({ starts, of }: Places, isMeant: (place: number) => boolean = () => true): string {
  const lines: number[] = [];
  for (let line = 0; line + 1 < starts.length && lines.length <= NAMED_MAX; line++) {
    if (of.subarray(starts[line], starts[line + 1]).some(isMeant)) lines.push(line);
  }
  if (lines.length > NAMED_MAX) return 'true';
  return lines.length === 0 ? 'false' : `line_id in (${lines.join(', ')})`;
}

/** Counts by place and id, a row of counters a place. */
class Tally {
  readonly ids: number;
  private readonly places: Places;
  private readonly counts: Float64Array | Uint32Array;

  constructor(places: Places, ids: number) {
    this.ids = ids;
    this.places = places;
    this.counts = new Uint32Array(places.count * ids);
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

async function idsOf(connection: DuckDBConnection, table: string, column: string): Promise<number> {
  const [{ most }] = await selectRows<{ most: number }>(
    connection,
    `select coalesce(max(${column}), 0) as most from ${table}`,
  );
  return most + 1;
}

/** The names of the tops of places; of several the last by name, bytes compared. */
async function named(
  connection: DuckDBConnection,
  tops: readonly (readonly number[])[],
  text: string,
): Promise<(string | null)[]> {
  const ids = [...new Set(tops.flat())];
  if (ids.length === 0) return tops.map(() => null);
  const rows = await selectRows<{ id: number; name: string }>(
    connection,
    `${text} in (${ids.join(', ')})`,
  );
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return tops.map((top) => {
    const all = top.flatMap((id) => names.get(id) ?? []);
    return all.toSorted((a, b) => Buffer.compare(Buffer.from(b), Buffer.from(a)))[0] ?? null;
  });
}

/** What is counted. */
export interface CauseRows {
  /** Rows (line_id, cause_id, interruptions) of the period: what alarms were raised with. */
  readonly raised: string;
  /** Causes are for the record up to here; null = nothing is read. */
  readonly leastReadingMs: number | null;
}

/**
 * The top cause of each place; null where nothing has one. Returns null where it would take more than
 * CELLS_MAX counters.
 */
export async function topCauses(
  connection: DuckDBConnection,
  { reading, period }: Asking,
  rows: CauseRows,
  places: Places,
): Promise<(string | null)[] | null> {
  const components = await idsOf(connection, 'cause_name', 'name_id');
  if (components * places.count > CELLS_MAX) return null;
  const explained = new Tally(places, components);
  const statement = {
    clause: `select line_id, name_id from (${explainedBefore(String(rows.leastReadingMs ?? -1))})
      where start_ms >= ${period.fromMs} and start_ms < ${period.toMs} and ${ofLines(places)}`,
    parameters: {},
  };
  await readColumns(connection, statement, { words: 2 }, (count, [lines, names]) => {
    for (let i = 0; i < count; i++) explained.add(lines![i]!, names![i]!, 1);
  });
  const tops = Array.from({ length: places.count }, (_, place) => explained.top(place));
  const found = await named(
    connection,
    tops,
    'select name_id as id, name from cause_name where name_id',
  );
  if (!found.includes(null)) return found;
  const few = ofLines(places, (place) => found[place] === null);
  const raised = await raisedTops(
    connection,
    reading,
    `from (${rows.raised}) where ${few}`,
    places,
  );
  return raised && found.map((name, place) => name ?? raised[place]!);
}

async function raisedTops(
  connection: DuckDBConnection,
  { clause, parameters }: Asking['reading'],
  causes: string,
  places: Places,
): Promise<(string | null)[] | null> {
  const known = await idsOf(connection, 'cause', 'cause_id');
  if (known * places.count > CELLS_MAX) return null;
  const raised = new Tally(places, known);
  const statement = {
    clause: `${clause} select line_id, cause_id, interruptions::integer ${causes}`,
    parameters,
  };
  await readColumns(connection, statement, { words: 3 }, (count, [lines, ids, counts]) => {
    for (let i = 0; i < count; i++) raised.add(lines![i]!, ids![i]!, counts![i]!);
  });
  const tops = Array.from({ length: places.count }, (_, place) => raised.top(place));
  return named(connection, tops, 'select cause_id as id, cause as name from cause where cause_id');
}
