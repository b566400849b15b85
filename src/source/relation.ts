// Any relation DuckDB can read (CSV, Parquet, a query) as event columns, straight into the rules: no
// text is made and none is parsed. Columns line, time, state; or line, start, end, where each row
// raises and clears an alarm of its own. DuckDB orders and numbers; names are interned once each.

import * as L from '../../assembly/layout.js';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { type ErrorCode, FlaplineError, messageOf } from '../config/errors.js';
import type { ZoneOffset } from '../config/zone.js';
import { type Reject, SAMPLE_BYTES_MAX } from '../kernel/rejects.js';
import { csvRelation, literal } from './csv-relation.js';
import {
  EVENT_ROWS,
  INTERVAL_ROWS_MAX,
  NAMED_ROWS,
  hasIntervals,
  inputSql,
  intervalRows,
} from './relation-sql.js';

/** A relation to be read, and how its times are to be understood. */
export interface Relation {
  /** A SELECT statement. */
  readonly sql: string;
  /** For messages: the file, or `--select`. */
  readonly name: string;
  /** Offsets of times without one; empty = such texts are rejected, and TIMESTAMPs are UTC. */
  readonly zone: readonly ZoneOffset[];
  /** (key, line) pairs in the file's order: what interval rows of an aliased line lead to. */
  readonly aliases: readonly (readonly [string, string])[];
  /** Rows of the relations read before: every interval row has an alarm of its own. */
  readonly rowsBefore: number;
}

/** Told between batches, with the rows folded so far; may throw. */
export type OnRows = (rows: number) => Promise<void>;

/** A file that DuckDB reads, as a SELECT statement; null for a file the decoder reads. */
export function relationOfFile(file: string): string | null {
  if (/\.csv(\.gz)?$/i.test(file)) return csvRelation(file);
  if (/\.parquet$/i.test(file)) return `select * from read_parquet(${literal(file)})`;
  return null;
}

/** What takes a relation's events: a fold. */
export interface ColumnTarget {
  /** Index of a name in a dictionary, given when it is new. */
  intern(dictionary: number, name: string): Promise<number>;
  /** Applies `rows` events: bytes of the columns time, position, target, key, alarm, cause, state. */
  columns(rows: number, columns: readonly Uint8Array[]): Promise<void>;
  /** Counts rejected rows that never became events. */
  countRejected(rows: number): void;
}

/** Rejected rows that are described; the rest are counted. */
const REJECTS_DESCRIBED = 1_000;

/** Opens an in-memory database to read relations with. */
export async function openRelations(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '4GB' });
  const connection = await instance.connect();
  await connection.run("set timezone = 'UTC'");
  return connection;
}

/** What came of a relation: its rows, and how many of them were rejected. */
export interface RelationResult {
  readonly rows: number;
  readonly rejected: number;
}

/** Folds a relation. Throws USAGE for bad SQL, BAD_DATA, FILE_UNREADABLE. */
export async function foldRelation(
  connection: DuckDBConnection,
  relation: Relation,
  target: ColumnTarget,
  onRejects: (rejects: readonly Reject[]) => void,
  onRows: OnRows = () => Promise.resolve(),
): Promise<RelationResult> {
  const sql = relation.sql.trim().replace(/;+$/, '');
  const columns = await describe(connection, { ...relation, sql });
  const intervals = hasIntervals(columns);
  if (!columns.has('line') || !(intervals || (columns.has('time') && columns.has('state')))) {
    throw new FlaplineError(
      'BAD_DATA',
      `${relation.name}: columns line, time, state or line, start, end are needed; ` +
        `found ${[...columns.keys()].join(', ')}`,
    );
  }
  await makeZone(connection, relation.zone);
  await makeCarried(connection, relation.aliases);
  try {
    await connection.run(inputSql(sql, columns, relation.zone.length > 0));
  } catch (error) {
    throw relationError(error, relation.name);
  }
  const broken = await reportBroken(connection, target, onRejects);
  const rejected = broken + (await reportRejects(connection, target, onRejects));
  const counted = await connection.runAndReadAll('select count(*) from input');
  const rows = Number(counted.getRows()[0]![0]);
  if (relation.rowsBefore + rows > INTERVAL_ROWS_MAX) {
    throw new FlaplineError('BAD_DATA', `${relation.name}: more than ${INTERVAL_ROWS_MAX} rows`);
  }
  await internNames(connection, target);
  const events = intervals ? intervalRows(relation.rowsBefore) : EVENT_ROWS;
  await feed(connection, target, events, onRows);
  await connection.run('drop table input');
  return { rows: rows + broken, rejected };
}

async function describe(
  connection: DuckDBConnection,
  relation: Relation,
): Promise<Map<string, string>> {
  try {
    const rows = (await connection.runAndReadAll(`describe ${relation.sql}`)).getRows();
    return new Map(rows.map((row) => [String(row[0]).toLowerCase(), String(row[1])]));
  } catch (error) {
    throw relationError(error, relation.name);
  }
}

function relationError(error: unknown, name: string): FlaplineError {
  const [text = ''] = messageOf(error).split('\n');
  const made = (code: ErrorCode): FlaplineError =>
    new FlaplineError(code, `${name}: ${text}`, { cause: error });
  if (/^(Parser|Binder|Catalog) Error/.test(text)) return made('USAGE');
  return made(text.startsWith('IO Error') ? 'FILE_UNREADABLE' : 'BAD_DATA');
}

async function makeZone(connection: DuckDBConnection, zone: readonly ZoneOffset[]): Promise<void> {
  await connection.run('create or replace temp table zone (from_ms bigint, offset_ms bigint)');
  if (zone.length === 0) return;
  const rows = zone.map(({ fromLocalMs, offsetMs }) => `(${fromLocalMs}, ${offsetMs})`);
  await connection.run(`insert into zone values ${rows.join(', ')}`);
}

async function makeCarried(
  connection: DuckDBConnection,
  aliases: Relation['aliases'],
): Promise<void> {
  await connection.run(
    'create or replace temp table carried (key varchar, line varchar, place integer)',
  );
  const appender = await connection.createAppender('carried', 'main', 'temp');
  aliases.forEach(([key, line], place) => {
    appender.appendVarchar(key);
    appender.appendVarchar(line);
    appender.appendInteger(place);
    appender.endRow();
  });
  appender.closeSync();
}

/** Reports the rows of a CSV file that do not fit its header; they are not in `input`. */
async function reportBroken(
  connection: DuckDBConnection,
  target: ColumnTarget,
  onRejects: (rejects: readonly Reject[]) => void,
): Promise<number> {
  const made = await connection.runAndReadAll(
    `select count(*) from duckdb_tables() where table_name = 'reject_errors'`,
  );
  if (Number(made.getRows()[0]![0]) === 0) return 0;
  const found = await connection.runAndReadAll(
    `select line, min(byte_position), lower(first(error_type::varchar)) || ': ' || first(error_message),
       left(first(csv_line), ${SAMPLE_BYTES_MAX}), count(*) over ()
     from reject_errors group by line order by line limit ${REJECTS_DESCRIBED}`,
  );
  const rows = found.getRows();
  await connection.run('drop table reject_errors');
  await connection.run('drop table reject_scans');
  if (rows.length === 0) return 0;
  onRejects(
    rows.map(([line, position, reason, sample]) => ({
      position: Number(position ?? 0),
      reason: String(reason),
      place: `line ${String(line)}`,
      sample: String(sample ?? '').trimEnd(),
    })),
  );
  const count = Number(rows[0]![4]);
  target.countRejected(count);
  return count;
}

async function reportRejects(
  connection: DuckDBConnection,
  target: ColumnTarget,
  onRejects: (rejects: readonly Reject[]) => void,
): Promise<number> {
  const counted = await connection.runAndReadAll(
    'select count(*) from input where reason is not null',
  );
  const count = Number(counted.getRows()[0]![0]);
  if (count === 0) return 0;
  const rows = await connection.runAndReadAll(
    `select row, reason, left(line, 64) from input where reason is not null order by row
       limit ${REJECTS_DESCRIBED}`,
  );
  onRejects(
    rows.getRows().map(([row, reason, line]) => ({
      position: Number(row),
      reason: String(reason),
      place: `row ${row}`,
      sample: String(line),
    })),
  );
  target.countRejected(count);
  return count;
}

/** Makes the tables line_index, alarm_index, cause_index (name, idx) with the kernel's indices. */
async function internNames(connection: DuckDBConnection, target: ColumnTarget): Promise<void> {
  const good = 'from input where reason is null';
  const sources = [
    [
      'line',
      L.DICTIONARY_KEYS,
      `select line, min(row) as first ${NAMED_ROWS} group by line
       union all select c.line, min(i.row) as first from input i join carried c on c.key = i.line
         group by c.line
       union all select key as line, min(row) as first ${good} and key <> '' group by key`,
    ],
    ['alarm', L.DICTIONARY_ALARMS, `select alarm, min(row) as first ${good} group by alarm`],
    ['cause', L.DICTIONARY_CAUSES, `select cause, min(row) as first ${good} group by cause`],
  ] as const;
  for (const [name, dictionary, sql] of sources) {
    await connection.run(`create or replace temp table ${name}_index
      (${name} varchar, idx uinteger)`);
    const appender = await connection.createAppender(`${name}_index`, 'main', 'temp');
    const result = await connection.stream(
      `select ${name} from (${sql}) where ${name} <> '' group by ${name} order by min(first)`,
    );
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) break;
      for (const value of chunk.getColumnValues(0)) {
        appender.appendVarchar(String(value));
        appender.appendUInteger(await target.intern(dictionary, String(value)));
        appender.endRow();
      }
    }
    appender.closeSync();
  }
}

/** Bytes a row of the columns time, position, target, key, alarm, cause, state. */
const EVENT_BYTES = [8, 8, 4, 4, 4, 4, 4] as const;

/** Copies the event rows, chunk by chunk, into the kernel's event columns. */
async function feed(
  connection: DuckDBConnection,
  target: ColumnTarget,
  sql: string,
  onRows: OnRows,
): Promise<void> {
  const ids = ['target', 'key', 'alarm', 'cause', 'state'].map((name) => `${name}::uinteger`);
  const result = await connection.stream(
    `select t::bigint, row::bigint, ${ids.join(', ')} from (${sql})`,
  );
  for (let fed = 0; ;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    const rows = chunk.rowCount;
    const columns = EVENT_BYTES.map((bytes, i) =>
      duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk.chunk, i), rows * bytes),
    );
    await target.columns(rows, columns);
    fed += rows;
    await onRows(fed);
  }
}
