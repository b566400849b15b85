// The worst, from memory and by the one statement, against a naive count of the same interruptions: whole
// months, days and any edges, before anything is rolled up, halfway and after; a line that moves customer,
// one that the stream names late, one that it never names, and one without a record; late data, works and
// records that change, a transaction older than what is held, and a memory that is full.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORST } from '../../src/lists/worst.js';
import { askList } from '../../src/lists/list.js';
import { emptyInterruptionSums } from '../../src/store/interruption-block.js';
import { HISTORY_LIMITS } from '../../src/store/interruption-history.js';
import { ListMemory } from '../../src/store/list-memory.js';
import { nameMembers, rebuildMembers } from '../../src/store/members.js';
import { readMoment } from '../../src/store/moment.js';
import { raiseRevision } from '../../src/store/revision.js';
import { rollUp, rowsWaiting } from '../../src/store/rollup.js';
import type { InterruptionFilter } from '../../src/store/line-filter.js';
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

/** Little is kept as rows, so that most stands in blocks of time; one for the whole file, as in a service. */
const LIMITS = { ...HISTORY_LIMITS, tailRows: 20 };
const held = new ListMemory(LIMITS);

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
  const record = CUSTOMERS.find(
    ([of, , from, to]) => of === line && from < endMs && (to === null || to >= endMs),
  );
  return [record?.[1] ?? ''];
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

function isAsked({ start, end, planned }: (typeof found)[number], filter: InterruptionFilter) {
  const kind = end - start >= MINUTE ? 'outage' : 'momentary';
  const own = planned ? 'yes' : 'no';
  return (filter.class ?? kind) === kind && (filter.planned ?? own) === own;
}

function naive(
  by: WorstBy,
  fromMs: number,
  toMs: number,
  filter: InterruptionFilter = {},
): unknown[][] {
  const sums = new Map<string, Sums>();
  for (const one of found.filter((each) => isAsked(each, filter))) {
    const { line, start, end, cause, planned } = one;
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
  memory: ListMemory | undefined,
  connection = store.connection,
  filter: InterruptionFilter = {},
): Promise<Record<string, unknown>[]> {
  const answer = await askList(connection, WORST, {
    read: { at: 'latest' },
    readingMs: LAST,
    period: { fromMs, toMs },
    filter,
    by,
    limit: 100,
    zone: ZONE,
    memory,
  });
  const rows: Record<string, unknown>[] = [];
  for await (const chunk of answer.chunks) {
    for (const row of chunk) {
      rows.push(Object.fromEntries(answer.columns.map(({ name }, i) => [name, row[i]])));
    }
  }
  return rows;
}

async function told(...asked: Parameters<typeof askFor>): Promise<unknown[][]> {
  const names = ['interruptions', 'outages', 'down_ms', 'before', 'planned_percent', 'top_cause'];
  const rows = await askFor(...asked);
  return rows.map((row) => [row['name'] ?? row['line']].concat(names.map((name) => row[name])));
}

async function linesOf(fromMs: number, toMs: number): Promise<unknown[][]> {
  const rows = await askFor('customer', fromMs, toMs, held);
  return rows.map((row) => [row['name'], row['lines']]).toSorted();
}

const sorted = (rows: unknown[][]): unknown[][] =>
  rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

async function expectNaive(memories: readonly (ListMemory | undefined)[]): Promise<void> {
  for (const by of ['line', 'component', 'customer'] as const) {
    for (const [i, [fromMs, toMs]] of PERIODS.entries()) {
      const counted = sorted(naive(by, fromMs, toMs));
      for (const memory of i % 2 === 0 ? memories : memories.slice(0, 1)) {
        const rows = await told(by, fromMs, toMs, memory);
        expect(rows.length, `${by} from ${fromMs}`).toBeGreaterThan(0);
        expect(sorted(rows), `${by} from ${fromMs}`).toEqual(counted);
      }
    }
  }
}

/** One more interruption, as a commit adds it: late ones too. */
async function add(line: number, start: number, length: number): Promise<void> {
  const one = { line, n: found.length + 1, start, end: start + length, cause: 1, planned: false };
  found.push(one);
  const row = { line_id: line, partition_id: 1, n: one.n, start_ms: start };
  await insert(store.connection, 'interruption_row', { ...row, end_ms: one.end, cause_id: 1 });
}

describe('the worst', () => {
  it.each([
    ['before anything is rolled up', 0],
    ['halfway', 2],
    ['once all is', 100],
  ])('equal the naive count %s', async (_when, steps) => {
    for (let step = 0; step < steps && (await rowsWaiting(store.connection)) > 0; step++) {
      await rollUp(store.connection, ZONE, 90);
    }
    await expectNaive([held, undefined]);
  });

  it.each<InterruptionFilter>([
    { class: 'outage' },
    { class: 'momentary' },
    { planned: 'yes' },
    { planned: 'no' },
    { class: 'outage', planned: 'no' },
  ])('of some interruptions alone, %o, equal the naive count of these', async (filter) => {
    for (const by of ['line', 'component', 'customer'] as const) {
      for (const [fromMs, toMs] of PERIODS.slice(2, 5)) {
        const rows = await told(by, fromMs, toMs, held, store.connection, filter);
        const counted = naive(by, fromMs, toMs, filter);
        expect(sorted(rows), `${by} from ${fromMs}`).toEqual(sorted(counted));
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

describe('what is held in memory', () => {
  it('follows late data, over the edges of months and blocks, and works that change', async () => {
    await expectNaive([held]);
    for (let i = 0; i < 90; i++) await add(1 + (i % 4), OCTOBER + i * 16 * HOUR + 7, (i % 9) * DAY);
    await expectNaive([held]);
    for (const one of found) one.planned = one.n % 5 === 0;
    await store.connection.run('delete from planned_mark');
    await store.connection.run(raiseRevision('planned'));
    for (const { line, n, start, end } of found.filter(({ planned }) => planned)) {
      const mark = { line_id: line, partition_id: 1, n, start_ms: start, planned_until_ms: end };
      await insert(store.connection, 'planned_mark', mark);
    }
    await expectNaive([held]);
  });

  it('gives an older transaction its own state, and others theirs', async () => {
    const other = await store.instance.connect();
    await other.run('begin transaction read only');
    const [fromMs, toMs] = PERIODS[3];
    const before = await told('line', fromMs, toMs, undefined, other);
    for (let i = 0; i < 100; i++) await add(1 + (i % 4), NOVEMBER + i * HOUR, MINUTE);
    const after = await told('line', fromMs, toMs, held);
    expect(after).not.toEqual(before);
    expect(await told('line', fromMs, toMs, held, other)).toEqual(before);
    await other.run('rollback');
    const together = await Promise.all(
      PERIODS.slice(0, 4).map(([from, to]) => told('component', from, to, held, other)),
    );
    for (const [i, rows] of together.entries()) {
      expect(sorted(rows)).toEqual(sorted(naive('component', PERIODS[i]![0], PERIODS[i]![1])));
    }
    other.closeSync();
  });

  it('has the members of the records as they are now', async () => {
    await store.connection.run(`update component_row set component = 'K2' where line = 'mover'`);
    await rebuildMembers(store.connection);
    const rows = await askFor('component', OCTOBER, DECEMBER, held);
    expect(rows.map(({ name, lines }) => [name, lines]).toSorted()).toEqual([
      ['K1', 1],
      ['K2', 3],
    ]);
    await store.connection.run(`update component_row set component = 'K1' where line = 'mover'`);
    await rebuildMembers(store.connection);
  });

  it('reaches back only as far as there is room: the rest is asked of the database', async () => {
    const bytesMax = Math.floor(held.history.bytes * 0.6);
    const small = new ListMemory({ bytesMax, tailRows: 20 });
    for (const [fromMs, toMs] of [PERIODS[5], PERIODS[2], PERIODS[5]]) {
      const rows = await told('line', fromMs, toMs, small);
      expect(sorted(rows)).toEqual(sorted(naive('line', fromMs, toMs)));
    }
    const [some, none] = [PERIODS[5], [OCTOBER, DECEMBER]] as const;
    const sums = { earlier: null, before: new Int32Array(5), sums: emptyInterruptionSums(5) };
    const { rows } = await readMoment(store.connection, 'latest');
    const holds = ([fromMs, toMs]: readonly number[]): Promise<boolean> =>
      small.history.addTo(store.connection, rows, {
        ...sums,
        period: { fromMs: fromMs!, toMs: toMs! },
      });
    expect([await holds(some), await holds(none)]).toEqual([true, false]);
  });
});
