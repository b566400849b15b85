// What the service reads of the operator's records: the aliases in force, and how records and stream go
// together.

import type { DuckDBConnection } from '@duckdb/node-api';
import { RECORD_KINDS, type RecordKind, type RecordKindName } from '../config/record-kinds.js';
import { holdsAt } from './record-views.js';
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

/** A time that no record ends after: what holds then is in force now. */
const NOW_MS = Number.MAX_SAFE_INTEGER - 1;

/**
 * The state of the records in force at a time (null = now), at most `limit` rows of each list. The
 * lines of the stream are all that were seen so far.
 */
export async function recordState(
  connection: DuckDBConnection,
  limit: number,
  atMs: number | null = null,
): Promise<RecordState> {
  const kinds: RecordState['kinds'] = [];
  const at = atMs ?? NOW_MS;
  for (const { kind, table } of Object.values(RECORD_KINDS) as RecordKind[]) {
    const [counted] = await selectRows<{ rows: number; bad: number }>(
      connection,
      `select (select count(*) from ${table} t where ${holdsAt('t', '$at')}) as "rows",
         (select count(*) from record_problem where kind = $kind) as bad`,
      { kind, at },
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
    unrecorded: await linesOf(connection, UNRECORDED, at, limit),
    unseen: await linesOf(connection, UNSEEN, at, limit),
    problems,
  };
}

const NAMED = `(select * from line_row r where ${holdsAt('r', '$at')})`;
const UNRECORDED = `select distinct l.line from open_state o join line l on l.line_id = o.line_id
  anti join ${NAMED} r on r.line = l.line`;
const UNSEEN = `select r.line from ${NAMED} r anti join line l on l.line = r.line`;

async function linesOf(
  connection: DuckDBConnection,
  lines: string,
  at: number,
  limit: number,
): Promise<{ total: number; lines: string[] }> {
  const rows = await selectRows<{ line: string; total: number }>(
    connection,
    `select line, count(*) over () as total from (${lines}) order by line limit $limit`,
    { at, limit },
  );
  return { total: rows[0]?.total ?? 0, lines: rows.map(({ line }) => line) };
}
