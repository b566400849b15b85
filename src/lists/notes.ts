// What was written down of lines: who, when, what.

import { GROUP_CONDITION, groupParameters } from '../store/queries.js';
import { LINE_NAMES, column } from './column.js';
import type { List } from './list.js';

/** The notes of a period, the newest first. */
export const NOTES: List = {
  name: 'notes',
  row: 'one a note that somebody wrote on a line in the period',
  by: ['line'],
  columns: () => [
    ...LINE_NAMES,
    column('noted', 'time', 'Written', '记录时间', 'when it was written'),
    column('by', 'text', 'By', '记录人', 'who wrote it'),
    column('note', 'text', 'Note', '备注', 'what it says'),
  ],
  statement: ({ period: { fromMs, toMs }, filter, limit }) => ({
    text: `select n.line, r.branch, r.product, r.customer, n.noted_ms as noted, n.who as "by", n.note,
        count(*) over () as total
      from note_row n left join line_record r on r.line = n.line
      where n.noted_ms >= $from and n.noted_ms < $to and ${GROUP_CONDITION}
      order by n.noted_ms desc, n.line limit $limit`,
    parameters: { ...groupParameters(filter), from: fromMs, to: toMs, limit },
  }),
};
