// The process in which a user's statement runs: it opens the store to read it, without access to any
// other file, with its configuration locked, and writes rows as lines of JSON while they are read.
// Whoever started it watches its memory and its time.

import { once } from 'node:events';
import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { FlaplineError, messageOf } from '../config/errors.js';
import type { Cell } from '../store/sql.js';
import { createViewsAt } from '../store/views.js';
import type { SqlLine, SqlRequest } from './protocol.js';
import { checkStatement } from './statement.js';

const THREADS = '2';
const INTEGERS = /INT$|^DOUBLE$|^FLOAT$|^DECIMAL/;

async function write(line: SqlLine): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await once(process.stdout, 'drain');
}

/** A value as JSON holds it: whole numbers beyond 2^53 and every other type as text. */
function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'bigint') return String(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

async function answer({ file, sql, reading, rowsMax, memoryBytesMax }: SqlRequest): Promise<void> {
  const instance = await DuckDBInstance.create(file, {
    access_mode: 'READ_ONLY',
    memory_limit: `${Math.floor(memoryBytesMax / 1024)}KiB`,
    threads: THREADS,
    // What does not fit is refused, not written to a disk.
    temp_directory: '',
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("set timezone = 'UTC'");
  await checkStatement(connection, sql);
  if (reading) await createViewsAt(connection, reading.atMs, reading.timeZone);
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
  const result = await connection.stream(sql);
  const types = result.columnTypes().map(String);
  const columns = result
    .columnNames()
    .map((name, i) => ({ name, isText: !INTEGERS.test(types[i]!) }));
  await write({ columns });
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const cells = chunk.getRows().map((row) => row.map(cellOf));
    await write({ rows: cells.slice(0, rowsMax - rows) });
    rows += cells.length;
    if (rows > rowsMax) break;
  }
  await write({ end: true, truncated: rows > rowsMax });
}

process.once('message', (request: SqlRequest) => {
  answer(request)
    .catch((error: unknown) => {
      const text =
        error instanceof FlaplineError ? error.message : messageOf(error).split('\n')[0]!;
      return write({ error: text });
    })
    // What DuckDB still does is of no use to anyone.
    .finally(() => process.stdout.write('', () => process.exit(0)));
});
process.once('disconnect', () => process.exit(0));
