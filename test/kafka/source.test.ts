// A topic as a log, against the embedded broker: order, positions, ends, lost positions, and figures.
// The figures printed here (latency, rate) depend on the machine; only bounds are asserted.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { EMBEDDED_PARTITIONS } from '../../src/source/embedded.js';
import { openLog } from '../../src/source/kafka.js';
import { partitionOf } from '../../src/source/placement.js';
import { openProducer } from '../../src/source/producer.js';
import {
  add,
  ALL,
  brokers,
  FROM_START,
  numbered,
  PATIENCE_MS,
  read,
  topicOf,
  until,
  useBroker,
  withLog,
  type Entry,
} from './helpers.js';

useBroker();

describe('reading', () => {
  it('reads 10,000 records over the partitions, each partition in order', async () => {
    const topic = await topicOf(numbered(10_000));
    await withLog(topic, async (log) => {
      expect(await log.partitions()).toEqual(ALL);
      await log.assign(FROM_START);
      const records = await read(log, 10_000);
      expect(records).toHaveLength(10_000);
      const next = new Map<number, number>();
      const last = new Map<number, number>();
      for (const { partition, offset, value, timestamp } of records) {
        const number = Number(value?.toString());
        expect(offset).toBe(next.get(partition) ?? 0);
        expect(number).toBeGreaterThan(last.get(partition) ?? -1);
        expect(timestamp).toBe(1_164_900_000_000 + number);
        next.set(partition, offset + 1);
        last.set(partition, number);
      }
      expect([...log.positions()]).toEqual([...next].toSorted(([a], [b]) => a - b));
      expect([...log.ends()].toSorted()).toEqual([...next].toSorted());
      for (const [partition, high] of next) {
        expect(await log.watermarks(partition)).toEqual({ low: 0, high });
      }
      expect(log.problems).toMatchObject({ connected: true, lastError: null });
    });
  });

  it('reads on from given offsets, exactly, also while records of before are queued', async () => {
    const topic = await topicOf(numbered(8000));
    await withLog(topic, async (log) => {
      await log.assign(FROM_START);
      await log.consume(100, 5000);
      const before = [...log.positions()].map(([partition, offset]) => ({ partition, offset }));
      const changed = before.map(({ partition, offset }) => ({
        partition,
        offset: partition === 2 ? 700 : offset,
      }));
      await log.assign(changed);
      const ends = await Promise.all(ALL.map(async (partition) => log.watermarks(partition)));
      const expected = changed.flatMap(({ partition, offset }) =>
        Array.from(
          { length: ends[partition].high - offset },
          (_, i) => `${partition}@${offset + i}`,
        ),
      );
      const records = await read(log, expected.length);
      const got = records.map(({ partition, offset }) => `${partition}@${offset}`);
      expect(got.toSorted()).toEqual(expected.toSorted());
    });
  });

  it('rewinds, adds and drops partitions', async () => {
    const topic = await topicOf(numbered(400));
    await withLog(topic, async (log) => {
      const { high } = await log.watermarks(1);
      for (let round = 0; round < 3; round++) {
        await log.assign([{ partition: 1, offset: 0 }]);
        expect((await read(log, high)).map(({ offset }) => offset)).toEqual([
          ...Array.from({ length: high }).keys(),
        ]);
        await log.assign([{ partition: 1, offset: 3 }]);
        await log.assign([]);
      }
      expect(await log.consume(10, 100)).toEqual([]);
      await log.assign(FROM_START);
      expect(await read(log, 400)).toHaveLength(400);
    });
  });

  it('hands out null keys and values as null, and keys as bytes', async () => {
    const topic = await topicOf([
      ['线-1', null, 7],
      [Buffer.from([255, 0]), Buffer.from('v')],
      [null, Buffer.from('w')],
    ]);
    await withLog(topic, async (log) => {
      await log.assign(FROM_START);
      const records = await read(log, 3);
      const find = (key: Buffer | null) => records.find((each) => key?.equals(each.key ?? key));
      expect(find(Buffer.from('线-1'))).toMatchObject({ value: null, timestamp: 7 });
      expect(records.filter(({ key }) => key === null).map(({ value }) => value)).toEqual([
        Buffer.from('w'),
      ]);
      expect(records.some(({ key }) => key?.equals(Buffer.from([255, 0])))).toBe(true);
    });
  });

  it('knows the end, also of what is added later', async () => {
    const topic = await topicOf(numbered(40));
    await withLog(topic, async (log) => {
      await log.assign(FROM_START);
      const lag = () =>
        ALL.map((p) => (log.ends().get(p) ?? Infinity) - (log.positions().get(p) ?? 0));
      await until(log, () => lag().every((each) => each === 0));
      await add(topic, numbered(40));
      const [first] = await read(log, 1, 1);
      expect(lag()[first.partition]).toBeGreaterThan(0);
      await until(log, () => lag().every((each) => each === 0));
    });
  });

  it('refuses a second reader and ends a waiting one when closed', async () => {
    const topic = await topicOf(numbered(4));
    const log = await openLog({ brokers: brokers(), topic });
    const waiting = log.consume(10, 30_000);
    await expect(log.consume(10, 10)).rejects.toThrow('before the last one resolved');
    await Promise.all([log.close(), log.close()]);
    await log.close();
    expect(await waiting).toEqual([]);
    expect(await log.consume(10, 10)).toEqual([]);
  });
});

describe('reading one record back', () => {
  it('gives the record, and null where the log has none', async () => {
    const topic = await topicOf(numbered(100));
    await withLog(topic, async (log) => {
      await log.assign(FROM_START);
      const records = await read(log, 100);
      const some = records.find(({ partition, offset }) => partition === 3 && offset === 5);
      expect(some).toBeDefined();
      expect(await log.readOne(3, 5, PATIENCE_MS)).toEqual(some);
      const { high } = await log.watermarks(3);
      expect(await log.readOne(3, high, PATIENCE_MS)).toBeNull();
      expect((await log.readOne(3, high - 1, PATIENCE_MS))?.offset).toBe(high - 1);
      await expect(log.readOne(99, 0, 1000)).rejects.toMatchObject({ code: 'TOPIC_ABSENT' });
    });
  });
});

describe('lost positions', () => {
  it('reports an offset behind the log and reads on from its beginning', async () => {
    const big = Buffer.alloc(100_000, 'x');
    const key = Buffer.from('line-of-one-partition');
    const lossy = partitionOf(key, EMBEDDED_PARTITIONS);
    const topic = await topicOf(
      Array.from({ length: 100 }, (): Entry => [key, big]).concat([...numbered(200)]),
    );
    await withLog(topic, async (log) => {
      await log.assign(FROM_START);
      await until(log, () => log.problems.lost.size > 0);
      const lost = log.problems.lost.get(lossy);
      const { low, high } = await log.watermarks(lossy);
      expect(low).toBeGreaterThan(0);
      expect(lost).toEqual({ partition: lossy, position: 0, low, high });
      expect(log.problems.partitionErrors.get(lossy)).toContain(`from ${low} to ${high}`);
      expect(log.problems.lost.size).toBe(1);
      expect(await log.readOne(lossy, 0, PATIENCE_MS)).toBeNull();
      const positions = [...log.positions()].map(([partition, offset]) => ({
        partition,
        offset: partition === lossy ? low : offset,
      }));
      await log.assign(positions);
      const records = await read(log, high - low);
      expect(records[0]).toMatchObject({ partition: lossy, offset: low });
      expect(log.problems.partitionErrors.size + log.problems.lost.size).toBe(0);
    });
  });

  it('reports an offset beyond the end, beside partitions that are read', async () => {
    const topic = await topicOf(numbered(400));
    await withLog(topic, async (log) => {
      const { high } = await log.watermarks(3);
      await log.assign(
        FROM_START.map((each) => (each.partition === 3 ? { ...each, offset: high + 900 } : each)),
      );
      await until(log, () => log.problems.lost.size > 0);
      expect(log.problems.lost.get(3)).toEqual({
        partition: 3,
        position: high + 900,
        low: 0,
        high,
      });
      expect(log.problems.connected).toBe(true);
      await log.assign([{ partition: 3, offset: 0 }]);
      expect(await read(log, high)).toHaveLength(high);
    });
  });
});

describe('figures', () => {
  it('hands out a single record soon after it was produced', async () => {
    const topic = await topicOf(numbered(4));
    const producer = await openProducer({ brokers: brokers(), topic });
    await withLog(topic, async (log) => {
      await log.assign(FROM_START);
      await until(log, () => log.ends().size === EMBEDDED_PARTITIONS);
      const latenciesMs: number[] = [];
      for (let i = 0; i < 20; i++) {
        await delay(37);
        const startMs = performance.now();
        await producer.produce(`k${i}`, Buffer.from('x'));
        expect(await log.consume(1000, 5000)).toHaveLength(1);
        latenciesMs.push(performance.now() - startMs);
      }
      latenciesMs.sort((a, b) => a - b);
      console.log(
        `trickle latency p50 ${latenciesMs[10].toFixed(1)} ms, max ${latenciesMs[19].toFixed(1)} ms`,
      );
      expect(latenciesMs[10]).toBeLessThan(500);
    });
    await producer.close();
  });

  it('reads 200,000 small records, written in pieces that the broker can keep', async () => {
    const piece = 20_000;
    const topic = await topicOf(numbered(4, 100));
    await withLog(topic, async (log) => {
      await log.assign(FROM_START);
      await read(log, 4);
      let count = 0;
      let readMs = 0;
      for (let i = 0; i < 10; i++) {
        await add(topic, numbered(piece, 100));
        const startMs = performance.now();
        count += (await read(log, piece, 4096)).length;
        readMs += performance.now() - startMs;
      }
      console.log(`${count} records of 100 bytes at ${Math.round(count / readMs)} records/ms`);
      expect(count).toBe(10 * piece);
      expect(log.problems.lost.size).toBe(0);
    });
  });
});
