// Which lines change their class: the records of the lines as the rules class them, against the class
// records of a partition. Only what differs comes into memory; the join is the database's.

import type { DuckDBConnection } from '@duckdb/node-api';
import { CLASS_COLUMNS } from '../config/record-kinds.js';
import type { LineClass } from '../config/rules.js';
import { classifier } from '../records/line-classes.js';
import { CLASS_LINES_MAX, type ClassChange } from './control.js';

/** Class records of a partition, the last of a line counts: (line, class by its name, '' = none). An
 * index would mean another class under other rules. */
const IN_FORCE = `
  select line, arg_max(class, place) as class from (
    select unnest(from_json(payload->'lines', '["VARCHAR"]')) as line,
      coalesce(payload->>'name', '') as class,
      row_number() over (order by log, position, seq) as place
    from control where partition_id = $1 and kind = 'class')
  group by line`;

/** The class of a line by the class records of a partition, null = none. */
export async function classOfLine(
  connection: DuckDBConnection,
  partitionId: number,
  line: string,
): Promise<string | null> {
  const found = await connection.runAndReadAll(
    `select nullif(payload->>'name', '') from control where partition_id = $1 and kind = 'class'
       and list_contains(from_json(payload->'lines', '["VARCHAR"]'), $2)
     order by log desc, position desc, seq desc limit 1`,
    [partitionId, line],
  );
  const [row] = found.getRows();
  return row === undefined || row[0] === null ? null : String(row[0]);
}

/** The changes that lead from the class records of a partition to the rules' classes. */
export async function classChanges(
  connection: DuckDBConnection,
  partitionId: number,
  classes: readonly LineClass[],
): Promise<ClassChange[]> {
  if (classes.length === 0 && !(await hasClassRecords(connection, partitionId))) return [];
  const classify = classifier(classes);
  const others = CLASS_COLUMNS.filter((column) => column !== 'line');
  const result = await connection.stream(
    `select coalesce(r.line, c.line) as line, ${others.map((column) => `r.${column}`).join(', ')},
       coalesce(c.class, '') as class
     from line_record r full join (${IN_FORCE}) c on c.line = r.line order by 1`,
    [partitionId],
  );
  const linesOf = new Map<number, string[]>();
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const row of chunk.getRows()) {
      const record = Object.fromEntries(['line', ...others].map((column, i) => [column, row[i]]));
      const wanted = classify(record);
      if ((classes[wanted - 1]?.name ?? '') === row[row.length - 1]) continue;
      const lines = linesOf.get(wanted);
      if (lines) lines.push(String(row[0]));
      else linesOf.set(wanted, [String(row[0])]);
    }
  }
  return [...linesOf].flatMap(([index, lines]) => changesTo(index, lines, classes));
}

/** Records for lines that belong to one class from now on. */
export function changesTo(
  index: number,
  lines: readonly string[],
  classes: readonly LineClass[],
): ClassChange[] {
  const name = classes[index - 1]?.name ?? null;
  const changes: ClassChange[] = [];
  for (let from = 0; from < lines.length; from += CLASS_LINES_MAX) {
    changes.push({ kind: 'class', index, name, lines: lines.slice(from, from + CLASS_LINES_MAX) });
  }
  return changes;
}

async function hasClassRecords(
  connection: DuckDBConnection,
  partitionId: number,
): Promise<boolean> {
  const found = await connection.runAndReadAll(
    `select 1 from control where partition_id = $1 and kind = 'class' limit 1`,
    [partitionId],
  );
  return found.currentRowCount > 0;
}
