// Call-backs (回访) after activations and closed fault reports, and why customers were not satisfied.

import type { Kpi } from './kpi.js';
import { tickets } from './records.js';
import type { MonthRead } from './relations.js';

function activations({ fromMs, endMs, readingMs }: MonthRead): string {
  return `
    select distinct s.branch, s.product, s.customer, s.line as subject,
      s.line in (select line from callback_row where kind = 'activation' and valid_to_ms is null
        and at_ms <= ${readingMs}) as done
    from kpi_span s where s.activated_ms >= ${fromMs} and s.activated_ms < ${endMs}
      and s.to_ms = ${endMs}`;
}

function closedFaults({ fromMs, endMs, readingMs }: MonthRead): string {
  return `
    select branch, product, customer, ticket as subject,
      ticket in (select ticket from callback_row where kind = 'fault' and valid_to_ms is null
        and ticket is not null and at_ms <= ${readingMs}) as done
    from (${tickets('closed_ms')}) where kind = 'report'
      and closed_ms >= ${fromMs} and closed_ms < ${endMs}`;
}

const done = (name: string, definition: string, from: string): Kpi => ({
  name,
  version: 1,
  unit: '%',
  better: 'more',
  definition,
  from,
  scale: 100,
  figures: {
    gross: {
      numerator: 'count(distinct subject) filter (done)',
      denominator: 'count(distinct subject)',
    },
  },
});

/** The KPIs of a month. */
export function callbackKpis(read: MonthRead): Kpi[] {
  return [
    done(
      'callbacks_activation',
      'lines activated in the month that were called back / lines activated',
      activations(read),
    ),
    done(
      'callbacks_fault',
      'fault reports closed in the month that were called back / reports closed',
      closedFaults(read),
    ),
  ];
}
