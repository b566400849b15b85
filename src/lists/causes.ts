// Root causes of a period: what explains that many lines were interrupted together, with its evidence.

import { type Evidence, explanationOf } from '../cause/explain.js';
import { CAUSE_ENDS, CAUSE_OF_GROUP, nearParameters } from '../store/cause-queries.js';
import { causeFacts, causeNames } from '../store/cause-views.js';
import { QUERY_SETTINGS, groupParameters } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { type ListRow, column } from './column.js';
import type { List } from './list.js';

const COLUMNS = [
  column('cause', 'text', 'Cause', '原因编号', 'identity of the cause'),
  column('at', 'time', 'At', '开始', 'first start that it explains'),
  column('components', 'text', 'Component', '部件', 'what cannot be told apart, the best first'),
  column('works', 'text', 'Works', '割接', 'planned works in their window on which its lines lie'),
  column('lines', 'count', 'Lines', '线路数', 'lines that it explains'),
  column('members', 'count', 'Of', '所属线路', 'lines that lie on it, as far as is known'),
  column('customers', 'count', 'Customers', '客户数', 'customers hit, from the records'),
  column('key_customers', 'count', 'Key customers', '大客户数', 'of them key customers'),
  column('confidence_percent', 'percent', 'Confidence', '可信度', 'probability that it is this'),
  column('lines_down', 'count', 'Down now', '当前中断', 'lines whose interruption goes on'),
  column('closed', 'time', 'Closed', '结束', 'when the last of them ended, null while one goes on'),
  column('evidence', 'text', 'Evidence', '依据', 'lines in a time, chance, the next best'),
] as const;

const EVIDENCE = ['until', 'expected', 'next_kind', 'next_name', 'next_odds'] as const;

/** Puts the evidence in place of what it is made of. */
function derive(row: ListRow): ListRow {
  const of = (name: string): unknown => row[COLUMNS.findIndex((each) => each.name === name)];
  const [until, expected, kind, name, odds] = row.slice(COLUMNS.length - 1);
  const evidence: Evidence = {
    at: Number(of('at')),
    until: Number(until),
    lines: Number(of('lines')),
    members: Number(of('members')),
    expected: Number(expected),
    works: [],
    runnersUp:
      kind === null
        ? []
        : [{ components: [{ kind: String(kind), name: String(name) }], odds: Number(odds) }],
  };
  return [...row.slice(0, COLUMNS.length - 1), explanationOf(evidence)];
}

/** The list. */
export const CAUSES: List = {
  name: 'causes',
  row: 'one a root cause that begins in the period and is for the record, the newest first',
  by: ['line'],
  columns: () => COLUMNS,
  stored: () => [...COLUMNS.slice(0, -1).map(({ name }) => name), ...EVIDENCE],
  derive,
  statement: ({ read, period, filter, limit }) => {
    const { clause, parameters } = readingClause(read.at);
    return {
      text: `${clause},
        picked as (select f.*, count(*) over () as total from (${causeFacts(QUERY_SETTINGS)}) f
          where f.at_ms >= $from and f.at_ms < $to and ${CAUSE_OF_GROUP}
          order by f.at_ms desc, f.cause limit $limit),
        ${CAUSE_ENDS},
        hit as (select m.cause, count(distinct r.customer) as customers,
            count(distinct r.customer) filter (r.key_customer) as key_customers
          from cause_member m join picked p on p.cause = m.cause
          join line l on l.line_id = m.line_id join line_record r on r.line = l.line
          group by m.cause)
        select f.cause, f.at_ms as "at", coalesce(s.names, 'unknown') as components,
          w.names as works, f.lines, f.members, coalesce(h.customers, 0) as customers,
          coalesce(h.key_customers, 0) as key_customers,
          100 * f.confidence as confidence_percent, coalesce(e.down, 0) as lines_down,
          if(e.down > 0, null, e.closed_ms) as closed, f.until_ms as "until", f.expected,
          n.kind as next_kind, n.component as next_name, n.odds as next_odds, f.total
        from picked f left join ends e on e.cause = f.cause left join hit h on h.cause = f.cause
        left join ${causeNames('same')} s on s.cause = f.cause
        left join ${causeNames('work')} w on w.cause = f.cause
        left join cause_component n on n.cause = f.cause and n.role = 'next' and n.place = 0
        order by f.at_ms desc, f.cause`,
      parameters: {
        ...parameters,
        ...groupParameters(filter),
        ...nearParameters(period),
        from: period.fromMs,
        to: period.toMs,
        limit,
      },
    };
  },
};
