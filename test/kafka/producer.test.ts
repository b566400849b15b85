// Producing: placement by key, a bounded queue, deliveries that fail.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { EMBEDDED_PARTITIONS, startEmbeddedBroker } from '../../src/source/embedded.js';
import { partitionOf } from '../../src/source/placement.js';
import { openProducer } from '../../src/source/producer.js';
import {
  brokers,
  FROM_START,
  PATIENCE_MS,
  read,
  topicOf,
  useBroker,
  withLog,
  type Entry,
} from './helpers.js';

useBroker();

describe('producing', () => {
  it('places keys as partitionOf says', async () => {
    const keys = Array.from({ length: 400 }, (_, i) => {
      const length = 1 + ((i * 7919) % 40);
      if (i % 2 === 0)
        return Buffer.from(Array.from({ length }, (_each, k) => (i * 31 + k * 97) % 256));
      return Buffer.from(`线路-${i}-${'é'.repeat(i % 5)}-${String.fromCodePoint(0x1f300 + i)}`);
    });
    const topic = await topicOf(keys.map((key): Entry => [key, Buffer.from('x')]));
    await withLog(topic, async (log) => {
      await log.assign(FROM_START);
      const records = await read(log, keys.length);
      expect(records).toHaveLength(keys.length);
      const used = new Set<number>();
      for (const { key, partition } of records) {
        expect(partition).toBe(partitionOf(key ?? Buffer.alloc(0), EMBEDDED_PARTITIONS));
        used.add(partition);
      }
      expect(used.size).toBe(EMBEDDED_PARTITIONS);
    });
  });

  it('waits while its queue is full instead of growing or failing', async () => {
    const settings = { 'queue.buffering.max.messages': 100 };
    const producer = await openProducer({ brokers: brokers(), topic: 'small-queue', settings });
    for (let i = 0; i < 2000; i++) await producer.produce(`k${i}`, Buffer.from('x'));
    await producer.flush(PATIENCE_MS);
    expect(producer.counts).toEqual({ accepted: 2000, failed: 0, lastError: null });
    await producer.close();
  });

  it('counts what could not be delivered', async () => {
    const own = await startEmbeddedBroker();
    const settings = { 'message.timeout.ms': 500, 'enable.idempotence': false };
    const producer = await openProducer({ brokers: own.brokers, topic: 't', settings });
    await own.stop();
    await producer.produce('line', Buffer.from('x'));
    const endMs = performance.now() + PATIENCE_MS;
    while (producer.counts.failed === 0 && performance.now() < endMs) await delay(50);
    expect(producer.counts).toMatchObject({ accepted: 1, failed: 1 });
    expect(producer.counts.lastError).toMatch(/timed out/i);
    await producer.close();
  });

  it('fails in time when no broker answers', async () => {
    const opening = openProducer({ brokers: '127.0.0.1:1', topic: 't', startTimeoutMs: 500 });
    await expect(opening).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });
});
