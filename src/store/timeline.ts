// One line's own story in a period: interruptions, episodes, repeat faults, and what is not known of
// it. A line on several partitions shows them all; the newest interruptions are kept when there are
// more than the limit.

import type { DuckDBConnection } from '@duckdb/node-api';
import { episodeFacts, gapFacts, interruptionFacts, lineFacts, repeatFacts } from './facts.js';
import { QUERY_SETTINGS, findLine } from './queries.js';
import type { LineEntry, ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { selectRows } from './sql.js';
import type { Period } from './period-parts.js';

/** At most this many episodes, repeat faults and unknown periods, each. */
const MAX_OTHERS = 5_000;

/** The reason shown for the time before the first data of the line's partition. */
export const BEFORE_FIRST_DATA = 'before the first data';

/** An interruption of the line, epoch milliseconds; end null while open. */
export interface TimelineInterruption {
  partition: number;
  n: number;
  start: number;
  end: number | null;
  class: 'momentary' | 'outage';
  cause: string | null;
  alarm: string | null;
  /** It starts in the window of a planned work. */
  planned: boolean;
  /** How long it lasted is not sure: its alarm was stale, or a record ended it. */
  uncertain: boolean;
  /** Offsets of the events that started and ended it, where the store keeps them. */
  firstOffset: number | null;
  lastOffset: number | null;
}

export interface TimelineEpisode {
  rule: string;
  at: number;
  since: number;
  end: number | null;
  interruptions: number;
}

export interface UnknownPeriod {
  from: number | null;
  until: number | null;
  reason: string;
}

/** What is known of a line in a period, at a reading time. */
export interface LineTimeline extends LineEntry {
  down: boolean;
  flapping: boolean;
  unknown: boolean;
  interruptions: TimelineInterruption[];
  episodes: TimelineEpisode[];
  repeatFaults: { start: number; previousEnd: number }[];
  unknownPeriods: UnknownPeriod[];
  truncated: boolean;
}

interface Ask {
  readonly connection: DuckDBConnection;
  readonly read: ReadAt;
  readonly period: Period;
  readonly lineId: number;
}

/** Runs a statement over the facts of one line: $line_id, $from, $to and $limit are bound. */
function select<Row extends Record<keyof Row, string | number | boolean | null>>(
  ask: Ask,
  text: string,
  limit: number,
): Promise<Row[]> {
  const { clause, parameters } = readingClause(ask.read.at);
  return selectRows<Row>(ask.connection, `${clause} ${text} limit $limit`, {
    ...parameters,
    line_id: ask.lineId,
    from: ask.period.fromMs,
    to: ask.period.toMs,
    limit,
  });
}

function interruptionsOf(ask: Ask, limit: number): Promise<TimelineInterruption[]> {
  return select<TimelineInterruption>(
    ask,
    `select p.partition, f.n, f.start_ms as start, f.end_ms as "end",
       case when f.outage then 'outage' else 'momentary' end as class, k.cause,
       nullif(a.alarm, '') as alarm, m.n is not null as planned,
       coalesce(f.uncertain, false) as uncertain, if(f.first_offset < 0, null, f.first_offset)
         as "firstOffset", if(f.last_offset < 0, null, f.last_offset) as "lastOffset"
     from (${interruptionFacts(QUERY_SETTINGS)}) f
     join log_partition p on p.partition_id = f.partition_id
     left join planned_mark m on m.line_id = f.line_id and m.partition_id = f.partition_id
       and m.n = f.n
     left join cause k on k.cause_id = f.cause_id left join alarm a on a.alarm_id = f.alarm_id
     where f.line_id = $line_id and f.start_ms < $to and f.until_ms >= $from
     order by f.start_ms desc, f.n desc, p.partition desc`,
    limit,
  );
}

function episodesOf(ask: Ask): Promise<TimelineEpisode[]> {
  return select<TimelineEpisode>(
    ask,
    `select u.rule, f.at_ms as "at", f.since_ms as since, f.end_ms as "end", f.interruptions
     from (${episodeFacts(QUERY_SETTINGS)}) f join rule u on u.rule_id = f.rule_id
     where f.line_id = $line_id and f.since_ms < $to and coalesce(f.end_ms, $to) >= $from
     order by f.at_ms, f.since_ms`,
    MAX_OTHERS,
  );
}

function repeatFaultsOf(ask: Ask): Promise<{ start: number; previousEnd: number }[]> {
  return select<{ start: number; previousEnd: number }>(
    ask,
    `select f.start_ms as start, f.previous_end_ms as "previousEnd"
     from (${repeatFacts(QUERY_SETTINGS)}) f
     where f.line_id = $line_id and f.start_ms >= $from and f.start_ms < $to
     order by f.start_ms, f.previous_end_ms`,
    MAX_OTHERS,
  );
}

/** How many repeat faults of a line start in the period. */
export async function repeatCountOf(ask: Ask): Promise<number> {
  const [row] = await select<{ n: number }>(
    ask,
    `select count(*) as n from (${repeatFacts(QUERY_SETTINGS)}) f
     where f.line_id = $line_id and f.start_ms >= $from and f.start_ms < $to`,
    1,
  );
  return row!.n;
}

function unknownPeriodsOf(ask: Ask): Promise<UnknownPeriod[]> {
  return select<UnknownPeriod>(
    ask,
    `, held as (select partition_id from open_state where line_id = $line_id),
     unknowns as (
       select from_ms, until_ms, reason from (${gapFacts(QUERY_SETTINGS)})
       where line_id = $line_id
         or (line_id is null and partition_id in (select partition_id from held))
       union all
       select null, min(first_ms), '${BEFORE_FIRST_DATA}' from progress
       where partition_id in (select partition_id from held)
       group by partition_id having min(first_ms) is not null)
     select from_ms as "from", until_ms as until, reason from unknowns
     where coalesce(from_ms, 0) < $to and coalesce(until_ms, $to) > $from
     order by from_ms nulls first, until_ms, reason`,
    MAX_OTHERS,
  );
}

interface Standing {
  down: boolean | null;
  flapping: boolean | null;
  unknown: boolean | null;
}

function standingOf(ask: Ask): Promise<Standing[]> {
  return select<Standing>(
    ask,
    `select bool_or(down) as down, bool_or(flapping) as flapping, bool_or(unknown) as unknown
     from (${lineFacts(QUERY_SETTINGS)})
     where line_id = $line_id and $from <= $to`,
    1,
  );
}

/**
 * The timeline of a line by name, or null when the line was neither seen nor is in the records.
 * Interruptions are those that touch the period, the newest `limit` of them, oldest first.
 */
export async function lineTimeline(
  connection: DuckDBConnection,
  read: ReadAt,
  line: string,
  period: Period,
  limit: number,
): Promise<LineTimeline | null> {
  const entry = await findLine(connection, line);
  if (entry === null) return null;
  const ask: Ask = { connection, read, period, lineId: entry.lineId ?? -1 };
  const newest = await interruptionsOf(ask, limit + 1);
  const standing = (await standingOf(ask))[0];
  return {
    ...entry,
    down: standing?.down ?? false,
    flapping: standing?.flapping ?? false,
    unknown: standing?.unknown ?? false,
    interruptions: newest.slice(0, limit).toReversed(),
    episodes: await episodesOf(ask),
    repeatFaults: await repeatFaultsOf(ask),
    unknownPeriods: await unknownPeriodsOf(ask),
    truncated: newest.length > limit,
  };
}
