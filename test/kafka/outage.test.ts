// A log without a broker, or without its topic, at the start and while it is read: bounded in time, said
// clearly, and over by itself when the broker is back.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';

import { EMBEDDED_PARTITIONS, startEmbeddedBroker } from '../../src/source/embedded.js';
import { openLog } from '../../src/source/kafka.js';
import { openProducer } from '../../src/source/producer.js';
import { brokers, FROM_START, numbered, PATIENCE_MS, read, until, useBroker } from './helpers.js';

useBroker();

function portOf(address: string): number {
  return Number(address.split(':')[1]);
}

/** Passes connections to port `from` on to port `to`: a broker that is back where it was. */
async function forward(from: number, to: number): Promise<() => Promise<void>> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(from, '127.0.0.1', resolve));
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
}

async function refuses(settings: Record<string, string | boolean>, text: string): Promise<void> {
  const opening = openLog({ brokers: brokers(), topic: 't', settings });
  await expect(opening).rejects.toMatchObject({
    code: 'BAD_CONFIG',
    message: expect.stringContaining(text),
  });
}

describe('the embedded broker', () => {
  it('listens on loopback only', async () => {
    expect(brokers()).toMatch(/^127\.0\.0\.1:\d+$/);
    const outside = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outside) {
      const socket = connect(portOf(brokers()), address);
      const reached = await new Promise((resolve) => {
        socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      });
      socket.destroy();
      expect(reached).toBe(false);
    }
  });
});

describe('at the start', () => {
  it('fails in time when no broker answers: refused, silent, unknown', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    for (const address of ['127.0.0.1:1', `127.0.0.1:${port}`, 'no-such-host.invalid:9092']) {
      const startMs = performance.now();
      const opening = openLog({ brokers: address, topic: 't', startTimeoutMs: 1500 });
      await expect(opening).rejects.toMatchObject({
        code: 'BROKER_UNAVAILABLE',
        exitCode: 69,
        message: expect.stringMatching(
          new RegExp(`^no Kafka broker of ${address} answered for 1.5 s \\(.+\\); check`),
        ),
      });
      expect(performance.now() - startMs).toBeLessThan(3000);
    }
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('says that a topic is absent and does not create it', async () => {
    for (let round = 0; round < 2; round++) {
      await expect(openLog({ brokers: brokers(), topic: 'absent' })).rejects.toMatchObject({
        code: 'TOPIC_ABSENT',
        message: expect.stringContaining('topic absent'),
      });
    }
  });

  it('refuses settings that are unknown or that it depends on', async () => {
    await refuses({ 'no.such.setting': '1' }, 'no.such.setting');
    await refuses({ 'enable.auto.commit': true }, 'enable.auto.commit');
    await refuses({ 'security.protocol': 'ssl', 'ssl.ca.location': '/no/such/file' }, 'ssl');
  });
});

describe('while running', () => {
  it('reports that the broker went away, does not throw, and closes in time', async () => {
    const own = await startEmbeddedBroker();
    const producer = await openProducer({ brokers: own.brokers, topic: 't' });
    await producer.produce('line', Buffer.from('x'));
    await producer.flush(PATIENCE_MS);
    const log = await openLog({ brokers: own.brokers, topic: 't' });
    await log.assign(FROM_START);
    await until(log, () => log.ends().size === EMBEDDED_PARTITIONS);
    expect(log.problems.connected).toBe(true);
    await Promise.all([own.stop(), own.stop()]);
    await until(log, () => !log.problems.connected);
    expect(log.problems.lastError).toMatch(/./);
    expect(await log.consume(10, 50)).toEqual([]);
    await expect(log.watermarks(0, 300)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await producer.produce('line', Buffer.from('y'));
    await expect(producer.flush(200)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    const startMs = performance.now();
    await Promise.all([log.close(), producer.close(), producer.close()]);
    expect(performance.now() - startMs).toBeLessThan(6000);
  });

  it('recovers by itself when a broker is there again, and notices that the log is another', async () => {
    const own = await startEmbeddedBroker();
    const first = await openProducer({ brokers: own.brokers, topic: 't' });
    for (const [key, value] of numbered(400)) await first.produce(key, value);
    await first.flush(PATIENCE_MS);
    const log = await openLog({ brokers: own.brokers, topic: 't' });
    await log.assign(FROM_START);
    expect(await read(log, 400)).toHaveLength(400);
    await Promise.all([own.stop(), first.close()]);
    await until(log, () => !log.problems.connected);

    const other = await startEmbeddedBroker();
    const second = await openProducer({ brokers: other.brokers, topic: 't' });
    for (const [key, value] of numbered(100)) await second.produce(key, value);
    await second.flush(PATIENCE_MS);
    const stopForward = await forward(portOf(own.brokers), portOf(other.brokers));
    await until(log, () => log.problems.connected && log.problems.lost.size === 4, 30_000);
    const behind = [...log.problems.lost.values()].every(({ position, high }) => position > high);
    expect(behind).toBe(true);
    await log.assign(FROM_START);
    expect(await read(log, 100)).toHaveLength(100);
    await until(log, () => log.problems.lastError === null);
    expect(log.problems.partitionErrors.size).toBe(0);
    await Promise.all([log.close(), second.close()]);
    await stopForward();
    await other.stop();
  });
});
