// What the stored causes are worth: against the tickets that name a component, and by what operators
// said of them.

import { TICKET_TRUTH } from '../store/cause-tickets.js';
import { causeFacts } from '../store/cause-views.js';
import { GROUP_CONDITION, QUERY_SETTINGS, groupParameters } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { column } from './column.js';
import type { List } from './list.js';

/** The list: one row. */
export const CAUSE_SCORE: List = {
  name: 'cause-score',
  row: 'one: the score of the causes against the tickets opened in the period (cause-tickets)',
  by: ['line'],
  columns: () => [
    column('tickets', 'count', 'Tickets', '工单', 'valid reports whose cause names a component'),
    column('faults', 'count', 'Faults', '故障', 'faults that they tell of'),
    column('found', 'count', 'Found', '命中', 'faults whose component a cause named'),
    column('other', 'count', 'Other', '他因', 'faults of which a cause named something else'),
    column(
      'missed',
      'count',
      'Missed',
      '漏报',
      'faults of three lines or more that no cause, or an unknown one, explains',
    ),
    column('alone', 'count', 'Alone', '单线', 'faults of fewer lines: no burst, not scored'),
    column('false', 'count', 'False', '误报', 'causes that named nothing their tickets name'),
    column('precision_percent', 'percent', 'Precision', '准确率', 'found of found and false'),
    column('recall_percent', 'percent', 'Recall', '召回率', 'found of found, other and missed'),
    column('f1_percent', 'percent', 'F1', 'F1', 'their harmonic mean'),
    column(
      'confidence_percent',
      'percent',
      'Confidence',
      '可信度',
      'mean confidence of the causes found or false: what the precision should be',
    ),
    column('confirmed', 'count', 'Confirmed', '已确认', 'causes of the period operators confirmed'),
    column('refuted', 'count', 'Refuted', '已否定', 'refuted'),
    column('relabelled', 'count', 'Relabelled', '已改判', 'relabelled: refuted, another confirmed'),
  ],
  statement: ({ read, period: { fromMs, toMs }, filter, limit }) => {
    const { clause, parameters } = readingClause(read.at);
    return {
      text: `${clause}, ${TICKET_TRUTH},
        mine as (select t.* from truth t left join line_record r on r.line = t.line
          where ${GROUP_CONDITION}),
        one as (select case when bool_or(state = 'found') then 'found'
            when bool_or(state = 'other') then 'other' when bool_or(state = 'missed') then 'missed'
            else 'alone' end as state
          from mine group by kind, component, fault_n),
        total_of as (select count(*) as faults, count(*) filter (state = 'found') as found,
            count(*) filter (state = 'other') as other,
            count(*) filter (state = 'missed') as missed,
            count(*) filter (state = 'alone') as alone from one),
        told_of as (select cause_id, bool_or(state = 'found') as is_right,
            any_value(confidence) as sure
          from mine where state in ('found', 'other') group by cause_id),
        wrong as (select count(*) filter (not is_right) as n, avg(sure) as sure from told_of),
        verdict as (select v.cause, bool_or(v.verdict = 'confirmed') as yes,
            bool_or(v.verdict = 'refuted') as no
          from feedback_row v join (${causeFacts(QUERY_SETTINGS)}) f on f.cause = v.cause
          where v.withdrawn_ms is null and f.at_ms >= $from and f.at_ms < $to group by v.cause),
        said as (select count(*) filter (yes and not no) as confirmed,
            count(*) filter (no and not yes) as refuted,
            count(*) filter (yes and no) as relabelled from verdict)
        select (select count(*) from mine) as tickets, t.faults, t.found, t.other, t.missed,
          t.alone, w.n as "false", 100 * t.found / nullif(t.found + w.n, 0) as precision_percent,
          100 * t.found / nullif(t.found + t.other + t.missed, 0) as recall_percent,
          200 * t.found / nullif(2 * t.found + w.n + t.other + t.missed, 0) as f1_percent,
          100 * w.sure as confidence_percent, s.confirmed, s.refuted, s.relabelled, 1 as total
        from total_of t, wrong w, said s limit $limit`,
      parameters: { ...parameters, ...groupParameters(filter), from: fromMs, to: toMs, limit },
    };
  },
};
