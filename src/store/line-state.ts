// How one line stands and what was found of it in a period, beside its timeline: state by partition,
// episodes of all detectors, sums. Read at the given time; every list is bounded, the newest are kept.

import type { DuckDBConnection } from '@duckdb/node-api';
import { allEpisodeFacts, flappingFacts, lineFacts, transientFacts } from './facts.js';
import { chronicFacts } from './chronic.js';
import { exposureTexts } from './exposure.js';
import type { Period } from './period-parts.js';
import { plannedFacts } from './planned.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { type Cell, type SqlParameters, selectRows } from './sql.js';

const FOUND_MAX = 1_000;

/** One line, read at a time. */
export interface LineAsk {
  readonly connection: DuckDBConnection;
  readonly read: ReadAt;
  readonly period: Period;
  readonly line: string;
  readonly lineId: number;
  readonly timeZone: string;
}

type Wanted = 'from' | 'to' | 'line';

/** Runs a statement behind the reading clause; $line_id is bound, and what else is wanted. */
export function selectOfLine<Row extends Record<keyof Row, Cell>>(
  ask: LineAsk,
  text: string,
  ...wanted: readonly Wanted[]
): Promise<Row[]> {
  const { clause, parameters } = readingClause(ask.read.at);
  const all = { from: ask.period.fromMs, to: ask.period.toMs, line: ask.line };
  const bound: Record<string, number | string> = { line_id: ask.lineId };
  for (const name of wanted) bound[name] = all[name];
  return selectRows<Row>(ask.connection, `${clause} ${text}`, {
    ...parameters,
    ...(bound as SqlParameters),
  });
}

/** A partition that holds the line. Times in epoch milliseconds. */
export interface LineStanding {
  partitionId: number;
  cluster: string;
  topic: string;
  partition: number;
  down: boolean;
  downSince: number | null;
  flapping: boolean;
  unknown: boolean;
  interruptions: number;
  effective: number | null;
  transition: number | null;
  /** Of the open episode of the primary detector; `ends` = when it ends if nothing more happens. */
  rule: string | null;
  at: number | null;
  since: number | null;
  ends: number | null;
  inEpisode: number | null;
  chronic: string | null;
}

/** The line as it stands, a row a partition. */
export function standingOf(ask: LineAsk): Promise<LineStanding[]> {
  const { timeZone } = ask;
  return selectOfLine<LineStanding>(
    ask,
    `select p.partition_id as "partitionId", p.cluster, p.topic, p.partition, f.down,
       f.down_since_ms as "downSince", f.flapping, f.unknown, f.n as interruptions,
       nullif(f.effective_ms, -1) as effective, nullif(f.transition_ms, -1) as transition, u.rule,
       e.at_ms as "at", e.since_ms as since, if(e.at_ms is null, null, o.episode_ends_ms) as ends,
       e.interruptions as "inEpisode", c.reasons as chronic
     from (${lineFacts(QUERY_SETTINGS)}) f
     join log_partition p on p.partition_id = f.partition_id
     join open_state o on o.line_id = f.line_id and o.partition_id = f.partition_id
     left join (${flappingFacts(QUERY_SETTINGS)}) e
       on e.line_id = f.line_id and e.partition_id = f.partition_id
     left join rule u on u.rule_id = e.rule_id
     left join (select * from (${chronicFacts({ ...QUERY_SETTINGS, timeZone })})
       where line_id = $line_id) c on c.partition_id = f.partition_id
     where f.line_id = $line_id order by p.cluster, p.topic, p.partition`,
  );
}

/** An episode, with the reset that ended it where one did. */
export interface LineEpisode {
  partition: number;
  detector: string;
  shadow: boolean;
  rule: string;
  at: number;
  since: number;
  end: number | null;
  interruptions: number;
  resetBy: string | null;
  resetWhy: string | null;
}

/** Episodes of all detectors that touch the period, the newest first. */
export function episodesOf(ask: LineAsk): Promise<LineEpisode[]> {
  return selectOfLine<LineEpisode>(
    ask,
    `select p.partition, u.detector, u.shadow, u.rule, f.at_ms as "at", f.since_ms as since,
       f.end_ms as "end", f.interruptions, x.payload->>'by' as "resetBy",
       x.payload->>'why' as "resetWhy"
     from (${allEpisodeFacts(QUERY_SETTINGS)}) f join rule u on u.rule_id = f.rule_id
     join log_partition p on p.partition_id = f.partition_id
     left join control x on x.partition_id = f.partition_id and x.log = f.reset_log
       and x.seq = f.reset_seq
     where f.line_id = $line_id and f.since_ms < $to and coalesce(f.end_ms, $to) >= $from
     order by f.at_ms desc, u.detector, f.since_ms limit ${FOUND_MAX}`,
    'from',
    'to',
  );
}

/** A transient accumulation. */
export interface LineTransient {
  detector: string;
  shadow: boolean;
  at: number;
  interruptions: number;
  durationMs: number;
}

/** Transients of the period, the newest first. */
export function transientsOf(ask: LineAsk): Promise<LineTransient[]> {
  return selectOfLine<LineTransient>(
    ask,
    `select u.detector, u.shadow, f.at_ms as "at", f.interruptions,
       f.duration_ms as "durationMs"
     from (${transientFacts(QUERY_SETTINGS)}) f join rule u on u.rule_id = f.rule_id
     where f.line_id = $line_id and f.at_ms >= $from and f.at_ms < $to
     order by f.at_ms desc, u.detector limit ${FOUND_MAX}`,
    'from',
    'to',
  );
}

/** What the period's interruptions add up to; starts in it, down time clipped to it. */
export interface LineSums {
  interruptions: number;
  outages: number;
  planned: number;
  uncertain: number;
  downMs: number;
  netDownMs: number;
  longestMs: number | null;
}

/** The sum of what lies in the period, from an expression on. */
function clipped(from: string): string {
  return `coalesce(sum(greatest(0, least(until_ms, $to) - greatest(${from}, $from)))::bigint, 0)`;
}

/** The sums of the period. */
export async function sumsOf(ask: LineAsk): Promise<LineSums> {
  const [row] = await selectOfLine<LineSums>(
    ask,
    `select count(*) filter (starts) as interruptions,
       count(*) filter (starts and outage) as outages,
       count(*) filter (starts and planned) as planned,
       count(*) filter (starts and uncertain) as uncertain,
       ${clipped('start_ms')} as "downMs", ${clipped('planned_until_ms')} as "netDownMs",
       max(until_ms - start_ms) filter (starts) as "longestMs"
     from (select *, start_ms >= $from as starts from (${plannedFacts(QUERY_SETTINGS)})
       where line_id = $line_id and start_ms < $to and until_ms >= $from)`,
    'from',
    'to',
  );
  return row!;
}

/** Known time of the line within the period, of its best partition; null before the first data. */
export async function knownMsOf(ask: LineAsk): Promise<number | null> {
  const [row] = await selectOfLine<{ known: number | null }>(
    ask,
    `, ${exposureTexts(QUERY_SETTINGS)}
     select max(coalesce(e.known_ms, p.known_ms))::bigint as known
     from open_state o join partition_known p on p.partition_id = o.partition_id
     left join line_known e on e.line_id = o.line_id and e.partition_id = o.partition_id
     where o.line_id = $line_id`,
    'from',
    'to',
  );
  return row!.known;
}
