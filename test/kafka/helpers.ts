// What the tests of a log share: an embedded broker, topics with content, and reading with patience.

import { afterAll, beforeAll, expect } from 'vitest';

import {
  EMBEDDED_PARTITIONS,
  startEmbeddedBroker,
  type EmbeddedBroker,
} from '../../src/source/embedded.js';
import { openLog, type KafkaLog, type LogRecord } from '../../src/source/kafka.js';
import { openProducer } from '../../src/source/producer.js';

export const ALL = Array.from({ length: EMBEDDED_PARTITIONS }, (_, partition) => partition);
export const FROM_START = ALL.map((partition) => ({ partition, offset: 0 }));
export const PATIENCE_MS = 10_000;

let broker: EmbeddedBroker;
let topics = 0;

/** Where the embedded broker of this test file listens. */
export function brokers(): string {
  return broker.brokers;
}

/** Starts an embedded broker for a test file, and ends it. */
export function useBroker(): void {
  beforeAll(async () => {
    broker = await startEmbeddedBroker();
  });
  afterAll(() => broker.stop());
}

/** One record to be produced. */
export type Entry = [key: string | Buffer | null, value: Buffer | null, timestampMs?: number];

/** A topic of its own that holds these entries. */
export async function topicOf(entries: Iterable<Entry>): Promise<string> {
  const topic = `topic-${++topics}`;
  await add(topic, entries);
  return topic;
}

/** Produces these entries and waits until they are delivered. */
export async function add(topic: string, entries: Iterable<Entry>): Promise<void> {
  const producer = await openProducer({ brokers: brokers(), topic });
  for (const [key, value, timestampMs] of entries) await producer.produce(key, value, timestampMs);
  await producer.flush(PATIENCE_MS);
  expect(producer.counts.failed).toBe(0);
  await producer.close();
}

/** Records of 997 lines whose values are 0, 1, 2, ... and whose times count up with them. */
export function* numbered(count: number, valueBytes = 0): Generator<Entry> {
  for (let i = 0; i < count; i++) {
    yield [`line-${i % 997}`, Buffer.from(String(i).padEnd(valueBytes)), 1_164_900_000_000 + i];
  }
}

/** Opens a topic for `body` and closes it. */
export async function withLog<T>(topic: string, body: (log: KafkaLog) => Promise<T>): Promise<T> {
  const log = await openLog({ brokers: brokers(), topic });
  try {
    return await body(log);
  } finally {
    await log.close();
  }
}

/** Consumes until there are `count` records, or PATIENCE_MS have passed. */
export async function read(log: KafkaLog, count: number, max = 1000): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const endMs = performance.now() + PATIENCE_MS;
  while (records.length < count && performance.now() < endMs) {
    records.push(...(await log.consume(max, 200)));
  }
  return records;
}

/** Consumes until `met`, as a pipeline does; fails after `patienceMs`. */
export async function until(
  log: KafkaLog,
  met: () => boolean,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!met()) {
    if (performance.now() > endMs) throw new Error(`not met: ${JSON.stringify(log.problems)}`);
    await log.consume(1000, 50);
  }
}
