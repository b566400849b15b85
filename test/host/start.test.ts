// Every way in which the service refuses to start, each with its own code and what it lets go of; and
// who may reach it once it has started.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Status } from '../../src/api/contract.js';
import type { KafkaOptions } from '../../src/app.js';
import { startEmbeddedBroker } from '../../src/source/embedded.js';
import { startingChild, usesChildren } from './service-child.js';
import {
  ask,
  serviceOptions,
  start,
  temporaryFolder,
  until,
  usesServices,
} from './service-fixture.js';

usesServices();
usesChildren();

const kafkaOf = (brokers: string): KafkaOptions => {
  return { brokers, topic: 'absent', cluster: 'c', settings: {} };
};

describe('a start that is refused', () => {
  it('because no broker answers, in time, and lets go of everything', async () => {
    const folder = temporaryFolder();
    const kafka = kafkaOf('127.0.0.1:1');
    const began = performance.now();
    const options = serviceOptions(folder, { kafka, startTimeoutMs: 1_000 });
    await expect(start(options)).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      exitCode: 69,
      message: expect.stringContaining('127.0.0.1:1') as string,
    });
    expect(performance.now() - began).toBeLessThan(15_000);
    await (await start(serviceOptions(folder))).stop();
  });

  it('because it was interrupted while it waited, at once, and lets go of everything', async () => {
    const folder = temporaryFolder();
    const kafka = kafkaOf('127.0.0.1:1');
    const signal = AbortSignal.timeout(500);
    const began = performance.now();
    const options = serviceOptions(folder, { kafka, startTimeoutMs: 60_000, signal });
    await expect(start(options)).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(performance.now() - began).toBeLessThan(20_000);
    await (await start(serviceOptions(folder))).stop();
  });

  it('and shows no secret in what it says', async () => {
    const secret = 'not-a-setting-of-librdkafka';
    const settings = { 'security.protocol': secret };
    const kafka = { ...kafkaOf('127.0.0.1:1'), settings, secrets: [secret] };
    const error = await start(serviceOptions(temporaryFolder(), { kafka })).catch(
      (thrown: unknown) => thrown as Error,
    );
    expect(error).toMatchObject({ code: 'BAD_CONFIG' });
    expect((error as Error).message).toContain('***');
    expect((error as Error).message).not.toContain(secret);
  });

  it('because the topic is absent', async () => {
    const broker = await startEmbeddedBroker();
    const options = serviceOptions(temporaryFolder(), { kafka: kafkaOf(broker.brokers) });
    await expect(start(options)).rejects.toMatchObject({ code: 'TOPIC_ABSENT', exitCode: 69 });
    await broker.stop();
  });

  it('because the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await until('listening', () => server.listening);
    const { port } = server.address() as { port: number };
    await expect(start(serviceOptions(temporaryFolder(), { port }))).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      exitCode: 69,
      message: expect.stringContaining(`port ${port}`) as string,
    });
    // And at once, though a broker is still waited for.
    const kafka = kafkaOf('127.0.0.1:1');
    const options = serviceOptions(temporaryFolder(), { port, kafka, startTimeoutMs: 600_000 });
    await expect(start(options)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await new Promise((resolve) => server.close(resolve));
  });

  it('because the data folder is a file, or in one', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const dataFolder of [file, join(file, 'below')]) {
      await expect(start(serviceOptions(dataFolder))).rejects.toMatchObject({
        code: 'STORE_UNWRITABLE',
        exitCode: 74,
        message: expect.stringContaining(dataFolder) as string,
      });
    }
  });

  it('because another service holds the data folder, in this process or in another', async () => {
    const folder = temporaryFolder();
    const service = await start(serviceOptions(folder));
    const locked = { code: 'STORE_LOCKED', exitCode: 74 };
    await expect(start(serviceOptions(folder))).rejects.toMatchObject(locked);
    const other = startingChild(serviceOptions(folder));
    expect(await other.failed).toMatchObject({ code: 'STORE_LOCKED' });
    expect((await ask<Status>(service, 'status')).phase).toBe('live');
  });

  it('because anyone could reach it', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
      const options = serviceOptions(temporaryFolder(), { host });
      await expect(start(options)).rejects.toMatchObject({ code: 'BAD_CONFIG', exitCode: 78 });
    }
  });
});

describe('an address beyond loopback', () => {
  it.each([
    ['with a token', { tokens: { viewer: 'secret', operator: null }, insecure: false }],
    ['with --insecure', { tokens: null, insecure: true }],
  ])('is listened on %s', async (_, open) => {
    const options = serviceOptions(temporaryFolder(), { host: '0.0.0.0', ...open });
    const service = await start(options);
    const answer = await fetch(`http://127.0.0.1:${new URL(service.address).port}/api/status`);
    await service.stop();
    expect(answer.status).toBe(open.tokens === null ? 200 : 401);
  });
});

describe('with tokens', () => {
  it('nobody reads without one', async () => {
    const tokens = { viewer: 'viewer-secret', operator: 'operator-secret' };
    const service = await start(serviceOptions(temporaryFolder(), { tokens }));
    const statusOf = async (path: string, token?: string): Promise<number> => {
      const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
      return (await fetch(service.address + path, { headers })).status;
    };
    for (const path of ['api/status', 'api/worst', 'api/heat', 'api/lines/a', 'api/stream']) {
      expect([path, await statusOf(path)]).toEqual([path, 401]);
    }
    expect(await statusOf('api/status', 'wrong')).toBe(401);
    for (const token of Object.values(tokens)) {
      expect(await statusOf('api/status', token)).toBe(200);
    }
  });
});
