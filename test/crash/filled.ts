// A topic of the real cluster as a test fills it: records placed by their line, and where each
// partition ends, so that a test knows when all is read.

import { openProducer } from '../../src/source/producer.js';
import { partitionOf } from '../../src/source/placement.js';
import type { Cluster } from '../kafka/broker/cluster.js';
import type { TopicRecord } from '../kafka/topic.js';

const FLUSH_MS = 60_000;
/** Of a record; the topic's own limit is lower unless it is set. */
export const RECORD_BYTES_MAX = 16 << 20;

/** A topic that is being filled. */
export interface Filled {
  readonly topic: string;
  /** Partition -> records produced; a live view. */
  readonly ends: Map<number, number>;
  /** Produces records stamped with the time of producing, and waits until they are delivered. */
  add(records: readonly TopicRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Makes a topic, with settings by Kafka's names, and opens it for filling. */
export async function fillTopic(
  cluster: Cluster,
  topic: string,
  partitions: number,
  settings: Record<string, string> = {},
): Promise<Filled> {
  await cluster.topics.create(topic, partitions, settings);
  return openFilled(cluster, topic, partitions, new Map());
}

/** Gives a topic more partitions; it is filled on through what is returned. */
export async function growTopic(
  cluster: Cluster,
  filled: Filled,
  partitions: number,
): Promise<Filled> {
  await filled.close();
  await cluster.topics.grow(filled.topic, partitions);
  return openFilled(cluster, filled.topic, partitions, filled.ends);
}

async function openFilled(
  cluster: Cluster,
  topic: string,
  partitions: number,
  ends: Map<number, number>,
): Promise<Filled> {
  const producer = await openProducer({
    brokers: cluster.brokers,
    topic,
    settings: { 'message.max.bytes': RECORD_BYTES_MAX },
  });
  return {
    topic,
    ends,
    async add(records) {
      for (const { key, value } of records) {
        await producer.produce(key, value, Date.now());
        const partition = partitionOf(Buffer.from(key), partitions);
        ends.set(partition, (ends.get(partition) ?? 0) + 1);
      }
      await producer.flush(FLUSH_MS);
      if (producer.counts.failed > 0) throw new Error(String(producer.counts.lastError));
    },
    close: () => producer.close(),
  };
}
