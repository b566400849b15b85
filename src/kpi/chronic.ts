// Chronic lines (SPEC section 2) as they read at the end of the month, or at the reading time before.

import { chronicFacts } from '../store/chronic.js';
import type { Kpi } from './kpi.js';
import type { MonthRead } from './relations.js';

/** The KPI of a month. */
export function chronicKpi({ endMs, timeZone }: MonthRead): Kpi {
  const reading = `(select partition_id, least(c, ${endMs} - 1) as c from kpi_reading)`;
  return {
    name: 'chronic_lines',
    version: 1,
    unit: 'count',
    better: 'less',
    definition:
      'lines that are chronic at the end of the month: > 3 outages, > 24 h down, >= 60 momentary ' +
      'interruptions or >= 3 days with flapping over 30 days',
    from: `select s.branch, s.product, s.customer, s.line
      from (select distinct line_id from (${chronicFacts({ reading, timeZone })})) f
      join kpi_span s on s.line_id = f.line_id and s.to_ms = ${endMs}`,
    figures: { gross: { numerator: 'count(distinct line)' } },
  };
}
