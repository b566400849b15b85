// The rows of a list of things that operators did, over the last day of the small store of store-fixture.ts.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LISTS } from '../../src/lists/all.js';
import { askList, listOf } from '../../src/lists/list.js';
import type { Cell } from '../../src/store/sql.js';
import { DAY, T } from './store-fixture.js';

/** Ten rows at most, each the list's cells in the order of its columns. */
export async function rowsOfDay(
  connection: DuckDBConnection,
  name: string,
): Promise<(readonly Cell[])[]> {
  const answer = await askList(connection, listOf(LISTS, name), {
    read: { at: 'latest' },
    readingMs: T,
    period: { fromMs: T - DAY, toMs: T + 1 },
    filter: {},
    by: 'line',
    limit: 10,
    zone: 'Asia/Shanghai',
  });
  const rows: (readonly Cell[])[] = [];
  for await (const chunk of answer.chunks) rows.push(...chunk);
  return rows;
}
