// Lines flapping now, repeat faults of a period, and the lines that are chronic at the reading time.

import { chronicFacts } from '../store/chronic.js';
import { flappingFacts, interruptionFacts, repeatFacts } from '../store/facts.js';
import { GROUP_CONDITION, QUERY_SETTINGS, groupParameters } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { LINE_NAMES, column } from './column.js';
import type { List } from './list.js';

const NAMES = 'l.line, r.branch, r.product, r.customer';
const JOIN_NAMES = `join line l on l.line_id = f.line_id
    left join line_record r on r.line = l.line`;

/** Lines in an episode of the primary detector at the reading time, most interruptions first. */
export const FLAPPING: List = {
  name: 'flapping',
  row: 'one a line and partition that is flapping at the reading time',
  by: ['line'],
  columns: () => [
    ...LINE_NAMES,
    column('rule', 'text', 'Rule', '规则', 'rule that started the episode'),
    column('since', 'time', 'Since', '起始', 'first start that counted towards it'),
    column('at', 'time', 'Found', '发现时间', 'when flapping was found'),
    column('interruptions', 'count', 'Interruptions', '中断次数', 'interruption starts since'),
    column('last_transition', 'time', 'Last transition', '最近变化', 'last start or end of one'),
    column('down', 'flag', 'Down', '中断中', 'down at the reading time'),
    column('partition', 'count', 'Partition', '分区', 'partition that holds the line'),
  ],
  statement: ({ read, filter, limit }) => {
    const { clause, parameters } = readingClause(read.at);
    return {
      text: `${clause}
        select ${NAMES}, u.rule, f.since_ms as since, f.at_ms as "at", f.interruptions,
          f.transition_ms as last_transition, f.down, p.partition, count(*) over () as total
        from (${flappingFacts(QUERY_SETTINGS)}) f ${JOIN_NAMES}
        join log_partition p on p.partition_id = f.partition_id
        join rule u on u.rule_id = f.rule_id
        where ${GROUP_CONDITION}
        order by f.interruptions desc, f.at_ms desc, l.line, p.partition limit $limit`,
      parameters: { ...parameters, ...groupParameters(filter), limit },
    };
  },
};

/** Outages that came back, newest first. */
export const REPEAT_FAULTS: List = {
  name: 'repeat-faults',
  row: 'one an outage of the period that started at most 30 days after the previous one of its line',
  by: ['line'],
  columns: () => [
    ...LINE_NAMES,
    column('start', 'time', 'Start', '开始', 'start of the outage'),
    column('end', 'time', 'End', '结束', 'its end, null while open'),
    column(
      'down_ms',
      'duration',
      'Down time',
      '中断时长',
      'its length, to the reading time if open',
    ),
    column('previous_end', 'time', 'Previous end', '上次结束', 'end of the outage before'),
    column('gap_ms', 'duration', 'Gap', '间隔', 'time between the two'),
    column('cause', 'text', 'Cause', '原因', 'cause it was raised with'),
    column('planned', 'flag', 'Planned', '割接', 'it starts in the window of a planned work'),
  ],
  statement: ({ read, period: { fromMs, toMs }, filter, limit }) => {
    const { clause, parameters } = readingClause(read.at);
    return {
      text: `${clause}
        select ${NAMES}, f.start_ms as start, i.end_ms as "end", i.until_ms - i.start_ms as down_ms,
          f.previous_end_ms as previous_end, f.start_ms - f.previous_end_ms as gap_ms, k.cause,
          m.n is not null as planned, count(*) over () as total
        from (${repeatFacts(QUERY_SETTINGS)}) f ${JOIN_NAMES}
        join (${interruptionFacts(QUERY_SETTINGS)}) i on i.line_id = f.line_id
          and i.partition_id = f.partition_id and i.start_ms = f.start_ms and i.outage
        left join cause k on k.cause_id = i.cause_id
        left join planned_mark m on m.line_id = i.line_id and m.partition_id = i.partition_id
          and m.n = i.n
        where f.start_ms >= $from and f.start_ms < $to and ${GROUP_CONDITION}
        order by f.start_ms desc, l.line, i.n limit $limit`,
      parameters: { ...parameters, ...groupParameters(filter), from: fromMs, to: toMs, limit },
    };
  },
};

/** Chronic lines, most outages first. They look back 30 days from the reading time, not at a period. */
export const CHRONIC_LINES: List = {
  name: 'chronic',
  row: 'one a line that is chronic at the reading time, over the 30 days before it',
  by: ['line'],
  columns: () => [
    ...LINE_NAMES,
    column('reasons', 'text', 'Reasons', '原因', 'what held: down, flapping, momentary, outages'),
    column(
      'held',
      'time',
      'Last held',
      '最近满足',
      'when one of them last held; ends 30 days later',
    ),
    column('outages', 'count', 'Outages', '中断', 'outages that started in the last 30 days'),
    column('down_ms', 'duration', 'Down time', '中断时长', 'down time in the last 30 days'),
    column(
      'momentary',
      'count',
      'Momentary',
      '瞬断',
      'momentary interruptions in the last 30 days',
    ),
    column('flapping_days', 'count', 'Flapping days', '闪断天数', 'days with flapping in them'),
  ],
  statement: ({ read, filter, limit, zone }) => {
    const { clause, parameters } = readingClause(read.at);
    return {
      text: `${clause}
        select ${NAMES}, f.reasons, f.held_ms as held, f.outages, f.down_ms, f.momentary,
          f.flapping_days, count(*) over () as total
        from (${chronicFacts({ ...QUERY_SETTINGS, timeZone: zone })}) f ${JOIN_NAMES}
        where ${GROUP_CONDITION}
        order by f.outages desc, f.momentary desc, f.down_ms desc, l.line limit $limit`,
      parameters: { ...parameters, ...groupParameters(filter), limit },
    };
  },
};
