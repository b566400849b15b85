// Any relation DuckDB can read (CSV, Parquet, a query) as event columns, straight into the rules: no
// text is made and none is parsed. Columns line, time, state; or line, start, end, where each row
// raises and clears an alarm of its own. DuckDB orders and numbers; names are interned once each.

import * as L from '../../assembly/layout.js';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { FlaplineError, messageOf } from '../config/errors.js';
import type { Reject } from '../kernel/rejects.js';

/** A relation to be read, and how its times are to be understood. */
export interface Relation {
  /** A SELECT statement. */
  readonly sql: string;
  /** For messages: the file, or `--select`. */
  readonly name: string;
  /** Zone of times without an offset; null = such times are read as UTC. */
  readonly timeZone: string | null;
  /** Orders by time first, stably. */
  readonly sort: boolean;
}

/** A file that DuckDB reads, as a SELECT statement; null for a file the decoder reads. */
export function relationOfFile(file: string): string | null {
  const quoted = `'${file.replaceAll("'", "''")}'`;
  if (/\.csv(\.gz)?$/i.test(file)) return `select * from read_csv(${quoted}, header = true)`;
  if (/\.parquet$/i.test(file)) return `select * from read_parquet(${quoted})`;
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
/** Keys of interval rows lie above every index of a name. */
const ROW_KEY_BASE = 0x8000_0000;

/** Opens an in-memory database to read relations with. */
export async function openRelations(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '4GB' });
  const connection = await instance.connect();
  await connection.run("set timezone = 'UTC'");
  return connection;
}

/** Folds a relation; returns how many of its rows were rejected. Throws BAD_DATA, FILE_UNREADABLE. */
export async function foldRelation(
  connection: DuckDBConnection,
  relation: Relation,
  target: ColumnTarget,
  onRejects: (rejects: readonly Reject[]) => void,
): Promise<number> {
  const columns = await describe(connection, relation);
  const intervals = columns.has('start') && columns.has('end');
  if (!columns.has('line') || !(intervals || (columns.has('time') && columns.has('state')))) {
    throw new FlaplineError(
      'BAD_DATA',
      `${relation.name}: columns line, time, state or line, start, end are needed; ` +
        `found ${[...columns.keys()].join(', ')}`,
    );
  }
  const text = (name: string): string =>
    columns.has(name) ? `coalesce(cast("${name}" as varchar), '')` : "''";
  const time = (name: string): string => timeOf(name, columns.get(name)!, relation);
  await connection.run(`create or replace temp table input as
    select row_number() over () as row, ${text('line')} as line, ${text('key')} as key,
      ${text('alarm')} as alarm, ${text('cause')} as cause,
      ${intervals ? `${time('start')} as t, ${time('end')} as u, "end" is null as open` : ''}
      ${intervals ? '' : `${time('time')} as t, lower(${text('state')}) as state`}
    from (${relation.sql})`);
  await connection.run(`alter table input add column reason varchar`);
  await connection.run(`update input set reason = ${intervals ? INTERVAL_REASON : EVENT_REASON}`);
  const rejected = await reportRejects(connection, target, onRejects);
  await internNames(connection, target);
  await feed(connection, target, intervals ? INTERVAL_EVENTS : eventRows(relation.sort));
  await connection.run('drop table input');
  return rejected;
}

async function describe(
  connection: DuckDBConnection,
  relation: Relation,
): Promise<Map<string, string>> {
  try {
    const rows = (await connection.runAndReadAll(`describe ${relation.sql}`)).getRows();
    return new Map(rows.map((row) => [String(row[0]).toLowerCase(), String(row[1])]));
  } catch (error) {
    const code = /No files found|IO Error/i.test(messageOf(error)) ? 'FILE_UNREADABLE' : 'BAD_DATA';
    throw new FlaplineError(code, `${relation.name}: ${messageOf(error)}`, { cause: error });
  }
}

/** Epoch ms of a time column of any type; null where it is none. */
function timeOf(name: string, type: string, { timeZone }: Relation): string {
  const column = `"${name}"`;
  const zone = timeZone === null ? "'UTC'" : `'${timeZone.replaceAll("'", "''")}'`;
  if (/^TIMESTAMP WITH TIME ZONE|^TIMESTAMPTZ/.test(type)) return `epoch_ms(${column})`;
  if (/^TIMESTAMP|^DATE/.test(type)) {
    return `epoch_ms(timezone(${zone}, cast(${column} as timestamp)))`;
  }
  if (type === 'VARCHAR') {
    return `coalesce(try_cast(trunc(try_cast(${column} as double)) as bigint),
      epoch_ms(try_cast(${column} as timestamptz)))`;
  }
  return `try_cast(trunc(try_cast(${column} as double)) as bigint)`;
}

const NAME_REASON = `
  when strlen(line) = 0 or strlen(line) > ${L.NAME_BYTES_MAX}
    then '"line" must have 1 byte to ${L.NAME_BYTES_MAX} bytes'
  when strlen(key) > ${L.NAME_BYTES_MAX} or strlen(alarm) > ${L.NAME_BYTES_MAX}
    or strlen(cause) > ${L.NAME_BYTES_MAX}
    then '"key", "alarm" and "cause" must have at most ${L.NAME_BYTES_MAX} bytes'
  when t is null or t < 0 or t >= 9007199254740992
    then 'the time is missing, or no time, or not within 0 and 2^53 ms'`;
const EVENT_REASON = `case ${NAME_REASON}
  when state not in ('down', 'up') then '"state" must be "down" or "up"' end`;
const INTERVAL_REASON = `case ${NAME_REASON}
  when not open and (u is null or u >= 9007199254740992) then '"end" is no time'
  when not open and u < t then '"end" lies before "start"' end`;

const NAMED = `join line_index l using (line) left join line_index k on k.line = input.key
  left join alarm_index a using (alarm) left join cause_index c using (cause)`;
const NAMES = `l.idx as target, coalesce(a.idx, 0) as alarm, coalesce(c.idx, 0) as cause`;

function eventRows(sort: boolean): string {
  return `select t, row, ${NAMES}, coalesce(k.idx, 0)::uinteger as key,
      (state = 'down')::uinteger as state
    from input ${NAMED} where reason is null order by ${sort ? 't, row' : 'row'}`;
}

/** At equal times clears first, a row's own raise before its clear. */
const INTERVAL_EVENTS = `
  with named as (select t, u, open, row, ${NAMES} from input ${NAMED} where reason is null)
  select at as t, row, target, alarm, cause, (${ROW_KEY_BASE} + row)::uinteger as key,
    state::uinteger as state from (
      select t as at, 1 as rank, 0 as step, 1 as state, * from named
      union all
      select u as at, if(u = t, 1, 0) as rank, 1 as step, 0 as state, * from named where not open)
  order by at, rank, row, step`;

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
      `select line, min(row) as first ${good} group by line
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
): Promise<void> {
  const result = await connection.stream(
    `select t::bigint, row::bigint, target, key, alarm, cause::uinteger, state from (${sql})`,
  );
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    const rows = chunk.rowCount;
    const columns = EVENT_BYTES.map((bytes, i) =>
      duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk.chunk, i), rows * bytes),
    );
    await target.columns(rows, columns);
  }
}
