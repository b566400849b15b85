// The worst, by the way of short lists and by the one statement of long ones, against a naive count of
// the same interruptions: whole months, days and any edges, before anything is rolled up, halfway and
// after; a line that moves customer, one that the stream names late,
// one that it never names, and one without a record.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORST } from '../../src/lists/worst.js';
import { type List, askList } from '../../src/lists/list.js';
import { nameMembers, rebuildMembers } from '../../src/store/members.js';
import { rollUp, rowsWaiting } from '../../src/store/rollup.js';
import type { WorstBy } from '../../src/store/worst.js';
import { Random } from '../../src/simulate/random.js';
import { DAY, HOUR, MINUTE, emptyStore, insert, openState } from './store-fixture.js';

const ZONE = 'Asia/Shanghai';
const OCTOBER = Date.parse('2006-10-01T00:00:00+08:00');
const NOVEMBER = Date.parse('2006-11-01T00:00:00+08:00');
const DECEMBER = Date.parse('2006-12-01T00:00:00+08:00');
const MOVED = NOVEMBER + 9 * DAY;
const LAST = DECEMBER + 10 * DAY;

const LINES = ['', 'mover', 'stays', 'late', 'nobody'];
const CAUSES = ['', 'dig', 'power'];
/** [line, customer, from, to) of the records. */
const CUSTOMERS = [
  ['mover', 'Bank', 0, MOVED],
  ['mover', 'Post', MOVED, null],
  ['stays', 'Bank', 0, null],
  ['late', 'Post', 0, null],
  ['unseen', 'Post', 0, null],
] as const;
const CARDS = [
  ['mover', 'K1'],
  ['stays', 'K1'],
  ['late', 'K2'],
  ['unseen', 'K2'],
] as const;

const random = new Random(20061130);
const found = Array.from({ length: 400 }, (_, i) => {
  const start = OCTOBER + random.int(LAST - OCTOBER - 3 * DAY);
  const length = [5_000, 59_999, MINUTE, 3 * HOUR, 2 * DAY][random.int(5)]!;
  const line = 1 + random.int(4);
  return { line, n: i + 1, start, end: start + length, cause: random.int(3), planned: i % 7 === 0 };
});
const PERIODS = [
  [OCTOBER, NOVEMBER],
  [NOVEMBER, DECEMBER],
  [OCTOBER, DECEMBER],
  [OCTOBER + 5 * DAY + 7, NOVEMBER + 20 * DAY],
  [NOVEMBER + 3 * DAY, NOVEMBER + 4 * DAY],
  [NOVEMBER + 20 * DAY, LAST + 1],
  // Some lines of a group have nothing in it, but before it, or are down over it.
  ...Array.from({ length: 8 }, (_, i) => [NOVEMBER + i * DAY, NOVEMBER + i * DAY + 20 * HOUR]),
] as const;

const { short: _short, ...BY_STATEMENT } = WORST;

let store: Awaited<ReturnType<typeof emptyStore>>;
beforeAll(async () => {
  store = await emptyStore();
  const { connection } = store;
  const name = { cluster: 'c', topic: 't', partition: 0 };
  await insert(connection, 'log_partition', { partition_id: 1, ...name });
  const counts = { events: 1, late: 0, duplicates: 0, rejected: 0, log: 0, position: 5 };
  const times = { first_ms: OCTOBER, effective_ms: LAST };
  await insert(connection, 'progress', { partition_id: 1, ...counts, ...times });
  for (const [id, cause] of CAUSES.entries()) {
    if (id > 0) await insert(connection, 'cause', { cause_id: id, cause });
  }
  for (const [line, customer, valid_from_ms, valid_to_ms] of CUSTOMERS) {
    await insert(connection, 'line_row', { line, customer, valid_from_ms, valid_to_ms });
  }
  for (const [line, component] of CARDS) {
    await insert(connection, 'component_row', { line, kind: 'card', component });
  }
  for (const [id, line] of LINES.entries()) {
    // What follows from the records is made while the stream has not named this line.
    if (line === 'late') await rebuildMembers(connection);
    if (line === '') continue;
    await insert(connection, 'line', { line_id: id, line });
    await insert(connection, 'open_state', openState(id, 1, { effective_ms: LAST }));
  }
  await nameMembers(connection, 2);
  for (const { line, n, start, end, cause, planned } of found) {
    const one = { line_id: line, partition_id: 1, n, start_ms: start };
    await insert(connection, 'interruption_row', { ...one, end_ms: end, cause_id: cause });
    if (planned) await insert(connection, 'planned_mark', { ...one, planned_until_ms: end });
  }
});
afterAll(() => store.connection.closeSync());

/** The groups of a line at the end of a period. */
function groupsOf(line: string, by: WorstBy, endMs: number): string[] {
  if (by === 'line') return [line];
  if (by === 'component') return CARDS.filter(([of]) => of === line).map(([, card]) => card);
  const held = CUSTOMERS.find(
    ([of, , from, to]) => of === line && from < endMs && (to === null || to >= endMs),
  );
  return [held?.[1] ?? ''];
}

interface Sums {
  interruptions: number;
  outages: number;
  down_ms: number;
  before: number;
  planned: number;
  readonly causes: Map<string, number>;
}

const top = (causes: Map<string, number>): string | null =>
  [...causes].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? 1 : -1))[0]?.[0] ?? null;

function naive(by: WorstBy, fromMs: number, toMs: number): unknown[][] {
  const sums = new Map<string, Sums>();
  for (const { line, start, end, cause, planned } of found) {
    for (const group of groupsOf(LINES[line]!, by, toMs)) {
      const none = { interruptions: 0, outages: 0, down_ms: 0, before: 0, planned: 0 };
      const own: Sums = sums.get(group) ?? Object.assign(none, { causes: new Map() });
      sums.set(group, own);
      if (start < toMs && end >= fromMs) {
        own.down_ms += Math.min(end, toMs) - Math.max(start, fromMs);
      }
      if (start >= 2 * fromMs - toMs && start < fromMs) own.before++;
      if (start < fromMs || start >= toMs) continue;
      own.interruptions++;
      if (end - start >= MINUTE) own.outages++;
      if (planned) own.planned++;
      const name = CAUSES[cause]!;
      if (cause > 0) own.causes.set(name, (own.causes.get(name) ?? 0) + 1);
    }
  }
  const hasBefore = 2 * fromMs - toMs >= OCTOBER;
  return [...sums]
    .filter(([, { interruptions }]) => interruptions > 0)
    .map(([name, { interruptions, outages, down_ms, before, planned, causes }]) => {
      const share = (100 * planned) / interruptions;
      const earlier = hasBefore ? before : null;
      return [name, interruptions, outages, down_ms, earlier, share, top(causes)];
    });
}

async function askFor(
  by: WorstBy,
  fromMs: number,
  toMs: number,
  list: List,
): Promise<Record<string, unknown>[]> {
  const answer = await askList(store.connection, list, {
    read: { at: 'latest' },
    readingMs: LAST,
    period: { fromMs, toMs },
    filter: {},
    by,
    limit: 100,
    zone: ZONE,
  });
  const rows: Record<string, unknown>[] = [];
  for await (const chunk of answer.chunks) {
    for (const row of chunk) {
      rows.push(Object.fromEntries(answer.columns.map(({ name }, i) => [name, row[i]])));
    }
  }
  return rows;
}

async function told(by: WorstBy, fromMs: number, toMs: number, list: List): Promise<unknown[][]> {
  const names = ['interruptions', 'outages', 'down_ms', 'before', 'planned_percent', 'top_cause'];
  const rows = await askFor(by, fromMs, toMs, list);
  return rows.map((row) => [row['name'] ?? row['line']].concat(names.map((name) => row[name])));
}

async function linesOf(fromMs: number, toMs: number): Promise<unknown[][]> {
  const rows = await askFor('customer', fromMs, toMs, WORST);
  return rows.map((row) => [row['name'], row['lines']]).toSorted();
}

const sorted = (rows: unknown[][]): unknown[][] =>
  rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

describe('the worst', () => {
  it.each([
    ['before anything is rolled up', 0],
    ['halfway', 2],
    ['once all is', 100],
  ])('equal the naive count %s', async (_when, steps) => {
    for (let step = 0; step < steps && (await rowsWaiting(store.connection)) > 0; step++) {
      await rollUp(store.connection, ZONE, 90);
    }
    for (const by of ['line', 'component', 'customer'] as const) {
      for (const [i, [fromMs, toMs]] of PERIODS.entries()) {
        const counted = sorted(naive(by, fromMs, toMs));
        for (const list of i % 2 === 0 ? [WORST, BY_STATEMENT] : [WORST]) {
          const rows = await told(by, fromMs, toMs, list);
          expect(rows.length, `${by} from ${fromMs}`).toBeGreaterThan(0);
          expect(sorted(rows), `${by} from ${fromMs}`).toEqual(counted);
        }
      }
    }
  });

  it('customers have the lines of the time that is asked for', async () => {
    const [before, after] = [
      [
        ['', 1],
        ['Bank', 2],
        ['Post', 2],
      ],
      [
        ['', 1],
        ['Bank', 1],
        ['Post', 3],
      ],
    ];
    expect(await linesOf(OCTOBER, NOVEMBER)).toEqual(before);
    expect(await linesOf(NOVEMBER, DECEMBER)).toEqual(after);
  });
});
