// Tickets that name a component beside what the stored causes said of its fault.

import { TICKET_TRUTH } from '../store/cause-tickets.js';
import { causeNames } from '../store/cause-views.js';
import { GROUP_CONDITION, groupParameters } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { LINE_NAMES, column } from './column.js';
import type { List } from './list.js';

const STATE =
  'found: a cause of its fault names the component; other: it names something else; missed: none, ' +
  'though three of its lines or more were interrupted together; alone: fewer were';

/** The list. */
export const CAUSE_TICKETS: List = {
  name: 'cause-tickets',
  row: 'one a valid report opened in the period whose cause names a component or work, misses first',
  by: ['line'],
  columns: () => [
    column('ticket', 'text', 'Ticket', '工单', 'number of the ticket'),
    ...LINE_NAMES,
    column('opened', 'time', 'Opened', '开单时间', 'when the ticket was opened'),
    column('ticket_cause', 'text', 'Cause found', '工单原因', 'cause of the ticket'),
    column('state', 'text', 'State', '判定', STATE),
    column('down', 'time', 'Down', '中断时间', "the line's interruption within a day before it"),
    column('cause', 'text', 'Cause', '原因编号', 'identity of the cause that explains it, if any'),
    column('components', 'text', 'Component', '部件', 'what that cause names'),
    column('confidence_percent', 'percent', 'Confidence', '可信度', 'how sure it was'),
  ],
  statement: ({ read, period: { fromMs, toMs }, filter, limit }) => {
    const { clause, parameters } = readingClause(read.at);
    return {
      text: `${clause}, ${TICKET_TRUTH}
        select t.ticket, t.line, r.branch, r.product, r.customer, t.opened_ms as opened,
          t.cause as ticket_cause, t.state, t.start_ms as down, t.cause_id as cause,
          if(t.cause_id is null, null, coalesce(s.names, 'unknown')) as components,
          100 * t.confidence as confidence_percent, count(*) over () as total
        from truth t left join line_record r on r.line = t.line
        left join ${causeNames('same')} s on s.cause = t.cause_id where ${GROUP_CONDITION}
        order by array_position(['other', 'missed', 'alone', 'found'], t.state), t.opened_ms desc,
          t.ticket limit $limit`,
      parameters: { ...parameters, ...groupParameters(filter), from: fromMs, to: toMs, limit },
    };
  },
};
