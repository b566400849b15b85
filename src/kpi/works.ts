// Planned works (割接): notice before them, and how often they hit an international circuit.

import type { Kpi } from './kpi.js';
import type { MonthRead } from './relations.js';

/** Notice is in time this long before the work's start. */
const NOTICE_MS = 24 * 3_600_000;

/** The works that start in the month and are not cancelled, by the names of the lines they touch. */
function worksOfLines({ fromMs, endMs }: MonthRead): string {
  return `
    with work_of as (
      select work, min(start_ms) as start_ms,
        bool_and(coalesce(start_ms - notified_department_ms >= ${NOTICE_MS}, false)) as department,
        bool_and(coalesce(start_ms - notified_customer_ms >= ${NOTICE_MS}, false)) as customers
      from work_row where valid_to_ms is null and status <> 'cancelled'
      group by work having min(start_ms) >= ${fromMs} and min(start_ms) < ${endMs})
    select distinct w.work, w.department, w.customers, coalesce(s.branch, '') as branch,
      coalesce(s.product, '') as product, coalesce(s.customer, '') as customer
    from work_of w left join work_line l on l.work = w.work
    left join kpi_span s on s.line = l.line and w.start_ms >= s.from_ms and w.start_ms < s.to_ms`;
}

/** International circuits with the works that the month plans for them, and those that hit them. */
function hitsOfCircuits({ fromMs, toMs, endMs }: MonthRead): string {
  return `
    with circuit as (select * from kpi_span where international and to_ms = ${endMs}),
    planned as (
      select l.line, count(distinct l.work) as works from work_line l semi join circuit using (line)
      where l.start_ms >= ${fromMs} and l.start_ms < ${toMs} group by l.line),
    actual as (
      select l.line, count(distinct l.work) as works
      from work_line l join circuit c using (line)
      join planned_mark m on m.line_id = c.line_id
        and m.start_ms >= l.from_ms and m.start_ms < l.until_ms
      join kpi_reading r on r.partition_id = m.partition_id and m.start_ms <= r.c
      where m.start_ms >= ${fromMs} and m.start_ms < ${endMs} group by l.line)
    select c.branch, c.product, c.customer, c.line, coalesce(p.works, 0) as planned,
      coalesce(a.works, 0) as actual
    from circuit c left join planned p using (line) left join actual a using (line)`;
}

/** The KPIs of a month. */
export function workKpis(read: MonthRead): Kpi[] {
  const notified = (who: 'department' | 'customers'): Kpi => ({
    name: `works_notified_${who}`,
    version: 1,
    unit: '%',
    better: 'more',
    definition: `works of the month with proof of notice to the ${who} at least 24 h before / works`,
    from: worksOfLines(read),
    scale: 100,
    figures: {
      gross: {
        numerator: `count(distinct work) filter (${who})`,
        denominator: 'count(distinct work)',
      },
    },
  });
  const hits = (when: 'planned' | 'actual', definition: string): Kpi[] => [
    {
      name: `work_hits_${when}`,
      version: 1,
      unit: 'count',
      better: 'less',
      definition: `most works ${definition} one international circuit in the month`,
      from: hitsOfCircuits(read),
      figures: { gross: { numerator: `max(${when})` } },
    },
    {
      name: `circuits_hit_twice_${when}`,
      version: 1,
      unit: 'count',
      better: 'less',
      definition: `international circuits with more than one work ${definition} them in the month`,
      from: hitsOfCircuits(read),
      figures: { gross: { numerator: `count(distinct line) filter (${when} > 1)` } },
    },
  ];
  return [
    ...hits('planned', 'planned for'),
    ...hits('actual', 'that interrupted'),
    notified('department'),
    notified('customers'),
  ];
}
