// Outages, availability, errored and unavailable seconds, time to repair and between interruptions.

import { type Kpi, ofWorks } from './kpi.js';

const CELL = { version: 1, from: 'from kpi_cell' } as const;

export const OUTAGE_KPIS: readonly Kpi[] = [
  {
    ...CELL,
    name: 'outages',
    unit: 'count',
    better: 'less',
    definition: 'outages that start in the month',
    figures: ofWorks((suffix) => ({ numerator: `sum(outages${suffix})` })),
  },
  {
    ...CELL,
    name: 'availability',
    unit: '%',
    better: 'more',
    definition:
      '100 (T - down) / T: T = line-time of the month from the first data to the reading time, down ' +
      'clipped at its edges',
    scale: 100,
    figures: ofWorks((suffix) => ({
      numerator: `sum(observed_ms) - sum(down_ms${suffix})`,
      denominator: 'sum(observed_ms)',
    })),
  },
  {
    ...CELL,
    name: 'errored_seconds',
    unit: 's',
    better: 'less',
    definition: 'seconds touched by down (ES and SES)',
    figures: ofWorks((suffix) => ({ numerator: `sum(es${suffix})` })),
  },
  {
    ...CELL,
    name: 'unavailable_seconds',
    unit: 's',
    better: 'less',
    definition: 'UAS: from ten consecutive SES (included) to ten seconds that are none',
    figures: ofWorks((suffix) => ({ numerator: `sum(uas${suffix})` })),
  },
  {
    ...CELL,
    name: 'mttr',
    unit: 'ms',
    better: 'less',
    definition: 'mean length of the interruptions that start in the month and have ended',
    figures: ofWorks((suffix) => ({
      numerator: `sum(ended_ms${suffix})`,
      denominator: `sum(ended${suffix})`,
    })),
  },
  {
    ...CELL,
    name: 'mtbf',
    unit: 'ms',
    better: 'more',
    definition: '(T - down) / interruptions that start in the month',
    figures: ofWorks((suffix) => ({
      numerator: `sum(observed_ms) - sum(down_ms${suffix})`,
      denominator: `sum(interruptions${suffix})`,
    })),
  },
];
