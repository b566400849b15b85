// Rows that were worked out here, as the statement of a list: so they take the way of every other list.

import type { Cell } from '../store/sql.js';
import type { Statement } from '../store/worst.js';
import type { ColumnKind, ListColumn } from './column.js';

const TYPES: Readonly<Record<ColumnKind, string>> = {
  text: 'VARCHAR',
  flag: 'BOOLEAN',
  count: 'BIGINT',
  number: 'DOUBLE',
  percent: 'DOUBLE',
  duration: 'BIGINT',
  time: 'BIGINT',
  value: 'DOUBLE',
};

/** The statement that gives rows back in their order, of `total` before the limit. */
export function listedRows(
  columns: readonly ListColumn[],
  rows: readonly Readonly<Record<string, Cell>>[],
  total: number,
): Statement {
  const shape = Object.fromEntries(columns.map(({ name, kind }) => [name, TYPES[kind]]));
  const cells = columns.map(({ name }) => `r."${name}"`).join(', ');
  return {
    text: `select ${cells}, $total as total
      from (select unnest(made) as r, unnest(range(len(made))) as place
        from (select from_json($rows::json, '${JSON.stringify([shape])}') as made))
      order by place`,
    parameters: { rows: JSON.stringify(rows), total },
  };
}
