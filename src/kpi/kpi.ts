// What a KPI is: a relation of the month (relations.ts) and, for each variant, two aggregates over it.
// They are taken for all lines together, by branch, product and customer in one statement. A value is
// scale * numerator / denominator, or the numerator alone.

import type { DuckDBConnection } from '@duckdb/node-api';

/** Gross: everything; planned: what starts in the window of a planned work; net: the rest. */
export const VARIANTS = ['gross', 'planned', 'net'] as const;
export type Variant = (typeof VARIANTS)[number];

/** What figures are told by. */
export const DIMENSIONS = ['all', 'branch', 'product', 'customer'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** SQL aggregates over the KPI's relation. */
export interface Figure {
  readonly numerator: string;
  /** Absent: the numerator is the value. */
  readonly denominator?: string;
}

/** A KPI of SPEC section 6. */
export interface Kpi {
  readonly name: string;
  /** Raised whenever the definition changes: figures of two versions do not compare. */
  readonly version: number;
  readonly unit: 'count' | '%' | 'ms' | 's' | 'per line-month' | 'score' | 'ratio';
  /** Which way is better; null where neither is. */
  readonly better: 'less' | 'more' | null;
  /** For people, in one sentence. */
  readonly definition: string;
  /** A relation with the columns branch, product, customer ('' where the records name none). */
  readonly from: string;
  /** Aggregates of `from` to be taken by line first: a line that changes hands is one in each. */
  readonly byLine?: string;
  /** Numerator / denominator times this is the value; 1 unless given. */
  readonly scale?: number;
  /** The variants that mean something; a KPI that works do not touch has gross only. */
  readonly figures: { readonly gross: Figure } & Partial<Readonly<Record<Variant, Figure>>>;
  readonly dimensions?: readonly Dimension[];
}

/** The table of a month's figures on a connection. */
export const FIGURES = 'kpi_answer';

/** Columns of FIGURES. */
const FIGURE_COLUMNS = `kpi varchar, version integer, dimension varchar, name varchar,
  variant varchar, numerator double, denominator double`;

/** Makes the empty table of figures. */
export async function makeFigures(connection: DuckDBConnection): Promise<void> {
  await connection.run(`create or replace temp table ${FIGURES} (${FIGURE_COLUMNS})`);
}

/** What KPIs of one statement share. */
function shapeOf(kpi: Kpi): string {
  return [kpi.from, kpi.byLine ?? '', ...(kpi.dimensions ?? DIMENSIONS)].join('|');
}

/** Puts the figures of KPIs into FIGURES, for the dimensions asked for. */
export async function addFigures(
  connection: DuckDBConnection,
  kpis: readonly Kpi[],
  dimensions: readonly Dimension[],
): Promise<void> {
  const shapes = new Map<string, Kpi[]>();
  for (const kpi of kpis) {
    const alike = shapes.get(shapeOf(kpi));
    if (alike) alike.push(kpi);
    else shapes.set(shapeOf(kpi), [kpi]);
  }
  for (const alike of shapes.values()) {
    const own = alike[0]!.dimensions ?? DIMENSIONS;
    const wanted = dimensions.filter((one) => own.includes(one));
    if (wanted.length > 0) await connection.run(figuresText(alike, wanted));
  }
}

const number = (aggregate: string): string => `coalesce((${aggregate})::double, 0)`;

/** One statement for KPIs of one relation. */
function figuresText(kpis: readonly Kpi[], wanted: readonly Dimension[]): string {
  const { from, byLine } = kpis[0]!;
  const keys = wanted.filter((one) => one !== 'all');
  const figures = kpis.flatMap((kpi) =>
    VARIANTS.flatMap((variant) => {
      const figure = kpi.figures[variant];
      return figure ? [{ kpi, variant, ...figure }] : [];
    }),
  );
  const list = (of: (one: (typeof figures)[number]) => string | number): string =>
    `unnest([${figures.map(of).join(', ')}])`;
  const setsOf = (more: readonly string[]): string =>
    wanted.map((one) => `(${(one === 'all' ? more : [one, ...more]).join(', ')})`).join(', ');
  // One bit a key, the first the highest; set where the row is not of that key.
  const level = keys.length === 0 ? '0' : `grouping(${keys.join(', ')})`;
  const all = 2 ** keys.length - 1;
  const names = keys.map((one, i) => `when ${all - 2 ** (keys.length - 1 - i)} then '${one}'`);
  const dimension = `case ${byLine ? 'level' : level} when ${all} then 'all' ${names.join(' ')} end`;
  const grouped = byLine
    ? `(select ${[`${level} as level`, ...keys, 'line', byLine].join(', ')}
        from (${from}) group by grouping sets (${setsOf(['line'])}))
       group by ${['level', ...keys].join(', ')}`
    : `(${from}) group by grouping sets (${setsOf([])})`;
  return `insert into ${FIGURES}
    select ${list(({ kpi }) => `'${kpi.name}'`)}, ${list(({ kpi }) => kpi.version)}, ${dimension},
      coalesce(${[...keys, `''`].join(', ')}), ${list(({ variant }) => `'${variant}'`)},
      ${list(({ numerator }) => number(numerator))},
      ${list(({ denominator }) => (denominator ? number(denominator) : 'null::double'))}
    from ${grouped}`;
}

/** A count or sum of one column in its three variants, by what the columns of kpi_cell are called. */
export function ofWorks(
  figure: (suffix: '' | '_planned' | '_net') => Figure,
): Required<Kpi['figures']> {
  return { gross: figure(''), planned: figure('_planned'), net: figure('_net') };
}
