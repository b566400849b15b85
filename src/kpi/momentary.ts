// Momentary interruptions a month: count, per line-month, and CEMI_n.

import { type Kpi, ofWorks } from './kpi.js';

/** The n of CEMI_n. */
const CEMI = [1, 5, 10, 30, 60];

const BY_LINE = `sum(momentary) as momentary, sum(momentary_planned) as momentary_planned,
  sum(momentary_net) as momentary_net`;

export const MOMENTARY_KPIS: readonly Kpi[] = [
  {
    name: 'momentary',
    version: 1,
    unit: 'count',
    better: 'less',
    definition: 'momentary interruptions that start in the month',
    from: 'from kpi_cell',
    figures: ofWorks((suffix) => ({ numerator: `sum(momentary${suffix})` })),
  },
  {
    name: 'momentary_per_line_month',
    version: 1,
    unit: 'per line-month',
    better: 'less',
    definition: 'momentary interruptions / line-months up to the reading time',
    from: 'from kpi_cell',
    figures: ofWorks((suffix) => ({
      numerator: `sum(momentary${suffix})`,
      denominator: 'sum(line_months)',
    })),
  },
  ...CEMI.map((n): Kpi => ({
    name: `cemi_${n}`,
    version: 1,
    unit: '%',
    better: 'less',
    definition: `lines with at least ${n} momentary interruptions in the month / lines`,
    from: 'from kpi_cell',
    byLine: BY_LINE,
    scale: 100,
    figures: ofWorks((suffix) => ({
      numerator: `count(*) filter (momentary${suffix} >= ${n})`,
      denominator: 'count(*)',
    })),
  })),
];
