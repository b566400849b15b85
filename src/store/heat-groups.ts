// The rows that a heat map can have: pairs of branch and product, as the records name them. Their
// number is bounded; the last one stands for all that found no place.

import type { DuckDBConnection } from '@duckdb/node-api';
import { selectRows } from './sql.js';

/** Pairs of branch and product beyond this number share one row. */
const GROUPS_MAX = 4_096;

/** The name of that row. */
export const OTHERS = '(others)';

/** A pair of branch and product, '' where the records name none. */
export interface Group {
  readonly branch: string;
  readonly product: string;
  /** Lines in the records united with lines seen. */
  lines: number;
  /** Lines seen, by partition id. */
  readonly seen: Map<number, number>;
}

/** The groups of the records, then the group of no record, then the one of all others. */
export async function readGroups(connection: DuckDBConnection): Promise<Group[]> {
  const found = await selectRows<{ branch: string; product: string; lines: number }>(
    connection,
    `select coalesce(branch, '') as branch, coalesce(product, '') as product, count(*) as lines
     from line_record group by all order by lines desc, branch, product`,
  );
  const groups: Group[] = [];
  const others: Group = { branch: OTHERS, product: OTHERS, lines: 0, seen: new Map() };
  for (const { branch, product, lines } of found) {
    if (groups.length < GROUPS_MAX) groups.push({ branch, product, lines, seen: new Map() });
    else others.lines += lines;
  }
  if (!groups.some((group) => group.branch === '' && group.product === '')) {
    groups.push({ branch: '', product: '', lines: 0, seen: new Map() });
  }
  return [...groups, others];
}
