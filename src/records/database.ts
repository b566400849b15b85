// Records in what DuckDB reads without an extension: Parquet, JSON, and a DuckDB file with a table (or
// view) of the kind's name. Read in a database of its own, every cell as the text that a CSV would hold,
// so that all sources are checked alike. A row's number is its place in the table.

import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { FlaplineError, messageOf } from '../config/errors.js';
import type { RecordKindName } from '../config/record-kinds.js';
import { type SourceRow, checkHeader } from './csv.js';

/** Rows of a table of records, which is held in memory. */
const ROWS_MAX = 20_000_000;

/** True for files that this module reads. */
export function isDatabaseFile(file: string): boolean {
  return /\.(parquet|json|ndjson|duckdb|db)$/i.test(file);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function relationOf(file: string, kind: RecordKindName): string {
  if (/\.parquet$/i.test(file)) return `read_parquet(${quoted(file)})`;
  if (/\.(nd)?json$/i.test(file)) return `read_json(${quoted(file)})`;
  return `source.${kind}`;
}

/** The rows of a file. Throws FILE_UNREADABLE, BAD_DATA when a column of `needed` is absent. */
export async function databaseRows(
  file: string,
  kind: RecordKindName,
  needed: readonly string[],
): Promise<SourceRow[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB' });
  const connection = await instance.connect();
  try {
    await connection.run('set autoinstall_known_extensions = false');
    await connection.run("set timezone = 'UTC'");
    if (/\.(duckdb|db)$/i.test(file)) {
      await connection.run(`attach ${quoted(file)} as source (read_only)`);
    }
    return await rowsOf(connection, file, relationOf(file, kind), needed);
  } catch (error) {
    if (error instanceof FlaplineError) throw error;
    const text = messageOf(error).split('\n')[0];
    throw new FlaplineError(
      /^(Binder|Catalog) Error/.test(text!) ? 'BAD_DATA' : 'FILE_UNREADABLE',
      `${file}: ${text}: give CSV, Parquet, JSON or a DuckDB file with a table ${kind}`,
      { cause: error },
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function rowsOf(
  connection: DuckDBConnection,
  file: string,
  relation: string,
  needed: readonly string[],
): Promise<SourceRow[]> {
  const described = await connection.runAndReadAll(`describe select * from ${relation}`);
  const columns = described.getRows().map(([name, type]) => ({
    name: String(name),
    header: String(name).toLowerCase(),
    isInstant: String(type).startsWith('TIMESTAMP WITH TIME ZONE'),
  }));
  checkHeader(
    file,
    columns.map(({ header }) => header),
    needed,
  );
  const cells = columns.map(({ name, isInstant }) => {
    const column = `"${name.replaceAll('"', '""')}"`;
    return `coalesce(${isInstant ? `epoch_ms(${column})` : column}::varchar, '')`;
  });
  const result = await connection.stream(`select ${cells.join(', ')} from ${relation}`);
  const rows: SourceRow[] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return rows;
    if (rows.length + chunk.rowCount > ROWS_MAX) {
      throw new FlaplineError('BAD_DATA', `${file}: more than ${ROWS_MAX} rows: split it`);
    }
    for (const values of chunk.getRows()) {
      const row = rows.length + 1;
      const named = Object.fromEntries(columns.map(({ header }, i) => [header, String(values[i])]));
      rows.push({ row, cells: named, problem: null });
    }
  }
}
