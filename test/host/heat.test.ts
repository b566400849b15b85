// The heat map on a small store: live against read from the store, coverage beside it, and following
// commits; and the pool of readers that its queries run on.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET_MS, heatWindow } from '../../src/store/coverage.js';
import { HeatModel } from '../../src/store/heat.js';
import { groupCells, hotLines, lineCells, lineCoverage } from '../../src/store/heat-query.js';
import { openReaders } from '../../src/store/readers.js';
import type { ReadingTime } from '../../src/store/reading.js';
import { selectRows } from '../../src/store/sql.js';
import { DAY, HOUR, MINUTE, ODD_NAME, Q, T } from './store-fixture.js';
import { emptyStore, fillStore, insert, openState, type Fixture } from './store-fixture.js';

let store: Fixture;

beforeAll(async () => {
  store = await emptyStore();
  await fillStore(store);
});

afterAll(() => store.connection.closeSync());

const read = (at: ReadingTime): { at: ReadingTime } => ({ at });

describe('heat', () => {
  const window = heatWindow(T - 24 * HOUR, T + 1);
  const readings = new Map([
    [0, T],
    [1, T],
  ]);
  const at = (offsetMs: number): number => Math.floor((T + offsetMs - window.fromMs) / BUCKET_MS);

  it('has the bucket of the reading time as its last', () => {
    expect(window).toEqual({ fromMs: T - 24 * HOUR, buckets: 289, endMs: T + 1 });
  });

  it('counts starts, flapping and coverage by branch', async () => {
    const heat = await HeatModel.load(store.connection);
    const [guangzhou, shenzhen, none] = heat.rows('branch', {}, window, readings);
    expect([guangzhou.name, shenzhen.name, none.name]).toEqual(['广州', '深圳', '']);
    expect([guangzhou.lines, shenzhen.lines, none.lines]).toEqual([2, 2, 1]);
    expect(guangzhou.starts[at(-2 * HOUR)]).toBe(2);
    expect(guangzhou.starts[at(-MINUTE)]).toBe(1);
    expect(guangzhou.starts.reduce((a, b) => a + b)).toBe(4);
    expect(shenzhen.flapping.slice(at(-HOUR) - 1)).toEqual([0, ...Array(13).fill(1)]);
    // alpha is known all day, beta from three hours ago but for the hour in which positions were lost
    expect(guangzhou.coverage[0]).toBe(0.5);
    expect(guangzhou.coverage[at(-2.5 * HOUR)]).toBe(1);
    expect(guangzhou.coverage[at(-1.5 * HOUR)]).toBe(0.5);
    // one line seen on partition 1, one never seen: half on each partition
    expect(shenzhen.coverage[at(-1.5 * HOUR)]).toBe(0.25);
    expect(none.coverage[at(-20 * MINUTE)]).toBe(1);
    expect(none.coverage[at(-10 * MINUTE)]).toBe(0);
    const filtered = heat.rows('product', { branch: '广州' }, window, readings);
    expect(filtered.map((row) => [row.name, row.lines])).toEqual([
      ['DDN', 1],
      ['International VPN', 1],
    ]);
  });

  it('is the same from the store as from the model', async () => {
    const heat = await HeatModel.load(store.connection);
    for (const by of ['branch', 'product'] as const) {
      const cells = await groupCells(store.connection, read(readings), window, by, {});
      expect(heat.rows(by, {}, window, readings, cells)).toEqual(
        heat.rows(by, {}, window, readings),
      );
    }
  });

  it('shows no coverage where a partition has not been read', async () => {
    const heat = await HeatModel.load(store.connection);
    const lagging = new Map([[0, T]]);
    const [guangzhou, , none] = heat.rows('branch', {}, window, lagging);
    expect(guangzhou.coverage.at(-1)).toBe(0.5);
    expect(new Set(none.coverage)).toEqual(new Set([0]));
    expect(new Set(heat.rows('branch', {}, window, new Map())[0].coverage)).toEqual(new Set([0]));
  });

  it('reads the lines of a group', async () => {
    const hot = await hotLines(store.connection, read(readings), window, { branch: '广州' }, 1);
    expect(hot).toEqual({ total: 2, rows: [{ lineId: 0, line: 'alpha' }] });
    const cells = await lineCells(store.connection, read(readings), window, {}, [0, 2]);
    expect(cells.get('alpha')?.starts[at(-2 * HOUR)]).toBe(2);
    expect(cells.get(ODD_NAME)?.flapping.at(-1)).toBe(1);
    const heat = await HeatModel.load(store.connection);
    const { connection } = store;
    const cover = await lineCoverage(
      connection,
      window,
      [0, 3],
      heat.covers,
      heat.lineGaps,
      readings,
    );
    expect(cover.get(0)?.[0]).toBe(1);
    expect(cover.get(3)?.[0]).toBe(0);
    expect(cover.get(3)?.at(-1)).toBe(0);
    expect(cover.get(3)?.[at(-30 * MINUTE)]).toBe(1);
  });

  it('follows commits, also of lines it has not heard of', async () => {
    const live = await emptyStore();
    await fillStore(live);
    const heat = await HeatModel.load(live.connection);
    const now = heatWindow(T - HOUR, T + HOUR);
    const starts = BigInt64Array.of(BigInt(T + 1), BigInt(T + 2), BigInt(T + 3), 7n);
    heat.addStarts(Int32Array.of(0, 0, 4, 0), starts, 3);
    const from = BigInt64Array.of(BigInt(T), BigInt(T), BigInt(T));
    const until = BigInt64Array.of(BigInt(T + Q), BigInt(T + Q), BigInt(T));
    heat.addFlapping(Int32Array.of(0, 0, 1), from, until, 3);
    await insert(live.connection, 'line', { line_id: 4, line: 'never seen' });
    await insert(live.connection, 'open_state', openState(4, 0, {}));
    await Promise.all([heat.refresh(live.connection), heat.refresh(live.connection)]);
    const [guangzhou, shenzhen] = heat.rows('branch', {}, now, readings);
    expect(guangzhou.starts[12]).toBe(2);
    expect(guangzhou.flapping.slice(11, 19)).toEqual([0, 1, 1, 1, 1, 1, 1, 0]);
    expect(shenzhen.starts[12]).toBe(1);
    expect(shenzhen.lines).toBe(2);
    live.connection.closeSync();
  });

  it('forgets what is older than seven days, and says so', async () => {
    const heat = await HeatModel.load(store.connection);
    expect(heat.holds(heatWindow(T - 7 * DAY, T))).toBe(true);
    expect(heat.holds(heatWindow(T - 7 * DAY - 1, T))).toBe(false);
    heat.addStarts(Int32Array.of(0), BigInt64Array.of(BigInt(T + 6 * DAY)), 1);
    expect(heat.holds(heatWindow(T - DAY, T))).toBe(true);
    heat.addStarts(Int32Array.of(0), BigInt64Array.of(BigInt(T + 20 * DAY)), 1);
    expect(heat.holds(heatWindow(T, T + DAY))).toBe(false);
    const [guangzhou] = heat.rows('branch', {}, heatWindow(T - DAY, T + 21 * DAY), readings);
    expect(guangzhou.starts.reduce((a, b) => a + b)).toBe(1);
  });
});

describe('readers', () => {
  const limits = { connectionsMax: 1, waitingMax: 1, waitMsMax: 100, queryMsMax: 200 };
  const endless = 'select count(*) from range(1e9::bigint) a, range(1e9::bigint) b';

  it('stop a query that takes too long, and can be used again', async () => {
    const readers = openReaders(store, limits);
    const started = Date.now();
    await expect(readers.read((c) => c.run(endless))).rejects.toMatchObject({
      code: 'QUERY_TIMEOUT',
    });
    expect(Date.now() - started).toBeLessThan(5_000);
    const rows = await readers.read((c) => selectRows<{ one: number }>(c, 'select 1 as one'));
    expect(rows).toEqual([{ one: 1 }]);
    await readers.close();
    await expect(readers.read((c) => c.run('select 1'))).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });

  it('refuse when too many wait, or wait too long', async () => {
    const readers = openReaders(store, limits);
    const slow = readers.read(() => new Promise((resolve) => setTimeout(resolve, 150)));
    const waits = readers.read((c) => c.run('select 1'));
    await expect(readers.read((c) => c.run('select 1'))).rejects.toThrow(/too many/);
    await expect(waits).rejects.toThrow(/within 100 ms/);
    await slow;
    await readers.close();
  });
});
