// The lists people take away: their figures against a count by hand over the fixture's store, one
// definition of columns in every form, formulas made harmless, and the API that gives them.

import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LISTS } from '../../src/lists/all.js';
import { WORST } from '../../src/lists/worst.js';
import { type ListAnswer, askList, listOf } from '../../src/lists/list.js';
import { gammaBelow, poissonInterval } from '../../src/lists/poisson.js';
import { csvOf, jsonOf } from '../../src/lists/text.js';
import { writeXlsx } from '../../src/lists/xlsx.js';
import { WORST_BY, type WorstBy } from '../../src/store/worst.js';
import { HISTORY_LIMITS } from '../../src/store/interruption-history.js';
import { ListMemory } from '../../src/store/list-memory.js';
import { rebuildMembers } from '../../src/store/members.js';
import { scratch } from '../cli/command.js';
import { api, usesApi } from './api-fixture.js';
import { DAY, HOUR, MINUTE, ODD_NAME, T, emptyStore, fillStore, insert } from './store-fixture.js';

usesApi();
const file = scratch();

let store: Awaited<ReturnType<typeof emptyStore>>;
beforeAll(async () => {
  store = await emptyStore();
  await fillStore(store);
  for (const line of ['alpha', 'beta']) {
    const valid = { valid_from_ms: 0, valid_to_ms: null };
    await insert(store.connection, 'component_row', {
      line,
      kind: 'card',
      component: '=K1',
      ...valid,
    });
  }
  await rebuildMembers(store.connection);
  const mark = { line_id: 0, partition_id: 0, n: 4, start_ms: T - HOUR, planned_until_ms: T };
  await insert(store.connection, 'planned_mark', mark);
  await store.connection.run(`update line_row set key_customer = true, inspected_ms = ${T - DAY},
    labelled_ms = ${T - DAY}, contact = 'x' where line in ('alpha', 'never seen')`);
  await store.connection.run(`update line_row set inspected_ms = ${T - 400 * DAY}
    where line = 'alpha'`);
});
afterAll(() => store.connection.closeSync());

async function ask(name: string, by: WorstBy = 'line', limit = 100): Promise<ListAnswer> {
  return askList(store.connection, listOf(LISTS, name), {
    read: { at: 'latest' },
    readingMs: T,
    period: { fromMs: T - DAY, toMs: T + 1 },
    filter: {},
    by,
    limit,
    zone: 'Asia/Shanghai',
  });
}

async function rowsOf(answer: ListAnswer): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const chunk of answer.chunks) {
    for (const row of chunk) {
      rows.push(Object.fromEntries(answer.columns.map(({ name }, i) => [name, row[i]])));
    }
  }
  return rows;
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

describe('the worst', () => {
  it('lines have rates over known time, a trend, shares and what they are now', async () => {
    const answer = await ask('worst');
    expect(answer.about.total).toBe(4);
    const rows = await rowsOf(answer);
    expect(rows.map(({ line, state }) => [line, state])).toEqual([
      ['alpha', 'up'],
      ['beta', 'down'],
      [ODD_NAME, 'flapping'],
      ['unrecorded', 'unknown'],
    ]);
    // Partition 0 is known all the day, and from its first data two days ago on: alpha has a trend.
    const months = DAY / 2_629_746_000;
    expect(rows[0]).toMatchObject({
      interruptions: 3,
      outages: 1,
      before: null,
      planned_percent: 100 / 3,
    });
    expect(rows[0]!['per_line_month']).toBeCloseTo(3 / months, 1);
    expect(rows[0]!['rate_low']).toBeCloseTo(0.61867 / months, 1);
    expect(rows[0]!['rate_high']).toBeCloseTo(8.76727 / months, 1);
    // Partition 1 begins three hours ago and one of them is lost.
    expect(rows[1]!['coverage_percent']).toBeCloseTo((100 * 2) / 24, 3);
  });

  it('lines have a trend where all of the period before is known', async () => {
    await store.connection.run(`update progress set first_ms = ${T - 3 * DAY}`);
    const rows = await rowsOf(await ask('worst'));
    await store.connection.run(
      `update progress set first_ms = ${T - 2 * DAY} where partition_id = 0`,
    );
    await store.connection.run(
      `update progress set first_ms = ${T - 3 * HOUR} where partition_id = 1`,
    );
    expect(rows[0]).toMatchObject({ line: 'alpha', before: 1, change_percent: 200 });
    expect(rows[1]).toMatchObject({ line: 'beta', before: 0, change_percent: null });
  });

  it.each([
    [
      'branch',
      [
        ['广州', 2, 2, 4],
        ['深圳', 2, 1, 1],
        ['', 1, 1, 1],
      ],
    ],
    [
      'customer',
      [
        ['Bank', 2, 2, 4],
        ['Post', 2, 1, 1],
        ['', 1, 1, 1],
      ],
    ],
    [
      'product',
      [
        ['DDN', 3, 2, 4],
        ['', 1, 1, 1],
        ['International VPN', 1, 1, 1],
      ],
    ],
    ['component', [['=K1', 2, 2, 4]]],
  ] as const)('are added up by %s', async (by, expected) => {
    const rows = await rowsOf(await ask('worst', by));
    const shown = rows.map((row) => [
      row['name'],
      row['lines'],
      row['lines_interrupted'],
      row['interruptions'],
    ]);
    expect(new Set(shown.map(String))).toEqual(new Set(expected.map(String)));
    expect(shown[0]).toEqual(expected[0]);
  });
});

describe('a short list', () => {
  it.each(WORST_BY)('by %s is the one that its statement makes', async (by) => {
    const memory = new ListMemory({ ...HISTORY_LIMITS, tailRows: 1 });
    const gap = { partition_id: 0, line_id: 0, from_ms: T - 9 * HOUR, reason: 'rejected event' };
    const [own, shared] = [
      { ...gap, until_ms: T - 5 * HOUR },
      { ...gap, line_id: null, from_ms: T - 6 * HOUR, until_ms: T - 2 * HOUR },
    ];
    for (const row of [own, shared]) await insert(store.connection, 'coverage_gap', row);
    const day = { fromMs: T - DAY, toMs: T + 1 };
    for (const [period, limit, filter] of [
      [day, 100, {}],
      [day, 1, {}],
      [day, 100, { product: 'DDN' }],
      [day, 100, { kind: 'card', component: '=K1' }],
      [{ fromMs: T - 3 * HOUR, toMs: T - HOUR }, 100, {}],
      [{ fromMs: T - 40 * DAY, toMs: T + DAY }, 100, {}],
    ] as const) {
      const asked = { read: { at: 'latest' }, readingMs: T, period, filter, by, limit } as const;
      const made: object[] = [];
      for (const held of [{ memory }, {}]) {
        const answer = await askList(store.connection, WORST, { ...asked, ...held, zone: 'UTC' });
        made.push({ total: answer.about.total, rows: await rowsOf(answer) });
      }
      expect(made[0], JSON.stringify({ limit, filter, period })).toEqual(made[1]);
    }
    await store.connection.run(`delete from coverage_gap where from_ms in (${T - 9 * HOUR},
      ${T - 6 * HOUR})`);
  });
});

describe('other lists', () => {
  it('are the repeat faults of the period', async () => {
    expect(await rowsOf(await ask('repeat-faults'))).toMatchObject([
      { line: 'beta', start: T - MINUTE, end: null, gap_ms: 30 * DAY },
      { line: 'alpha', start: T - 2 * HOUR + MINUTE, down_ms: MINUTE, planned: false },
    ]);
  });

  it('are the lines flapping now', async () => {
    expect(await rowsOf(await ask('flapping'))).toMatchObject([
      { line: ODD_NAME, rule: '4 in 10m', interruptions: 5, partition: 1, down: false },
    ]);
  });

  it('are the repairs under watch: reopened, by which cause, or watched', async () => {
    const alpha = 'alpha';
    const tickets = [
      // Closed before alpha's outage, and after it.
      ['back', alpha, T - 3 * HOUR, 'dig'],
      ['later', alpha, T - HOUR, 'dig'],
    ] as const;
    for (const [ticket, line, closed_ms, cause] of tickets) {
      const row = { ticket, line, kind: 'report', opened_ms: closed_ms - HOUR, closed_ms, cause };
      await insert(store.connection, 'ticket_row', row);
    }
    const back = { line_id: 0, partition_id: 0, n: 3 };
    await store.connection.run(
      'update interruption_row set cause_id = 0 where line_id = 0 and n = 3',
    );
    const rows = await rowsOf(await ask('repairs'));
    expect(rows).toMatchObject([
      { ticket: 'back', state: 'reopened', reopened: T - 2 * HOUR + MINUTE, same_cause: true },
      { ticket: 'later', state: 'watched', reopened: null, same_cause: null, outages: 0 },
    ]);
    const planned = { ...back, start_ms: T - 2 * HOUR + MINUTE, planned_until_ms: T };
    await insert(store.connection, 'planned_mark', planned);
    const net = await rowsOf(await ask('repairs'));
    expect(net.map(({ state }) => state)).toEqual(['watched', 'watched']);
  });

  it('are the premises to visit, worst first, and what records lack', async () => {
    expect(await rowsOf(await ask('inspect'))).toMatchObject([
      { line: 'alpha', needs: 'inspection', interruptions: 3, customer_interruptions: 3 },
    ]);
    expect(await rowsOf(await ask('record-gaps'))).toMatchObject([
      { line: 'alpha', missing: 'a_end, z_end, circuit_type, bandwidth_kbps', gaps: 4 },
      { line: 'never seen', gaps: 4, customer_gaps: 4 },
    ]);
  });

  it.each(LISTS.flatMap((list) => list.by.map((by) => [list.name, by] as const)))(
    '%s by %s has its columns, documented, in an empty store too',
    async (name, by) => {
      const answer = await ask(name, by, 1);
      for await (const rows of answer.chunks) {
        expect(rows.every((row) => row.length === answer.columns.length)).toBe(true);
      }
      const names = answer.columns.map((column) => column.name);
      expect(new Set(names).size).toBe(names.length);
      for (const { what, title } of answer.columns) {
        expect(what).not.toBe('');
        expect(title.zh).not.toBe('');
      }
    },
  );
});

describe('a list', () => {
  const cells = ['=1+1', '+x', '-x', '@x', '\tx', '\rx', '＝x', 'a=b', 'a"b', ' x', '广州\u0001'];
  const answer = (): ListAnswer => ({
    name: 'odd',
    columns: [
      { name: 'text', kind: 'text', title: { en: 'Text', zh: '文字' }, what: 'text' },
      { name: 'at_ms', kind: 'time', title: { en: 'At', zh: '时间' }, what: 'time' },
      { name: 'down_ms', kind: 'duration', title: { en: 'Down', zh: '时长' }, what: 'duration' },
      { name: 'n', kind: 'count', title: { en: 'N', zh: '数' }, what: 'count' },
    ],
    about: { by: 'line', fromMs: 0, toMs: T, readingMs: null, total: 11, zone: 'Asia/Shanghai' },
    chunks: (async function* () {
      yield cells.map((cell, i) => [cell, i === 0 ? null : T, 90_000, -i]);
    })(),
  });

  it('is CSV in which nothing is a formula', async () => {
    const text = await textOf(csvOf(answer()));
    expect(text.startsWith('\uFEFFtext,at_ms,down_ms,n\r\n')).toBe(true);
    const firsts = text.split('\r\n').slice(1, 5);
    expect(firsts).toEqual([
      `'=1+1,,90000,0`,
      `'+x,2006-11-30T23:00:00+08:00,90000,-1`,
      `'-x,2006-11-30T23:00:00+08:00,90000,-2`,
      `'@x,2006-11-30T23:00:00+08:00,90000,-3`,
    ]);
    expect(text).toContain(`"'\rx",`);
    expect(text).toContain(`'＝x,`);
    expect(text).toContain('"a""b",');
  });

  it('is JSON with camel case names and epoch ms', async () => {
    const all = JSON.parse(await textOf(jsonOf(answer()))) as { rows: unknown[] };
    expect(all).toMatchObject({ list: 'odd', total: 11, rows: { length: 11 } });
    expect(all.rows[1]).toEqual({ text: '+x', atMs: T, downMs: 90_000, n: -1 });
  });

  it('is XLSX with real dates and numbers, a frozen header and filters', async () => {
    await writeXlsx(file('odd.xlsx'), answer(), 'zh');
    const book = new ExcelJS.Workbook();
    await book.xlsx.readFile(file('odd.xlsx'));
    expect(book.worksheets.map(({ name }) => name)).toEqual(['odd', 'about', 'columns']);
    const sheet = book.worksheets[0]!;
    expect(sheet.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
    expect(sheet.autoFilter).toBe('A1:D12');
    expect(sheet.getRow(1).values).toEqual([undefined, '文字', '时间', '时长', '数']);
    const row = sheet.getRow(3);
    expect(row.getCell(2).value).toEqual(new Date(T + 8 * HOUR));
    expect(row.getCell(2).numFmt).toBe('yyyy-mm-dd hh:mm:ss');
    expect(row.getCell(3)).toMatchObject({ numFmt: '[h]:mm:ss' });
    expect(row.getCell(4).value).toBe(-1);
    const first = sheet.getRow(2).getCell(1);
    expect([first.value, first.formula, first.numFmt]).toEqual(['=1+1', undefined, '@']);
    expect(String(sheet.getRow(12).getCell(1).value)).toMatch(/^广州/);
  });
});

describe('the API', () => {
  it('gives every list in every form, named and typed', async () => {
    const server = await api();
    const csv = await server.inject(`/api/lists/worst?format=csv&by=branch&from=${T - DAY}`);
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.headers['content-disposition']).toBe('attachment; filename="worst.csv"');
    expect(csv.body.split('\r\n')[1]).toMatch(/^,广州,2,2,4,/);
    const xlsx = await server.inject('/api/lists/worst?format=xlsx&language=zh');
    expect(xlsx.statusCode).toBe(200);
    expect(xlsx.rawPayload.subarray(0, 2).toString()).toBe('PK');
    const json = (await server.inject('/api/lists/worst?limit=1')).json<{ rows: unknown[] }>();
    expect(json).toMatchObject({ list: 'worst', by: 'line', total: 4, rows: [{ line: 'alpha' }] });
  });

  it.each([
    ['/api/lists/nosuch', 404, /no list 'nosuch': there are worst, /],
    ['/api/lists/inspect?by=branch', 400, /the list inspect has line/],
    ['/api/lists/worst?format=pdf', 400, /must be "json" or "csv" or "xlsx"/],
    ['/api/lists/worst?from=5&to=5', 400, /must be less than/],
  ])('refuses %s', async (url, status, message) => {
    const answer = await (await api()).inject(url);
    expect(answer.statusCode).toBe(status);
    expect(answer.json<{ error: { message: string } }>().error.message).toMatch(message);
  });

  it('makes a bounded number of exports at a time', async () => {
    const answer = await (await api({ limits: { exportsMax: 0 } })).inject('/api/lists/worst');
    expect([answer.statusCode, answer.json()]).toMatchObject([
      503,
      { error: { code: 'QUERY_TIMEOUT' } },
    ]);
  });
});

describe('the exact interval of a count', () => {
  // Garwood's, as in Ulm (1990), table 1.
  it.each([
    [0, 0, 3.6889],
    [1, 0.0253, 5.5716],
    [5, 1.6235, 11.6683],
    [10, 4.7954, 18.3904],
    [100, 81.3639, 121.6272],
  ])('%i is %f to %f', (count, low, high) => {
    expect(poissonInterval(count)[0]).toBeCloseTo(low, 3);
    expect(poissonInterval(count)[1]).toBeCloseTo(high, 3);
  });

  it('holds its 2.5 % on both sides for counts of any size', () => {
    for (const count of [1, 2, 50, 999, 48_840, 510_000, 6_000_000]) {
      const [low, high] = poissonInterval(count);
      expect(gammaBelow(count, low)).toBeCloseTo(0.025, 6);
      expect(1 - gammaBelow(count + 1, high)).toBeCloseTo(0.025, 6);
    }
  });
});
