// Patterns of one line's interruptions in a period: how long they lasted, at what hours of the week they
// start, which alarms began them; and what was rejected of it. Every list is bounded.

import { interruptionFacts } from './facts.js';
import { type LineAsk, selectOfLine } from './line-state.js';
import { hourOfWeek } from './local-time.js';
import { QUERY_SETTINGS } from './queries.js';

const ALARMS_MAX = 100;
const REJECTS_MAX = 20;

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
  const rows = await selectOfLine<{ bin: number; n: number }>(
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
  const rows = await selectOfLine<{ hour: number; n: number }>(
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
  return selectOfLine<LineAlarm>(
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
  return selectOfLine<LineReject>(
    ask,
    `, held as (select partition_id from open_state where line_id = $line_id)
     select p.partition, j.position, j.reason, j.sample
     from rejected j join log_partition p on p.partition_id = j.partition_id
     where j.partition_id in (from held) and contains(j.sample, $line)
     order by j.log desc, j.position desc limit ${REJECTS_MAX}`,
    'line',
  );
}
