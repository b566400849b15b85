// What the tests of restarts share: topics that are stopped, services that always read the same cluster
// whatever broker it is, whole runs over a topic, and rows of the views as they are compared.

import { afterEach, expect } from 'vitest';
import type { ServiceOptions } from '../../src/app.js';
import { EMBEDDED_PARTITIONS } from '../../src/source/embedded.js';
import { openLog } from '../../src/source/kafka.js';
import { openProducer } from '../../src/source/producer.js';
import { usesChildren } from '../host/service-child.js';
import {
  type Said,
  rowsOf,
  serviceOptions,
  start,
  untilRead,
  usesServices,
} from '../host/service-fixture.js';
import { type FilledTopic, openTopic } from './topic.js';

export const NEVER_MS = 3_600_000;
const TOPIC = 'alarms-of-lines';

const filled: FilledTopic[] = [];

/** Stops topics, services and children, and removes folders, after each test of a file. */
export function usesTopics(): void {
  usesServices();
  usesChildren();
  afterEach(async () => {
    for (const topic of filled.splice(0)) await topic.stop();
  });
}

/** A broker of its own with one topic. */
export async function newTopic(): Promise<FilledTopic> {
  const topic = await openTopic(TOPIC);
  filled.push(topic);
  return topic;
}

/** Options of a service that reads the topic; always the same cluster, whatever broker it is. */
export function reading(
  topic: FilledTopic,
  folder: string,
  replaced: Partial<ServiceOptions> = {},
  said?: Said,
): ServiceOptions {
  const { brokers } = topic.broker;
  const kafka = { brokers, topic: TOPIC, cluster: 'c', settings: {} };
  return serviceOptions(folder, { kafka, commitEveryMs: 20, ...replaced }, said);
}

/** One run that reads all there is and stops; what it said of partitions and their snapshots. */
export async function readAll(
  topic: FilledTopic,
  folder: string,
  replaced: Partial<ServiceOptions> = {},
): Promise<string[]> {
  const said: Said = { notes: [], failures: [] };
  const service = await start(reading(topic, folder, replaced, said));
  await untilRead(service, topic.ends);
  await service.stop();
  expect(said.failures).toEqual([]);
  return said.notes.filter((note) => /^(partition|snapshot) /.test(note));
}

/** No interruption of a line is stored twice. */
export async function expectEachOnce(folder: string): Promise<void> {
  const double = await rowsOf<{ line: string }>(
    folder,
    'select line from interruptions group by line, partition, n having count(*) > 1',
  );
  expect(double).toEqual([]);
}

/** Makes a topic: the embedded broker does so at the first record, which no reader counts. */
export async function makeTopic({ broker }: FilledTopic, topic: string): Promise<void> {
  const producer = await openProducer({ brokers: broker.brokers, topic });
  await producer.produce(null, null);
  await producer.flush(10_000);
  await producer.close();
}

/** All records of a topic, parsed. */
export async function recordsOf(
  { broker: { brokers } }: FilledTopic,
  topic: string,
): Promise<{ key: string; value: Record<string, unknown> }[]> {
  const log = await openLog({ brokers, topic });
  const found: { key: string; value: Record<string, unknown> }[] = [];
  const partitions = Array.from({ length: EMBEDDED_PARTITIONS }, (_, partition) => partition);
  let left = 0;
  for (const partition of partitions) left += (await log.watermarks(partition)).high;
  await log.assign(partitions.map((partition) => ({ partition, offset: 0 })));
  while (left > 0) {
    for (const { key, value } of await log.consume(1_000, 200)) {
      left--;
      if (value === null) continue;
      const parsed = JSON.parse(value.toString()) as Record<string, unknown>;
      found.push({ key: key?.toString() ?? '', value: parsed });
    }
  }
  await log.close();
  return found;
}
