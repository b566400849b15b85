// Momentary interruptions by local day and hour: what the ladder, its chart and the forecast read. From
// the rollup by hour where the zone's hours are those of UTC, else from rows; the hour at hand from rows.

import type { DuckDBConnection } from '@duckdb/node-api';
import { offsetsOf } from '../config/zone.js';
import { endedFacts, openFacts } from '../store/facts.js';
import { readColumns } from '../store/read-columns.js';
import { QUERY_SETTINGS, type ReadAt } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { behindMark, belowMark, readMarks } from '../store/rollup-facts.js';
import { atOneMoment } from '../store/sql.js';
import type { DayCounts } from './forecast.js';

/** Every zone's offset since 1970 is a whole number of these, at the times we look at. */
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The zone that was asked for last, its offsets kept: a year has 8,760 hours. */
let asked = { timeZone: 'UTC', offsetMs: offsetsOf('UTC') };

function offsetIn(timeZone: string, atMs: number): number {
  if (asked.timeZone !== timeZone) asked = { timeZone, offsetMs: offsetsOf(timeZone) };
  return asked.offsetMs(atMs);
}

/** The number of the local day of an instant, and its hour with fractions. */
function dayAndHour(atMs: number, timeZone: string): { day: number; hour: number } {
  const local = atMs + offsetIn(timeZone, atMs);
  const day = Math.floor(local / DAY_MS);
  return { day, hour: (local - day * DAY_MS) / HOUR_MS };
}

/** The local day of an instant, such as 2007-03-31, and its hour with fractions. */
export function localDay(atMs: number, timeZone: string): { day: string; hour: number } {
  const { day, hour } = dayAndHour(atMs, timeZone);
  return { day: nameOf(day), hour };
}

const nameOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Momentary ones of a relation that start in [fromMs, toMs): (at_ms, counted). */
function starts(relation: string, fromMs: number, toMs: number): string {
  return `select start_ms as at_ms, 1 as counted from (${relation})
    where not outage and start_ms >= ${fromMs} and start_ms < ${toMs}`;
}

/**
 * All of [fromMs, toMs): whole hours (from firstMs to lastMs) from their rollup, what is cut at either
 * end and what is not rolled up from rows. Gives columns: the begin of a quarter of an hour (or of the
 * hour that begins with it), and how many began in it.
 */
async function countedIn(
  connection: DuckDBConnection,
  { at }: ReadAt,
  [fromMs, firstMs, lastMs, toMs]: readonly [number, number, number, number],
  take: (rows: number, words: unknown, columns: readonly Float64Array[]) => void,
): Promise<void> {
  const { clause, parameters } = readingClause(at);
  const marks = await readMarks(connection);
  const rolled = endedFacts({ rows: belowMark(marks) });
  const others = `${endedFacts({ rows: behindMark(marks) })} union all ${openFacts(QUERY_SETTINGS)}`;
  const text = `${clause}
     select (at_ms // ${QUARTER_MS} * ${QUARTER_MS})::double as from_ms, sum(counted)::double
     from (select from_ms as at_ms, interruptions - outages as counted from rollup_hour
         where from_ms >= ${firstMs} and from_ms < ${lastMs}
       union all ${starts(rolled, fromMs, firstMs)}
       union all ${starts(rolled, lastMs, toMs)}
       union all ${starts(others, fromMs, toMs)})
     group by from_ms`;
  await readColumns(connection, text, { words: 0, doubles: 2 }, take, parameters);
}

/** True where local hours begin with those of UTC. */
function hasWholeHours(timeZone: string, fromMs: number, toMs: number): boolean {
  for (let at = fromMs; at < toMs + DAY_MS; at += DAY_MS) {
    if (offsetIn(timeZone, at) % HOUR_MS !== 0) return false;
  }
  return true;
}

/** The days from the one of fromMs to the one of toMs, none left out, with their counts. */
export async function dailyCounts(
  connection: DuckDBConnection,
  read: ReadAt,
  fromMs: number,
  toMs: number,
  timeZone: string,
): Promise<DayCounts[]> {
  const endMs = toMs + 1;
  const firstMs = Math.ceil(fromMs / HOUR_MS) * HOUR_MS;
  const lastMs = Math.floor(endMs / HOUR_MS) * HOUR_MS;
  const isWhole = firstMs < lastMs && hasWholeHours(timeZone, fromMs, toMs);
  const edges = isWhole ? ([firstMs, lastMs] as const) : ([endMs, endMs] as const);
  const days = new Map<number, number[]>();
  const last = dayAndHour(toMs, timeZone).day;
  for (let at = fromMs; ; at += DAY_MS / 2) {
    const { day } = dayAndHour(Math.min(at, toMs), timeZone);
    if (!days.has(day)) days.set(day, Array<number>(24).fill(0));
    if (day >= last) break;
  }
  await atOneMoment(connection, () =>
    countedIn(connection, read, [fromMs, ...edges, endMs], (rows, _words, [times, counts]) => {
      for (let i = 0; i < rows; i++) {
        const { day, hour } = dayAndHour(times![i]!, timeZone);
        const hours = days.get(day);
        if (hours) hours[Math.floor(hour)]! += counts![i]!;
      }
    }),
  );
  return [...days].map(([day, hours]) => ({ day: nameOf(day), hours }));
}
