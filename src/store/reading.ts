// Reading times. What depends on time passing is read at a time c, never stored (SPEC section 2):
// this file makes the relation reading(partition_id, c) that every view and query joins.

import type { SqlParameters } from './sql.js';

/**
 * When to read: at the largest effective time of all partitions, at one time for all, or at each
 * partition's own time (partition id -> c; a partition that is absent is not read yet).
 * Times in epoch milliseconds.
 */
export type ReadingTime = 'latest' | { readonly atMs: number } | ReadonlyMap<number, number>;

/** The reading relation of the documented views: one value of c for all partitions. */
export const LATEST_READING = `
  select partition_id, (select max(effective_ms) from progress) as c from log_partition`;

/** The name under which queries see their reading relation. */
export const READING = 'reading_at';

/** A `with` clause that defines READING, and the parameters it needs. */
export interface ReadingClause {
  readonly clause: string;
  readonly parameters: SqlParameters;
}

/** The text and parameters to put in front of a query that reads at the given time. */
export function readingClause(at: ReadingTime): ReadingClause {
  if (at === 'latest') {
    return { clause: `with ${READING} as (${LATEST_READING})`, parameters: {} };
  }
  if ('atMs' in at) {
    return {
      clause: `with ${READING} as (select partition_id, $at_ms::bigint as c from log_partition)`,
      parameters: { at_ms: at.atMs },
    };
  }
  return {
    clause: `with ${READING} as (select unnest($reading_partition::bigint[])::integer
      as partition_id, unnest($reading_c::bigint[]) as c)`,
    parameters: { reading_partition: [...at.keys()], reading_c: [...at.values()] },
  };
}
