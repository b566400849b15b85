// Writes records to one topic, each placed by its key as partitionOf says. What waits for delivery is
// bounded: when the queue is full, produce() waits. Deliveries that failed are counted, never silent.
// Order within a partition is kept (idempotent producer).

import { setTimeout as delay } from 'node:timers/promises';

import Kafka from 'node-rdkafka';
import type { ProducerGlobalConfig, ProducerTopicConfig } from 'node-rdkafka';

import { messageOf } from '../config/errors.js';
import {
  call,
  CLOSE_TIMEOUT_MS,
  CODE,
  connectClient,
  construct,
  endsWithin,
  faultText,
  KafkaFault,
  mergeSettings,
  unavailable,
  type Settings,
} from './client.js';
import { PARTITIONER } from './placement.js';

/** Defaults; each can be set by the caller. */
const DEFAULTS: Settings = {
  'client.id': 'flapline',
  'enable.idempotence': true,
  'linger.ms': 5,
  'queue.buffering.max.messages': 20_000,
  'queue.buffering.max.kbytes': 32_768,
  'socket.keepalive.enable': true,
  'reconnect.backoff.max.ms': 5000,
};

/** Settings of topics, which librdkafka wants apart from the others. */
const TOPIC_SETTINGS = new Set([
  'acks',
  'request.required.acks',
  'request.timeout.ms',
  'message.timeout.ms',
  'delivery.timeout.ms',
  'queuing.strategy',
  'compression.level',
  'partitioner',
]);

const START_TIMEOUT_MS = 30_000;

/** How often failed deliveries are fetched, in ms. */
const POLL_MS = 100;

/** How long produce() waits before it tries a full queue again, in ms. */
const FULL_QUEUE_PAUSE_MS = 5;

/** How long close() tries to deliver what still waits, in ms. */
const CLOSE_FLUSH_MS = 2000;

/** What `openProducer` takes. */
export interface ProducerOptions {
  readonly brokers: string;
  readonly topic: string;
  readonly settings?: Settings;
  /** default 30,000 */
  readonly startTimeoutMs?: number;
}

/** What a producer has done so far. */
export interface ProducerCounts {
  /** records taken into the queue */
  readonly accepted: number;
  /** records given up */
  readonly failed: number;
  /** why the last one was given up */
  readonly lastError: string | null;
}

/** A producer of one topic. */
export interface LineProducer {
  readonly counts: ProducerCounts;
  /**
   * Takes one record into the queue; waits while the queue is full. Await each call before the next.
   * Throws KafkaFault when librdkafka takes none any more (fenced off, not in a transaction).
   * @param key the line's name (text as UTF-8); null spreads at random
   * @param value null for a record without a value; an empty buffer becomes one too
   * @param timestampMs epoch ms; without it the time of the call
   */
  produce(key: string | Buffer | null, value: Buffer | null, timestampMs?: number): Promise<void>;
  /**
   * Waits until all records are delivered or given up.
   * @throws FlaplineError BROKER_UNAVAILABLE when some still wait after `timeoutMs`
   */
  flush(timeoutMs: number): Promise<void>;
  /** Delivers what can be delivered in 2 s and lets go. Never throws. */
  close(): Promise<void>;
}

/**
 * Connects a producer. The topic may be made by the broker at the first record, if it does such a thing.
 * @throws FlaplineError BROKER_UNAVAILABLE, BAD_CONFIG
 */
export async function openProducer(options: ProducerOptions): Promise<LineProducer> {
  return (await connectProducer(options, {})).producer;
}

/** A connected producer beside its client, for those who need more of it (transactions). */
export interface ConnectedProducer {
  readonly producer: LineProducer;
  readonly client: Kafka.Producer;
}

/**
 * As `openProducer`; `needed` are settings that may not be changed.
 * @throws FlaplineError BROKER_UNAVAILABLE, BAD_CONFIG
 */
export async function connectProducer(
  options: ProducerOptions,
  needed: Settings,
): Promise<ConnectedProducer> {
  const { brokers, topic } = options;
  const fixed: Settings = {
    ...needed,
    'metadata.broker.list': brokers,
    dr_cb: true,
    'delivery.report.only.error': true,
    partitioner: PARTITIONER,
  };
  const all = Object.entries(mergeSettings(DEFAULTS, fixed, options.settings ?? {}));
  const ofTopic = all.filter(([name]) => TOPIC_SETTINGS.has(name));
  const ofClient = all.filter(([name]) => !TOPIC_SETTINGS.has(name));
  const client = construct(
    () =>
      new Kafka.Producer(
        Object.fromEntries(ofClient) as ProducerGlobalConfig,
        Object.fromEntries(ofTopic) as ProducerTopicConfig,
      ),
  );
  const counts = { accepted: 0, failed: 0, lastError: null as string | null };
  client.on('delivery-report', (fault) => {
    counts.failed++;
    counts.lastError = faultText(fault);
  });
  await connectClient(client, { brokers, timeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS });
  client.setPollInterval(POLL_MS);
  let closed: Promise<void> | undefined;

  const producer: LineProducer = {
    counts,
    async produce(key, value, timestampMs) {
      await produceTo(client, { topic, partition: null, key, value, timestampMs });
      counts.accepted++;
    },
    async flush(timeoutMs) {
      try {
        await call((done: (fault: Kafka.LibrdKafkaError, value: void) => void) =>
          client.flush(timeoutMs, (fault) => done(fault, undefined)),
        );
      } catch (thrown) {
        throw unavailable(brokers, timeoutMs, 'records still wait for delivery', thrown);
      }
    },
    close() {
      closed ??= closeProducer(client);
      return closed;
    },
  };
  return { producer, client };
}

/** A record to be produced. */
export interface OutRecord {
  readonly topic: string;
  /** null = by its key. */
  readonly partition: number | null;
  readonly key: string | Buffer | null;
  readonly value: Buffer | null;
  /** Epoch ms; without it the time of the call. */
  readonly timestampMs?: number;
}

/** Takes one record into a client's queue; waits while it is full. Throws KafkaFault. */
export async function produceTo(client: Kafka.Producer, record: OutRecord): Promise<void> {
  const { topic, partition, key, value, timestampMs } = record;
  for (;;) {
    try {
      client.produce(topic, partition, value, key, timestampMs ?? Date.now());
      return;
    } catch (thrown) {
      if (codeOf(thrown) !== CODE.ERR__QUEUE_FULL) throw faultOf(thrown);
    }
    client.poll();
    await delay(FULL_QUEUE_PAUSE_MS);
  }
}

async function closeProducer(client: Kafka.Producer): Promise<void> {
  if (!client.isConnected()) return;
  client.setPollInterval(0);
  const disconnected = call((done) => client.disconnect(CLOSE_FLUSH_MS, done));
  await endsWithin(disconnected, CLOSE_TIMEOUT_MS);
}

/** What a call threw, as a KafkaFault where librdkafka gave it. */
function faultOf(thrown: unknown): unknown {
  const code = codeOf(thrown);
  return code === null ? thrown : new KafkaFault(code, messageOf(thrown));
}

function codeOf(thrown: unknown): number | null {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'number' ? code : null;
}
