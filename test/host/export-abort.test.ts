// A client that goes away in the middle of an export: its place is given to the next one, what is being
// made stops, and no file is left.

import { readdirSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { type Readers, openReaders } from '../../src/store/readers.js';
import { api, fixture, usesApi } from './api-fixture.js';

usesApi();

const ONE = { exportsMax: 1 };
const LIST = '/api/lists/worst?format=csv';

async function listening(server: FastifyInstance): Promise<number> {
  await server.listen({ host: '127.0.0.1', port: 0 });
  return (server.server.address() as AddressInfo).port;
}

const exportFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('flapline-export-'));

/** Waits until an export is answered again. */
async function placeIsFree(server: FastifyInstance): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const { statusCode } = await server.inject(LIST);
    if (statusCode === 200) return statusCode;
    await delay(100);
  }
  return 0;
}

describe('a client that goes away', () => {
  it('while its list is made gives its place to the next one', async () => {
    const readers = openReaders(fixture());
    let begun = 0;
    const slow: Readers['read'] = async (query, ms) => {
      begun++;
      if (begun === 1) await delay(400);
      return readers.read(query, ms);
    };
    const server = await api({ read: slow, limits: ONE });
    const port = await listening(server);
    const asked = request({ port, path: LIST });
    asked.on('error', () => undefined);
    asked.end();
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(1);
    expect((await server.inject(LIST)).statusCode).toBe(503);
    asked.destroy();
    expect(await placeIsFree(server)).toBe(200);
    await readers.close();
  });

  it('while it takes a large answer leaves no file, and its place', async () => {
    const before = exportFolders();
    const server = await api({ limits: ONE });
    const port = await listening(server);
    const payload = JSON.stringify({
      sql: "select i, repeat('x', 100) as text from range(200000) t(i)",
      limit: 200_000,
      format: 'csv',
    });
    const headers = { 'content-type': 'application/json' };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request({ port, path: '/api/sql', method: 'POST', headers }, resolve);
      asked.on('error', reject);
      asked.end(payload);
    });
    response.on('error', () => undefined);
    const first = await new Promise<Buffer>((resolve) => response.once('data', resolve));
    expect(first.length).toBeGreaterThan(0);
    response.destroy();
    expect(await placeIsFree(server)).toBe(200);
    expect(exportFolders().filter((name) => !before.includes(name))).toEqual([]);
  }, 60_000);
});
