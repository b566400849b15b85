// The page's filters, on the heat map and the worst lines, against counts over the documented views.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Heat, Worst } from '../../src/api/contract.js';
import { type PeriodService, periodService } from './period-service.js';

const DAY = 86_400_000;
const FROM = Date.parse('2006-11-01T00:00:00+08:00');
const READING = FROM + 30 * DAY;
/** Two days in which the simulated month has works. */
const SPAN = { from: FROM + 10 * DAY, to: FROM + 16 * DAY };

const folder = mkdtempSync(join(tmpdir(), 'flapline-filters-'));
let service: PeriodService;

beforeAll(async () => {
  service = await periodService(folder, {
    seed: 5,
    lines: 1_500,
    fromMs: FROM,
    readingMs: READING,
  });
}, 120_000);

afterAll(async () => {
  await service?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function get<Answer>(path: string, query: Record<string, string | number>): Promise<Answer> {
  const parts = Object.entries(query).map(([key, value]): [string, string] => [key, `${value}`]);
  const text = new URLSearchParams(parts);
  const answer = await service.server.inject(`/api/${path}?${text}`);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

/** Interruptions of the span by a name, counted row by row over the views. */
async function counted(column: string, condition: string): Promise<Map<string, number>> {
  const found = await service.store.writer.runAndReadAll(
    `select ${column} as name, count(*) as n from interruptions i
     left join line_record l on l.line = i.line
     left join planned_interruptions p on p.line = i.line and p.n = i.n
     where i.start_ms >= ${SPAN.from} and i.start_ms < ${SPAN.to} and (${condition})
     group by all`,
  );
  return new Map(found.getRows().map(([name, n]) => [String(name), Number(n)]));
}

const ON_NODE = (node: string): string =>
  `i.line in (select line from component_row where kind = 'node' and component = '${node}')`;

function startsOf(heat: Heat): Map<string, number> {
  const sums = heat.rows.map(({ name, starts }): [string, number] => [
    name,
    starts.reduce((sum, count) => sum + count, 0),
  ]);
  return new Map(sums.filter(([, sum]) => sum > 0));
}

/** The first of a column that has interruptions in the span. */
async function someName(column: string): Promise<string> {
  return [...(await counted(column, `${column} is not null`)).keys()].toSorted()[0]!;
}

const CASES: readonly [string, Record<string, string>, string][] = [
  ['nothing', {}, 'true'],
  ['key customers', { key: 'yes' }, 'l.key_customer'],
  ['other customers', { key: 'no' }, 'not coalesce(l.key_customer, false)'],
  ['momentary ones', { class: 'momentary' }, `i.class = 'momentary'`],
  ['outages', { class: 'outage' }, `i.class = 'outage'`],
  ['planned ones', { planned: 'yes' }, 'p.n is not null'],
  ['unplanned outages', { planned: 'no', class: 'outage' }, `p.n is null and i.class = 'outage'`],
];

describe('the filters', () => {
  it.each(CASES)('let %s through, on the heat map and among the worst', async (_, query, where) => {
    const expected = await counted('l.branch', where);
    expect(expected.size).toBeGreaterThan(3);
    const heat = await get<Heat>('heat', { ...SPAN, ...query });
    expect(startsOf(heat)).toEqual(expected);
    const byLine = await get<Heat>('heat', { ...SPAN, ...query, by: 'line', limit: 200 });
    const lines = await counted('i.line', where);
    for (const [line, starts] of startsOf(byLine)) expect(starts, line).toBe(lines.get(line));
    const worst = await get<Worst>('worst', { ...SPAN, ...query, limit: 1000 });
    expect(new Map(worst.rows.map((row) => [row.line, row.interruptions]))).toEqual(lines);
  });

  it('know customers, and how many lines a row then has', async () => {
    const customer = await someName('l.customer');
    const heat = await get<Heat>('heat', { ...SPAN, customer });
    expect(startsOf(heat)).toEqual(
      await counted('l.branch', `l.customer = '${customer.replaceAll("'", "''")}'`),
    );
    const of = await service.store.writer.runAndReadAll(
      `select branch, count(*) from line_record where customer = $customer group by all`,
      { customer },
    );
    expect(new Map(heat.rows.map((row) => [row.name, row.lines]))).toEqual(
      new Map(of.getRows().map(([branch, n]) => [String(branch), Number(n)])),
    );
  });

  it('know components, as rows and as a restriction', async () => {
    const heat = await get<Heat>('heat', { ...SPAN, by: 'component', rows: 'node', limit: 50 });
    expect(heat.rows.length).toBeGreaterThan(10);
    const totals = startsOf(heat);
    for (const { name, lines } of heat.rows.slice(0, 5)) {
      const rows = await counted(`'all'`, ON_NODE(name));
      expect(totals.get(name), name).toBe(rows.get('all'));
      const inside = await get<Heat>('heat', { ...SPAN, kind: 'node', component: name });
      expect(inside.rows.reduce((sum, row) => sum + row.lines, 0)).toBe(lines);
      expect([...startsOf(inside).values()].reduce((a, b) => a + b, 0)).toBe(totals.get(name));
    }
  });

  it('are refused where they make no sense', async () => {
    const refused = ['heat?kind=node', 'heat?by=component', 'lists/flapping?key=yes', 'heat?key=1'];
    for (const path of refused) {
      expect((await service.server.inject(`/api/${path}`)).statusCode, path).toBe(400);
    }
  });
});
