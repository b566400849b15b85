// All lines in the order in which they lie in the network: by branch, node and card, so that what shares
// equipment stands side by side. One statement, bounded by its limit.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { LINE_CONDITION, type LineFilter, lineParameters } from './line-filter.js';
import { selectRows } from './sql.js';

/** Where a branch, node or card begins among the lines; '' where the records name none. */
export interface Begin {
  name: string;
  at: number;
}

export interface LineOrder {
  readonly lines: string[];
  readonly branches: Begin[];
  readonly nodes: Begin[];
  readonly cards: Begin[];
}

/** The first component of a kind that the records in force put a line on. */
const firstOf = (kind: 'node' | 'card'): string =>
  `(select line, min(component) as component from component_row
    where valid_to_ms is null and kind = '${kind}' group by line)`;

/** The lines of a filter in order, linesMax of them at most. Throws BAD_REQUEST beyond it. */
export async function lineOrder(
  connection: DuckDBConnection,
  filter: LineFilter,
  linesMax: number,
): Promise<LineOrder> {
  const rows = await selectRows<{ line: string; branch: string; node: string; card: string }>(
    connection,
    `select l.line, coalesce(r.branch, '') as branch, coalesce(n.component, '') as node,
       coalesce(c.component, '') as card
     from (select line from line union select line from line_record) l
     left join line_record r on r.line = l.line
     left join ${firstOf('node')} n on n.line = l.line
     left join ${firstOf('card')} c on c.line = l.line
     where ${LINE_CONDITION}
     order by branch = '', branch, node = '', node, card = '', card, l.line limit $limit`,
    { ...lineParameters(filter), limit: linesMax + 1 },
  );
  if (rows.length > linesMax) {
    throw new FlaplineError(
      'BAD_REQUEST',
      `there are more than ${linesMax} lines: ask for a branch, a product or a component`,
    );
  }
  const begins: [Begin[], Begin[], Begin[]] = [[], [], []];
  let before = ['', '', ''];
  for (const [at, { branch, node, card }] of rows.entries()) {
    const here = [branch, node, card];
    let changed = at === 0;
    for (const [level, name] of here.entries()) {
      changed ||= name !== before[level];
      if (changed) begins[level].push({ name, at });
    }
    before = here;
  }
  const [branches, nodes, cards] = begins;
  return { lines: rows.map(({ line }) => line), branches, nodes, cards };
}
