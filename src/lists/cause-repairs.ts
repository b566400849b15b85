// Repaired components under watch: for 30 days a cause that names one again reopens it as the same cause.

import { AGAIN, REPAIRED, WATCH_MS } from '../store/cause-repairs.js';
import { groupParameters, GROUP_CONDITION } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { column } from './column.js';
import type { List } from './list.js';

/** Components repaired in the period or still watched in it, reopened ones first. */
export const CAUSE_REPAIRS: List = {
  name: 'cause-repairs',
  row: 'one a repair of a component in the period or within 30 days before it, and what came back',
  by: ['line'],
  columns: () => [
    column('kind', 'text', 'Kind', '类型', 'kind of the component'),
    column('component', 'text', 'Component', '部件', 'what was repaired'),
    column(
      'state',
      'text',
      'State',
      '状态',
      'reopened, watched, or held: 30 days without a cause that names it',
    ),
    column('repaired', 'time', 'Repaired', '修复时间', 'when it counts as repaired'),
    column(
      'proof',
      'text',
      'By',
      '依据',
      'the tickets that name it, closed; or the cause that was confirmed, over',
    ),
    column('watched_until', 'time', 'Watched until', '观察至', 'repaired + 30 days'),
    column(
      'reopened',
      'time',
      'Reopened',
      '再次故障',
      'start of the first cause that names it since',
    ),
    column('cause', 'text', 'Cause now', '当前原因', 'identity of that cause'),
    column('causes', 'count', 'Causes', '次数', 'causes that name it while it is watched'),
    column(
      'lines_hit',
      'count',
      'Lines hit',
      '中断线路',
      'lines that these explain, of the largest',
    ),
    column('lines', 'count', 'Lines', '线路数', 'lines recorded on it'),
    column('key_customers', 'count', 'Key customers', '大客户数', 'key customers of these'),
  ],
  statement: ({ read, readingMs, period: { fromMs, toMs }, filter, limit }) => {
    const { clause, parameters } = readingClause(read.at);
    return {
      text: `${clause}, ${REPAIRED}, ${AGAIN},
        watched as (select * from repaired
          where repaired_ms >= $from - ${WATCH_MS} and repaired_ms < $to),
        back as (select kind, component, repaired_ms, proof, count(*) as causes,
            min(at_ms) as reopened_ms, arg_min(cause, at_ms) as cause, max(lines) as lines
          from again where at_ms < $to group by kind, component, repaired_ms, proof),
        on_it as (select c.kind, c.component, count(distinct c.line) as lines,
            count(distinct r.customer) filter (r.key_customer) as key_customers,
            count(*) filter (${GROUP_CONDITION}) as of_group
          from component_row c semi join watched w on w.kind = c.kind and w.component = c.component
          left join line_record r on r.line = c.line
          where c.valid_to_ms is null group by c.kind, c.component)
        select w.kind, w.component,
          case when b.causes > 0 then 'reopened' when w.repaired_ms + ${WATCH_MS} > $now
            then 'watched' else 'held' end as state,
          w.repaired_ms as repaired, w.proof, w.repaired_ms + ${WATCH_MS} as watched_until,
          b.reopened_ms as reopened, b.cause, coalesce(b.causes, 0) as causes,
          b.lines as lines_hit, coalesce(o.lines, 0) as lines,
          coalesce(o.key_customers, 0) as key_customers, count(*) over () as total
        from watched w left join back b on b.kind = w.kind and b.component = w.component
          and b.repaired_ms = w.repaired_ms and b.proof = w.proof
        left join on_it o on o.kind = w.kind and o.component = w.component
        where o.of_group > 0 or ($branch is null and $product is null and $customer is null)
        order by b.causes is null, b.reopened_ms desc, w.repaired_ms desc, w.kind, w.component,
          w.proof limit $limit`,
      parameters: {
        ...parameters,
        ...groupParameters(filter),
        from: fromMs,
        to: toMs,
        now: Math.min(readingMs ?? toMs, toMs),
        limit,
      },
    };
  },
};
