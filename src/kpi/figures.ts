// The figures of a month: every KPI of SPEC section 6, taken from the store's facts and records at a
// reading time, each with the coverage of the lines it is told of.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { ReadingTime } from '../store/reading.js';
import { selectRows } from '../store/sql.js';
import { callbackKpis } from './callbacks.js';
import { chronicKpi } from './chronic.js';
import { customerKpis } from './customers.js';
import { FAULT_KPIS } from './faults.js';
import { type Dimension, FIGURES, type Kpi, type Variant, addFigures, makeFigures } from './kpi.js';
import { MOMENTARY_KPIS } from './momentary.js';
import type { Month } from './month.js';
import { OUTAGE_KPIS } from './outages.js';
import { PROACTIVE_KPI } from './proactive.js';
import { reportKpis } from './reports.js';
import { type MonthRead, dropRelations, makeRelations } from './relations.js';
import { workKpis } from './works.js';

/** Every KPI, in the order of SPEC section 6. */
export function kpisOf(read: MonthRead): Kpi[] {
  return [
    ...MOMENTARY_KPIS,
    ...FAULT_KPIS,
    chronicKpi(read),
    ...OUTAGE_KPIS,
    ...reportKpis(read),
    ...workKpis(read),
    PROACTIVE_KPI,
    ...callbackKpis(read),
    ...customerKpis(read),
  ];
}

/** The KPIs by name, for what does not depend on a month. */
export const KPIS: ReadonlyMap<string, Pick<Kpi, Told>> = new Map(
  kpisOf({ month: '', timeZone: 'UTC', fromMs: 0, toMs: 0, endMs: 0, readingMs: 0 }).map((kpi) => [
    kpi.name,
    kpi,
  ]),
);

type Told = 'name' | 'version' | 'unit' | 'better' | 'definition' | 'scale' | 'figures';

/** A figure. Its value is null where the denominator is 0. */
export interface FigureRow {
  kpi: string;
  version: number;
  dimension: Dimension;
  /** Branch, product or customer; '' for all lines, and for lines whose record names none. */
  name: string;
  variant: Variant;
  numerator: number;
  denominator: number | null;
  /** Known line-time / line-time of the lines, 0..1; null without lines. */
  coverage: number | null;
}

/** The value of a figure; null where its denominator is 0. */
export function valueOf({
  kpi,
  numerator,
  denominator,
}: Pick<FigureRow, 'kpi' | 'numerator' | 'denominator'>): number | null {
  if (denominator === 0) return null;
  return ((KPIS.get(kpi)?.scale ?? 1) * numerator) / (denominator ?? 1);
}

/**
 * Computes the figures of a month into the table FIGURES of the connection and says how the month was
 * read; null, and no figures, where nothing of it was. `use` is given them.
 */
export async function withFigures<T>(
  connection: DuckDBConnection,
  month: Month,
  at: ReadingTime,
  dimensions: readonly Dimension[],
  use: (read: MonthRead) => Promise<T>,
): Promise<T | null> {
  try {
    const read = await makeRelations(connection, month, at);
    if (read === null) return null;
    await makeFigures(connection);
    await addFigures(connection, [COVERAGE, ...kpisOf(read)], dimensions);
    return await use(read);
  } finally {
    await dropRelations(connection);
    await connection.run(`drop table if exists ${FIGURES}`);
  }
}

/** Not a KPI of its own: told beside each. */
const COVERAGE: Kpi = {
  name: 'coverage',
  version: 1,
  unit: '%',
  better: 'more',
  definition: 'line-time in a known state / line-time up to the reading time',
  from: 'from kpi_cell',
  scale: 100,
  figures: { gross: { numerator: 'sum(known_ms)', denominator: 'sum(span_ms)' } },
};

/** The figures in FIGURES with their coverage. */
export const FIGURE_ROWS = `
  select f.*, c.numerator / nullif(c.denominator, 0) as coverage
  from ${FIGURES} f left join ${FIGURES} c
    on c.kpi = 'coverage' and c.dimension = f.dimension and c.name = f.name
  where f.kpi <> 'coverage'`;

/** The figures of a month as rows. */
export async function readFigures(
  connection: DuckDBConnection,
  month: Month,
  at: ReadingTime,
  dimensions: readonly Dimension[],
): Promise<{ read: MonthRead; rows: FigureRow[] } | null> {
  return withFigures(connection, month, at, dimensions, async (read) => ({
    read,
    rows: await selectRows<FigureRow>(
      connection,
      `${FIGURE_ROWS} order by f.kpi, f.dimension, f.name, f.variant`,
    ),
  }));
}
