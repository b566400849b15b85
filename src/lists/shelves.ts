// What operators took off the notices: who, why and until when.

import { GROUP_CONDITION, groupParameters } from '../store/queries.js';
import { LINE_NAMES, column } from './column.js';
import type { List } from './list.js';

/** Shelves that hold, and those that ended in the period or later, the newest first. */
export const SHELVES: List = {
  name: 'shelves',
  row: 'one a line, or alarm of a line, that is shelved, or was in the period',
  by: ['line'],
  columns: () => [
    ...LINE_NAMES,
    column('alarm', 'text', 'Alarm', '告警', 'the alarm, null for the whole line'),
    column('state', 'text', 'State', '状态', 'shelved, expired, or ended by somebody'),
    column('by', 'text', 'By', '操作人', 'who shelved it'),
    column('why', 'text', 'Why', '理由', 'the reason'),
    column('shelved', 'time', 'Shelved', '搁置时间', 'since when'),
    column('until', 'time', 'Until', '到期时间', 'when it ends by itself'),
    column('ended', 'time', 'Ended', '结束时间', 'when somebody ended it before, else null'),
    column('ended_by', 'text', 'Ended by', '结束人', 'who did'),
  ],
  statement: ({ readingMs, period: { fromMs, toMs }, filter, limit }) => ({
    text: `select s.line, r.branch, r.product, r.customer, s.alarm,
        case when coalesce(s.ended_ms, s.until_ms) > $now then 'shelved'
          when s.ended_ms is null then 'expired' else 'ended' end as state,
        s.who as "by", s.why, s.shelved_ms as shelved, s.until_ms as "until", s.ended_ms as ended,
        s.ended_by, count(*) over () as total
      from shelf_row s left join line_record r on r.line = s.line
      where coalesce(s.ended_ms, s.until_ms) > $from and ${GROUP_CONDITION}
      order by s.shelved_ms desc, s.line, s.alarm limit $limit`,
    parameters: { ...groupParameters(filter), from: fromMs, now: readingMs ?? toMs, limit },
  }),
};
