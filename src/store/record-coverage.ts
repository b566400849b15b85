// How complete the operator's records are: which fields of the lines are filled, which lines have a
// component of each kind, and what the last imports brought.

import type { DuckDBConnection } from '@duckdb/node-api';
import { RECORD_KINDS } from '../config/record-kinds.js';
import { selectRows } from './sql.js';

/** How far the records go. */
export interface RecordCoverage {
  /** Lines seen in the stream, and of them those that a record names. */
  seen: { lines: number; recorded: number };
  /** Of the lines in the records, how many have a value in a field. */
  fields: { field: string; filled: number }[];
  /** Of the lines in the records or seen, how many have a component of a kind. */
  components: {
    kind: string;
    lines: number;
    components: number;
  }[];
  lines: { recorded: number; known: number };
}

/** An import that changed records; `at` in epoch milliseconds by the wall clock. */
export interface RecordImport {
  kind: string;
  source: string;
  rows: number;
  added: number;
  changed: number;
  ended: number;
  unchanged: number;
  bad: number;
  at: number;
}

const FIELDS = RECORD_KINDS.lines.columns
  .map(({ stored }) => stored)
  .filter((field) => field !== 'line');

/** How complete the records in force are. */
export async function recordCoverage(connection: DuckDBConnection): Promise<RecordCoverage> {
  const [lines] = await selectRows<{ recorded: number; known: number; seen: number; both: number }>(
    connection,
    `select (select count(*) from line_record) as recorded,
       (select count(*) from (select line from line union select line from line_record)) as known,
       count(*) as seen, count(r.line) as both
     from (select distinct line_id from open_state) o join line l on l.line_id = o.line_id
     left join line_record r on r.line = l.line`,
  );
  const [filled] = await selectRows<Record<string, number>>(
    connection,
    `select ${FIELDS.map((field) => `count(${field}) as ${field}`).join(', ')} from line_record`,
  );
  const components = await selectRows<{ kind: string; lines: number; components: number }>(
    connection,
    `select kind, count(distinct line) as lines, count(distinct component) as components
     from component_row where valid_to_ms is null group by kind order by lines desc, kind`,
  );
  const { recorded, known, seen, both } = lines!;
  return {
    seen: { lines: seen, recorded: both },
    lines: { recorded, known },
    fields: FIELDS.map((field) => ({ field, filled: filled![field]! })),
    components,
  };
}

/** The newest imports. */
export function recordImports(
  connection: DuckDBConnection,
  limit: number,
): Promise<RecordImport[]> {
  return selectRows<RecordImport>(
    connection,
    `select kind, source, "rows", added, changed, ended, unchanged, bad,
       epoch_ms(import_recorded_at) as "at"
     from record_import order by import_recorded_at desc, kind limit $limit`,
    { limit },
  );
}
