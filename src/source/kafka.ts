// A topic as a log, opened: connected to its cluster, the topic being there. What reads it is KafkaLog.

import { setTimeout as delay } from 'node:timers/promises';

import { openConsumer, type ConsumerOptions } from './consumer.js';
import { KafkaLog } from './kafka-log.js';
import { START_TIMEOUT_MS, type LogOptions } from './log.js';
import { isAbsence } from './questions.js';

export { codecProblem, type Settings } from './client.js';
export type { KafkaLog } from './kafka-log.js';
export type { LogOptions, LogPosition, LogProblems, LogRecord } from './log.js';
export type { PositionLost } from './positions.js';
export type { TopicLayout, Watermarks } from './questions.js';

/** How long a topic just made may be unknown to the broker that is asked, in ms. */
const TOPIC_GRACE_MS = 1000;

/** How often it is asked again in that time, in ms. */
const TOPIC_AGAIN_MS = 250;

/**
 * Connects to a topic.
 * @throws FlaplineError BROKER_UNAVAILABLE when no broker answers within `startTimeoutMs`,
 * TOPIC_ABSENT when a broker answers but has no such topic (it is never created), BAD_CONFIG
 */
export async function openLog(options: LogOptions): Promise<KafkaLog> {
  const startTimeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
  const endMs = performance.now() + startTimeoutMs;
  const consumerOptions: ConsumerOptions = {
    brokers: options.brokers,
    clientId: options.clientId ?? 'flapline',
    settings: options.settings ?? {},
    startTimeoutMs,
  };
  const log = new KafkaLog(await openConsumer(consumerOptions), consumerOptions, options.topic);
  try {
    await untilTopic(log, Math.min(endMs, performance.now() + TOPIC_GRACE_MS));
  } catch (thrown) {
    await log.close();
    throw thrown;
  }
  return log;
}

async function untilTopic(log: KafkaLog, endMs: number): Promise<void> {
  for (;;) {
    try {
      await log.partitions();
      return;
    } catch (thrown) {
      if (!isAbsence(thrown) || performance.now() >= endMs) throw thrown;
    }
    await delay(TOPIC_AGAIN_MS);
  }
}
