// Records into one topic, and how far they were made of another one, in one Kafka transaction: what is
// read with read_committed holds each exactly once, whatever is killed when. A second producer by the
// same name fences the first off.

import type Kafka from 'node-rdkafka';
import { setTimeout as delay } from 'node:timers/promises';

import { FlaplineError, messageOf } from '../config/errors.js';
import { call, clientSettings, disconnectClient, KafkaFault, unavailable } from './client.js';
import { openConsumer } from './consumer.js';
import type { LogPosition } from './log.js';
import {
  connectProducer,
  type ConnectedProducer,
  type LineProducer,
  type ProducerOptions,
} from './producer.js';

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

/** A producer of transactions, connected, and its client. */
export interface Transactional extends ConnectedProducer {
  /** Begins, writes, moves a group's positions, commits. Throws KafkaFault; then comes `abort`. */
  transact(
    write: () => Promise<void>,
    offsets: readonly Kafka.TopicPartitionOffset[],
    consumer: Kafka.KafkaConsumer,
    stop: AbortSignal,
  ): Promise<void>;
  abort(stop: AbortSignal): Promise<void>;
}

/**
 * Connects a producer of transactions, and fences off whoever has the name.
 * @throws FlaplineError BROKER_UNAVAILABLE, BAD_CONFIG
 */
export async function openTransactional(
  options: ProducerOptions,
  name: string,
): Promise<Transactional> {
  const timeout = { 'transaction.timeout.ms': TRANSACTION_TIMEOUT_MS };
  const settings = { ...timeout, ...options.settings };
  const connected = await connectProducer({ ...options, settings }, { 'transactional.id': name });
  const { producer, client } = connected;
  try {
    await call<void>((done) => client.initTransactions(CALL_TIMEOUT_MS, done as Done));
  } catch (thrown) {
    await producer.close();
    throw unavailable(options.brokers, CALL_TIMEOUT_MS, messageOf(thrown), thrown);
  }
  return {
    ...connected,
    async transact(write, offsets, consumer, stop) {
      await call<void>((done) => client.beginTransaction(done as Done));
      await write();
      await call<void>((done) =>
        client.sendOffsetsToTransaction([...offsets], consumer, CALL_TIMEOUT_MS, done as Done),
      );
      await retried(stop, (done) => client.commitTransaction(CALL_TIMEOUT_MS, done));
    },
    abort: (stop) => retried(stop, (done) => client.abortTransaction(CALL_TIMEOUT_MS, done)),
  };
}

/**
 * Connects, and fences off whoever has the name.
 * @throws FlaplineError BROKER_UNAVAILABLE, BAD_CONFIG
 */
export async function openTransactions(options: TransactionOptions): Promise<Transactions> {
  const { brokers, topic, from, name, startTimeoutMs, settings = {} } = options;
  const { producer, transact, abort } = await openTransactional(options, name);
  const consumer = await openConsumer({
    brokers,
    clientId: name,
    settings: { ...clientSettings(settings), 'group.id': name },
    startTimeoutMs: startTimeoutMs ?? CALL_TIMEOUT_MS,
  }).catch(async (error: unknown) => {
    await producer.close();
    throw error;
  });

  return {
    counts: producer.counts,
    async close() {
      await producer.close();
      await disconnectClient(consumer);
    },
    committed: (partitions) => committedOf(consumer, from, partitions),
    async transact(write, positions, stop) {
      const offsets = positions.map((position) => ({ topic: from, ...position }));
      for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
        try {
          await transact(
            () => write((key, value, timestampMs) => producer.produce(key, value, timestampMs)),
            offsets,
            consumer,
            stop,
          );
          return;
        } catch (thrown) {
          if (!(thrown instanceof KafkaFault)) throw thrown;
          if (thrown.isFatal) throw fenced(name, topic, thrown);
          options.onNote(`topic ${topic}: ${thrown.message}; the transaction is tried again`);
        }
        await abort(stop);
        await pause(pauseMs, stop);
      }
    },
  };
}

/**
 * Where a consumer's group stands in partitions of a topic; those never committed are absent. It waits
 * for transactions that are being ended. Throws KafkaFault.
 */
export async function committedOf(
  consumer: Kafka.KafkaConsumer,
  topic: string,
  partitions: readonly number[],
): Promise<Map<number, number>> {
  const asked = partitions.map((partition) => ({ topic, partition }));
  const found = await call<Kafka.TopicPartitionOffset[]>((done) =>
    consumer.committed(asked, CALL_TIMEOUT_MS, done as never),
  );
  return new Map(
    found
      .filter(({ offset }) => typeof offset === 'number' && offset >= 0)
      .map(({ partition, offset }) => [partition, offset]),
  );
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
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
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
