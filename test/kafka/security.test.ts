// TLS and SASL against a real broker: a service reads by every mechanism; a wrong password and an unknown
// authority end the start with a clear error that holds no secret.

import { expect, it } from 'vitest';
import type { Settings } from '../../src/source/kafka.js';
import { openProducer } from '../../src/source/producer.js';
import {
  serviceOptions,
  start,
  temporaryFolder,
  untilRead,
  usesServices,
} from '../host/service-fixture.js';
import type { Cluster } from './broker/cluster.js';
import { describeKafka } from './broker/describe.js';
import { PASSWORD, USER } from './broker/security.js';

const TEST_MS = 240_000;
const TOPIC = 'secured';
const RECORDS = 20;

usesServices();

/** Settings of a client; what is named replaces them. */
function secured({ secure }: Cluster, mechanism: string, replaced: Settings = {}): Settings {
  return {
    'security.protocol': 'sasl_ssl',
    'broker.address.family': 'v4',
    'ssl.ca.location': secure!.caFile,
    'sasl.mechanism': mechanism,
    ...(mechanism === 'OAUTHBEARER'
      ? {
          'enable.sasl.oauthbearer.unsecure.jwt': true,
          'sasl.oauthbearer.config': `principal=${USER}`,
        }
      : { 'sasl.username': USER, 'sasl.password': PASSWORD }),
    ...replaced,
  };
}

function options(cluster: Cluster, settings: Settings) {
  const { brokers } = cluster.secure!;
  const secrets = Object.entries(settings).flatMap(([name, value]) =>
    name === 'sasl.password' ? [String(value)] : [],
  );
  const kafka = { brokers, topic: TOPIC, cluster: 'c', settings, secrets };
  return serviceOptions(temporaryFolder(), { kafka, startTimeoutMs: 15_000 });
}

describeKafka(
  'a broker that asks for TLS and SASL',
  1,
  (cluster) => {
    it.each(['PLAIN', 'SCRAM-SHA-256', 'OAUTHBEARER'])(
      'is read by %s',
      async (mechanism) => {
        const { topics, secure } = cluster();
        const settings = secured(cluster(), mechanism);
        await topics.create(TOPIC, 1);
        const producer = await openProducer({ brokers: secure!.brokers, topic: TOPIC, settings });
        for (let i = 0; i < RECORDS; i++) {
          const event = { line: 'a', time: 1_164_900_000_000 + i, state: i % 2 ? 'up' : 'down' };
          await producer.produce('a', Buffer.from(JSON.stringify(event)));
        }
        await producer.flush(60_000);
        expect(producer.counts.failed).toBe(0);
        await producer.close();
        const service = await start(options(cluster(), settings));
        const { rejected } = await untilRead(service, new Map([[0, RECORDS]]));
        expect(rejected).toBe(0);
        await service.stop();
        await topics.remove(TOPIC);
      },
      TEST_MS,
    );

    it.each([
      ['a wrong password', { 'sasl.password': 'not-this-one' }],
      [
        'an authority that nobody knows',
        { 'ssl.ca.location': '/etc/ssl/certs/ca-certificates.crt' },
      ],
    ])(
      'refuses %s, and the error holds no secret',
      async (_, wrong) => {
        const settings = secured(cluster(), 'PLAIN', wrong);
        const error = await start(options(cluster(), settings)).then(
          () => null,
          (thrown: unknown) => thrown as { code: string; message: string },
        );
        expect(error).toMatchObject({ code: 'BROKER_UNAVAILABLE' });
        expect(error!.message).toMatch(/authentication|certificate|SSL/i);
        expect(error!.message).not.toContain(String(settings['sasl.password']));
      },
      TEST_MS,
    );
  },
  { secured: true },
);
