// Errored and unavailable seconds (SPEC section 2): a second touched by down is ES and SES, and a
// zero-length interruption touches one. UAS begins with ten consecutive SES and ends with ten that are
// not. Seconds are counted on either side of a month's edge; what is told of them is clipped to spans.
// Interruptions of a line follow one another: what was touched before one ends with the one before it.
// Most are alone, with ten seconds on either side: only the others are joined to runs and chains.

import type { MonthRead } from './relations.js';

/** SES that begin unavailable time, and seconds without that end it. */
const RUN = 10;

/**
 * kpi_second: (span_id, variant, es, uas), seconds of the span. Net is counted of
 * lines with planned interruptions only: that of others is gross.
 */
export function secondRelation({ fromMs }: MonthRead): string {
  return `
    with planned_line as (
      select distinct line_id from kpi_interruption where planned_ms is not null),
    period as (
      select line_id, partition_id, 0 as variant, start_ms, until_ms from kpi_interruption
      where until_ms >= ${fromMs} - 86400000
      union all
      select line_id, partition_id, 1, start_ms, least(until_ms, planned_ms)
      from kpi_interruption where planned_ms is not null and until_ms >= ${fromMs} - 86400000
      union all
      select line_id, partition_id, 2, coalesce(planned_ms, start_ms), until_ms
      from kpi_interruption semi join planned_line using (line_id)
      where (planned_ms is null or until_ms > planned_ms)
        and until_ms >= ${fromMs} - 86400000),
    touched as (
      select line_id, partition_id, variant, start_ms // 1000 as from_s,
        greatest(start_ms // 1000 + 1, (until_ms + 999) // 1000) as to_s from period),
    near as (
      select *, lag(to_s) over by_line as before_s,
        coalesce(from_s - lag(to_s) over by_line >= ${RUN}, true)
          and coalesce(lead(from_s) over by_line - to_s >= ${RUN}, true) as is_alone
      from touched window by_line as (partition by line_id, partition_id, variant
        order by from_s, to_s)),
    numbered as (
      select *, count(*) filter (from_s > before_s) over by_line as run,
        count(*) filter (from_s - before_s >= ${RUN}) over by_line as chain from near
      where not is_alone
      window by_line as (partition by line_id, partition_id, variant order by from_s, to_s
        rows unbounded preceding)),
    run as (
      select line_id, partition_id, variant, chain, min(from_s) as from_s, max(to_s) as to_s
      from numbered group by line_id, partition_id, variant, chain, run),
    unavailable as (
      select line_id, variant, min(from_s) filter (to_s - from_s >= ${RUN}) as from_s,
        max(to_s) as to_s
      from run group by line_id, partition_id, variant, chain),
    told as (
      select line_id, variant, from_s, to_s, true as is_es from run
      union all select line_id, variant, from_s, to_s, false from unavailable
      where from_s is not null
      union all select line_id, variant, from_s, to_s, true from near where is_alone
      union all select line_id, variant, from_s, to_s, false from near
      where is_alone and to_s - from_s >= ${RUN}),
    clipped as (
      select s.span_id, t.variant, t.is_es,
        least(t.to_s, s.to_ms // 1000) - greatest(t.from_s, s.from_ms // 1000) as seconds
      from told t join kpi_span s on s.line_id = t.line_id
        and t.from_s * 1000 < s.to_ms and t.to_s * 1000 > s.from_ms),
    seconds_of as (
      select span_id, variant, coalesce(sum(greatest(seconds, 0)) filter (is_es), 0)::double as es,
        coalesce(sum(greatest(seconds, 0)) filter (not is_es), 0)::double as uas
      from clipped group by span_id, variant)
    select span_id, ['gross', 'planned', 'net'][variant + 1] as variant, es, uas from seconds_of
    union all
    select g.span_id, 'net', g.es, g.uas
    from seconds_of g join kpi_span s using (span_id) anti join planned_line using (line_id)
    where g.variant = 0`;
}
