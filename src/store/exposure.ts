// How long the state of a line was known within a period (SPEC section 2, coverage): what counts of a
// line are divided by. A partition is known from its first data to its reading time but for its gaps, a
// line as its partition is but for its own gaps. SQL text over a reading relation and the parameters
// $from and $to (epoch ms, $to excluded).

import { type FactSettings, gapFacts } from './facts.js';

/** The mean month of the calendar: 365.2425 / 12 days. */
export const MONTH_MS = 2_629_746_000;

/**
 * Relations to stand in a `with` list: partition_known(partition_id, known_ms) and, for lines with gaps
 * of their own only, line_known(line_id, partition_id, known_ms).
 */
export function exposureTexts(settings: FactSettings): string {
  return `
    span as (select g.partition_id, greatest($from, min(g.first_ms)) as lo,
        least($to, any_value(r.c) + 1) as hi
      from progress g join ${settings.reading} r on r.partition_id = g.partition_id
      group by g.partition_id),
    clipped as (select g.partition_id, g.line_id, s.lo, s.hi,
        greatest(coalesce(g.from_ms, s.lo), s.lo) as a, least(coalesce(g.until_ms, s.hi), s.hi) as b
      from (${gapFacts(settings)}) g join span s on s.partition_id = g.partition_id),
    partition_known as (select s.partition_id,
        greatest(0, s.hi - s.lo) - coalesce(u.ms, 0) as known_ms
      from span s left join (${unionMs(
        'partition_id',
        `
        select partition_id, a, b from clipped where line_id is null and a < b`,
      )}) u
        on u.partition_id = s.partition_id),
    own as (select line_id, partition_id, a, b from clipped where line_id is not null and a < b),
    line_known as (select u.line_id, u.partition_id, greatest(0, s.hi - s.lo) - u.ms as known_ms
      from span s join (${unionMs(
        'line_id, partition_id',
        `
        select line_id, partition_id, a, b from own
        union all
        select o.line_id, o.partition_id, c.a, c.b
        from (select distinct line_id, partition_id from own) o
        join clipped c on c.partition_id = o.partition_id and c.line_id is null
        where c.a < c.b`,
      )}) u on u.partition_id = s.partition_id)`;
}

/** How long the intervals [a, b) of a relation are together, by key: (key, ms). */
function unionMs(key: string, relation: string): string {
  return `select ${key}, sum(greatest(0, b - greatest(a, coalesce(reached, a))))::bigint as ms
    from (select *, max(b) over (partition by ${key} order by a, b
        rows between unbounded preceding and 1 preceding) as reached from (${relation}))
    group by ${key}`;
}
