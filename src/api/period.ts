// What a query's from, to and at mean: the period asked for and the reading time, with defaults that
// end at the reading time.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { latestReadingMs, type ReadAt } from '../store/queries.js';
import type { Period } from '../store/period-parts.js';
import type { ApiDeps } from './deps.js';

/** The latest reading time of the service, null before the first data. */
export function readingMsOf(readings: ReadonlyMap<number, number>): number | null {
  let latest: number | null = null;
  for (const c of readings.values()) if (latest === null || c > latest) latest = c;
  return latest;
}

/** When to read, and that time as one number for the answer. */
export interface Moment extends ReadAt {
  readonly readingMs: number | null;
}

/** The reading time of a query: the one asked for, or each partition's own. */
export async function momentOf(
  deps: ApiDeps,
  connection: DuckDBConnection,
  at: number | 'latest' | undefined,
): Promise<Moment> {
  if (at === undefined) {
    const readings = deps.reading();
    return { at: readings, readingMs: readingMsOf(readings) };
  }
  if (at === 'latest') return { at, readingMs: await latestReadingMs(connection) };
  return { at: { atMs: at }, readingMs: at };
}

/**
 * The period [from, to) of a query. Without `to` it ends with the reading time (included), without
 * `from` it is spanMs long. Before the first data it ends now. Throws BAD_REQUEST when it is empty.
 */
export function periodOf(
  query: { from?: number; to?: number },
  readingMs: number | null,
  spanMs: number,
): Period {
  const toMs = query.to ?? (readingMs ?? Date.now()) + 1;
  const fromMs = query.from ?? Math.max(0, toMs - spanMs);
  if (fromMs >= toMs) {
    throw new FlaplineError(
      'BAD_REQUEST',
      `the period is empty: "from" (${fromMs}) must be less than "to" (${toMs})`,
    );
  }
  return { fromMs, toMs };
}
