// The operator's records: read from every kind of source, brought into a store with valid time, and
// brought in again: only what changed is written, and what that was is told.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import type { RecordKindName } from '../../src/config/record-kinds.js';
import { bringInNow, kindOfFile, recordFiles } from '../../src/records/import.js';
import { type ReadRecords, readRecordFile, readRecordText } from '../../src/records/read.js';
import type { ImportOptions, ImportReport } from '../../src/store/record-import.js';
import { selectRows } from '../../src/store/sql.js';
import { type Store, openStore } from '../../src/store/store.js';
import { temporaryFolder, usesServices } from './service-fixture.js';

usesServices();

const ZONE = { timeZone: 'Asia/Shanghai' };
const NOV_15 = Date.UTC(2006, 10, 14, 16);
const T = Date.UTC(2006, 11, 1);

async function withStore<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore(':memory:');
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

async function bring(
  store: Store,
  kind: RecordKindName,
  text: string,
  options: Partial<ImportOptions> = {},
): Promise<ImportReport> {
  const records = readRecordText(kind, `${kind}.csv`, text, ZONE);
  const [report] = await bringInNow(store, [records], { fromMs: T, ...options });
  return report!;
}

const rows = (store: Store, text: string) =>
  selectRows<Record<string, string | number | boolean | null>>(store.writer, text);

const told = ({ bad }: ReadRecords): string[] => bad.map(({ row, reason }) => `${row}: ${reason}`);

const read = (kind: RecordKindName, body: string): string[] =>
  told(readRecordText(kind, 'in.csv', body, ZONE));

describe('a file of records', () => {
  const body = 'line,customer,branch\nGZ-1,"中国银行, 广州",广州\nGZ-2,𠮷野家,深圳\n';

  it('is read in UTF-8 with or without a BOM and in GB18030, by comma, semicolon and tab', async () => {
    const folder = temporaryFolder();
    // GB18030 of the text: two bytes each, 𠮷 (U+20BB7) four.
    const gb = Buffer.concat([
      Buffer.from('line,customer,branch\nGZ-1,"'),
      Buffer.from([0xd6, 0xd0, 0xb9, 0xfa, 0xd2, 0xf8, 0xd0, 0xd0]),
      Buffer.from(', '),
      Buffer.from([0xb9, 0xe3, 0xd6, 0xdd]),
      Buffer.from('",'),
      Buffer.from([0xb9, 0xe3, 0xd6, 0xdd]),
      Buffer.from('\nGZ-2,'),
      Buffer.from([0x95, 0x34, 0xb2, 0x35, 0xd2, 0xb0, 0xbc, 0xd2]),
      Buffer.from(','),
      Buffer.from([0xc9, 0xee, 0xdb, 0xda]),
      Buffer.from('\n'),
    ]);
    const texts: [string, string | Buffer][] = [
      ['lines.csv', body],
      ['bom_lines.csv', `\uFEFF${body}`],
      ['lines-gb.csv', gb],
      [
        'lines-semicolon.csv',
        body.replace('"中国银行, 广州"', '#').replaceAll(',', ';').replace('#', '"中国银行, 广州"'),
      ],
      [
        'lines-tab.csv',
        body
          .replace('"中国银行, 广州"', '#')
          .replaceAll(',', '\t')
          .replace('#', '"中国银行, 广州"'),
      ],
    ];
    for (const [name, content] of texts) {
      const file = join(folder, name);
      writeFileSync(file, content);
      expect(kindOfFile(file)).toBe('lines');
      const records = await readRecordFile('lines', file, ZONE);
      expect(records.bad, name).toEqual([]);
      expect(records.rows, name).toMatchObject([
        { line: 'GZ-1', customer: '中国银行, 广州', branch: '广州', international: null },
        { line: 'GZ-2', customer: '𠮷野家', branch: '深圳' },
      ]);
    }
    writeFileSync(
      join(folder, 'lines-broken.csv'),
      Buffer.from('line,branch\na,\xff\xff\nb,c\n', 'latin1'),
    );
    const broken = await readRecordFile('lines', join(folder, 'lines-broken.csv'), ZONE);
    expect(told(broken)).toEqual(['2: it is neither UTF-8 nor GB18030']);
    expect(broken.rows).toHaveLength(1);
  });

  it('can be Parquet, JSON or a table of a DuckDB file', async () => {
    const folder = temporaryFolder();
    const database = join(folder, 'plant.duckdb');
    const instance = await DuckDBInstance.create(database);
    const connection = await instance.connect();
    await connection.run(`create table works as select 'W1' as work,
      timestamptz '2006-11-30 16:00:00+00' as start, timestamp '2006-12-01 02:00:00' as "end",
      'planned' as status, 'card' as kind, 'C1' as component`);
    await connection.run(`insert into works values ('W2', '2006-11-30 16:00:00+00',
      '2006-11-01', 'planned', 'card', 'C1')`);
    for (const name of ['works.parquet', 'works.json']) {
      await connection.run(`copy works to '${join(folder, name)}'`);
    }
    connection.closeSync();
    instance.closeSync();
    for (const name of ['plant.duckdb', 'works.parquet']) {
      const records = await readRecordFile('works', join(folder, name), ZONE);
      expect(records.rows, name).toMatchObject([
        { work: 'W1', start_ms: T - 8 * 3_600_000, end_ms: T - 6 * 3_600_000, kind: 'card' },
      ]);
      expect(told(records)).toEqual(['2: "end" must lie behind "start"']);
    }
    const json = await readRecordFile('works', join(folder, 'works.json'), ZONE);
    expect(json.rows).toHaveLength(1);
    await expect(readRecordFile('lines', database, ZONE)).rejects.toMatchObject({
      code: 'BAD_DATA',
    });
    await expect(readRecordFile('lines', join(folder, 'no.parquet'), ZONE)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
  });

  it('says of each bad row where and why, and gives the others', () => {
    expect(
      read(
        'lines',
        `line,international,bandwidth_kbps,inspected_at,valid_from,valid_to\na,maybe,,,,\n,,,,,\nb,,-1,,,
c,,,yesterday,,\nd,,,,2007,2006\ne,是,64,2006/11/3 8:05,,\ne,,,,,\n${'x'.repeat(257)},,,,,\n`,
      ),
    ).toEqual([
      `2: "international" must be true or false, not 'maybe'`,
      `4: "bandwidth_kbps" must be a whole number, not '-1'`,
      `5: "inspected_at" must be a time such as 2006-11-30 23:20 or 2006-11-30T23:20:00+08:00, not 'yesterday'`,
      `6: "valid_to" must lie behind "valid_from"`,
      `8: line 'e' stands in line 7 already`,
      `9: "line" must have 1 byte to 256 bytes, not 257`,
    ]);
    expect(
      read(
        'works',
        `work,start,end,status,kind,component\nW1,2007-01-01,2007-01-02,done,card,C1\nW1,2007-01-01,2007-01-03,done,card,C2
W2,2007-01-01,2007-01-02,perhaps,card,C1\nW3,2007-01-02,2007-01-01,done,card,C1\nW4,2007-01-01,,done,card,C1\n`,
      ),
    ).toEqual([
      `3: work 'W1' has another "end" in line 2`,
      `4: "status" must be planned, running, done, cancelled, not 'perhaps'`,
      `5: "end" must lie behind "start"`,
      `6: "end" is missing`,
    ]);
    expect(
      read(
        'tickets',
        'ticket,kind,line,opened,closed\nT1,query,a,2007-01-01,\nT2,report,a,2007-01-02,2007-01-01\n',
      ),
    ).toEqual([
      `2: "kind" must be report, complaint, not 'query'`,
      `3: "closed" lies before "opened"`,
    ]);
    expect(
      read('callbacks', 'line,ticket,kind,at\n,,fault,2007-01-01\n,T1,fault,2007-01-01\n'),
    ).toEqual(['2: "line" or "ticket" is missing']);
    expect(
      read('satisfaction', 'branch,period,score\n广州,2007-01,101\n深圳,2007-01,80\n'),
    ).toEqual(['2: "score" must lie from 0 to 100']);
  });

  it('is told by its name what it holds', () => {
    expect(kindOfFile('/x/2007_works-final.CSV')).toBe('works');
    expect(kindOfFile('network.csv')).toBeNull();
    expect(() => recordFiles(['network.csv'], null)).toThrow(/give --kind/);
    expect(recordFiles(['works.csv', 'lines.csv'], null).map(({ kind }) => kind)).toEqual([
      'lines',
      'works',
    ]);
  });
});

describe('records brought in again', () => {
  it('change only what changed, and say what that was', () =>
    withStore(async (store) => {
      const first = await bring(
        store,
        'lines',
        'line,customer,product\na,Bank,DDN\nb,Bank,DDN\nc,Post,DDN\n',
      );
      expect(first).toMatchObject({
        rows: 3,
        added: 3,
        changed: 0,
        ended: 0,
        unchanged: 0,
        bad: 0,
      });
      const same = await bring(
        store,
        'lines',
        'line,customer,product\na,Bank,DDN\nb,Bank,DDN\nc,Post,DDN\n',
      );
      expect(same).toMatchObject({ added: 0, changed: 0, ended: 0, unchanged: 3, sample: [] });
      const next = await bring(
        store,
        'lines',
        'line,customer,product\na,Bank,DDN\nb,Post,SDH\nd,Bank,DDN\n',
      );
      expect(next).toMatchObject({ added: 1, changed: 1, ended: 1, unchanged: 1 });
      expect(next.changedColumns).toEqual({ customer: 1, product: 1 });
      expect(next.sample).toEqual([
        { change: 'changed', row: 'b', columns: 'customer, product' },
        { change: 'added', row: 'd', columns: '' },
        { change: 'ended', row: 'c', columns: '' },
      ]);
      const history = `select line, customer, valid_from_ms, valid_to_ms from line_records_history
        order by line, valid_from_ms nulls first`;
      expect(await rows(store, history)).toEqual([
        { line: 'a', customer: 'Bank', valid_from_ms: null, valid_to_ms: null },
        { line: 'b', customer: 'Bank', valid_from_ms: null, valid_to_ms: T },
        { line: 'b', customer: 'Post', valid_from_ms: T, valid_to_ms: null },
        { line: 'c', customer: 'Post', valid_from_ms: null, valid_to_ms: T },
        { line: 'd', customer: 'Bank', valid_from_ms: null, valid_to_ms: null },
      ]);
      expect(await rows(store, 'select line from line_records order by line')).toEqual([
        { line: 'a' },
        { line: 'b' },
        { line: 'd' },
      ]);
      // Corrected at once: no period without length is left behind.
      const again = await bring(
        store,
        'lines',
        'line,customer,product\na,Bank,DDN\nb,Bank,DDN\nd,Bank,DDN\n',
      );
      expect(again).toMatchObject({ added: 0, changed: 1, ended: 0, unchanged: 2 });
      expect(await rows(store, `select * from (${history}) where line = 'b'`)).toMatchObject([
        { customer: 'Bank', valid_to_ms: T },
        { customer: 'Bank', valid_from_ms: T, valid_to_ms: null },
      ]);
      expect(
        await rows(store, 'select kind, "rows", added, changed, ended from record_imports'),
      ).toEqual([
        { kind: 'lines', rows: 3, added: 3, changed: 0, ended: 0 },
        { kind: 'lines', rows: 3, added: 1, changed: 1, ended: 1 },
        { kind: 'lines', rows: 3, added: 0, changed: 1, ended: 0 },
      ]);
    }));

  it('hold a line that moves customer inside a month by time', () =>
    withStore(async (store) => {
      await bring(store, 'lines', 'line,customer\na,Bank\nb,Bank\n');
      const moved =
        'line,customer,valid_from,valid_to\na,Bank,,2006-11-15\na,Post,2006-11-15,\nb,Bank,,\n';
      expect(await bring(store, 'lines', moved)).toMatchObject({ changed: 1, added: 1, ended: 0 });
      expect(await bring(store, 'lines', moved)).toMatchObject({ changed: 0, unchanged: 3 });
      const history = `select customer, valid_from_ms, valid_to_ms from line_records_history
        where line = 'a' order by valid_from_ms nulls first`;
      const periods = [
        { customer: 'Bank', valid_from_ms: null, valid_to_ms: NOV_15 },
        { customer: 'Post', valid_from_ms: NOV_15, valid_to_ms: null },
      ];
      expect(await rows(store, history)).toEqual(periods);
      // Said by the new row alone, in another store: the old one is cut there.
      await withStore(async (other) => {
        await bring(other, 'lines', 'line,customer\na,Bank\nb,Bank\n');
        await bring(other, 'lines', 'line,customer,valid_from\na,Post,2006-11-15\nb,Bank,\n');
        expect(await rows(other, history)).toEqual(periods);
      });
    }));

  it('end nothing that a bad row may have been', () =>
    withStore(async (store) => {
      await bring(store, 'lines', 'line,international\na,true\nb,true\nc,true\n');
      // The bad row says that it is b: only c has ended.
      const known = await bring(store, 'lines', 'line,international\na,true\nb,perhaps\n');
      expect(known).toMatchObject({ ended: 1, unchanged: 1, bad: 1, keptAbsent: false });
      // Which row this was is not known.
      const broken = await bring(store, 'lines', 'line,international\nb,true\nx\n');
      expect(broken).toMatchObject({ ended: 0, bad: 1, keptAbsent: true });
      expect(await rows(store, 'select line from line_records order by line')).toEqual([
        { line: 'a' },
        { line: 'b' },
      ]);
      expect(await rows(store, 'select kind, "row", reason from record_problems')).toEqual([
        { kind: 'lines', row: 3, reason: '1 cells where the header has 2' },
      ]);
    }));

  it('of components end where the line moves; a part of them speaks of its lines alone', () =>
    withStore(async (store) => {
      await bring(store, 'components', 'line,kind,component\na,card,C1\na,trunk,T1\nb,card,C1\n');
      const part = 'line,kind,component,valid_from\na,card,C2,2006-11-15\n';
      const report = await bring(store, 'components', part, { isPart: true });
      expect(report).toMatchObject({ added: 1, ended: 1, changed: 0, unchanged: 0 });
      const history = `select line, component, valid_from_ms, valid_to_ms from components_history
        order by all`;
      expect(await rows(store, history)).toEqual([
        { line: 'a', component: 'C1', valid_from_ms: null, valid_to_ms: NOV_15 },
        { line: 'a', component: 'C2', valid_from_ms: NOV_15, valid_to_ms: null },
        { line: 'a', component: 'T1', valid_from_ms: null, valid_to_ms: null },
        { line: 'b', component: 'C1', valid_from_ms: null, valid_to_ms: null },
      ]);
      // What was never recorded of a line holds since ever; what is new of a kind holds from now on.
      await bring(store, 'components', 'line,kind,component\nb,cable,K1\nb,card,C9\n', {
        isPart: true,
      });
      expect(
        await rows(
          store,
          `select component, valid_from_ms from components where line = 'b'
        order by component`,
        ),
      ).toEqual([
        { component: 'C9', valid_from_ms: T },
        { component: 'K1', valid_from_ms: null },
      ]);
    }));

  it('of tickets and works end nothing that another file holds', () =>
    withStore(async (store) => {
      const header = 'ticket,kind,line,opened,closed\n';
      await bring(store, 'tickets', `${header}T1,report,a,2006-11-01,\nT2,report,a,2006-11-02,\n`);
      const closed = await bring(store, 'tickets', `${header}T1,report,a,2006-11-01,2006-11-03\n`);
      expect(closed).toMatchObject({ changed: 1, ended: 0, changedColumns: { closed: 1 } });
      expect(await rows(store, 'select count(*) as n from tickets')).toEqual([{ n: 2 }]);
      const works = 'work,start,end,status,kind,component\n';
      const night = '2006-11-10T00:00:00+08:00,2006-11-10T02:00:00+08:00';
      await bring(
        store,
        'works',
        `${works}W1,${night},planned,card,C1\nW1,${night},planned,card,C2\nW2,${night},,card,C3\n`,
      );
      const changed = await bring(store, 'works', `${works}W1,${night},planned,card,C1\n`);
      expect(changed).toMatchObject({ ended: 1, unchanged: 1 });
      expect(await rows(store, 'select work, component from work_components order by all')).toEqual(
        [
          { work: 'W1', component: 'C1' },
          { work: 'W2', component: 'C3' },
        ],
      );
    }));

  it('of aliases keep their order, new ones behind', () =>
    withStore(async (store) => {
      await bring(store, 'aliases', 'key,line\nk,b\nk,a\n');
      await bring(store, 'aliases', 'key,line\nk,c\nk,a\nk,b\n');
      expect(
        await rows(store, 'select line from alias_row where valid_to_ms is null order by place'),
      ).toEqual([{ line: 'b' }, { line: 'a' }, { line: 'c' }]);
    }));
});
