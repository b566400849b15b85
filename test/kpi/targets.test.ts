// targets.yaml, the ladder's judgement, the scorecard's ranks, the planner on a network with planted
// causes, commands and API.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApi } from '../../src/api/server.js';
import { openReaders } from '../../src/store/readers.js';
import { openStore } from '../../src/store/store.js';
import type { DayCounts } from '../../src/kpi/forecast.js';
import { scorecard } from '../../src/kpi/scorecard.js';
import { ladderReport } from '../../src/kpi/targets.js';
import { movedTo, readTargets } from '../../src/kpi/targets-file.js';
import { flapline } from '../cli/command.js';
import { statusOf } from '../host/api-fixture.js';
import { loadRecords, partitionOf, replayedPeriod } from './year-fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'flapline-targets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Days from the first on, the same count each. */
function days(first: string, count: number, each: (i: number) => number): DayCounts[] {
  const from = Date.parse(`${first}T00:00:00Z`);
  return Array.from({ length: count }, (_, i) => ({
    day: new Date(from + i * 86_400_000).toISOString().slice(0, 10),
    hours: Array.from({ length: 24 }, () => each(i) / 24),
  }));
}

const reading = (text: string): (() => unknown) => {
  const file = join(folder, 'targets.yaml');
  writeFileSync(file, text);
  return () => readTargets(file);
};

describe('targets.yaml', () => {
  const ladder = 'ladder: {kpi: momentary, baseline: {month: 2006-12, value: 5}, steps: ';

  it('ships the ladder of 2007', () => {
    const { baseline, steps } = readTargets().ladder;
    expect(baseline).toEqual({ month: '2006-12', value: 510_000 });
    expect(steps.map(({ by, most }) => [by, most])).toEqual([
      ['2007-03', 480_000],
      ['2007-06', 430_000],
      ['2007-09', 390_000],
      ['2007-12', 320_000],
    ]);
    expect(movedTo(readTargets(), 2026).ladder.steps.at(-1)!.by).toBe('2026-12');
  });

  it('tells mistakes with their place', () => {
    expect(reading(`${ladder}[{by: 2006-11, most: 1}]}\n`)).toThrow(/targets\.yaml:1:.*later than/);
    expect(
      reading(`${ladder}[{by: 2007-03, most: 1}]}\ngoals: [{kpi: nothing, most: 1}]\n`),
    ).toThrow(/:2:.*is no KPI/);
    expect(reading(`${ladder}[{by: 2007-03, most: 1}]}\ngoals: [{kpi: mttr}]\n`)).toThrow(
      /needs one of/,
    );
    expect(reading(`${ladder}[{by: 2007-03, most: 1}]}\ngoals: [{kpi: mttr, fall: 1}]\n`)).toThrow(
      /needs from/,
    );
    expect(reading('ladder: 1\n')).toThrow(/targets\.yaml:1/);
  });
});

describe('the ladder', () => {
  const targets = readTargets();

  it('judges the months that are due on gross figures, the others on the way there', () => {
    const value = [16_000, 16_500, 15_400];
    const told = ladderReport(
      targets,
      days('2007-01-01', 105, (i) => value[Math.min(2, Math.floor(i / 30))]!),
      12,
      new Map(),
    )!;
    const states = Object.fromEntries(told.months.map((one) => [one.month, one.state]));
    expect(states['2006-12']).toBe('no data');
    expect(states['2007-01']).toBe('on');
    expect(states['2007-03']).toBe('met');
    expect(states['2007-04']).toBe('running');
    expect(states['2007-12']).toBe('ahead');
    expect(told.months.find(({ month }) => month === '2007-02')!.path).toBe(490_000);
    expect(told.forecast!.expected).toBeGreaterThan(440_000);
    expect(told.forecast!.expected).toBeLessThan(480_000);
    expect(told.next).toMatchObject({ by: '2007-06', most: 430_000 });
    expect(told.next!.gap).toBe(told.forecast!.expected - 430_000);
  });

  it('takes what was frozen, not what is counted now', () => {
    const frozen = new Map([['2007-03', 490_000]]);
    const told = ladderReport(
      targets,
      days('2007-03-01', 40, () => 100),
      24,
      frozen,
    )!;
    const march = told.months.find(({ month }) => month === '2007-03');
    expect(march).toMatchObject({ value: 490_000, state: 'missed' });
    expect(ladderReport(targets, [], 0, new Map())).toBeNull();
  });
});

const row = (kpi: string, name: string, numerator: number) =>
  ({
    kpi,
    version: 1,
    dimension: 'branch',
    name,
    variant: 'gross',
    numerator,
    denominator: null,
    coverage: 1,
  }) as const;

const of = (a: number, b: number, c: number) =>
  ['a', 'b', 'c'].flatMap((name, i) => [
    row('mttr', name, [a, b, c][i]!),
    row('availability', name, [a, b, c][i]!),
  ]);

it('the scorecard ranks by what is better, with ties and changes', () => {
  const told = scorecard(of(1, 2, 2), of(3, 2, 1), ['mttr', 'availability']);
  const cells = Object.fromEntries(told.map((one) => [one.branch, one.cells]));
  expect(cells['a']!['mttr']).toEqual({ value: 1, rank: 1, change: -2, rankChange: 2 });
  expect(cells['b']!['mttr']!.rank).toBe(2);
  expect(cells['c']!['mttr']!.rank).toBe(2);
  expect(cells['a']!['availability']!.rank).toBe(3);
});

describe('commands and API', () => {
  let store = '';
  beforeAll(async () => {
    const made = await replayedPeriod(folder, {
      seed: 7,
      lines: 1_000,
      fromMs: Date.parse('2007-01-01T00:00:00+08:00'),
      months: 3,
    });
    store = made.store;
    const opened = await openStore(store);
    await loadRecords(opened, folder);
    await opened.writer.run('checkpoint');
    opened.close();
    writeFileSync(
      join(folder, 'mine.yaml'),
      `ladder:
  kpi: momentary
  baseline: {month: 2006-12, value: 11000}
  steps: [{by: 2007-03, most: 10000}, {by: 2007-06, most: 9000}]
goals:
  - {kpi: customers_enrolled, least: 20}
  - {kpi: valid_report_rate, fall: 10, from: 2007-01}
`,
    );
  }, 300_000);

  const json = async (...args: string[]): Promise<any> => {
    const { code, stdout, stderr } = await flapline([
      ...args,
      '--store',
      store,
      '--format',
      'json',
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };

  it('tell the KPIs of a month as table, CSV and JSON', async () => {
    const told = await json('kpi', '--month', '2007-02', '--by', 'branch', '--kpi', 'momentary');
    expect(told.rows).toHaveLength(21 * 3);
    const table = await flapline(['kpi', '--store', store, '--month', '2007-02']);
    expect(table.stdout).toContain('repeat_fault_rate_same_cause');
    const csv = await flapline(['kpi', '--store', store, '--format', 'csv', '--month', '2007-02']);
    expect(csv.stdout).toMatch(/^\uFEFFmonth,kpi,of,variant,value/);
    const bad = await flapline(['kpi', '--store', store, '--kpi', 'nothing']);
    expect([bad.code, bad.stderr]).toEqual([64, expect.stringContaining('is no KPI')]);
    const none = await flapline(['kpi', '--store', store, '--month', '2009-01']);
    expect([none.code, none.stderr]).toEqual([64, expect.stringContaining('nothing was read')]);
    expect((await json('kpi', '--reasons', '--month', '2007-02')).length).toBeGreaterThan(0);
    expect((await json('kpi', '--missing')).length).toBeGreaterThan(0);
    const score = ['kpi', '--scorecard', '--month', '2007-02'];
    const { rows } = await json(...score);
    expect(rows).toHaveLength(21);
    const scoreCsv = await flapline([...score, '--store', store, '--format', 'csv']);
    const [head, first] = scoreCsv.stdout.split('\r\n');
    expect(head).toMatch(/^\uFEFFplace,branch,satisfaction,momentary_per_line_month,/);
    expect(first!.split(',').slice(0, 2)).toEqual(['1', rows[0].branch]);
  }, 300_000);

  it('tell targets, goals and the repairs that reach the next step', async () => {
    const targets = ['--targets', join(folder, 'mine.yaml')];
    const told = await json('targets', ...targets);
    expect(told.example).toBe(false);
    expect(told.ladder.months.map(({ month }: { month: string }) => month)).toContain('2007-06');
    expect(told.ladder.forecast.low).toBeLessThanOrEqual(told.ladder.forecast.expected);
    expect(told.goals.map(({ kpi }: { kpi: string }) => kpi)).toEqual([
      'customers_enrolled',
      'valid_report_rate',
    ]);
    const { total, gap } = await json('targets', '--plan', ...targets).then((plan) => ({
      total: plan.repairs.at(-1).total as number,
      gap: plan.needed as number,
      plan,
    }));
    expect(total).toBeGreaterThanOrEqual(gap);
    const plan = await json('targets', '--plan', ...targets);
    const before = plan.repairs.at(-2)?.total ?? 0;
    expect(before).toBeLessThan(gap);
    for (const repair of plan.repairs) {
      expect(repair.gainLow).toBeLessThan(repair.gain);
      expect(repair.gainHigh).toBeGreaterThan(repair.gain);
    }
    const gains = plan.repairs.map(({ gain }: { gain: number }) => gain);
    expect(gains).toEqual(gains.toSorted((a: number, b: number) => b - a));
  }, 300_000);

  it('freeze and restate, and tell the same of months that are frozen', async () => {
    const targets = ['targets', '--targets', join(folder, 'mine.yaml')];
    const computed = await json(...targets);
    const early = ['--at', '2007-03-03', '--format', 'json'];
    const first = await flapline(['recompute', '--store', store, ...early]);
    expect(JSON.parse(first.stdout)).toEqual([{ month: '2007-01', frozen: true, changed: 0 }]);
    const then = await flapline(['recompute', '--store', store, '--format', 'csv']);
    expect(then.stdout).toContain('2007-01,frozen,0\r\n2007-02,open,0\r\n');
    const again = await flapline(['recompute', '--store', store, '--month', '2007-02']);
    expect(again.stdout).toMatch(/^2007-02 +frozen +0$/m);
    const open = await flapline(['recompute', '--store', store, '--month', '2007-03']);
    expect([open.code, open.stderr]).toEqual([64, expect.stringContaining('is not closed')]);
    expect((await json('kpi', '--month', '2007-01')).frozen).toBe(true);
    expect((await json('kpi', '--month', '2007-02')).frozen).toBe(true);
    expect(await json(...targets)).toEqual(computed);
  }, 300_000);

  it('are the same through the API', async () => {
    const opened = await openStore(store);
    const readers = openReaders(opened);
    const partition = await partitionOf(opened);
    const end = Date.parse('2007-04-01T00:00:00+08:00') - 1;
    const recomputed: string[] = [];
    const server = await buildApi({
      status: () => statusOf('reading'),
      read: readers.read,
      readLong: (query) => readers.read(query, 120_000),
      reading: () => new Map([[partition, end]]),
      heat: () => null as never,
      reset: () => Promise.reject(new Error('not asked for')),
      bringIn: () => Promise.reject(new Error('not asked for')),
      recompute: (month, why, atMs) => {
        recomputed.push(`${month} ${why} ${atMs}`);
        return Promise.resolve({ month, frozen: false, changed: 0 });
      },
      targets: readTargets(join(folder, 'mine.yaml')),
      onChange: () => () => undefined,
      counters: () => null,
      onLive: () => () => undefined,
      tokens: { viewer: 'v', operator: 'o' },
      webRoot: null,
    });
    const get = async (url: string, token = 'v') => {
      const answer = await server.inject({ url, headers: { authorization: `Bearer ${token}` } });
      return { status: answer.statusCode, body: answer.json() };
    };
    try {
      const kpi = await get('/api/kpi?month=2007-02&by=branch&kpi=momentary');
      expect(kpi.body.rows).toHaveLength(63);
      expect((await get('/api/kpi?month=2007-2')).status).toBe(400);
      expect((await get('/api/kpi?month=2011-01')).status).toBe(404);
      const targets = await get('/api/targets');
      expect(targets.body.ladder.month).toBe('2007-03');
      expect(targets.body.goals).toHaveLength(2);
      const told = (await get('/api/scorecard?month=2007-02')).body.rows;
      expect(told).toHaveLength(21);
      const path = '/api/scorecard/export?month=2007-02';
      const list = (await get(path)).body.rows;
      expect(list.map(({ branch }: { branch: string }) => branch)).toEqual(
        told.map(({ branch }: { branch: string }) => branch),
      );
      expect(list[0].mttrMs).toBeCloseTo(told[0].cells.mttr.value, 5);
      const bytes = await server.inject({
        url: `${path}&format=xlsx&language=zh`,
        headers: { authorization: 'Bearer v' },
      });
      const book = new ExcelJS.Workbook();
      await book.xlsx.load(bytes.rawPayload as never);
      expect(book.worksheets[0]!.getRow(1).getCell(3).value).toBe('满意度');
      expect(book.worksheets[0]!.rowCount).toBe(22);
      expect((await get('/api/targets/plan')).body.plan.reaches).toBe(true);
      expect((await get('/api/kpi/definitions')).body.kpis.length).toBeGreaterThan(30);
      const post = (token: string, at?: number) =>
        server.inject({
          url: '/api/recompute',
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          payload: { month: '2007-02', why: 'a test', at },
        });
      expect((await post('v')).statusCode).toBe(403);
      expect((await post('o')).json()).toEqual({ month: '2007-02', frozen: false, changed: 0 });
      expect((await post('o', end)).statusCode).toBe(200);
      expect((await post('o', -1)).statusCode).toBe(400);
      expect(recomputed).toEqual(['2007-02 a test null', `2007-02 a test ${end}`]);
    } finally {
      await server.close();
      await readers.close();
      opened.close();
    }
  }, 300_000);
});
