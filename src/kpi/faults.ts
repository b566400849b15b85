// Faults for KPIs (SPEC section 2): outages of a line with gaps of at most four hours are one fault; in
// net figures without planned ones, in planned figures of these alone. A fault repeats when it starts
// at most 30 days after the line's previous fault ended.

import { type Kpi, VARIANTS } from './kpi.js';
import type { MonthRead } from './relations.js';

const FAULT_GAP_MS = 4 * 3_600_000;
const REPEAT_MS = 30 * 86_400_000;

const WHERE = {
  gross: 'true',
  planned: 'planned_ms is not null',
  net: 'planned_ms is null',
} as const;

/**
 * kpi_fault: faults that start in the month, (branch, product, customer, line, variant, start_ms,
 * repeats, same_cause, cause_id). cause_id = that of its first outage that has one.
 */
export function faultRelation({ fromMs, endMs }: MonthRead): string {
  const parts = VARIANTS.map(
    (variant) =>
      `select '${variant}' as variant, * from kpi_interruption where outage and ${WHERE[variant]}`,
  );
  const line = 'partition by variant, line_id, partition_id';
  return `
    with outage as (${parts.join(' union all ')}),
    before as (
      select *, max(until_ms) over (${line} order by start_ms, n
        rows between unbounded preceding and 1 preceding) as before_ms from outage),
    numbered as (
      select *, count(*) filter (before_ms is null or start_ms - before_ms > ${FAULT_GAP_MS})
        over (${line} order by start_ms, n rows unbounded preceding) as fault from before),
    fault as (
      select variant, line_id, partition_id, min(start_ms) as start_ms,
        first(before_ms order by n) as before_ms,
        first(cause_id order by n) filter (cause_id is not null) as cause_id
      from numbered group by variant, line_id, partition_id, fault),
    judged as (
      select *, coalesce(start_ms - before_ms <= ${REPEAT_MS}, false) as repeats,
        lag(cause_id) over (${line} order by start_ms) as previous_cause_id from fault)
    select s.branch, s.product, s.customer, s.line, f.variant, f.start_ms, f.repeats, f.cause_id,
      coalesce(f.repeats and f.cause_id = f.previous_cause_id, false) as same_cause
    from judged f join kpi_span s on s.line_id = f.line_id
      and f.start_ms >= s.from_ms and f.start_ms < s.to_ms
    where f.start_ms >= ${fromMs} and f.start_ms < ${endMs}`;
}

function share(where: string): Kpi['figures'] {
  const of = (variant: string) => ({
    numerator: `count(*) filter (variant = '${variant}' and ${where})`,
    denominator: `count(*) filter (variant = '${variant}')`,
  });
  return { gross: of('gross'), planned: of('planned'), net: of('net') };
}

const FAULT = {
  version: 1,
  unit: '%',
  better: 'less',
  from: 'from kpi_fault',
  scale: 100,
} as const;

export const FAULT_KPIS: readonly Kpi[] = [
  {
    ...FAULT,
    name: 'repeat_fault_rate',
    definition: 'faults that start at most 30 days after the previous fault of the line / faults',
    figures: share('repeats'),
  },
  {
    ...FAULT,
    name: 'repeat_fault_rate_same_cause',
    definition: 'the same where both have the same cause',
    figures: share('same_cause'),
  },
  {
    ...FAULT,
    name: 'unknown_cause_share',
    definition: 'faults without a cause / faults',
    figures: share('cause_id is null'),
  },
];
