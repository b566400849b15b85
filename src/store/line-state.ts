// How one line stands and what was found of it in a period, beside its timeline: state by partition,
// episodes of all detectors, how long its interruptions lasted, at what hours of the week they start,
// its alarms. Read at the given time; every list is bounded, the newest are kept.

import type { DuckDBConnection } from '@duckdb/node-api';
import {
  allEpisodeFacts,
  flappingFacts,
  interruptionFacts,
  lineFacts,
  transientFacts,
} from './facts.js';
import { chronicFacts } from './chronic.js';
import { exposureTexts } from './exposure.js';
import { hourOfWeek } from './local-time.js';
import type { Period } from './period-sums.js';
import { plannedFacts } from './planned.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { type Cell, type SqlParameters, selectRows } from './sql.js';

const FOUND_MAX = 1_000;
const ALARMS_MAX = 100;
const REJECTS_MAX = 20;

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
function select<Row extends Record<keyof Row, Cell>>(
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
  return select<LineStanding>(
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
  return select<LineEpisode>(
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
  return select<LineTransient>(
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
  const [row] = await select<LineSums>(
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
  const [row] = await select<{ known: number | null }>(
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

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Lower edges of the bins of durations; the last is open. */
export const DURATION_EDGES_MS: readonly number[] = [
  0,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  20 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  4 * HOUR,
  24 * HOUR,
];

/** How many interruptions of the period that have ended lasted so long (corrected), a bin an edge. */
export async function durationsOf(ask: LineAsk): Promise<number[]> {
  const edges = DURATION_EDGES_MS.map((edge) => `(corrected >= ${edge})::integer`).join(' + ');
  const rows = await select<{ bin: number; n: number }>(
    ask,
    `select ${edges} - 1 as bin, count(*) as n from (
       select greatest(0, end_ms - start_ms - correction_ms) as corrected
       from (${interruptionFacts(QUERY_SETTINGS)})
       where line_id = $line_id and start_ms >= $from and start_ms < $to and end_ms is not null)
     group by bin`,
    'from',
    'to',
  );
  const bins = DURATION_EDGES_MS.map(() => 0);
  for (const { bin, n } of rows) bins[bin] = n;
  return bins;
}

/** Interruption starts of the period by the hour of the local week, from Monday 0:00 on. */
export async function weekOf(ask: LineAsk): Promise<number[]> {
  const rows = await select<{ hour: number; n: number }>(
    ask,
    `select ${hourOfWeek('start_ms', ask.timeZone)} as hour, count(*) as n
     from (${interruptionFacts(QUERY_SETTINGS)})
     where line_id = $line_id and start_ms >= $from and start_ms < $to group by hour`,
    'from',
    'to',
  );
  const hours = Array.from({ length: 7 * 24 }, () => 0);
  for (const { hour, n } of rows) hours[hour] = n;
  return hours;
}

/** An alarm that started interruptions of the period, and what is kept of its raises. */
export interface LineAlarm {
  alarm: string | null;
  interruptions: number;
  lastStart: number | null;
  raises: number | null;
  chatterIndex: number | null;
}

/** The alarms of the line, those with most interruptions first. */
export function alarmsOf(ask: LineAsk): Promise<LineAlarm[]> {
  return select<LineAlarm>(
    ask,
    `, started as (select coalesce(a.alarm, '') as alarm, count(*) as n, max(f.start_ms) as last
       from (${interruptionFacts(QUERY_SETTINGS)}) f left join alarm a on a.alarm_id = f.alarm_id
       where f.line_id = $line_id and f.start_ms >= $from and f.start_ms < $to group by 1),
     raised as (select coalesce(a.alarm, '') as alarm, sum(f.raises)::bigint as raises,
         max(if(f.raises > 1, f.inverse / (f.raises - 1), null)) as chatter_index
       from chatter_row f left join alarm a on a.alarm_id = f.alarm_id
       where f.line_id = $line_id group by 1)
     select nullif(coalesce(s.alarm, r.alarm), '') as alarm, coalesce(s.n, 0) as interruptions,
       s.last as "lastStart", r.raises, r.chatter_index as "chatterIndex"
     from started s full join raised r on r.alarm = s.alarm
     order by interruptions desc, r.raises desc nulls last, alarm limit ${ALARMS_MAX}`,
    'from',
    'to',
  );
}

/** A rejected object that names the line, as far as it is kept. */
export interface LineReject {
  partition: number;
  position: number;
  reason: string;
  sample: string;
}

/** The newest rejected objects whose kept text holds the line's name. */
export function rejectsOf(ask: LineAsk): Promise<LineReject[]> {
  return select<LineReject>(
    ask,
    `, held as (select partition_id from open_state where line_id = $line_id)
     select p.partition, j.position, j.reason, j.sample
     from rejected j join log_partition p on p.partition_id = j.partition_id
     where j.partition_id in (from held) and contains(j.sample, $line)
     order by j.log desc, j.position desc limit ${REJECTS_MAX}`,
    'line',
  );
}
