// What the service reads of the operator's records: the aliases in force, and how records and stream go
// together.

import type { DuckDBConnection } from '@duckdb/node-api';
import { RECORD_KINDS, type RecordKind, type RecordKindName } from '../config/record-kinds.js';
import { selectRows } from './sql.js';

/** The aliases in force, in the order in which an event is fanned out. */
export async function storedAliases(
  connection: DuckDBConnection,
): Promise<[key: string, line: string][]> {
  const rows = await selectRows<{ key: string; line: string }>(
    connection,
    'select key, line from alias_row where valid_to_ms is null order by place',
  );
  return rows.map(({ key, line }) => [key, line]);
}

/** How many rows of each kind are in force, and how records and stream go together. */
export interface RecordState {
  readonly kinds: { kind: RecordKindName; rows: number; bad: number }[];
  /** Lines of the stream that no record names, and of the records that no event named; the first. */
  readonly unrecorded: { total: number; lines: string[] };
  readonly unseen: { total: number; lines: string[] };
  /** Bad rows of the last imports; the first. */
  readonly problems: { kind: string; source: string; row: number; reason: string }[];
}

/** The state of the records, at most `limit` rows of each list. */
export async function recordState(
  connection: DuckDBConnection,
  limit: number,
): Promise<RecordState> {
  const kinds: RecordState['kinds'] = [];
  for (const { kind, table } of Object.values(RECORD_KINDS) as RecordKind[]) {
    const [counted] = await selectRows<{ rows: number; bad: number }>(
      connection,
      `select (select count(*) from ${table} where valid_to_ms is null) as "rows",
         (select count(*) from record_problem where kind = $kind) as bad`,
      { kind },
    );
    kinds.push({ kind, ...counted! });
  }
  const problems = await selectRows<RecordState['problems'][number]>(
    connection,
    'select kind, source, "row", reason from record_problem order by kind, "row" limit $limit',
    { limit },
  );
  return {
    kinds,
    unrecorded: await linesOf(connection, 'unrecorded_lines', limit),
    unseen: await linesOf(connection, 'unseen_lines', limit),
    problems,
  };
}

async function linesOf(
  connection: DuckDBConnection,
  view: 'unrecorded_lines' | 'unseen_lines',
  limit: number,
): Promise<{ total: number; lines: string[] }> {
  const rows = await selectRows<{ line: string; total: number }>(
    connection,
    `select line, count(*) over () as total from (select distinct line from ${view})
       order by line limit $limit`,
    { limit },
  );
  return { total: rows[0]?.total ?? 0, lines: rows.map(({ line }) => line) };
}
