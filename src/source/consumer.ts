// The consumer behind a log: its settings, and connecting it. Unless it is told to join one it belongs to
// no group in effect: librdkafka wants a group's name, but nothing subscribes or commits. Memory is bounded by three
// settings that only work together: what is queued, how much of it, and how soon it is filled up again.

import Kafka from 'node-rdkafka';
import type { ConsumerGlobalConfig, ConsumerTopicConfig } from 'node-rdkafka';

import {
  connectClient,
  construct,
  faultText,
  logDetail,
  mergeSettings,
  type Settings,
} from './client.js';

/** Defaults; each can be set by the caller. */
export const CONSUMER_DEFAULTS: Settings = {
  'group.id': 'flapline',
  /** records fetched ahead, a partition */
  'queued.min.messages': 20_000,
  /** kilobytes fetched ahead, of all partitions */
  'queued.max.messages.kbytes': 16_384,
  /** how soon a full queue is filled up again, ms */
  'fetch.queue.backoff.ms': 20,
  /** bytes of one answer */
  'fetch.max.bytes': 16_777_216,
  /** how long a broker may hold an answer back for want of records: how late an end is known, ms */
  'fetch.wait.max.ms': 100,
  'socket.keepalive.enable': true,
  'reconnect.backoff.max.ms': 5000,
};

/** What flapline depends on; other values are refused. */
const FIXED: Settings = {
  'enable.auto.commit': false,
  'enable.auto.offset.store': false,
  'enable.partition.eof': true,
  'allow.auto.create.topics': false,
  'auto.offset.reset': 'error',
};

/** What `openConsumer` takes. */
export interface ConsumerOptions {
  readonly brokers: string;
  readonly clientId: string;
  readonly settings: Settings;
  readonly startTimeoutMs: number;
  /** It joins a group; absent = it belongs to none. */
  readonly group?: GroupMember;
}

/** A member of a consumer group. */
export interface GroupMember {
  readonly id: string;
  /** Partitions are given to it, or taken away; it answers by assigning, or unassigning, them. */
  readonly onRebalance: (fault: Kafka.LibrdKafkaError, partitions: Kafka.Assignment[]) => void;
}

/**
 * Connects a consumer.
 * @throws FlaplineError BROKER_UNAVAILABLE after `startTimeoutMs`, BAD_CONFIG
 */
export async function openConsumer(options: ConsumerOptions): Promise<Kafka.KafkaConsumer> {
  const { brokers, clientId, settings, startTimeoutMs } = options;
  const { group } = options;
  const ofGroup = group && {
    'group.id': group.id,
    'partition.assignment.strategy': 'cooperative-sticky',
  };
  const fixed = { ...FIXED, ...ofGroup, 'metadata.broker.list': brokers };
  const defaults = { ...CONSUMER_DEFAULTS, 'client.id': clientId };
  const { 'auto.offset.reset': reset, ...ofClient } = mergeSettings(defaults, fixed, settings);
  const consumer = construct(
    () =>
      new Kafka.KafkaConsumer(
        { ...ofClient, ...(group && { rebalance_cb: group.onRebalance }) } as ConsumerGlobalConfig,
        { 'auto.offset.reset': reset } as ConsumerTopicConfig,
      ),
  );
  let heard: string | null = null;
  const onError = (fault: Kafka.LibrdKafkaError): void => {
    heard ??= faultText(fault);
  };
  const onLog = (data: unknown): void => {
    heard = logDetail(data) ?? heard;
  };
  consumer.on('event.error', onError).on('event.log', onLog);
  consumer.setDefaultConsumeTimeout(0);
  await connectClient(consumer, {
    brokers,
    timeoutMs: startTimeoutMs,
    // nothing is assigned: a call for records brings only events
    poll: () => consumer.consume(1, () => undefined),
    detail: () => heard,
  });
  consumer.removeListener('event.error', onError).removeListener('event.log', onLog);
  return consumer;
}
