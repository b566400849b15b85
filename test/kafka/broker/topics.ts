// Topics of a real cluster: made, removed, given more partitions; where a partition's leader is.

import { setTimeout as delay } from 'node:timers/promises';
import Kafka from 'node-rdkafka';
import { call, connectClient, disconnectClient } from '../../../src/source/client.js';

const TIMEOUT_MS = 30_000;
const ASK_TIMEOUT_MS = 2_000;
const LOOK_MS = 100;

/** What can be done with topics; each resolves when every node that is asked knows of it. */
export interface Topics {
  /** Settings of the topic by Kafka's names. */
  create(topic: string, partitions: number, settings?: Record<string, string>): Promise<void>;
  remove(topic: string): Promise<void>;
  /** To this number of partitions in all. */
  grow(topic: string, partitions: number): Promise<void>;
  /** The node that leads a partition. */
  leaderOf(topic: string, partition: number): Promise<number>;
  close(): void;
}

type Done = (fault: Kafka.LibrdKafkaError) => void;

/** Opens an admin client; it connects when it is first asked. */
export function openTopics(brokers: string, copies: number): Topics {
  const config = { 'metadata.broker.list': brokers, log_level: 0 };
  let opened: Kafka.IAdminClient | null = null;
  const admin = (): Kafka.IAdminClient => (opened ??= Kafka.AdminClient.create(config));
  const waitFor = async (
    what: string,
    met: (leaders: readonly number[]) => boolean,
    topic: string,
  ): Promise<void> => {
    const end = performance.now() + TIMEOUT_MS;
    while (!met(await leaders(config, topic))) {
      if (performance.now() > end) throw new Error(`topic ${topic}: ${what}, waited in vain`);
      await delay(LOOK_MS);
    }
  };
  return {
    async create(topic, partitions, settings = {}) {
      await call<void>((done) =>
        admin().createTopic(
          { topic, num_partitions: partitions, replication_factor: copies, config: settings },
          TIMEOUT_MS,
          done as Done,
        ),
      );
      await waitFor('made', haveLeaders(partitions), topic);
    },
    async remove(topic) {
      await call<void>((done) => admin().deleteTopic(topic, TIMEOUT_MS, done as Done));
      await waitFor('removed', (found) => found.length === 0, topic);
    },
    async grow(topic, partitions) {
      await call<void>((done) =>
        admin().createPartitions(topic, partitions, TIMEOUT_MS, done as Done),
      );
      await waitFor('has more partitions', haveLeaders(partitions), topic);
    },
    async leaderOf(topic, partition) {
      return (await leaders(config, topic))[partition];
    },
    close() {
      opened?.disconnect();
      opened = null;
    },
  };
}

/** Judges the leaders of `count` partitions: each has one. */
function haveLeaders(count: number): (leaders: readonly number[]) => boolean {
  return (found) => found.length === count && found.every((leader) => leader > 0);
}

/** The leaders of a topic's partitions in their order; -1 = none; empty when there is no such topic. */
async function leaders(config: Kafka.ProducerGlobalConfig, topic: string): Promise<number[]> {
  const client = new Kafka.Producer(config);
  await connectClient(client, {
    brokers: String(config['metadata.broker.list']),
    timeoutMs: TIMEOUT_MS,
  });
  try {
    const metadata = await call<Kafka.Metadata>((done) =>
      client.getMetadata({ topic, timeout: ASK_TIMEOUT_MS }, done),
    );
    const found = metadata.topics.find(({ name }) => name === topic);
    return (found?.partitions ?? []).toSorted((a, b) => a.id - b.id).map(({ leader }) => leader);
  } finally {
    await disconnectClient(client);
  }
}
