// A topic of an embedded broker as a test fills it: records placed by their line, and how many there
// are in each partition, so that a test knows when all is read. The broker keeps EMBEDDED_BYTES_KEPT a
// partition.

import {
  EMBEDDED_PARTITIONS,
  type EmbeddedBroker,
  startEmbeddedBroker,
} from '../../src/source/embedded.js';
import { partitionOf } from '../../src/source/placement.js';
import { openProducer } from '../../src/source/producer.js';

const FLUSH_MS = 20_000;

/** One record: a line's, as it is produced. */
export interface TopicRecord {
  readonly key: string;
  readonly value: Buffer | null;
}

/** A topic that is being filled. */
export interface FilledTopic {
  readonly broker: EmbeddedBroker;
  readonly topic: string;
  /** Partition -> records produced; a live view. */
  readonly ends: ReadonlyMap<number, number>;
  /** Produces records stamped with the time of producing, and waits until they are delivered. */
  add(records: readonly TopicRecord[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a broker with one topic of ours. */
export async function openTopic(topic: string): Promise<FilledTopic> {
  const broker = await startEmbeddedBroker();
  const producer = await openProducer({ brokers: broker.brokers, topic });
  const ends = new Map<number, number>();
  return {
    broker,
    topic,
    ends,
    async add(records) {
      for (const { key, value } of records) {
        await producer.produce(key, value, Date.now());
        const partition = partitionOf(Buffer.from(key), EMBEDDED_PARTITIONS);
        ends.set(partition, (ends.get(partition) ?? 0) + 1);
      }
      await producer.flush(FLUSH_MS);
      if (producer.counts.failed > 0) throw new Error(String(producer.counts.lastError));
    },
    async stop() {
      await producer.close();
      await broker.stop();
    },
  };
}
