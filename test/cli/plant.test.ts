// `flapline list plant` and `work-list`: a card whose lines are bad by themselves and one that bursts
// again and again, found over a month of a store, with figures counted by hand and in every form.

import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { random } from '../cause/networks.js';
import { plantedRecords } from '../cause/planted.js';
import { scratch } from './command.js';
import { inProcess } from './in-process.js';

const T = 1_164_900_000_000;
const DAY = 86_400_000;
const SEED = 9;
const BAD = 'c5-1';
const BURSTING = 'c2-0';
const BURSTS = 4;
/** Of a line a month; their numbers scatter, as lines' do. */
const MEAN = 4;
const path = scratch();
const store = path('plant.duckdb');
const { components, lines, members } = plantedRecords(SEED);
const next = random(77);
const starts: { line: string; time: number }[] = [];

function file(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}

beforeAll(async () => {
  const at = (): number => T + Math.floor(next() * 30 * DAY);
  for (let line = 0; line < 768; line++) {
    const count = Math.floor(-MEAN * Math.log(1 - next()));
    for (let i = 0; i < count; i++) starts.push({ line: `L${line}`, time: at() });
  }
  for (const line of members.get(`card/${BAD}`)!) {
    for (let i = 0; i < 12; i++) starts.push({ line, time: at() });
  }
  for (let burst = 1; burst <= BURSTS; burst++) {
    for (const line of members.get(`card/${BURSTING}`)!) {
      starts.push({ line, time: T + burst * 5 * DAY + Math.floor(next() * 10_000) });
    }
  }
  const events = starts
    .flatMap(({ line, time }) => [
      { line, time, state: 'down' },
      { line, time: time + 2_000, state: 'up' },
    ])
    .toSorted((a, b) => a.time - b.time);
  events.push({ line: 'elsewhere', time: T + 31 * DAY, state: 'down' });
  const log = file('events.ndjson', events.map((event) => JSON.stringify(event)).join('\n'));
  const records = ['--lines', file('lines.csv', lines)];
  records.push('--components', file('components.csv', components));
  const ran = await inProcess(['replay', log, '--store', store, '--quiet', ...records]);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
}, 120_000);

type Row = Readonly<Record<string, string | number | boolean | null>>;

async function rowsOf(...args: string[]): Promise<readonly Row[]> {
  const from = ['--from', String(T), '--store', store, '--format', 'json', '--limit', '3000'];
  const { code, stdout, stderr } = await inProcess(['list', ...args, ...from]);
  expect([code, stderr]).toEqual([0, '']);
  const { total, rows } = JSON.parse(stdout) as { total: number; rows: Row[] };
  expect(total).toBe(rows.length);
  return rows;
}

describe('bad plant', () => {
  it('is the planted card alone, with what says so', async () => {
    const rows = await rowsOf('plant');
    expect(rows.filter(({ bad }) => bad).map(({ components: names }) => names)).toEqual([
      `card ${BAD}`,
    ]);
    const [card] = rows as [Row];
    const recorded = components.split('\n').filter((row) => row.endsWith(`,card,${BAD}`));
    const own = new Set(recorded.map((row) => row.split(',')[0]));
    const counted = starts.filter(({ line }) => own.has(line)).length;
    expect(card).toMatchObject({ place: 1, kind: 'card', lines: own.size, interruptions: counted });
    expect(card['inBursts']).toBe(0);
    expect(card['counted']).toBeGreaterThan(2 * Number(card['expected']));
    expect(card['falsePercent']).toBeLessThan(5);
    expect(card['next']).toBe('node n5');
    expect(card['nextBy']).toBeGreaterThan(0);
    expect(card['keyCustomers']).toBe(own.has('L280') ? 1 : 0);
  });

  it('is of the lines asked for', async () => {
    // Nodes of branch-1 are 1, 4, 7, 10, 13.
    const rows = await rowsOf('plant', '--branch', 'branch-1');
    expect(rows.some(({ components: names }) => names === `card ${BAD}`)).toBe(false);
  });

  it('comes in every form', async () => {
    const csv = await inProcess(['list', 'plant', '--store', store, '--format', 'csv']);
    expect(csv.stdout.split('\r\n')[0]).toBe(
      '\uFEFFplace,kind,components,bad,false_percent,lines,interruptions,counted,expected,score,p,' +
        'next,next_by,in_bursts,customers,key_customers',
    );
    const table = await inProcess(['list', 'plant', '--store', store]);
    expect(table.stdout).toContain(`card ${BAD}`);
    const out = path('work.xlsx');
    const xlsx = ['list', 'work-list', '--store', store, '--format', 'xlsx', '--out', out];
    expect((await inProcess(xlsx)).code).toBe(0);
    expect(readFileSync(out).subarray(0, 2).toString()).toBe('PK');
  });
});

/** Lines of a node without a card. */
function gapsOf(node: string): number {
  const rows = components.split('\n');
  return 48 - rows.filter((row) => row.includes(`,card,c${node.slice(1)}-`)).length;
}

describe('the worth of records', () => {
  it('tells the nodes where one field more would have most faults named', async () => {
    const rows = await rowsOf('record-worth');
    // No cables are recorded at all: nothing is said of them.
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['card']));
    expect(rows).toHaveLength(16);
    for (const { node, lines: all, missing } of rows) {
      expect([node, all, missing]).toEqual([node, 48, gapsOf(String(node))]);
    }
    const gains = rows.map(({ gainOne }) => Number(gainOne));
    expect(gains).toEqual(gains.toSorted((a, b) => b - a));
    expect(gains[0]).toBeGreaterThan(0);
  });
});

describe('the work list', () => {
  it('begins with what brings most, both cards before any line', async () => {
    const rows = await rowsOf('work-list', '--key-weight', '1');
    expect(new Set(rows.slice(0, 2).map(({ name }) => name))).toEqual(new Set([BAD, BURSTING]));
    const of = (name: string): Row => rows.find((row) => row['name'] === name)!;
    // Twelve a month more on each line that is recorded on it, cut and a little shrunken.
    const perLine = Number(of(BAD)['gain']) / Number(of(BAD)['lines']);
    expect(perLine).toBeGreaterThan(4);
    expect(perLine).toBeLessThan(13);
    const hit = members.get(`card/${BURSTING}`)!.length;
    expect(of(BURSTING)['evidence']).toMatch(new RegExp(`^${BURSTS} bursts, \\d+ momentary`));
    expect(Number(of(BURSTING)['gain'])).toBeGreaterThan((BURSTS * hit) / 3);
    const weighted = rows.map((row) => Number(row['weighted']));
    expect(weighted).toEqual(weighted.toSorted((a, b) => b - a));
    expect(weighted).toEqual(rows.map(({ gain }) => gain));
    const gains = rows.reduce((sum, { gain }) => sum + Number(gain), 0);
    expect(Number(rows.at(-1)!['gains'])).toBeCloseTo(gains, 1);
  });

  it('weighs what a key customer gains', async () => {
    const place = (rows: readonly Row[], isKey: boolean): number =>
      rows.findIndex(
        ({ kind, keyCustomers }) => kind === 'line' && Number(keyCustomers) > 0 === isKey,
      );
    const plain = await rowsOf('work-list', '--key-weight', '1');
    const heavy = await rowsOf('work-list', '--key-weight', '50');
    expect(place(heavy, true)).toBeLessThan(place(plain, true));
    const [first] = heavy.filter(({ kind }) => kind === 'line') as [Row];
    expect(first['weighted']).toBeCloseTo(50 * Number(first['gain']), 2);
    const mine = await rowsOf('work-list', '--customer', 'customer-7');
    expect(mine.every(({ customerNames }) => customerNames === 'customer-7')).toBe(true);
  });
});
