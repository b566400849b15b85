// What interruptions add up to by line over a period with any edges: whole months from their rollup,
// the rest from rows. Which months are whole is looked up first, so that the statement has only pieces
// that hold something, and their edges stand in it.

import type { DuckDBConnection } from '@duckdb/node-api';
import { type FactSettings, endedFacts, openFacts } from './facts.js';
import { behindMark, rolledUp } from './rollup-facts.js';
import { selectRows } from './sql.js';

/** A period [fromMs, toMs), epoch milliseconds. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A number as it stands in a statement. */
function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return String(value);
}

/** What of the interruptions that touch a period counts in it. */
function clipped(relation: string, { fromMs, toMs }: Period): string {
  const [from, to] = [whole(fromMs), whole(toMs)];
  return `select line_id, (start_ms >= ${from})::integer as interruptions,
      (start_ms >= ${from} and outage)::integer as outages,
      least(until_ms, ${to}) - greatest(start_ms, ${from}) as down_ms,
      if(start_ms >= ${from}, start_ms, null) as last_start_ms
    from (${relation}) where start_ms < ${to} and until_ms >= ${from}`;
}

/** The months that are rolled up and lie in the period; null = none. */
async function wholeMonths(connection: DuckDBConnection, period: Period): Promise<Period | null> {
  const [{ fromMs, toMs }] = await selectRows<{ fromMs: number | null; toMs: number | null }>(
    connection,
    `select min(from_ms) as "fromMs", max(until_ms) as "toMs"
     from rollup_month where from_ms >= $from and until_ms <= $to`,
    { from: period.fromMs, to: period.toMs },
  );
  return fromMs === null || toMs === null ? null : { fromMs, toMs };
}

/**
 * The text of a relation with the sums by line over the period: (line_id, interruptions, outages,
 * down_ms, last_start_ms). Interruptions count by their start; down time is clipped to the period. The
 * statement that holds it sees marks and rollups of one moment, whatever is rolled up meanwhile.
 * `relation`: some interruptions (with the columns of interruptionFacts) instead of all, row by row.
 */
export async function periodSums(
  connection: DuckDBConnection,
  settings: FactSettings,
  period: Period,
  relation: string | null = null,
): Promise<string> {
  if (relation !== null) return summed([clipped(relation, period)]);
  const months = await wholeMonths(connection, period);
  const others = `${endedFacts(months ? { rows: behindMark } : {})} union all ${openFacts(settings)}`;
  const parts = [clipped(others, period)];
  if (months) {
    parts.push(`select line_id, interruptions, outages, down_ms, last_start_ms from rollup_month
      where from_ms >= ${whole(months.fromMs)} and until_ms <= ${whole(months.toMs)}`);
    parts.push(clipped('select *, end_ms as until_ms from rollup_long', period));
    const edges = [
      { fromMs: period.fromMs, toMs: months.fromMs },
      { fromMs: months.toMs, toMs: period.toMs },
    ];
    for (const edge of edges) {
      if (edge.fromMs < edge.toMs) parts.push(clipped(endedFacts({ rows: rolledUp }), edge));
    }
  }
  return summed(parts);
}

function summed(parts: readonly string[]): string {
  return `select line_id, sum(interruptions)::bigint as interruptions,
      sum(outages)::bigint as outages, sum(down_ms::double)::bigint as down_ms,
      max(last_start_ms) as last_start_ms
    from (${parts.join(' union all ')}) group by line_id`;
}
