// KPIs where definitions bite: month edges, a zone with summer time, lines that change hands, works
// that overlap and change, late events in a frozen month.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFigures } from '../../src/kpi/figures.js';
import { closedMonths, keepMonths, recomputeMonth } from '../../src/kpi/frozen.js';
import { KpiKeeper } from '../../src/kpi/keeper.js';
import { figuresOf, restatements } from '../../src/kpi/kept.js';
import { type MonthRows, START, readMonthRows, sortLine } from '../../src/kpi/month-rows.js';
import { dropRelations, makeRelations } from '../../src/kpi/relations.js';
import { addMonths, monthAt, monthOf } from '../../src/kpi/month.js';
import { openStore, type Store } from '../../src/store/store.js';
import { insert } from '../host/store-fixture.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string): number => Date.parse(text);

let store: Store;
beforeEach(async () => {
  store = await openStore(':memory:');
  await insert(store.writer, 'log_partition', {
    partition_id: 0,
    cluster: 'c',
    topic: 't',
    partition: 0,
  });
});
afterEach(() => store.close());

/** A line with one open state that stands for its last event, and its partition read to lastMs. */
async function lines(names: readonly string[], firstMs: number, lastMs: number): Promise<void> {
  await insert(store.writer, 'progress', {
    partition_id: 0,
    log: 0,
    position: 1,
    first_ms: firstMs,
    effective_ms: lastMs,
    events: 1,
    late: 0,
    duplicates: 0,
    rejected: 0,
  });
  for (const [line_id, line] of names.entries()) {
    await insert(store.writer, 'line', { line_id, line });
    await insert(store.writer, 'open_state', {
      line_id,
      partition_id: 0,
      down: false,
      unknown: false,
      n: 1,
      effective_ms: lastMs,
    });
  }
}

const down = (line_id: number, n: number, start_ms: number, end_ms: number): Promise<void> =>
  insert(store.writer, 'interruption_row', { line_id, partition_id: 0, n, start_ms, end_ms });

async function figure(
  month: string,
  zone: string,
  kpi: string,
  name = '',
  variant = 'gross',
): Promise<[number, number | null] | null> {
  const found = await readFigures(store.writer, monthOf(month, zone), 'latest', ['all', 'branch']);
  const row = found?.rows.find(
    (one) =>
      one.kpi === kpi &&
      one.dimension === (name === '' ? 'all' : 'branch') &&
      one.name === name &&
      one.variant === variant,
  );
  return row ? [row.numerator, row.denominator] : null;
}

describe('month edges', () => {
  it('clip down time and count where the interruption starts', async () => {
    await lines(['a'], at('2007-01-01T00:00:00+08:00'), at('2007-03-10T00:00:00+08:00'));
    const edge = at('2007-02-01T00:00:00+08:00');
    await down(0, 1, edge - HOUR, edge + 2 * HOUR);
    await down(0, 2, edge, edge);
    const zone = 'Asia/Shanghai';
    const whole = 31 * DAY;
    expect(await figure('2007-01', zone, 'availability')).toEqual([whole - HOUR, whole]);
    expect(await figure('2007-02', zone, 'availability')).toEqual([28 * DAY - 2 * HOUR, 28 * DAY]);
    expect(await figure('2007-01', zone, 'outages')).toEqual([1, null]);
    expect(await figure('2007-02', zone, 'outages')).toEqual([0, null]);
    expect(await figure('2007-02', zone, 'momentary')).toEqual([1, null]);
    expect(await figure('2007-01', zone, 'mttr')).toEqual([3 * HOUR, 1]);
    expect(await figure('2007-02', zone, 'unavailable_seconds')).toEqual([7200, null]);
    expect(await figure('2006-12', zone, 'outages')).toBeNull();
  });

  it('do not cut a fault, or a row of unavailable seconds, that goes on behind them', async () => {
    await lines(['a'], at('2007-01-01T00:00:00+08:00'), at('2007-03-10T00:00:00+08:00'));
    await insert(store.writer, 'cause', { cause_id: 1, cause: 'dig' });
    const edge = at('2007-02-01T00:00:00+08:00');
    await down(0, 1, edge - HOUR, edge - 5_000);
    const later = { line_id: 0, partition_id: 0, n: 2, start_ms: edge + 3_000, cause_id: 1 };
    await insert(store.writer, 'interruption_row', { ...later, end_ms: edge + HOUR });
    const zone = 'Asia/Shanghai';
    expect(await figure('2007-01', zone, 'unknown_cause_share')).toEqual([0, 1]);
    expect(await figure('2007-02', zone, 'unknown_cause_share')).toEqual([0, 0]);
    expect(await figure('2007-01', zone, 'errored_seconds')).toEqual([3595, null]);
    expect(await figure('2007-01', zone, 'unavailable_seconds')).toEqual([3600, null]);
    expect(await figure('2007-02', zone, 'unavailable_seconds')).toEqual([3600, null]);
    expect(await figure('2007-01', zone, 'outages')).toEqual([1, null]);
  });

  it('are those of a zone with summer time', async () => {
    const zone = 'Europe/Berlin';
    const march = monthOf('2007-03', zone);
    expect((march.toMs - march.fromMs) / HOUR).toBe(31 * 24 - 1);
    expect((monthOf('2007-10', zone).toMs - monthOf('2007-10', zone).fromMs) / HOUR).toBe(
      31 * 24 + 1,
    );
    await lines(['a'], march.fromMs - DAY, at('2007-05-01T00:00:00Z'));
    await down(0, 1, at('2007-03-31T21:59:59Z'), at('2007-03-31T22:00:01Z'));
    expect(await figure('2007-03', zone, 'momentary')).toEqual([1, null]);
    expect(await figure('2007-04', zone, 'momentary')).toEqual([0, null]);
    const length = march.toMs - march.fromMs;
    expect(await figure('2007-03', zone, 'availability')).toEqual([length - 1000, length]);
    expect(await figure('2007-04', zone, 'errored_seconds')).toEqual([1, null]);
  });

  it('come one after the other', () => {
    expect([addMonths('2007-12', 1), addMonths('2007-01', -1)]).toEqual(['2008-01', '2006-12']);
    expect(monthAt(at('2007-01-31T16:00:00Z'), 'Asia/Shanghai')).toBe('2007-02');
    expect(() => monthOf('2007-13', 'UTC')).toThrow(/write it as 2007-03/);
  });
});

it('a line that changes hands counts in each for its own time', async () => {
  const zone = 'Asia/Shanghai';
  await lines(['a'], at('2007-01-01T00:00:00+08:00'), at('2007-03-01T00:00:00+08:00'));
  const moved = at('2007-02-11T00:00:00+08:00');
  await insert(store.writer, 'line_row', { line: 'a', branch: '广州', valid_to_ms: moved });
  await insert(store.writer, 'line_row', { line: 'a', branch: '深圳', valid_from_ms: moved });
  await down(0, 1, moved - HOUR, moved + HOUR);
  await down(0, 2, moved + 2 * HOUR, moved + 2 * HOUR + 1000);
  expect(await figure('2007-02', zone, 'outages', '广州')).toEqual([1, null]);
  expect(await figure('2007-02', zone, 'outages', '深圳')).toEqual([0, null]);
  expect(await figure('2007-02', zone, 'momentary', '深圳')).toEqual([1, null]);
  const [mine, yours] = [10 * DAY, 18 * DAY];
  expect(await figure('2007-02', zone, 'availability', '广州')).toEqual([mine - HOUR, mine]);
  expect(await figure('2007-02', zone, 'availability', '深圳')).toEqual([
    yours - HOUR - 1000,
    yours,
  ]);
  expect(await figure('2007-02', zone, 'cemi_1')).toEqual([1, 1]);
});

it('takes planned down time only up to the end of the window', async () => {
  const zone = 'Asia/Shanghai';
  await lines(['a'], at('2007-01-01T00:00:00+08:00'), at('2007-03-01T00:00:00+08:00'));
  const start = at('2007-02-03T01:00:00+08:00');
  await down(0, 1, start, start + 3 * HOUR);
  await down(0, 2, start + 5 * HOUR, start + 6 * HOUR);
  const mark = { line_id: 0, partition_id: 0, n: 1, start_ms: start };
  await insert(store.writer, 'planned_mark', { ...mark, planned_until_ms: start + 2 * HOUR });
  const of = (kpi: string, variant: string) => figure('2007-02', zone, kpi, '', variant);
  expect(await of('outages', 'planned')).toEqual([1, null]);
  expect(await of('outages', 'net')).toEqual([1, null]);
  expect(await of('unavailable_seconds', 'gross')).toEqual([4 * 3600, null]);
  expect(await of('unavailable_seconds', 'planned')).toEqual([2 * 3600, null]);
  expect(await of('unavailable_seconds', 'net')).toEqual([2 * 3600, null]);
  // Together one fault; without the planned outage one of its own.
  expect(await of('repeat_fault_rate', 'gross')).toEqual([0, 1]);
  expect(await of('repeat_fault_rate', 'net')).toEqual([0, 1]);
});

const stamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '');

it('counts as notified what was told with proof, in time and before the first report', async () => {
  const zone = 'Asia/Shanghai';
  const first = at('2007-02-01T00:00:00+08:00');
  await lines(['a', 'b'], first - DAY, at('2007-03-05T00:00:00+08:00'));
  await insert(store.writer, 'line_row', { line: 'a', customer: 'Bank', branch: '广州' });
  await insert(store.writer, 'line_row', { line: 'b', customer: 'Shop', branch: '广州' });
  const enrolled_ms = first + DAY;
  await insert(store.writer, 'customer_row', { customer: 'Bank', key: true, enrolled_ms });
  await insert(store.writer, 'customer_row', { customer: 'Shop', key: false, enrolled_ms: 0 });
  const MINUTES = 60_000;
  // Before it was enrolled, then on days 2 to 7; the notice is acknowledged so long after detection.
  const sent = [1, 1, 15, 16, 1, 1, null];
  for (const [n, minutes] of sent.entries()) {
    const start_ms = first + HOUR + n * DAY;
    await down(0, n + 1, start_ms, start_ms + HOUR);
    await down(1, n + 1, start_ms, start_ms + HOUR);
    const named = { notice_id: `fault/a/${n}/start`, kind: 'fault', line: 'a', customer: 'Bank' };
    const detected_ms = start_ms + MINUTES;
    const notice = { ...named, start_ms, step: 'start', detected_ms, body: '{}' };
    const notice_recorded_at = stamp(detected_ms);
    await insert(store.writer, 'notice', { ...notice, notice_recorded_at });
    const state = minutes === null ? 'given up' : 'sent';
    const delivery_recorded_at = stamp(detected_ms + (minutes ?? 1) * MINUTES);
    const delivery = { notice_id: named.notice_id, channel: 'desk', state, delivery_recorded_at };
    await insert(store.writer, 'notice_delivery', delivery);
  }
  // Day 4 is reported before it is told, day 5 after; day 6 was given up.
  for (const [n, minutes] of [
    [4, 1.5],
    [5, 3],
  ] as const) {
    const opened_ms = first + HOUR + n * DAY + minutes * MINUTES;
    const ticket = { ticket: `G-${n}`, kind: 'report', line: 'a', opened_ms };
    await insert(store.writer, 'ticket_row', ticket);
  }
  expect(await figure('2007-02', zone, 'proactive_notification')).toEqual([3, 6]);
  const mark = { line_id: 0, partition_id: 0, n: 7, start_ms: first + HOUR + 6 * DAY };
  await insert(store.writer, 'planned_mark', { ...mark, planned_until_ms: mark.start_ms + HOUR });
  expect(await figure('2007-02', zone, 'proactive_notification', '广州')).toEqual([3, 5]);
});

describe('a closed month', () => {
  const zone = 'Asia/Shanghai';
  const first = at('2007-01-01T00:00:00+08:00');
  const end = at('2007-02-01T00:00:00+08:00');

  it('closes three days behind its end, on every partition', async () => {
    await lines(['a'], first, end + 3 * DAY - 1);
    expect(await closedMonths(store.writer, 'latest', zone)).toEqual([]);
    const january = monthOf('2007-01', zone);
    await expect(recomputeMonth(store.writer, january, 'latest', 'x')).rejects.toThrow(
      /not closed/,
    );
    const both = new Map([[0, end + 3 * DAY]]);
    expect((await closedMonths(store.writer, both, zone)).map(({ month }) => month)).toEqual([
      '2007-01',
    ]);
  });

  it('keeps its figures, and late data restates them with a date and a reason', async () => {
    await lines(['a', 'b'], first, end + 4 * DAY);
    await down(0, 1, first + DAY, first + DAY + 1000);
    expect(await keepMonths(store.writer, 'latest', zone)).toEqual([
      { month: '2007-01', frozen: true, changed: 0 },
    ]);
    expect(await keepMonths(store.writer, 'latest', zone)).toEqual([]);
    await down(1, 1, first + 2 * DAY, first + 2 * DAY + 1000);
    const january = monthOf('2007-01', zone);
    const momentary = async (): Promise<number> => {
      const told = await figuresOf(store.writer, january, 'latest', ['all']);
      expect(told!.frozen).toBe(true);
      return told!.rows.find(({ kpi, variant }) => kpi === 'momentary' && variant === 'gross')!
        .numerator;
    };
    // Never silently: until it is restated it stands as it was.
    expect(await momentary()).toBe(1);
    const [restated] = await keepMonths(store.writer, 'latest', zone);
    expect(restated).toMatchObject({ month: '2007-01', frozen: false });
    expect(restated!.changed).toBeGreaterThan(0);
    expect(await momentary()).toBe(2);
    const told = await restatements(store.writer, 1000);
    const ours = told.find(
      ({ kpi, dimension, variant }) =>
        kpi === 'momentary' && dimension === 'all' && variant === 'gross',
    );
    expect(ours).toMatchObject({ numeratorBefore: 1, numerator: 2, why: /late data/ as never });
    expect(Math.abs(Date.now() - ours!.restatedMs)).toBeLessThan(600_000);
    expect(await keepMonths(store.writer, 'latest', zone)).toEqual([]);
  });

  it('is restated by late data on either side of it that changes a fault across its edge', async () => {
    const january = monthOf('2007-01', zone);
    const shareOf = async (kpi: string): Promise<[number, number | null]> => {
      const told = await figuresOf(store.writer, january, 'latest', ['all']);
      const row = told!.rows.find((one) => one.kpi === kpi && one.variant === 'gross');
      return [row!.numerator, row!.denominator];
    };
    await lines(['a', 'b'], first - 31 * DAY, end + 4 * DAY);
    await insert(store.writer, 'cause', { cause_id: 1, cause: 'dig' });
    await down(0, 2, end - HOUR, end - HOUR / 2);
    await down(1, 2, first + HOUR, first + 2 * HOUR);
    await keepMonths(store.writer, 'latest', zone);
    expect(await shareOf('unknown_cause_share')).toEqual([2, 2]);
    expect(await shareOf('repeat_fault_rate')).toEqual([0, 2]);
    // Behind the month: part of the fault that began in its last hour, and known by its cause.
    await insert(store.writer, 'interruption_row', {
      line_id: 0,
      partition_id: 0,
      n: 3,
      start_ms: end + HOUR,
      end_ms: end + 2 * HOUR,
      cause_id: 1,
    });
    const behind = await keepMonths(store.writer, 'latest', zone);
    expect(behind).toMatchObject([{ month: '2007-01', frozen: false }]);
    expect(await shareOf('unknown_cause_share')).toEqual([1, 2]);
    // Before it: the fault of its second hour repeats that of three weeks ago.
    await down(1, 1, first - 21 * DAY, first - 21 * DAY + HOUR);
    const before = await keepMonths(store.writer, 'latest', zone);
    expect(before.map(({ month }) => month)).toEqual(['2006-12', '2007-01']);
    expect(await shareOf('repeat_fault_rate')).toEqual([1, 2]);
    expect(await keepMonths(store.writer, 'latest', zone)).toEqual([]);
  });

  it('is computed as of the time that a service is asked for', async () => {
    await lines(['a'], first, end + 40 * DAY);
    await down(0, 1, first + DAY, first + DAY + 1000);
    const reading = () => new Map([[0, end + 40 * DAY]]);
    const keeper = new KpiKeeper(store, { timeZone: zone, reading, onNote: () => undefined });
    const early = keeper.recompute('2007-01', 'as of then', end + 2 * DAY);
    await expect(early).rejects.toThrow(/not closed/);
    const readAt = async (): Promise<number> =>
      (await figuresOf(store.writer, monthOf('2007-01', zone), 'latest', ['all']))!.readingMs;
    const then = await keeper.recompute('2007-01', 'as of then', end + 4 * DAY);
    expect(then).toEqual({ month: '2007-01', frozen: true, changed: 0 });
    expect(await readAt()).toBe(end + 4 * DAY);
    await keeper.recompute('2007-01', 'as of now', null);
    expect(await readAt()).toBe(end + 40 * DAY);
    await keeper.close();
  });

  it('is gone through in parts where it has more interruptions than are held at a time', async () => {
    const names = Array.from({ length: 7 }, (_, i) => `line ${i}`);
    await lines(names, first, end);
    const month = monthOf('2007-01', zone);
    for (const line of names.keys()) {
      // The later one is stored first.
      await down(line, 2, first + DAY + line * HOUR, first + DAY + line * HOUR + 1000);
      await down(line, 1, first + line * HOUR, first + line * HOUR + 1000);
    }
    const read = (await makeRelations(store.writer, month, 'latest'))!;
    const inParts = async (rowsMax: number) => {
      const starts = new Map<number, number[]>();
      let parts = 0;
      const take = async (rows: MonthRows): Promise<void> => {
        parts++;
        for (const line of names.keys()) {
          const [from, to] = [rows.begins[line]!, rows.begins[line + 1]!];
          if (from === to) continue;
          expect(starts.has(line)).toBe(false);
          sortLine(rows, from, to);
          const own = [...rows.order.subarray(from, to)].map((row) => rows.fields[row + START]!);
          starts.set(line, own);
        }
      };
      await readMonthRows(store.writer, read, names.length - 1, take, rowsMax);
      return { parts, starts };
    };
    const whole = await inParts(100);
    const parted = await inParts(4);
    expect([whole.parts, parted.parts]).toEqual([1, 4]);
    expect(whole.starts.get(3)).toEqual([first + 3 * HOUR, first + DAY + 3 * HOUR]);
    expect(parted.starts).toEqual(whole.starts);
    await dropRelations(store.writer);
  });

  it('is restated when a work changes', async () => {
    await lines(['a'], first, end + 4 * DAY);
    await down(0, 1, first + DAY, first + DAY + HOUR);
    await keepMonths(store.writer, 'latest', zone);
    const mark = { line_id: 0, partition_id: 0, n: 1, start_ms: first + DAY };
    await insert(store.writer, 'planned_mark', { ...mark, planned_until_ms: first + DAY + HOUR });
    const [restated] = await keepMonths(store.writer, 'latest', zone);
    expect(restated!.changed).toBeGreaterThan(0);
    const january = monthOf('2007-01', zone);
    const told = await figuresOf(store.writer, january, 'latest', ['all']);
    const net = told!.rows.find(({ kpi, variant }) => kpi === 'outages' && variant === 'net');
    expect(net!.numerator).toBe(0);
  });
});
