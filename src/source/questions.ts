// Questions that a broker answers about a topic: its partitions, where they begin and end, and one record
// at a place. Each is bounded in time, holds one of libuv's threads while it waits, and creates nothing.

import { setTimeout as delay } from 'node:timers/promises';

import type {
  KafkaConsumer,
  LibrdKafkaError,
  Message,
  Metadata,
  WatermarkOffsets,
} from 'node-rdkafka';

import { FlaplineError, messageOf } from '../config/errors.js';
import { call, CODE, disconnectClient, KafkaFault, unavailable } from './client.js';
import { openConsumer, type ConsumerOptions } from './consumer.js';
import { asRecords, type LogPosition, type LogRecord } from './log.js';

/** How long one question may take by default, in ms. */
export const QUESTION_TIMEOUT_MS = 2000;

/** How often it is looked whether the one record has come, in ms. */
const LOOK_MS = 10;

/** A topic as seen through one connected consumer. */
export interface TopicView {
  readonly consumer: KafkaConsumer;
  readonly options: ConsumerOptions;
  readonly topic: string;
}

/** The first offset that is kept and the offset after the last record. */
export interface Watermarks {
  readonly low: number;
  readonly high: number;
}

/**
 * The numbers of a topic's partitions, ascending.
 * @throws FlaplineError TOPIC_ABSENT, BROKER_UNAVAILABLE
 */
export async function partitionsOf(view: TopicView): Promise<number[]> {
  return (await layoutOf(view)).partitions.map(({ partition }) => partition);
}

/** A partition as the cluster holds it. */
export interface PartitionLayout {
  readonly partition: number;
  /** Copies that there are to be. */
  readonly replicas: number;
  /** Copies that are up to date. */
  readonly inSync: number;
  /** false: nobody serves it now. */
  readonly hasLeader: boolean;
}

/** A topic as the cluster holds it. */
export interface TopicLayout {
  readonly brokers: number;
  /** Ascending. */
  readonly partitions: readonly PartitionLayout[];
}

/**
 * How the cluster holds a topic.
 * @throws FlaplineError TOPIC_ABSENT, BROKER_UNAVAILABLE
 */
export async function layoutOf(view: TopicView): Promise<TopicLayout> {
  const { consumer, topic: name } = view;
  const metadata = await ask(view, (done: Done<Metadata>) =>
    consumer.getMetadata({ topic: name, allTopics: false, timeout: QUESTION_TIMEOUT_MS }, done),
  );
  const topic = metadata.topics.find((each) => each.name === name);
  if (topic === undefined || topic.partitions.length === 0) throw absent(view);
  const partitions = topic.partitions.map(({ id, leader, replicas, isrs }) => ({
    partition: id,
    replicas: replicas.length,
    inSync: isrs.length,
    hasLeader: leader >= 0,
  }));
  return {
    brokers: metadata.brokers.length,
    partitions: partitions.toSorted((a, b) => a.partition - b.partition),
  };
}

/**
 * Where a partition begins and ends now.
 * @throws FlaplineError TOPIC_ABSENT (no such partition), BROKER_UNAVAILABLE
 */
export async function watermarksOf(
  view: TopicView,
  partition: number,
  timeoutMs: number,
): Promise<Watermarks> {
  const offsets = await ask(view, (done: Done<WatermarkOffsets>) =>
    view.consumer.queryWatermarkOffsets(view.topic, partition, timeoutMs, done),
  );
  return { low: offsets.lowOffset, high: offsets.highOffset };
}

/**
 * The record at one place, read by a consumer of its own; null when the log does not hold it.
 * @throws FlaplineError BROKER_UNAVAILABLE when that is not known within `timeoutMs`
 */
export async function recordAt(
  view: TopicView,
  { partition, offset }: LogPosition,
  timeoutMs: number,
): Promise<LogRecord | null> {
  const endMs = performance.now() + timeoutMs;
  const { low, high } = await watermarksOf(view, partition, timeoutMs);
  if (offset < low || offset >= high) return null;
  const startTimeoutMs = Math.max(1, Math.ceil(endMs - performance.now()));
  const consumer = await openConsumer({ ...view.options, startTimeoutMs });
  try {
    consumer.assign([{ topic: view.topic, partition, offset }]);
    const record = await firstRecord(consumer, endMs);
    return record?.offset === offset ? record : null;
  } catch (thrown) {
    if (thrown instanceof KafkaFault && thrown.code === CODE.ERR__AUTO_OFFSET_RESET) return null;
    throw unavailable(view.options.brokers, timeoutMs, messageOf(thrown), thrown);
  } finally {
    await disconnectClient(consumer);
  }
}

/** The first record that comes; null when the end comes first. Throws KafkaFault at `endMs`. */
async function firstRecord(consumer: KafkaConsumer, endMs: number): Promise<LogRecord | null> {
  let ended = false;
  consumer.on('partition.eof', () => {
    ended = true;
  });
  while (performance.now() < endMs) {
    const messages = await call<Message[]>((done) => consumer.consume(1, done));
    const [record] = asRecords(messages);
    if (record !== undefined) return record;
    if (ended) return null;
    await delay(LOOK_MS);
  }
  throw new KafkaFault(CODE.ERR__TIMED_OUT, 'the record did not come');
}

type Done<T> = (fault: LibrdKafkaError | null | undefined, value: T) => void;

async function ask<T>(view: TopicView, start: (done: Done<T>) => void): Promise<T> {
  const startMs = performance.now();
  try {
    return await call(start);
  } catch (thrown) {
    const code = thrown instanceof KafkaFault ? thrown.code : null;
    if (code === CODE.ERR__UNKNOWN_PARTITION || code === CODE.ERR__UNKNOWN_TOPIC) {
      throw absent(view, thrown);
    }
    const { brokers } = view.options;
    throw unavailable(brokers, performance.now() - startMs, messageOf(thrown), thrown);
  }
}

function absent({ topic, options }: TopicView, cause?: unknown): FlaplineError {
  return new FlaplineError(
    'TOPIC_ABSENT',
    `topic ${topic}, or this partition of it, does not exist on ${options.brokers}, or may not be ` +
      'read; check its name and the rights, or create it: flapline creates no topic',
    { cause },
  );
}

/** Whether a broker answered that there is no such topic or partition. */
export function isAbsence(thrown: unknown): boolean {
  return thrown instanceof FlaplineError && thrown.code === 'TOPIC_ABSENT';
}
