// Users' SQL: one SELECT over the documented views, in a process that can read nothing else, change
// nothing, and take only so much time, memory and room. Each way out that we know of is tried.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SQL_LIMITS, type SqlLimits, askSql } from '../../src/sql/sandbox.js';
import { checkStatement } from '../../src/sql/statement.js';
import { openStore } from '../../src/store/store.js';
import { flapline } from '../cli/command.js';
import { api, usesApi } from './api-fixture.js';
import { T, fillStore } from './store-fixture.js';

usesApi();
const folder = mkdtempSync(join(tmpdir(), 'flapline-sql-test-'));
const file = join(folder, 'store.duckdb');

let checker: DuckDBConnection;
beforeAll(async () => {
  checker = await (await DuckDBInstance.create(':memory:')).connect();
  const store = await openStore(file);
  await fillStore({ instance: store.instance, connection: store.writer });
  store.close();
  writeFileSync(join(folder, 'secret.csv'), 'a\nsecret\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask(sql: string, limits: Partial<SqlLimits> = {}): Promise<unknown[]> {
  const answer = await askSql(file, sql, { ...SQL_LIMITS, ...limits }, 'UTC');
  const rows: unknown[] = [];
  for await (const chunk of answer.chunks) rows.push(...chunk);
  return rows;
}

describe('a statement', () => {
  it('reads views, with joins, subqueries, common tables and windows', async () => {
    const sql = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 3),
        worst as (from interruptions select line, count(*) as c group by line)
      select w.line, w.c, sum(w.c) over () as "all", (select max(i) from n) as deep
      from worst w join lines l using (line), range(1) where line in (select line from episodes)
      order by c desc, line`;
    expect((await ask(sql)).slice(0, 1)).toEqual([['alpha', 4, 4 + 1, 3]]);
  });

  it('reads at another time than the end of the data', async () => {
    const sql = `select down, flapping, (select count(*) from lines where flapping) as flapping,
      (select reading_ms from progress_now limit 1) as "at" from lines where line = 'beta'`;
    const at = async (ms: number | null): Promise<unknown[]> => {
      const answer = await askSql(file, sql, SQL_LIMITS, 'UTC', ms);
      for await (const [row] of answer.chunks) return [...row!];
      return [];
    };
    expect(await at(null)).toEqual([true, false, 1, T]);
    expect(await at(T + 1)).toEqual([true, false, 0, T + 1]);
    const body = { sql, at: T + 1 };
    const server = await api({ tokens: null });
    const answer = await server.inject({ method: 'POST', url: '/api/sql', payload: body });
    expect(answer.json()).toMatchObject({ rows: [[true, false, 0, T + 1]] });
  });

  it('gives whole numbers beyond 2^53, dates and lists as text', async () => {
    const sql = `select 9007199254740993::bigint, 1.5, date '2006-11-30', [1, 2], null, 1 / 0.0`;
    expect(await ask(sql)).toEqual([
      ['9007199254740993', '1.5', '2006-11-30', '[1, 2]', null, 'Infinity'],
    ]);
  });

  it.each([
    [`from read_csv('${folder}/secret.csv')`, /table function read_csv/],
    [`from '${folder}/secret.csv'`, /there is no view/],
    [`select * from lines, read_text('${folder}/secret.csv')`, /table function read_text/],
    [`from glob('/*')`, /table function glob/],
    [`from query('select 1')`, /table function query/],
    [`from sniff_csv('/etc/passwd')`, /table function sniff_csv/],
    [`from duckdb_settings()`, /table function duckdb_settings/],
    [`from duckdb_tables`, /there is no view 'duckdb_tables'/],
    [`from pragma_database_list`, /there is no view/],
    [`from information_schema.tables`, /there is no view/],
    [`select (select max(n) from open_state)`, /there is no view 'open_state'/],
    [`select 1 where exists (from line_row)`, /there is no view 'line_row'/],
    [`with x as (from meta) from x`, /there is no view 'meta'/],
    [`from other.main.lines`, /there is no view/],
    [`from (describe lines)`, /cannot be used in FROM/],
    [`select current_setting('memory_limit')`, /function current_setting/],
    [`select getenv('HOME')`, /function getenv/],
    [`attach '${folder}/x.duckdb'`, /only a SELECT/],
    [`copy lines to '${folder}/x.csv'`, /only a SELECT/],
    [`export database '${folder}/x'`, /only a SELECT/],
    [`install httpfs`, /only a SELECT/],
    [`load httpfs`, /only a SELECT/],
    [`set memory_limit = '10GB'`, /only a SELECT/],
    [`reset lock_configuration`, /only a SELECT/],
    [`pragma enable_profiling`, /only a SELECT/],
    [`call pragma_version()`, /only a SELECT/],
    [`create table x (a int)`, /only a SELECT/],
    [`delete from line_row`, /only a SELECT/],
    [`explain select 1`, /only a SELECT/],
    [`select 1; select 2`, /only one statement/],
    [`selec 1`, /syntax error/],
  ])('%s is refused', async (sql, why) => {
    await expect(checkStatement(checker, sql)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringMatching(why) as string,
    });
  });

  it('is checked before it runs, and what the database says of it is told', async () => {
    await expect(ask('from meta')).rejects.toThrow(/there is no view 'meta'/);
    await expect(ask('select nosuch from lines')).rejects.toThrow(/nosuch/);
  });

  it('that has no end is ended', async () => {
    const endless = 'select sum(sqrt(i)) from range(100000000000000) t(i)';
    await expect(ask(endless, { queryMsMax: 3_000 })).rejects.toThrow(/longer than 3 s/);
  });

  it('that takes too much memory is ended, by the database and by its process', async () => {
    const memoryBytesMax = 64 * 1024 * 1024;
    const listed = 'select count(distinct i) from range(100000000) t(i)';
    await expect(ask(listed, { memoryBytesMax })).rejects.toThrow(/memory/i);
    // DuckDB's own limit does not count the texts that a function makes.
    const texts = `select max(length(repeat('x', 1000000 + i::int))) from range(20000) t(i)`;
    await expect(ask(texts, { memoryBytesMax })).rejects.toThrow(/more memory than 64 MiB/);
  });

  it('with more rows than wanted is cut, and says so', async () => {
    const answer = await askSql(
      file,
      'from range(100000)',
      { ...SQL_LIMITS, rowsMax: 5_000 },
      'UTC',
    );
    let rows = 0;
    for await (const chunk of answer.chunks) rows += chunk.length;
    expect([rows, answer.truncated()]).toEqual([5_000, true]);
  });
});

describe('flapline sql', () => {
  it('prints tables, CSV and JSON of a store file', async () => {
    const args = ['sql', `select line, n from lines order by n desc limit 1`, '--store', file];
    expect((await flapline(args)).stdout).toMatch(/#  line +n\n.*\n1  beta +9\n$/);
    const json = await flapline([...args, '--format', 'json']);
    expect(JSON.parse(json.stdout)).toEqual({
      columns: ['line', 'n'],
      rows: [['beta', 9]],
      truncated: false,
    });
  });

  it('says what is wrong', async () => {
    const refused = await flapline(['sql', 'from meta', '--store', file]);
    expect([refused.code, refused.stderr]).toEqual([64, expect.stringMatching(/no view 'meta'/)]);
    const absent = await flapline(['sql', 'select 1', '--store', join(folder, 'nosuch.duckdb')]);
    expect(absent.code).toBe(74);
  });
});

function post(token: string, sql: string) {
  const headers = { authorization: `Bearer ${token}` };
  return { method: 'POST' as const, url: '/api/sql', headers, payload: { sql } };
}

describe('POST /api/sql', () => {
  const tokens = { viewer: 'v', operator: 'o' };
  it('answers the operator, from a copy of the store', async () => {
    const server = await api({ tokens });
    const answer = await server.inject(post('o', 'select line from lines order by line limit 1'));
    expect(answer.json()).toMatchObject({ columns: ['line'], truncated: false });
    expect(answer.headers['x-flapline-truncated']).toBe('false');
    const refused = await server.inject(post('o', 'from meta'));
    expect([refused.statusCode, refused.json()]).toMatchObject([
      400,
      { error: { code: 'BAD_REQUEST' } },
    ]);
  });

  it('refuses a viewer', async () => {
    expect((await (await api({ tokens })).inject(post('v', 'select 1'))).statusCode).toBe(403);
  });
});
