// What the plan asks for around the lines of key customers: complete records (客户资料档案), premises
// inspected (巡检) and labelled (挂牌), emergency plans (应急预案), service norms of branches, customers
// enrolled for notices, and satisfaction. All as the records stand at the end of the month.

import { REQUIRED } from '../records/required.js';
import type { Kpi } from './kpi.js';
import type { MonthRead } from './relations.js';

/** True where a record lacks the field. */
export function lacks(field: (typeof REQUIRED)[number]): string {
  return `coalesce(${field}::varchar, '') = ''`;
}

/** Lines with their records at the end of the month. */
export function standing({ endMs }: MonthRead): string {
  return `select * from kpi_span where recorded and to_ms = ${endMs}`;
}

function share(name: string, definition: string, from: string, subject: string, ok: string): Kpi {
  const count = `count(distinct ${subject})`;
  return {
    name,
    version: 1,
    unit: '%',
    better: 'more',
    definition,
    from,
    scale: 100,
    figures: { gross: { numerator: `${count} filter (${ok})`, denominator: count } },
  };
}

/** The KPIs of a month. */
export function customerKpis(read: MonthRead): Kpi[] {
  const { endMs, month } = read;
  const lines = standing(read);
  const key = `${lines} and key_customer`;
  const visited = (name: string, column: string, what: string): Kpi => ({
    name,
    version: 1,
    unit: 'count',
    better: 'more',
    definition: `key customers whose premises are ${what}`,
    from: key,
    figures: {
      gross: { numerator: `count(distinct customer) filter (${column} < ${endMs})` },
    },
  });
  return [
    share(
      'records_complete',
      `circuits of key customers whose records have ${REQUIRED.join(', ')} / such circuits`,
      key,
      'line',
      REQUIRED.map((field) => `not ${lacks(field)}`).join(' and '),
    ),
    visited('customers_inspected', 'inspected_ms', 'inspected'),
    visited('customers_labelled', 'labelled_ms', 'labelled'),
    {
      ...share(
        'norms_in_force',
        'branches with the premises service norms in force / branches',
        `select *, '' as product, '' as customer from branch_row where valid_to_ms is null`,
        'branch',
        `norms_since_ms < ${endMs}`,
      ),
      dimensions: ['all', 'branch'],
    },
    share(
      'emergency_plans',
      'important and international circuits with an emergency plan / such circuits',
      `${lines} and (important or international)`,
      'line',
      `coalesce(emergency_plan, '') <> ''`,
    ),
    {
      name: 'customers_enrolled',
      version: 1,
      unit: 'count',
      better: 'more',
      definition: 'key customers enrolled for proactive notification',
      from: `select '' as branch, '' as product, customer, enrolled_ms from customer_row
        where key and valid_to_ms is null`,
      figures: {
        gross: { numerator: `count(distinct customer) filter (enrolled_ms < ${endMs})` },
      },
      dimensions: ['all', 'customer'],
    },
    {
      name: 'satisfaction',
      version: 1,
      unit: 'score',
      better: 'more',
      definition: 'satisfaction score of the month, weighted by samples',
      from: `select branch, '' as product, '' as customer, score, coalesce(samples, 1) as samples
        from satisfaction_row where valid_to_ms is null and period = '${month}'`,
      figures: { gross: { numerator: 'sum(score * samples)', denominator: 'sum(samples)' } },
      dimensions: ['all', 'branch'],
    },
  ];
}
