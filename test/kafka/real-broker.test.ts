// The real broker itself: topics with records that outlive an orderly stop and a kill of its node, and
// a new leader when the old one of three is killed.

import { expect, it } from 'vitest';
import type { Cluster } from './broker/cluster.js';
import { describeKafka } from './broker/describe.js';
import { openLog } from '../../src/source/kafka.js';
import { openProducer } from '../../src/source/producer.js';

const TIMEOUT_MS = 180_000;
const PATIENCE_MS = 60_000;

async function produce(cluster: Cluster, topic: string, values: readonly string[]): Promise<void> {
  const producer = await openProducer({ brokers: cluster.brokers, topic });
  for (const value of values) await producer.produce('key', Buffer.from(value));
  await producer.flush(PATIENCE_MS);
  expect(producer.counts.failed).toBe(0);
  await producer.close();
}

async function valuesOf(cluster: Cluster, topic: string, count: number): Promise<string[]> {
  const log = await openLog({ brokers: cluster.brokers, topic });
  const values: string[] = [];
  try {
    const partitions = await log.partitions();
    await log.assign(partitions.map((partition) => ({ partition, offset: 0 })));
    const end = performance.now() + PATIENCE_MS;
    while (values.length < count && performance.now() < end) {
      const records = await log.consume(100, 200);
      values.push(...records.map(({ value }) => String(value)));
    }
  } finally {
    await log.close();
  }
  return values;
}

describeKafka('one node', 1, (cluster) => {
  it(
    'keeps its records over a stop and a kill; topics come, grow and go',
    async () => {
      const { topics, nodes } = cluster();
      await topics.create('kept', 2);
      await produce(cluster(), 'kept', ['a', 'b']);
      await nodes[0].stop();
      await nodes[0].start();
      await produce(cluster(), 'kept', ['c']);
      await nodes[0].kill();
      await nodes[0].start();
      expect(await valuesOf(cluster(), 'kept', 3)).toEqual(['a', 'b', 'c']);
      await topics.grow('kept', 3);
      await topics.remove('kept');
      await topics.create('kept', 1);
      await produce(cluster(), 'kept', ['new']);
      expect(await valuesOf(cluster(), 'kept', 1)).toEqual(['new']);
    },
    TIMEOUT_MS,
  );
});

describeKafka('three nodes', 3, (cluster) => {
  it(
    'find a new leader when the old one is killed',
    async () => {
      const { topics, nodes } = cluster();
      await topics.create('led', 1);
      await produce(cluster(), 'led', ['a']);
      const leader = await topics.leaderOf('led', 0);
      await nodes.find(({ place }) => place.id === leader)!.kill();
      await produce(cluster(), 'led', ['b']);
      expect(await topics.leaderOf('led', 0)).not.toBe(leader);
      expect(await valuesOf(cluster(), 'led', 2)).toEqual(['a', 'b']);
    },
    TIMEOUT_MS,
  );
});
