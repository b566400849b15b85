// A period of any edges as the whole months in it, which rollups have, and what is left at its edges.
// What there is to read from is looked up first, so that statements have only pieces that hold something.

import type { DuckDBConnection } from '@duckdb/node-api';
import { monthAround } from '../config/zone.js';
import { INTERRUPTION_TABLES } from './facts.js';
import type { Marks } from './rollup-facts.js';
import { selectRows } from './sql.js';

/** A period [fromMs, toMs), epoch milliseconds. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A number as it stands in a statement. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return String(value);
}

/** True where a column lies in a period. */
export const within = (column: string, { fromMs, toMs }: Period): string =>
  `${column} >= ${whole(fromMs)} and ${column} < ${whole(toMs)}`;

/** What there is to read from. */
export interface Found {
  /** The zone that months are rolled up in; null = nothing is. */
  readonly zone: string | null;
  /** The first and the last effective time; null = no data. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** Interruptions that no month counts. */
  readonly hasLong: boolean;
  readonly marks: Marks;
  /** The tables of interruptions that hold any. */
  readonly tables: typeof INTERRUPTION_TABLES;
  /** A table of them has rows behind its mark; without marks all are. */
  readonly waits: (table: string) => boolean;
}

/** Asked as plain rows: a subquery for each value would cost DuckDB five times as much. */
export async function lookUp(connection: DuckDBConnection): Promise<Found> {
  const counted = ['rollup_long', ...INTERRUPTION_TABLES];
  const rows = await selectRows<{
    what: string;
    least: number | null;
    most: number | null;
    zone: string | null;
  }>(
    connection,
    `select 'progress' as what, min(first_ms) as least, max(effective_ms) as most, null as zone
       from progress
     ${counted.map((table) => `union all select '${table}', 0, count(*), null from ${table}`).join(' ')}
     union all select 'mark ' || source, 0, "rows", time_zone from rollup_mark`,
  );
  const known = new Map(rows.map((row) => [row.what, row]));
  const holds = (table: string): boolean => (known.get(table)?.most ?? 0) > 0;
  return {
    zone: rows.find(({ what }) => what.startsWith('mark '))?.zone ?? null,
    firstMs: known.get('progress')?.least ?? null,
    lastMs: known.get('progress')?.most ?? null,
    hasLong: holds('rollup_long'),
    marks: (table) => String(known.get(`mark ${table}`)?.most ?? 0),
    tables: INTERRUPTION_TABLES.filter(holds),
    waits: (table) => known.get(table)!.most! > (known.get(`mark ${table}`)?.most ?? 0),
  };
}

/** A period as whole months and what is left at its edges. */
export interface Parts {
  readonly months: Period | null;
  readonly edges: readonly Period[];
}

/** What of a period's rolled up rows is to be read how; nothing of months without data. */
export function partsOf(asked: Period, { zone, firstMs, lastMs }: Found): Parts {
  const nothing = { months: null, edges: [] };
  if (zone === null || firstMs === null || lastMs === null) return nothing;
  const period = {
    fromMs: Math.max(asked.fromMs, monthAround(firstMs, zone)[0]),
    toMs: Math.min(asked.toMs, monthAround(lastMs, zone)[1]),
  };
  if (period.fromMs >= period.toMs) return nothing;
  const [begin, next] = monthAround(period.fromMs, zone);
  const fromMs = begin === period.fromMs ? begin : next;
  const [toMs] = monthAround(period.toMs, zone);
  if (fromMs >= toMs) return { months: null, edges: [period] };
  const edges = [
    { fromMs: period.fromMs, toMs: fromMs },
    { fromMs: toMs, toMs: period.toMs },
  ];
  return { months: { fromMs, toMs }, edges: edges.filter((edge) => edge.fromMs < edge.toMs) };
}

/** True of rows of months that lie in a period. */
export const inMonths = ({ fromMs, toMs }: Period): string =>
  `from_ms >= ${whole(fromMs)} and until_ms <= ${whole(toMs)}`;
