// How the detectors beside the primary one compare with it, shadow ones before all: episodes and lines
// flagged, by the local month in which flapping was found. What a decision to trust a detector needs.

import { WINDOW_DETECTOR } from '../config/rules.js';
import { type ZonedSettings, allEpisodeFacts } from './facts.js';
import { monthOf } from './local-time.js';

/**
 * One row a detector and month in which it or the primary one found anything: (month, detector, shadow,
 * episodes, primary_episodes, lines_both, lines_only_detector, lines_only_primary).
 */
export function comparisonText({ timeZone, ...settings }: ZonedSettings): string {
  return `
    with flagged as (
      select ${monthOf('f.at_ms', timeZone)} as month, u.detector, f.line_id, count(*) as episodes
      from (${allEpisodeFacts(settings)}) f join rule u on u.rule_id = f.rule_id group by all),
    months as (select distinct month from flagged),
    detectors as (select detector, bool_or(shadow) as shadow from rule
      where detector <> '${WINDOW_DETECTOR}' and rule <> 'transient' group by detector),
    lines as (
      select m.month, d.detector, d.shadow, l.line_id, f.episodes, p.episodes as primary_episodes
      from months m cross join detectors d
      join (select distinct month, line_id, detector from flagged) l
        on l.month = m.month and l.detector in (d.detector, '${WINDOW_DETECTOR}')
      left join flagged f on f.month = m.month and f.line_id = l.line_id and f.detector = d.detector
      left join flagged p on p.month = m.month and p.line_id = l.line_id
        and p.detector = '${WINDOW_DETECTOR}'
      group by all)
    select month, detector, shadow, coalesce(sum(episodes), 0)::bigint as episodes,
      coalesce(sum(primary_episodes), 0)::bigint as primary_episodes,
      count(*) filter (episodes > 0 and primary_episodes > 0) as lines_both,
      count(*) filter (episodes > 0 and primary_episodes is null) as lines_only_detector,
      count(*) filter (episodes is null and primary_episodes > 0) as lines_only_primary
    from lines group by month, detector, shadow`;
}
