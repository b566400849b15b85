// The embedded broker: librdkafka's in-process Kafka cluster, for the demo and for flow tests. It holds
// records in memory only, keeps EMBEDDED_BYTES_KEPT a partition, makes a topic when it is first produced
// to, always with EMBEDDED_PARTITIONS, and listens on loopback, on another port at each start.

import Kafka from 'node-rdkafka';

import { FlaplineError } from '../config/errors.js';
import { call, connectClient, construct, disconnectClient } from './client.js';

/** Partitions of every topic of the embedded broker; librdkafka has no setting for it. */
export const EMBEDDED_PARTITIONS = 4;

/** What the embedded broker keeps of a partition, in bytes; older records are lost. */
export const EMBEDDED_BYTES_KEPT = 5 * 1024 * 1024;

const START_TIMEOUT_MS = 5000;
const LOOPBACK = '127.0.0.1';

/** A running embedded broker. */
export interface EmbeddedBroker {
  /** where it listens: "127.0.0.1:PORT" */
  readonly brokers: string;
  /** Ends it; its records are gone. Never throws; calling it again changes nothing. */
  stop(): Promise<void>;
}

/**
 * Starts an embedded broker in this process.
 * @throws FlaplineError BROKER_UNAVAILABLE when it does not come up within START_TIMEOUT_MS, or would
 * listen elsewhere than on loopback
 */
export async function startEmbeddedBroker(): Promise<EmbeddedBroker> {
  const settings = { 'test.mock.num.brokers': 1, 'client.id': 'flapline-embedded', log_level: 0 };
  const client = construct(() => new Kafka.Producer(settings));
  await connectClient(client, { brokers: 'embedded', timeoutMs: START_TIMEOUT_MS });
  const metadata = await call<Kafka.Metadata>((done) =>
    client.getMetadata({ allTopics: false, timeout: START_TIMEOUT_MS }, done),
  );
  if (metadata.brokers.some(({ host }) => host !== LOOPBACK) || metadata.brokers.length === 0) {
    await disconnectClient(client);
    throw new FlaplineError(
      'BROKER_UNAVAILABLE',
      `the embedded broker does not listen on ${LOOPBACK} only; use a real one with --kafka`,
    );
  }
  let stopped: Promise<void> | undefined;
  return {
    brokers: metadata.brokers.map(({ host, port }) => `${host}:${port}`).join(','),
    stop: () => (stopped ??= disconnectClient(client)),
  };
}
