// The names one can filter by, as the records in force have them: bounded, most lines first.

import type { DuckDBConnection } from '@duckdb/node-api';
import { selectRows } from './sql.js';

/** Names of one kind. */
const NAMES_MAX = 2_000;

export interface Names {
  branches: string[];
  products: string[];
  /** Key customers first. */
  customers: string[];
  /** Kinds of components. */
  kinds: string[];
}

async function namesOf(connection: DuckDBConnection, text: string): Promise<string[]> {
  const rows = await selectRows<{ name: string }>(connection, `${text} limit $limit`, {
    limit: NAMES_MAX,
  });
  return rows.map(({ name }) => name);
}

/** The names of the records in force; '' where a record has none. */
export async function recordNames(connection: DuckDBConnection): Promise<Names> {
  const column = (name: string, first = ''): Promise<string[]> =>
    namesOf(
      connection,
      `select coalesce(${name}, '') as name from line_record group by 1
       order by ${first} count(*) desc, 1`,
    );
  return {
    branches: await column('branch'),
    products: await column('product'),
    customers: await column('customer', 'bool_or(key_customer) desc,'),
    kinds: await namesOf(
      connection,
      `select kind as name from component_row where valid_to_ms is null group by 1
       order by count(distinct component), 1`,
    ),
  };
}
