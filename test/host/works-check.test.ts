// The guard of planned works, at month edges of zones with and without daylight saving; and the API
// and the command that ask it and bring records in.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { buildApi } from '../../src/api/server.js';
import type { RecordKindName } from '../../src/config/record-kinds.js';
import { bringInNow } from '../../src/records/import.js';
import { type ReadRecords, readRecordText } from '../../src/records/read.js';
import { HeatModel } from '../../src/store/heat.js';
import { openReaders } from '../../src/store/readers.js';
import { type Store, openStore } from '../../src/store/store.js';
import { type WorkVerdict, checkWorks } from '../../src/store/work-check.js';
import { statusOf } from './api-fixture.js';
import { inProcess } from '../cli/in-process.js';
import { temporaryFolder, usesServices } from './service-fixture.js';

usesServices();

const HEADER = 'work,start,end,status,kind,component\n';
const SHANGHAI = 'Asia/Shanghai';

function read(kind: RecordKindName, text: string, timeZone = SHANGHAI): ReadRecords {
  const records = readRecordText(kind, `${kind}.csv`, text, { timeZone });
  expect(records.bad).toEqual([]);
  return records;
}

async function plant(file: string, works: string, timeZone = SHANGHAI): Promise<Store> {
  const store = await openStore(file, { memory: '1GB', threads: 1, timeZone });
  const records = [
    read('lines', 'line,customer,international\ni1,Bank,true\ni2,Post,true\nd1,Bank,false\n'),
    read('components', 'line,kind,component\ni1,card,C1\ni2,card,C2\nd1,card,C1\nd1,card,C3\n'),
    read('works', HEADER + works, timeZone),
  ];
  await bringInNow(store, records, { fromMs: 1 });
  return store;
}

async function verdicts(store: Store, works: string, timeZone = SHANGHAI): Promise<WorkVerdict[]> {
  return checkWorks(store.writer, read('works', HEADER + works, timeZone).rows, timeZone);
}

const local = (year: number, month: number, day: number, hour: number, offset: number): number =>
  Date.UTC(year, month - 1, day, hour - offset);

describe('the guard', () => {
  it('refuses the second work of an international circuit in a month, and says why', async () => {
    const recorded = [
      'W1,2007-01-05T00:00,2007-01-05T02:00,done,card,C1',
      'W2,2007-02-02T00:00,2007-02-02T02:00,planned,card,C1',
      'W3,2007-01-09T00:00,2007-01-09T02:00,cancelled,card,C2',
    ];
    const store = await plant(':memory:', `${recorded.join('\n')}\n`);
    const [one] = await verdicts(store, 'N1,2007-01-18T01:00,2007-01-18T04:00,planned,card,C1\n');
    expect(one).toMatchObject({
      work: 'N1',
      month: '2007-01',
      allowed: false,
      reason: 'it would be the second planned work of 1 international circuit in 2007-01',
      lines: 2,
      circuits: 1,
      secondHits: 1,
      hits: [{ line: 'i1', customer: 'Bank', works: 'W1' }],
    });
    // Thursdays at 01:00, of the months without a work: not of February.
    expect(one!.freeWindows).toEqual(
      [
        [3, 1],
        [4, 5],
        [5, 3],
      ].map(([month, day]) => ({
        startMs: local(2007, month!, day!, 1, 8),
        endMs: local(2007, month!, day!, 4, 8),
      })),
    );
    // The cancelled work does not count, nor does the work itself when it is moved.
    const free = ['N2,2007-01-18,2007-01-19,,card,C2', 'W1,2007-01-20,2007-01-21,planned,card,C1'];
    const allowed = await verdicts(store, `${free.join('\n')}\n`);
    expect(allowed.map(({ work, allowed: may }) => [work, may])).toEqual([
      ['N2', true],
      ['W1', true],
    ]);
    // A line that is not international may be hit again; what is done is not asked about.
    const others = 'N3,2007-01-18,2007-01-19,,card,C3\nN4,2007-01-18,2007-01-19,done,card,C1\n';
    expect(await verdicts(store, others)).toMatchObject([{ work: 'N3', allowed: true }]);
    store.close();
  });

  it('judges the works of a file against one another, by their starts', async () => {
    const store = await plant(':memory:', '');
    const works = [
      'N2,2007-01-20,2007-01-21,,card,C1',
      'N1,2007-01-10,2007-01-11,,card,C1',
      'N3,2007-02-01T00:02,2007-02-01T02:00,,line,i1',
    ];
    const judged = await verdicts(store, `${works.join('\n')}\n`);
    expect(judged.map(({ work, allowed }) => [work, allowed])).toEqual([
      ['N1', true],
      ['N2', false],
      ['N3', true],
    ]);
    expect(judged[1]!.hits).toEqual([{ line: 'i1', customer: 'Bank', works: 'N1' }]);
    store.close();
  });

  it('cuts months in the zone, over a change to daylight saving', async () => {
    const zone = 'Europe/Berlin';
    // 2006-12-31T23:30Z is January in Berlin, December in UTC.
    const store = await plant(
      ':memory:',
      'W1,2006-12-31T23:30:00Z,2007-01-01T01:00:00Z,done,card,C1\n',
      zone,
    );
    const next = 'N1,2007-01-31T23:30,2007-02-01T02:00,,card,C1\n';
    expect(await verdicts(store, next, zone)).toMatchObject([{ allowed: false, month: '2007-01' }]);
    expect(await verdicts(store, next, 'UTC')).toMatchObject([{ allowed: true, month: '2007-01' }]);
    // The same time of day on both sides of 2007-03-25: an offset of one hour, then of two.
    const march = 'N2,2007-01-21T02:30,2007-01-21T04:00,,card,C1\n';
    const [judged] = await verdicts(store, march, zone);
    expect(judged!.freeWindows.map(({ startMs }) => new Date(startMs).toISOString())).toEqual([
      '2007-02-04T01:30:00.000Z',
      '2007-03-04T01:30:00.000Z',
      '2007-04-01T00:30:00.000Z',
    ]);
    store.close();
  });
});

const W1 = 'W1,2007-01-05T00:00,2007-01-05T02:00,done,card,C1\n';
const SECOND = `${HEADER}N1,2007-01-18T01:00,2007-01-18T04:00,planned,card,C1\n`;
const THIRD = `${HEADER}N2,2007-02-18T01:00,2007-02-18T04:00,planned,card,C1\n`;

async function apiOf(store: Store): Promise<FastifyInstance> {
  const readers = openReaders(store);
  return buildApi({
    status: () => statusOf('reading'),
    read: readers.read,
    readLong: readers.read,
    recompute: () => Promise.reject(new Error('not asked for')),
    targets: null,
    reading: () => new Map(),
    heat: () => heat,
    reset: () => Promise.reject(new Error('not asked for')),
    bringIn: async (records, how) => (await bringInNow(store, [records], how))[0]!,
    onChange: () => () => undefined,
    onLive: () => () => undefined,
    counters: () => null,
    tokens: { viewer: 'v', operator: 'o' },
    webRoot: null,
  });
}

let heat: HeatModel;

describe('the API', () => {
  it('checks works, refuses what the guard refuses, and brings records in for operators', async () => {
    const store = await plant(':memory:', W1);
    heat = await HeatModel.load(store.writer);
    const api = await apiOf(store);
    const post = (url: string, payload: string | Buffer, token: string) =>
      api.inject({
        method: 'POST',
        url: `/api/${url}`,
        payload,
        headers: { 'content-type': 'text/csv', authorization: `Bearer ${token}` },
      });
    const checked = await post('works/check', SECOND, 'v');
    expect(checked.json()).toMatchObject({ refused: 1, works: [{ work: 'N1', allowed: false }] });
    expect((await post('works', THIRD, 'v')).statusCode).toBe(403);
    const refused = await post('works', SECOND, 'o');
    expect(refused.statusCode).toBe(422);
    expect(refused.json().error.message).toMatch(/work 'N1' is refused: .* in 2007-01 \(i1: W1\)/);
    const taken = await post('works', THIRD, 'o');
    expect(taken.json()).toMatchObject({ kind: 'works', added: 1, problems: [] });
    expect(
      (await post('works/check', `${HEADER}N3,2007-02-01,2007-02-02,,card,C1\n`, 'v')).json(),
    ).toMatchObject({ refused: 1 });
    const bad = 'branch,period,score\n广州,2007-01,80\n深圳,2007-01,x\n';
    const satisfied = await post('records/satisfaction', bad, 'o');
    expect(satisfied.json()).toMatchObject({
      added: 1,
      bad: 1,
      problems: [{ file: 'request', row: 3, reason: `"score" must be a number, not 'x'` }],
    });
    expect(
      (await post('records/satisfaction', 'branch\n广州\n', 'o')).json().error.message,
    ).toMatch(/its header lacks period, score/);
    expect((await post('records/nothing', bad, 'o')).statusCode).toBe(400);
    const state = await api.inject({ url: '/api/records', headers: { authorization: 'Bearer v' } });
    expect(state.json()).toMatchObject({
      unseen: { total: 3, lines: ['d1', 'i1', 'i2'] },
      unrecorded: { total: 0, lines: [] },
      problems: [{ kind: 'satisfaction', row: 3 }],
    });
    expect(state.json().kinds).toContainEqual({ kind: 'works', rows: 2, bad: 0 });
    await api.close();
    store.close();
  });
});

describe('the commands', () => {
  it('import, check and tell, in a store', async () => {
    const folder = temporaryFolder();
    const store = join(folder, 'plant.duckdb');
    (await plant(store, W1)).close();
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const second = file('february.csv', SECOND);
    const check = await inProcess(['works', 'check', second, '--store', store]);
    expect(check.code).toBe(65);
    expect(check.stdout).toContain(
      'REFUSED: it would be the second planned work of 1 international',
    );
    expect(check.stdout).toContain('  i1 (Bank): W1\n');
    expect(check.stdout).toContain('free: 2007-02-01T01:00:00+08:00 to 2007-02-01T04:00:00+08:00');
    const good = await inProcess(['works', 'check', file('w.csv', THIRD), '--store', store]);
    expect(good).toMatchObject({ code: 0 });
    const lines = file('lines.csv', 'line,customer,international\ni1,Post,true\ni2,Post,true\nx\n');
    const brought = await inProcess([
      'records',
      'import',
      lines,
      second,
      '--kind',
      'lines',
      '--store',
      store,
    ]);
    expect(brought.code).toBe(65);
    const part = await inProcess([
      'records',
      'import',
      lines,
      '--part',
      '--valid-from',
      '2007-01-15',
      '--store',
      store,
    ]);
    expect(part.stderr).toContain('lines.csv, line 4: 1 cells where the header has 3; not loaded');
    expect(part.stderr).toMatch(/^3 rows in \d+\.\d s \([\d,]+ a second\)$/m);
    expect(part.stdout).toContain('0 added, 1 changed (customer 1), 0 ended, 1 unchanged, 1 bad');
    expect(part.stdout).toContain('  changed i1: customer\n');
    const status = await inProcess(['records', 'status', '--store', store]);
    expect(status.stdout).toMatch(/lines +3 +1\n/);
    expect(status.stdout).toContain('3 lines of the records that no event has named\n  d1\n');
    expect((await inProcess(['records', 'import', second, '--store', store])).code).toBe(64);
  });
});
