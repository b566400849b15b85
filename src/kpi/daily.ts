// Momentary interruptions by local day and hour: what the ladder, its chart and the forecast read.

import type { DuckDBConnection } from '@duckdb/node-api';
import { offsetAt } from '../config/zone.js';
import { interruptionFacts } from '../store/facts.js';
import { QUERY_SETTINGS, type ReadAt } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { selectRows } from '../store/sql.js';
import type { DayCounts } from './forecast.js';

/** Every zone's offset since 1970 is a whole number of these, at the times we look at. */
const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

/** The local day of an instant, such as 2007-03-31, and its hour with fractions. */
export function localDay(atMs: number, timeZone: string): { day: string; hour: number } {
  const local = atMs + offsetAt(timeZone, atMs);
  const day = new Date(local).toISOString().slice(0, 10);
  return { day, hour: (((local % DAY_MS) + DAY_MS) % DAY_MS) / 3_600_000 };
}

/** The days from the one of fromMs to the one of toMs, none left out, with their counts. */
export async function dailyCounts(
  connection: DuckDBConnection,
  read: ReadAt,
  fromMs: number,
  toMs: number,
  timeZone: string,
): Promise<DayCounts[]> {
  const { clause, parameters } = readingClause(read.at);
  const rows = await selectRows<{ quarter: number; counted: number }>(
    connection,
    `${clause}
     select start_ms // ${QUARTER_MS} as quarter, count(*) as counted
     from (${interruptionFacts(QUERY_SETTINGS)})
     where not outage and start_ms >= $from and start_ms <= $to group by quarter`,
    { ...parameters, from: fromMs, to: toMs },
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
