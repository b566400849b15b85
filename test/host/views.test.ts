// The documented views and the read queries on a small store: what is read at which time, at the edges
// of 60,000 ms, of Q and of 30 days.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flappingNow } from '../../src/store/flapping.js';
import { HISTORY_LIMITS } from '../../src/store/interruption-history.js';
import { ListMemory } from '../../src/store/list-memory.js';
import { findLine, lineDictionary, statusCounts } from '../../src/store/queries.js';
import { readingClause, type ReadingTime } from '../../src/store/reading.js';
import { selectRows } from '../../src/store/sql.js';
import { lineTimeline } from '../../src/store/timeline.js';
import { VIEW_DOCS } from '../../src/store/view-docs.js';
import { createViews, viewTexts } from '../../src/store/views.js';
import { worstLines } from '../../src/store/worst.js';
import {
  DAY,
  HOUR,
  MINUTE,
  ODD_NAME,
  Q,
  T,
  emptyStore,
  fillStore,
  type Fixture,
} from './store-fixture.js';

type Row = Record<string, string | number | boolean | null>;

let store: Fixture;

beforeAll(async () => {
  store = await emptyStore();
  await fillStore(store);
});

afterAll(() => store.connection.closeSync());

const ZONE = 'Asia/Shanghai';

const read = (at: ReadingTime): { at: ReadingTime } => ({ at });

/** A documented view read at a time, sorted by its text. */
function viewAt(name: string, at: ReadingTime, where = 'true'): Promise<Row[]> {
  const text = viewTexts({ reading: 'reading_at', timeZone: ZONE })[name];
  const { clause, parameters } = readingClause(at);
  return selectRows<Row>(
    store.connection,
    `${clause} select * from (${text}) where ${where} order by all`,
    parameters,
  );
}

/** The open interruption of beta, its repeat fault, the open episode, read at a time. */
const betaAt = (at: number): Promise<Row[]> =>
  viewAt('interruptions', { atMs: at }, `line = 'beta'`);
const faultsAt = (at: number): Promise<Row[]> =>
  viewAt('repeat_faults', { atMs: at }, `line = 'beta'`);
const odd = (at: number): Promise<Row[]> => viewAt('episodes', { atMs: at }, `at_ms = ${T - HOUR}`);
const flapping = async (at: number): Promise<unknown> =>
  (await viewAt('lines', { atMs: at }, `n = 6`))[0].flapping;

const shift = (ms: number): Promise<unknown> =>
  store.connection.run(
    `update open_state set previous_outage_end_ms = previous_outage_end_ms + ${ms}
     where line_id = 1`,
  );

const memory = new ListMemory({ ...HISTORY_LIMITS, tailRows: 1 });
const worst = (fromMs: number, toMs: number, filter = {}, limit = 10) =>
  worstLines(store.connection, {
    read: read('latest'),
    period: { fromMs, toMs },
    filter,
    limit,
    memory,
  });

const ask = (line: string, limit: number, fromMs = T - 2 * DAY) =>
  lineTimeline(store.connection, read('latest'), line, { fromMs, toMs: T }, limit);

describe('documented views', () => {
  it('have exactly the columns that are documented, and none that are ids', async () => {
    for (const [name, doc] of Object.entries(VIEW_DOCS)) {
      const result = await store.connection.runAndReadAll(`select * from ${name}`);
      expect(result.columnNames(), name).toEqual(Object.keys(doc.columns));
      expect(result.columnNames().filter((column) => column.endsWith('_id'))).toEqual([]);
    }
    expect(Object.keys(viewTexts({ reading: 'r', timeZone: ZONE }))).toEqual(
      Object.keys(VIEW_DOCS),
    );
  });

  it('read in the database as they read at latest', async () => {
    for (const name of Object.keys(VIEW_DOCS)) {
      const inDatabase = await selectRows<Row>(
        store.connection,
        `select * from ${name} order by all`,
      );
      expect(inDatabase, name).toEqual(await viewAt(name, 'latest'));
      expect(inDatabase, name).toEqual(await viewAt(name, { atMs: T }));
    }
  });

  it('are made once, and again only when the time zone changes', async () => {
    const other = await emptyStore();
    expect(await createViews(other.connection, ZONE)).toBe(false);
    expect(await createViews(other.connection, 'Europe/Berlin')).toBe(true);
    expect(await createViews(other.connection, 'Europe/Berlin')).toBe(false);
    other.connection.closeSync();
  });

  it('hold a line without a record, and no line that was never seen', async () => {
    const lines = await viewAt('lines', 'latest');
    expect(lines.map((row) => row.line)).toEqual(
      ['alpha', 'beta', 'unrecorded', ODD_NAME].toSorted(),
    );
    expect(lines.find((row) => row.line === 'unrecorded')).toMatchObject({
      branch: null,
      product: null,
      unknown: true,
      down_since_ms: null,
    });
  });

  it('show the causes, alarms and offsets by name', async () => {
    const [first, second, third] = await viewAt('interruptions', 'latest', `line = 'alpha'`);
    expect(first).toMatchObject({ n: 1, cause: 'dig', alarm: 'LOS', class: 'momentary' });
    expect(second).toMatchObject({ n: 2, cause: null, alarm: null, class: 'momentary' });
    expect(second.first_offset).toBe(7);
    expect(third).toMatchObject({ n: 3, class: 'outage', last_offset: 9 });
  });
});

describe('reading times', () => {
  it('make an open interruption an outage at exactly 60,000 ms', async () => {
    expect(await betaAt(T - 1)).toMatchObject([{ class: 'momentary', end_ms: null, n: 9 }]);
    expect(await betaAt(T)).toMatchObject([
      { class: 'outage', end_ms: null, start_ms: T - MINUTE },
    ]);
  });

  it('make it a repeat fault at exactly 30 days, and only once it is an outage', async () => {
    expect(await faultsAt(T - 1)).toEqual([]);
    expect(await faultsAt(T)).toMatchObject([
      { start_ms: T - MINUTE, previous_end_ms: T - MINUTE - 30 * DAY },
    ]);
    await shift(-1);
    expect(await faultsAt(T)).toEqual([]);
    await shift(1);
  });

  it('end an open episode at exactly its last transition + Q', async () => {
    expect(await odd(T)).toMatchObject([{ end_ms: null, interruptions: 5, rule: '4 in 10m' }]);
    expect(await odd(T + 1)).toMatchObject([{ end_ms: T + 1, line: ODD_NAME }]);
    expect(await flapping(T)).toBe(true);
    expect(await flapping(T + 1)).toBe(false);
  });

  it('can differ by partition; a partition that is not read ends nothing', async () => {
    const at = new Map([[1, T + DAY]]);
    const open = await viewAt('interruptions', at, 'end_ms is null');
    expect(open).toMatchObject([{ line: 'beta', class: 'outage' }]);
    const unread = new Map([[0, T + DAY]]);
    expect(await viewAt('interruptions', unread, 'end_ms is null')).toMatchObject([
      { line: 'beta', class: 'momentary' },
    ]);
    expect(await viewAt('episodes', unread, 'end_ms is null')).toHaveLength(1);
    expect(await viewAt('episodes', new Map(), 'end_ms is null')).toHaveLength(1);
  });

  it('are null in an empty store, which has no rows and no error', async () => {
    const empty = await emptyStore();
    for (const name of Object.keys(VIEW_DOCS)) {
      expect(await selectRows<Row>(empty.connection, `select * from ${name}`)).toEqual([]);
    }
    const counts = await statusCounts(empty.connection, read('latest'), 0);
    expect(counts).toMatchObject({ lines: 0, down: 0, events: 0 });
    empty.connection.closeSync();
  });
});

describe('worst lines', () => {
  it('count by start, clip down time to the period and to the reading time', async () => {
    const { total, rows } = await worst(T - 3 * HOUR, T);
    expect(total).toBe(4);
    expect(rows[0]).toEqual({
      line: 'alpha',
      branch: '广州',
      product: 'DDN',
      customer: 'Bank',
      interruptions: 3,
      momentary: 2,
      outages: 1,
      downMs: 59_999 + MINUTE + 1_000,
      flapEpisodes: 0,
      repeatFaults: 1,
      down: false,
      lastStart: T - HOUR,
    });
    expect(rows[1]).toMatchObject({ line: 'beta', downMs: MINUTE, down: true, repeatFaults: 1 });
    expect(rows[3]).toMatchObject({ line: 'unrecorded', branch: null, downMs: 0, momentary: 1 });
  });

  it('take the start at the begin of the period and leave the one at its end', async () => {
    const early = await worst(T - 2 * HOUR, T - 2 * HOUR + MINUTE);
    expect(early.rows).toMatchObject([{ line: 'alpha', interruptions: 1, downMs: 59_999 }]);
    const zero = await worst(T - 10 * MINUTE, T - 10 * MINUTE + 1);
    expect(zero.rows).toMatchObject([{ line: 'unrecorded', interruptions: 1, downMs: 0 }]);
    const spill = await worst(T - 2 * HOUR + 1, T - HOUR);
    expect(spill.rows).toMatchObject([{ interruptions: 1, downMs: 59_998 + MINUTE }]);
  });

  it('filter by branch and product, and bound the list, not the total', async () => {
    expect((await worst(0, T, { branch: '深圳' })).rows.map((row) => row.line)).toEqual([ODD_NAME]);
    expect((await worst(0, T, { branch: '' })).rows.map((row) => row.line)).toEqual(['unrecorded']);
    expect((await worst(0, T, { product: 'DDN' })).total).toBe(2);
    const bounded = await worst(0, T, {}, 1);
    expect(bounded.rows).toHaveLength(1);
    expect(bounded.total).toBe(4);
    expect((await worst(0, T)).rows[0].flapEpisodes).toBe(1);
  });
});

describe('other queries', () => {
  it('list what is flapping', async () => {
    const now = await flappingNow(store.connection, read('latest'), {}, 10);
    expect(now).toEqual({
      total: 1,
      rows: [
        {
          line: ODD_NAME,
          branch: '深圳',
          product: 'DDN',
          customer: 'Post',
          partition: 1,
          rule: '4 in 10m',
          at: T - HOUR,
          since: T - HOUR - 5 * MINUTE,
          interruptions: 5,
          down: false,
          lastTransition: T - Q + 1,
        },
      ],
    });
    const later = await flappingNow(store.connection, read({ atMs: T + 1 }), {}, 10);
    expect(later).toEqual({ total: 0, rows: [] });
  });

  it('count for the status', async () => {
    expect(await statusCounts(store.connection, read('latest'), T - HOUR)).toEqual({
      lines: 5,
      down: 1,
      flapping: 1,
      unknown: 1,
      interruptions: 4,
      events: 100,
      late: 2,
      duplicates: 4,
      rejected: 6,
    });
  });

  it('tell a line of the records from one never heard of', async () => {
    expect(await findLine(store.connection, 'never seen')).toMatchObject({ lineId: null });
    expect(await findLine(store.connection, 'unrecorded')).toMatchObject({
      lineId: 3,
      branch: null,
    });
    expect(await findLine(store.connection, "x' or 1=1 --")).toBeNull();
    expect(await lineDictionary(store.connection)).toHaveLength(5);
  });

  it('tell the timeline of a line, newest first when bounded, oldest first when shown', async () => {
    const alpha = await ask('alpha', 2);
    expect(alpha?.interruptions.map((row) => row.n)).toEqual([3, 4]);
    expect(alpha?.truncated).toBe(true);
    expect(alpha?.episodes).toMatchObject([{ at: T - 30 * HOUR, end: T - 29 * HOUR }]);
    expect(alpha?.repeatFaults).toEqual([
      { start: T - 2 * HOUR + MINUTE, previousEnd: T - 5 * DAY },
    ]);
    expect((await ask('alpha', 4))?.truncated).toBe(false);
    const beta = await ask('beta', 10);
    expect(beta?.interruptions).toMatchObject([{ n: 9, end: null, class: 'outage', alarm: 'LOS' }]);
    expect(beta?.unknownPeriods).toEqual([
      { from: null, until: T - 3 * HOUR, reason: 'before the first data' },
      { from: T - 2 * HOUR, until: T - HOUR, reason: 'positions lost' },
    ]);
    expect((await ask('beta', 10, T - HOUR))?.unknownPeriods).toEqual([]);
    expect(await ask(ODD_NAME, 10)).toMatchObject({ flapping: true, down: false });
    expect(await ask('never seen', 10)).toMatchObject({ interruptions: [], unknown: false });
    expect(await ask('nobody', 10)).toBeNull();
  });
});
