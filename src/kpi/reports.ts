// Fault reports (申告) and complaints, against the circuits in service.

import type { Kpi } from './kpi.js';
import { tickets } from './records.js';
import type { MonthRead } from './relations.js';

const REPEAT_MS = 30 * 86_400_000;
/** The product that complaints are compared by. */
const COMPARED = 'International VPN';

/** Key customers' cross-area digital circuits. */
const KEY_CROSS_AREA = `key_customer and circuit_type = 'digital' and a_branch <> z_branch`;

/** Circuits in service (ticket null) and the tickets opened in the month. */
function ticketsAndCircuits({ fromMs, endMs }: MonthRead): string {
  return `
    with opened as (
      select *, opened_ms - lag(opened_ms) over (partition by kind, line order by opened_ms, ticket)
        <= ${REPEAT_MS} as repeats
      from (${tickets('opened_ms')}))
    select branch, product, customer, line, ticket, kind, valid, coalesce(repeats, false) as repeats,
      coalesce(${KEY_CROSS_AREA}, false) as key_cross_area
    from opened where opened_ms >= ${fromMs} and opened_ms < ${endMs}
    union all
    select branch, product, customer, line, null, null, null, false,
      coalesce(${KEY_CROSS_AREA}, false)
    from kpi_span where recorded`;
}

const CIRCUITS = 'count(distinct line) filter (ticket is null)';
const counted = (where: string): string => `count(distinct ticket) filter (${where})`;

/** The KPIs of a month. */
export function reportKpis(read: MonthRead): Kpi[] {
  const ticket = { version: 1, unit: '%', better: 'less', from: ticketsAndCircuits(read) } as const;
  const compared = `product = '${COMPARED}'`;
  return [
    {
      ...ticket,
      name: 'valid_report_rate',
      definition: 'valid fault reports opened in the month / circuits in service * 100',
      scale: 100,
      figures: {
        gross: { numerator: counted(`kind = 'report' and valid`), denominator: CIRCUITS },
      },
    },
    {
      ...ticket,
      name: 'valid_report_rate_key',
      definition: "the same for key customers' cross-area digital circuits",
      scale: 100,
      figures: {
        gross: {
          numerator: counted(`kind = 'report' and valid and key_cross_area`),
          denominator: 'count(distinct line) filter (ticket is null and key_cross_area)',
        },
      },
    },
    {
      ...ticket,
      name: 'repeat_report_rate',
      definition: 'reports opened at most 30 days after the previous report of the line / reports',
      scale: 100,
      figures: {
        gross: {
          numerator: counted(`kind = 'report' and repeats`),
          denominator: counted(`kind = 'report'`),
        },
      },
    },
    {
      ...ticket,
      name: 'complaint_rate',
      definition: 'complaints opened in the month / circuits in service * 100',
      scale: 100,
      figures: { gross: { numerator: counted(`kind = 'complaint'`), denominator: CIRCUITS } },
    },
    {
      ...ticket,
      name: 'complaint_ratio',
      unit: 'ratio',
      definition: `complaints per circuit of ${COMPARED} / the same of all other products`,
      figures: {
        gross: {
          numerator: `${counted(`kind = 'complaint' and ${compared}`)}
            * count(distinct line) filter (ticket is null and not ${compared})`,
          denominator: `${counted(`kind = 'complaint' and not ${compared}`)}
            * count(distinct line) filter (ticket is null and ${compared})`,
        },
      },
      dimensions: ['all', 'branch'],
    },
  ];
}
