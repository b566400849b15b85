// Reads what closed months were frozen as (frozen.ts). The figures of all lines stand in a small table of
// their own: the targets are told from them without a look at those of branches and customers.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { ReadingTime } from '../store/reading.js';
import { selectRows } from '../store/sql.js';
import { type FigureRow, readFigures } from './figures.js';
import type { Dimension } from './kpi.js';
import type { Month } from './month.js';

const FIGURE = 'variant, numerator, denominator, coverage';

/** Frozen figures: month and the columns of FigureRow. */
export const KEPT_ROWS = `
  select month, kpi, version, 'all' as dimension, '' as name, ${FIGURE} from kpi_frozen_all
  union all select month, kpi, version, dimension, name, ${FIGURE} from kpi_frozen`;

/** A month's figures: as frozen, else as computed now. */
export interface MonthFigures {
  readonly month: string;
  readonly frozen: boolean;
  /** The reading time it was computed at. */
  readonly readingMs: number;
  readonly rows: FigureRow[];
}

/** The figures of a month; null where nothing was read of it. */
export async function figuresOf(
  connection: DuckDBConnection,
  month: Month,
  at: ReadingTime,
  dimensions: readonly Dimension[],
): Promise<MonthFigures | null> {
  const kept = await selectRows<{ readMs: number }>(
    connection,
    'select read_ms as "readMs" from kpi_month where month = $month and time_zone = $zone',
    { month: month.month, zone: month.timeZone },
  );
  if (kept[0]) {
    const wanted = dimensions.map((one) => `'${one}'`).join(', ');
    const rows = await selectRows<FigureRow>(
      connection,
      `select * exclude (month) from (${KEPT_ROWS})
       where month = $month and dimension in (${wanted}) order by kpi, dimension, name, variant`,
      { month: month.month },
    );
    return { month: month.month, frozen: true, readingMs: kept[0].readMs, rows };
  }
  const found = await readFigures(connection, month, at, dimensions);
  if (found === null) return null;
  const { read, rows } = found;
  return { month: month.month, frozen: false, readingMs: read.readingMs, rows };
}

/** What frozen months say of all lines together. */
export interface KeptTotals {
  /** Momentary interruptions, gross, of every frozen month. */
  readonly momentary: ReadonlyMap<string, number>;
  /** Every figure of the months asked for that are frozen. */
  readonly figures: Map<string, FigureRow[]>;
}

/** The ladder's months as they were frozen in a zone, and whole months by name: one statement. */
export async function keptTotals(
  connection: DuckDBConnection,
  timeZone: string,
  months: readonly string[],
): Promise<KeptTotals> {
  const rows = await selectRows<FigureRow & { month: string }>(
    connection,
    `select f.month, f.kpi, f.version, 'all' as dimension, '' as name, ${FIGURE}
     from kpi_frozen_all f join kpi_month m on m.month = f.month and m.time_zone = $zone
     where f.kpi = 'momentary' or f.month in (select unnest($months::varchar[]))`,
    { zone: timeZone, months },
  );
  const momentary = new Map<string, number>();
  const figures = new Map<string, FigureRow[]>();
  for (const row of rows) {
    const { month, kpi, variant, numerator } = row;
    if (kpi === 'momentary' && variant === 'gross') momentary.set(month, numerator);
    if (!months.includes(month)) continue;
    const own = figures.get(month);
    if (own) own.push(row);
    else figures.set(month, [row]);
  }
  return { momentary, figures };
}

/** A dated change of a frozen figure. */
export interface RestatementRow {
  month: string;
  kpi: string;
  dimension: string;
  name: string;
  variant: string;
  numeratorBefore: number | null;
  denominatorBefore: number | null;
  numerator: number | null;
  denominator: number | null;
  why: string;
  restatedMs: number;
}

/** The newest restatements of figures of all lines and of branches. */
export async function restatements(
  connection: DuckDBConnection,
  limit: number,
): Promise<RestatementRow[]> {
  return selectRows<RestatementRow>(
    connection,
    `select month, kpi, dimension, name, variant, numerator_before as "numeratorBefore",
       denominator_before as "denominatorBefore", numerator, denominator, why,
       epoch_ms(restated_recorded_at) as "restatedMs"
     from kpi_restatement where dimension in ('all', 'branch')
     order by restated_recorded_at desc, month, kpi, dimension, name, variant limit $limit`,
    { limit },
  );
}
