// Records into one topic, and how far they were made of another one, in one Kafka transaction: what is
// read with read_committed holds each exactly once, whatever is killed when. A second producer by the
// same name fences the first off.

import type Kafka from 'node-rdkafka';
import { setTimeout as delay } from 'node:timers/promises';

import { FlaplineError, messageOf } from '../config/errors.js';
import { call, clientSettings, disconnectClient, KafkaFault, unavailable } from './client.js';
import { openConsumer } from './consumer.js';
import type { LogPosition } from './log.js';
import { connectProducer, type LineProducer, type ProducerOptions } from './producer.js';

/** How long one call of a transaction may take, in ms. */
const CALL_TIMEOUT_MS = 30_000;

/** How long the broker keeps an unfinished transaction of a producer that is gone, in ms. */
const TRANSACTION_TIMEOUT_MS = 60_000;

/** Pause before a transaction that was aborted is tried again, in ms: doubled up to the longest. */
const PAUSE_MS = 100;
const PAUSE_MS_MAX = 10_000;

/** What `openTransactions` takes. */
export interface TransactionOptions extends ProducerOptions {
  /** The name of this producer: its transactional id and the group that keeps its positions. */
  readonly name: string;
  /** The topic that is read. */
  readonly from: string;
  /** Told each time a transaction must be tried again. */
  readonly onNote: (text: string) => void;
}

/** Writes in transactions. */
export interface Transactions {
  readonly counts: LineProducer['counts'];
  /** Next offset of each of these partitions; those never written from are absent. */
  committed(partitions: readonly number[]): Promise<Map<number, number>>;
  /**
   * Produces what `write` produces and moves the positions, both or neither; tries again until it is
   * done, `stop` is aborted (then nothing of it is done), or it was fenced off.
   * @throws FlaplineError BROKER_UNAVAILABLE (fenced off, or refused for good), INTERRUPTED
   */
  transact(
    write: (produce: LineProducer['produce']) => Promise<void>,
    positions: readonly LogPosition[],
    stop: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, and fences off whoever has the name.
 * @throws FlaplineError BROKER_UNAVAILABLE, BAD_CONFIG
 */
export async function openTransactions(options: TransactionOptions): Promise<Transactions> {
  const { brokers, topic, name, startTimeoutMs, settings = {} } = options;
  const ids = { 'transactional.id': name, 'transaction.timeout.ms': TRANSACTION_TIMEOUT_MS };
  const { producer, client } = await connectProducer(options, ids);
  const consumer = await openConsumer({
    brokers,
    clientId: name,
    settings: { ...clientSettings(settings), 'group.id': name },
    startTimeoutMs: startTimeoutMs ?? CALL_TIMEOUT_MS,
  }).catch(async (error: unknown) => {
    await producer.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await producer.close();
    await disconnectClient(consumer);
  };
  try {
    await call<void>((done) => client.initTransactions(CALL_TIMEOUT_MS, done as Done));
  } catch (thrown) {
    await close();
    throw unavailable(brokers, CALL_TIMEOUT_MS, messageOf(thrown), thrown);
  }
  const { from } = options;

  async function once(
    write: (produce: LineProducer['produce']) => Promise<void>,
    positions: readonly LogPosition[],
    stop: AbortSignal,
  ): Promise<void> {
    const offsets = positions.map((position) => ({ topic: from, ...position }));
    await call<void>((done) => client.beginTransaction(done as Done));
    await write((key, value, timestampMs) => producer.produce(key, value, timestampMs));
    await call<void>((done) =>
      client.sendOffsetsToTransaction(offsets, consumer, CALL_TIMEOUT_MS, done as Done),
    );
    await retried(stop, (done) => client.commitTransaction(CALL_TIMEOUT_MS, done));
  }

  return {
    counts: producer.counts,
    close,
    async committed(partitions) {
      const asked = partitions.map((partition) => ({ topic: from, partition }));
      const found = await call<Kafka.TopicPartitionOffset[]>((done) =>
        consumer.committed(asked, CALL_TIMEOUT_MS, done as never),
      );
      return new Map(
        found
          .filter(({ offset }) => typeof offset === 'number' && offset >= 0)
          .map(({ partition, offset }) => [partition, offset]),
      );
    },
    async transact(write, positions, stop) {
      for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
        try {
          await once(write, positions, stop);
          return;
        } catch (thrown) {
          if (!(thrown instanceof KafkaFault)) throw thrown;
          if (thrown.isFatal) throw fenced(name, topic, thrown);
          options.onNote(`topic ${topic}: ${thrown.message}; the transaction is tried again`);
        }
        await retried(stop, (done) => client.abortTransaction(CALL_TIMEOUT_MS, done));
        await pause(pauseMs, stop);
      }
    },
  };
}

type Done = (fault: Kafka.LibrdKafkaError) => void;

/** Makes a call again as long as the answer is that it may be. */
async function retried(stop: AbortSignal, start: (done: Done) => void): Promise<void> {
  for (;;) {
    try {
      await call<void>((done) => start(done as Done));
      return;
    } catch (thrown) {
      if (!(thrown instanceof KafkaFault && thrown.isRetriable)) throw thrown;
    }
    await pause(PAUSE_MS, stop);
  }
}

/** Waits; throws INTERRUPTED once `stop` is aborted. */
async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: stop }).catch(() => {
    throw new FlaplineError('INTERRUPTED', 'stopped while a transaction waited for the broker');
  });
}

function fenced(name: string, topic: string, cause: KafkaFault): FlaplineError {
  return new FlaplineError(
    'BROKER_UNAVAILABLE',
    `topic ${topic} can no longer be written as ${name} (${cause.message}): another process writes ` +
      'it by the same name, or the rights for transactions are missing; stop one of them, or grant ' +
      'them, then start again',
    { cause },
  );
}
