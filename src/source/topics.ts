// A topic that is ours to make: `rekey` writes into one with a fixed number of partitions. `run` makes
// none (SPEC section 4).

import Kafka from 'node-rdkafka';

import { FlaplineError, messageOf } from '../config/errors.js';
import { call, clientSettings, construct, type Settings } from './client.js';
import { openLog } from './kafka.js';
import { isAbsence } from './questions.js';

const CREATE_TIMEOUT_MS = 30_000;

/** What `provideTopic` takes. */
export interface TopicWish {
  readonly brokers: string;
  readonly topic: string;
  readonly partitions: number;
  /** -1 = the cluster's default. */
  readonly replicationFactor: number;
  readonly settings: Settings;
  readonly startTimeoutMs: number;
}

/**
 * Makes a topic unless it is there; says whether it was made.
 * @throws FlaplineError BAD_CONFIG when it has another number of partitions, or may not be made;
 * BROKER_UNAVAILABLE
 */
export async function provideTopic(wish: TopicWish): Promise<boolean> {
  const found = await partitionsFound(wish);
  if (found === null) {
    await createTopic(wish);
    return true;
  }
  if (found === wish.partitions) return false;
  throw new FlaplineError(
    'BAD_CONFIG',
    `topic ${wish.topic} has ${found} partitions, not ${wish.partitions}: a line keeps its partition ` +
      `only while their number stays; say --partitions ${found}, or name another topic`,
  );
}

/** How many partitions a topic has, null when there is none. Throws BROKER_UNAVAILABLE. */
export async function partitionsFound(
  wish: Pick<TopicWish, 'brokers' | 'topic' | 'settings' | 'startTimeoutMs'>,
): Promise<number | null> {
  const { brokers, topic, startTimeoutMs } = wish;
  try {
    const settings = clientSettings(wish.settings);
    const log = await openLog({ brokers, topic, settings, startTimeoutMs });
    try {
      return (await log.partitions()).length;
    } finally {
      await log.close();
    }
  } catch (thrown) {
    if (isAbsence(thrown)) return null;
    throw thrown;
  }
}

async function createTopic(wish: TopicWish): Promise<void> {
  const { brokers, topic, partitions, replicationFactor } = wish;
  const admin = construct(() =>
    Kafka.AdminClient.create({
      ...clientSettings(wish.settings),
      'metadata.broker.list': brokers,
    }),
  );
  try {
    await call<void>((done) =>
      admin.createTopic(
        { topic, num_partitions: partitions, replication_factor: replicationFactor },
        CREATE_TIMEOUT_MS,
        done as (fault: Kafka.LibrdKafkaError) => void,
      ),
    );
  } catch (thrown) {
    throw new FlaplineError(
      'BAD_CONFIG',
      `topic ${topic} with ${partitions} partitions could not be made (${messageOf(thrown)}): ` +
        'make it yourself, or grant the right to',
      { cause: thrown },
    );
  } finally {
    admin.disconnect();
  }
}
