// Records brought into the store: only what changed is written, and what that was is told. A new value
// of a known row begins at `fromMs` and ends the old one there; a row that says its own valid_from
// corrects the row of that begin, and cuts what overlaps it. All is done in the transaction at hand, by
// joins of the database: cost grows with the rows given and stored, not with those changed.

import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import {
  RECORD_KINDS,
  type RecordKind,
  type RecordKindName,
  storedType,
} from '../config/record-kinds.js';
import type { ReadRecords } from '../records/read.js';
import type { RecordRow, RecordValue } from '../records/values.js';
import { ImportSql, SAMPLE_ROWS } from './import-sql.js';
import { selectRows } from './sql.js';

/** Bad rows that are kept in the store. */
const PROBLEM_ROWS = 1_000;

/** A row that an import changed. */
export interface RecordChange {
  readonly change: 'added' | 'changed' | 'ended';
  /** Its key, for people. */
  readonly row: string;
  /** The columns that changed, '' where it is added or ended. */
  readonly columns: string;
}

/** What an import of one kind did. */
export interface ImportReport {
  readonly kind: RecordKindName;
  readonly source: string;
  /** Good and bad rows read. */
  readonly rows: number;
  readonly added: number;
  readonly changed: number;
  /** Of the changed: how many by column. */
  readonly changedColumns: Readonly<Record<string, number>>;
  readonly ended: number;
  readonly unchanged: number;
  readonly bad: number;
  /** Rows that are absent did not end, since a bad row may have been one of them. */
  readonly keptAbsent: boolean;
  /** The first of the changes. */
  readonly sample: readonly RecordChange[];
}

/** How records are brought in. */
export interface ImportOptions {
  /** When changes begin that do not say it themselves, epoch ms. */
  readonly fromMs: number;
  /** The file holds some rows only: nothing ends but in the groups it names. By default by the kind. */
  readonly isPart?: boolean;
}

/** True when anything was written. */
export function hasChanges({ added, changed, ended }: ImportReport): boolean {
  return added + changed + ended > 0;
}

/** Brings records in, in the transaction at hand. */
export async function importRecords(
  connection: DuckDBConnection,
  records: ReadRecords,
  { fromMs, isPart }: ImportOptions,
): Promise<ImportReport> {
  const kind: RecordKind = RECORD_KINDS[records.kind];
  const sql = new ImportSql(kind);
  await stage(connection, kind, records);
  const keptAbsent = records.isIncomplete;
  const scope = keptAbsent ? 'nothing' : (isPart ?? !kind.isWhole) ? 'group' : 'all';
  for (const statement of sql.judge(scope)) {
    await connection.run(statement, statement.includes('$from') ? { from: BigInt(fromMs) } : {});
  }
  const report = await reportOf(connection, records, sql, keptAbsent);
  if (hasChanges(report)) {
    for (const statement of sql.write()) await connection.run(statement);
  }
  await note(connection, records, report);
  for (const table of ['incoming', 'matched', 'fresh', 'gone', 'cut']) {
    await connection.run(`drop table temp.record_${table}`);
  }
  return report;
}

function append(appender: DuckDBAppender, type: string, value: RecordValue): void {
  if (value === null) appender.appendNull();
  else if (type === 'bigint') appender.appendBigInt(BigInt(Number(value)));
  else if (type === 'double') appender.appendDouble(Number(value));
  else if (type === 'boolean') appender.appendBoolean(value === true);
  else appender.appendVarchar(String(value));
}

async function stage(
  connection: DuckDBConnection,
  kind: RecordKind,
  { rows, badRows }: ReadRecords,
): Promise<void> {
  const columns = [
    ...kind.columns.map((column) => ({ name: column.stored, type: storedType(column) })),
    { name: 'valid_from_ms', type: 'bigint' as const },
    { name: 'valid_to_ms', type: 'bigint' as const },
  ];
  const names = columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  await connection.run(
    `create or replace temp table record_incoming (${names}, bad boolean, place bigint)`,
  );
  const appender = await connection.createAppender('record_incoming', 'main', 'temp');
  const put = (row: RecordRow, bad: boolean, place: number): void => {
    for (const { name, type } of columns) append(appender, type, row[name] ?? null);
    appender.appendBoolean(bad);
    appender.appendBigInt(BigInt(place));
    appender.endRow();
  };
  rows.forEach((row, place) => put(row, false, place));
  for (const row of badRows) put(row, true, rows.length);
  appender.closeSync();
}

async function reportOf(
  connection: DuckDBConnection,
  { kind, source, rows, bad }: ReadRecords,
  sql: ImportSql,
  keptAbsent: boolean,
): Promise<ImportReport> {
  type Counts = Pick<ImportReport, 'added' | 'changed' | 'ended' | 'unchanged'>;
  const [counts] = await selectRows<{ [K in keyof Counts]: number }>(connection, sql.counts());
  const columns = await selectRows<{ column: string; rows: number }>(
    connection,
    sql.changedColumns(),
  );
  const sample = await selectRows<{ change: string; row: string; columns: string }>(
    connection,
    sql.sample(),
  );
  return {
    kind,
    source,
    rows: rows.length + bad.length,
    ...counts!,
    changedColumns: Object.fromEntries(columns.map(({ column, rows: n }) => [column, n])),
    bad: bad.length,
    keptAbsent,
    sample: sample.slice(0, SAMPLE_ROWS) as RecordChange[],
  };
}

/** Keeps what an import did, and the rows that it left out in place of those before. */
async function note(
  connection: DuckDBConnection,
  { kind, source, bad }: ReadRecords,
  report: ImportReport,
): Promise<void> {
  if (hasChanges(report)) {
    const { rows, added, changed, ended, unchanged } = report;
    const counts = [rows, added, changed, ended, unchanged, bad.length].map(BigInt);
    await connection.run(
      'insert into record_import values ($1, $2, $3, $4, $5, $6, $7, $8, now())',
      [kind, source, ...counts],
    );
  }
  await connection.run('delete from record_problem where kind = $1', [kind]);
  for (const { row, reason } of bad.slice(0, PROBLEM_ROWS)) {
    await connection.run('insert into record_problem values ($1, $2, $3, $4, now())', [
      kind,
      source,
      BigInt(row),
      reason,
    ]);
  }
}
