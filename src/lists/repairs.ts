// Repairs under watch: after a ticket closes its line is watched for 30 days; an outage in that time
// reopens the ticket, as the same cause where both name one and it is the same.

import { WATCH_MS } from '../store/cause-repairs.js';
import { interruptionFacts } from '../store/facts.js';
import { GROUP_CONDITION, QUERY_SETTINGS, groupParameters } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { LINE_NAMES, column } from './column.js';
import type { List } from './list.js';

/** Tickets that were closed in the period or are still watched at its end, reopened ones first. */
export const REPAIRS: List = {
  name: 'repairs',
  row: 'one a ticket closed in the period or within 30 days before it, and what its line did since',
  by: ['line'],
  columns: () => [
    column('ticket', 'text', 'Ticket', '工单', 'number of the ticket'),
    ...LINE_NAMES,
    column(
      'state',
      'text',
      'State',
      '状态',
      'reopened, watched, or held: 30 days without an outage',
    ),
    column('closed', 'time', 'Closed', '关闭时间', 'when the ticket was closed'),
    column('watched_until', 'time', 'Watched until', '观察至', 'closed + 30 days'),
    column('ticket_cause', 'text', 'Cause found', '工单原因', 'cause of the ticket'),
    column('reopened', 'time', 'Reopened', '再次故障', 'start of the first unplanned outage since'),
    column('cause', 'text', 'Cause now', '当前原因', 'cause that outage was raised with'),
    column(
      'same_cause',
      'flag',
      'Same cause',
      '同一原因',
      'null where one of the two is not known',
    ),
    column('outages', 'count', 'Outages', '中断', 'unplanned outages while it is watched'),
  ],
  statement: ({ read, readingMs, period: { fromMs, toMs }, filter, limit }) => {
    const { clause, parameters } = readingClause(read.at);
    const now = Math.min(readingMs ?? toMs, toMs);
    return {
      text: `${clause},
        watched as (select ticket, line, cause, closed_ms, closed_ms + ${WATCH_MS} as until_ms
          from ticket_row where valid_to_ms is null and kind = 'report'
            and closed_ms >= $from - ${WATCH_MS} and closed_ms < $to),
        back as (select w.ticket, count(*) as outages, min(f.start_ms) as reopened_ms,
            arg_min(k.cause, f.start_ms) as cause
          from watched w join line l on l.line = w.line
          join (${interruptionFacts(QUERY_SETTINGS)}) f on f.line_id = l.line_id
          left join cause k on k.cause_id = f.cause_id
          anti join planned_mark m on m.line_id = f.line_id
            and m.partition_id = f.partition_id and m.n = f.n
          where f.outage and f.start_ms > w.closed_ms and f.start_ms < least(w.until_ms, $to)
          group by w.ticket)
        select w.ticket, w.line, r.branch, r.product, r.customer,
          case when b.ticket is not null then 'reopened' when w.until_ms > $now then 'watched'
            else 'held' end as state,
          w.closed_ms as closed, w.until_ms as watched_until, w.cause as ticket_cause,
          b.reopened_ms as reopened, b.cause, w.cause = b.cause as same_cause,
          coalesce(b.outages, 0) as outages, count(*) over () as total
        from watched w left join back b on b.ticket = w.ticket
        left join line_record r on r.line = w.line where ${GROUP_CONDITION}
        order by b.ticket is null, b.reopened_ms desc, w.closed_ms desc, w.ticket limit $limit`,
      parameters: { ...parameters, ...groupParameters(filter), from: fromMs, to: toMs, now, limit },
    };
  },
};
