// lines.csv, and its rows in the store's line_record: one a line, the first of a line counts. The
// table is replaced as a whole, in one transaction of its own.

import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { LINE_COLUMNS } from '../config/line-columns.js';
import { type BadRow, readCsv } from './csv.js';
import { nameProblem } from './names.js';

/** The operator's record of a line; null = not said. */
export interface LineRow {
  readonly line: string;
  readonly customer: string | null;
  readonly keyCustomer: boolean | null;
  readonly product: string | null;
  readonly branch: string | null;
  readonly aEnd: string | null;
  readonly zEnd: string | null;
  readonly aBranch: string | null;
  readonly zBranch: string | null;
  readonly circuitType: string | null;
  readonly bandwidthKbps: number | null;
  readonly international: boolean | null;
  readonly important: boolean | null;
}

const YES = new Set(['true', '1', 'yes', 'y', 't']);
const NO = new Set(['false', '0', 'no', 'n', 'f']);

type Value = string | boolean | number | null;

/** A cell's value, or undefined when it is none of its column's type. */
function valueOf(type: string, cell: string): Value | undefined {
  const word = cell.trim().toLowerCase();
  if (word === '') return null;
  if (type === 'varchar') return cell;
  if (type === 'bigint') {
    return /^\d+$/.test(word) && Number.isSafeInteger(Number(word)) ? Number(word) : undefined;
  }
  if (YES.has(word)) return true;
  return NO.has(word) ? false : undefined;
}

/** The rows of lines.csv. Throws FILE_UNREADABLE, BAD_DATA for a header without `line`. */
export async function* readLines(
  file: string,
  onBad: (bad: BadRow) => void,
): AsyncGenerator<LineRow> {
  const rowOf = new Map<string, number>();
  for await (const { row, cells } of readCsv(file, ['line'], onBad)) {
    const line = cells['line']!;
    const name = nameProblem('line', line);
    const values = LINE_COLUMNS.map(({ column, type }) => valueOf(type, cells[column] ?? ''));
    const wrong = LINE_COLUMNS.find((_, i) => values[i] === undefined);
    const before = rowOf.get(line);
    if (name !== null) {
      onBad({ file, row, reason: name });
    } else if (wrong) {
      const wanted = wrong.type === 'bigint' ? 'a whole number' : 'true or false';
      const reason = `"${wrong.column}" must be ${wanted}, not '${cells[wrong.column]}'`;
      onBad({ file, row, reason });
    } else if (before !== undefined) {
      onBad({ file, row, reason: `line '${line}' stands in row ${before} already` });
    } else {
      rowOf.set(line, row);
      const record = Object.fromEntries(LINE_COLUMNS.map(({ key }, i) => [key, values[i]]));
      yield { ...(record as unknown as LineRow), line };
    }
  }
}

function append(appender: DuckDBAppender, value: Value): void {
  if (value === null || value === '') appender.appendNull();
  else if (typeof value === 'number') appender.appendBigInt(BigInt(value));
  else if (typeof value === 'boolean') appender.appendBoolean(value);
  else appender.appendVarchar(value);
}

/**
 * Puts records into the store in place of those before; returns how many. A line may stand in them
 * once only. Not to be called inside a transaction.
 */
export async function writeLineRecords(
  connection: DuckDBConnection,
  rows: Iterable<LineRow> | AsyncIterable<LineRow>,
): Promise<number> {
  let count = 0;
  await connection.run('begin');
  try {
    await connection.run('delete from line_row');
    const appender = await connection.createAppender('line_row');
    for await (const row of rows) {
      for (const { key } of LINE_COLUMNS) append(appender, row[key]);
      for (let i = 0; i < 5; i++) appender.appendNull();
      appender.appendBigInt(0n);
      appender.appendNull();
      appender.endRow();
      count++;
    }
    appender.closeSync();
    await connection.run('commit');
  } catch (error) {
    await connection.run('rollback');
    throw error;
  }
  return count;
}
