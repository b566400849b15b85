// Chronic lines (SPEC section 2), read at c. A condition over the last 30 days is a function of a time
// t; each statement below tells until when (exclusive) one of them held. A line is chronic while that
// lies less than 30 days behind c, so only what happened in the last 60 days counts. Classes are those
// that interruptions have at c; what starts behind c is left out. Interruptions count by their start
// in (t - 30 d, t], down time and flapping by what of them lies in it, days cut in a time zone.

import { type FactSettings, type ZonedSettings, episodeFacts, interruptionFacts } from './facts.js';
import { dayOf, dayStartMs } from './local-time.js';

const DAY_MS = 86_400_000;

/** The conditions: within the window so many outages, momentary interruptions, days with flapping, or
 * more than so much down time. */
export const CHRONIC = {
  windowMs: 30 * DAY_MS,
  outages: 4,
  downMs: DAY_MS,
  momentary: 60,
  flappingDays: 3,
} as const;

const WINDOW = CHRONIC.windowMs;
const LINE = 'line_id, partition_id';
const BY_LINE = `partition by ${LINE}`;

/** Interruptions of the last two windows, and sums of them by line. */
function recentText(settings: FactSettings): string {
  return `recent as (
      select f.${LINE.replace(', ', ', f.')}, f.n, f.start_ms, f.outage, r.c,
        least(f.until_ms, r.c) as until_ms
      from (${interruptionFacts(settings)}) f
      join ${settings.reading} r on r.partition_id = f.partition_id
      where f.start_ms <= r.c and f.until_ms > r.c - 2 * ${WINDOW}),
    sums as (
      select ${LINE}, count(*) filter (outage) as outages,
        count(*) filter (not outage) as momentary, sum((until_ms - start_ms)::double) as down_ms,
        count(*) filter (outage and start_ms > c - ${WINDOW}) as outages_now,
        count(*) filter (not outage and start_ms > c - ${WINDOW}) as momentary_now,
        sum(greatest(0, until_ms - greatest(start_ms, c - ${WINDOW}))::double) as down_now_ms
      from recent group by ${LINE}),
    picked as (select r.*, s.outages, s.momentary, s.down_ms
      from recent r join sums s using (${LINE}) where s.outages >= ${CHRONIC.outages}
      or s.momentary >= ${CHRONIC.momentary} or s.down_ms > ${CHRONIC.downMs})`;
}

/** Rows of the lines that could fulfil a condition at all; the windows below are sorts. */
const ENOUGH = {
  outages: `outage and outages >= ${CHRONIC.outages}`,
  momentary: `not outage and momentary >= ${CHRONIC.momentary}`,
  down: `until_ms > start_ms and down_ms > ${CHRONIC.downMs}`,
} as const;

/** So many starts within the window: from the last of them until the first leaves it. */
function countedText(reason: 'outages' | 'momentary', count: number): string {
  return `select ${LINE}, '${reason}' as reason, first_ms + ${WINDOW} as until_ms
    from (select ${LINE}, start_ms,
        lag(start_ms, ${count - 1}) over (${BY_LINE} order by start_ms, n) as first_ms
      from picked where ${ENOUGH[reason]})
    where first_ms > start_ms - ${WINDOW}`;
}

/**
 * Too much down time. What of it lies in the window changes by 1 ms a ms, and turns only when an
 * interruption starts or ends or did so a window ago: steep_ms sums those turns, down_ms the slopes.
 */
const DOWN_TEXT = `
  select ${LINE}, 'down' as reason, max(if(next_down_ms > ${CHRONIC.downMs}, next_ms + 1,
      at_ms + down_ms - ${CHRONIC.downMs}))::bigint as until_ms
  from (
    select ${LINE}, at_ms, down_ms, lead(at_ms) over by_time as next_ms,
      lead(down_ms) over by_time as next_down_ms
    from (
      select ${LINE}, at_ms, sum(steep * (at_ms - before_ms)) over by_time as down_ms
      from (
        select ${LINE}, at_ms, coalesce(lag(slope) over by_time, 0) as steep,
          coalesce(lag(at_ms) over by_time, at_ms) as before_ms
        from (
          select ${LINE}, at_ms, sum(sum(turn)) over (${BY_LINE} order by at_ms) as slope
          from (
            select ${LINE}, c, unnest([1, -1, -1, 1, 0]) as turn,
              unnest([start_ms, until_ms, start_ms + ${WINDOW}, until_ms + ${WINDOW}, c]) as at_ms
            from picked where ${ENOUGH.down})
          where at_ms <= c group by ${LINE}, at_ms)
        window by_time as (${BY_LINE} order by at_ms))
      window by_time as (${BY_LINE} order by at_ms))
    window by_time as (${BY_LINE} order by at_ms))
  where greatest(down_ms, next_down_ms) > ${CHRONIC.downMs} and next_ms is not null
  group by ${LINE}`;

/** Days with flapping, each from its first to its last millisecond of it. */
function daysText({ timeZone, ...settings }: ZonedSettings): string {
  return `days as (
      select ${LINE}, c, day, max(least(last_ms, ${dayStartMs('day + 1', timeZone)} - 1)) as last_ms,
        min(greatest(at_ms, ${dayStartMs('day', timeZone)})) as first_ms
      from (
        select *, unnest(generate_series(${dayOf('at_ms', timeZone)}::timestamp,
          ${dayOf('last_ms', timeZone)}::timestamp, interval 1 day))::date as day
        from (
          select e.${LINE.replace(', ', ', e.')}, r.c,
            greatest(e.at_ms, r.c - 2 * ${WINDOW} + 1) as at_ms,
            greatest(e.at_ms, least(coalesce(e.end_ms - 1, r.c), r.c)) as last_ms
          from (${episodeFacts(settings)}) e
          join ${settings.reading} r on r.partition_id = e.partition_id where e.at_ms <= r.c)
        where last_ms >= at_ms)
      group by ${LINE}, c, day)`;
}

const FLAPPING_TEXT = `
  select ${LINE}, 'flapping' as reason, oldest_ms + ${WINDOW} as until_ms
  from (select ${LINE}, first_ms,
      lag(last_ms, ${CHRONIC.flappingDays - 1}) over (${BY_LINE} order by day) as oldest_ms
    from days)
  where oldest_ms + ${WINDOW} > first_ms`;

/**
 * Chronic lines: (line_id, partition_id, reasons, held_ms, outages, down_ms, momentary,
 * flapping_days). reasons = the conditions that held within the last 30 days, held_ms = when one last
 * did, the counts those of the last 30 days.
 */
export function chronicFacts(settings: ZonedSettings): string {
  return `
    with ${recentText(settings)},
    ${daysText(settings)},
    periods as (
      ${countedText('outages', CHRONIC.outages)}
      union all ${countedText('momentary', CHRONIC.momentary)}
      union all ${DOWN_TEXT}
      union all ${FLAPPING_TEXT}),
    held as (
      select p.${LINE.replace(', ', ', p.')}, p.reason, max(least(p.until_ms - 1, r.c)) as held_ms
      from periods p join ${settings.reading} r on r.partition_id = p.partition_id
      where r.c < p.until_ms + ${WINDOW} group by all)
    select h.${LINE.replace(', ', ', h.')}, h.reasons, h.held_ms, coalesce(s.outages_now, 0) as outages,
      coalesce(s.down_now_ms, 0)::bigint as down_ms, coalesce(s.momentary_now, 0) as momentary,
      coalesce(d.days, 0) as flapping_days
    from (select ${LINE}, string_agg(reason, ', ' order by reason) as reasons, max(held_ms) as held_ms
      from held group by ${LINE}) h
    left join sums s using (${LINE})
    left join (select ${LINE}, count(*) filter (last_ms > c - ${WINDOW}) as days
      from days group by ${LINE}) d using (${LINE})`;
}
