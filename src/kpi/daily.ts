// Momentary interruptions by local day and hour: what the ladder, its chart and the forecast read. From
// the rollup by hour where the zone's hours are those of UTC, else from rows; the hour at hand from rows.

import type { DuckDBConnection } from '@duckdb/node-api';
import { offsetsOf } from '../config/zone.js';
import { interruptionFacts } from '../store/facts.js';
import { QUERY_SETTINGS, type ReadAt } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { type Marks, hourFacts, readMarks } from '../store/rollup-facts.js';
import { atOneMoment, selectRows } from '../store/sql.js';
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

/** The local day of an instant, such as 2007-03-31, and its hour with fractions. */
export function localDay(atMs: number, timeZone: string): { day: string; hour: number } {
  const local = atMs + offsetIn(timeZone, atMs);
  const day = new Date(local).toISOString().slice(0, 10);
  return { day, hour: (((local % DAY_MS) + DAY_MS) % DAY_MS) / 3_600_000 };
}

/** So many began in the quarter of an hour (or in the hour that begins with it). */
interface Counted {
  quarter: number;
  counted: number;
}

/** Those of [fromMs, toMs], by what a relation says of each `at_ms`. */
async function countedIn(
  connection: DuckDBConnection,
  { at }: ReadAt,
  relation: string,
  fromMs: number,
  toMs: number,
): Promise<Counted[]> {
  const { clause, parameters } = readingClause(at);
  return selectRows<Counted>(
    connection,
    `${clause}
     select at_ms // ${QUARTER_MS} as quarter, sum(counted)::bigint as counted
     from (${relation}) where at_ms >= $from and at_ms <= $to group by quarter`,
    { ...parameters, from: fromMs, to: toMs },
  );
}

const ROWS = `select start_ms as at_ms, 1 as counted from (${interruptionFacts(QUERY_SETTINGS)})
  where not outage`;
const hoursText = (
  marks: Marks,
): string => `select from_ms as at_ms, interruptions - outages as counted
  from (${hourFacts(QUERY_SETTINGS, marks)})`;

/** True where local hours begin with those of UTC. */
function hasWholeHours(timeZone: string, fromMs: number, toMs: number): boolean {
  for (let at = fromMs; at < toMs + DAY_MS; at += DAY_MS) {
    if (offsetIn(timeZone, at) % HOUR_MS !== 0) return false;
  }
  return true;
}

/** All of [fromMs, toMs]; whole hours from their rollup where they are those of the zone. */
async function quarters(
  connection: DuckDBConnection,
  read: ReadAt,
  fromMs: number,
  toMs: number,
  areWhole: boolean,
): Promise<Counted[]> {
  const last = Math.floor(toMs / HOUR_MS) * HOUR_MS;
  const first = Math.ceil(fromMs / HOUR_MS) * HOUR_MS;
  if (!areWhole || first >= last) return countedIn(connection, read, ROWS, fromMs, toMs);
  const marks = await readMarks(connection);
  return [
    ...(await countedIn(connection, read, ROWS, fromMs, first - 1)),
    ...(await countedIn(connection, read, hoursText(marks), first, last - 1)),
    ...(await countedIn(connection, read, ROWS, last, toMs)),
  ];
}

/** The days from the one of fromMs to the one of toMs, none left out, with their counts. */
export async function dailyCounts(
  connection: DuckDBConnection,
  read: ReadAt,
  fromMs: number,
  toMs: number,
  timeZone: string,
): Promise<DayCounts[]> {
  const rows = await atOneMoment(connection, () =>
    quarters(connection, read, fromMs, toMs, hasWholeHours(timeZone, fromMs, toMs)),
  );
  const days = new Map<string, number[]>();
  const last = localDay(toMs, timeZone).day;
  for (let at = fromMs; ; at += DAY_MS / 2) {
    const { day } = localDay(Math.min(at, toMs), timeZone);
    if (!days.has(day))
      days.set(
        day,
        Array.from({ length: 24 }, () => 0),
      );
    if (day >= last) break;
  }
  for (const { quarter, counted } of rows) {
    const { day, hour } = localDay(quarter * QUARTER_MS, timeZone);
    const hours = days.get(day);
    if (hours) hours[Math.floor(hour)]! += counted;
  }
  return [...days].map(([day, hours]) => ({ day, hours }));
}
