// The stream of the API through a real socket on loopback, with clients that read, stall and leave.

import { get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { Status } from '../../src/api/contract.js';
import { api, listeners, liveListeners, statusOf, usesApi } from './api-fixture.js';

const sockets: Socket[] = [];

usesApi();

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Listens on loopback; the port. */
async function listen(server: FastifyInstance): Promise<number> {
  await server.listen({ host: '127.0.0.1', port: 0 });
  return (server.server.address() as AddressInfo).port;
}

function openStream(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: '/api/stream' }, resolve);
    request.on('error', reject);
    request.on('socket', (socket) => sockets.push(socket));
  });
}

/** The status events of a stream, with the time at which each came. */
async function events(
  stream: IncomingMessage,
  until: (count: number, ms: number) => boolean,
): Promise<{ at: number; message: string }[]> {
  const begun = performance.now();
  const found: { at: number; message: string }[] = [];
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const match = /^event: status\ndata: (.*)$/.exec(part);
      if (match === null) continue;
      const { message } = JSON.parse(match[1]) as Status;
      found.push({ at: performance.now() - begun, message });
    }
    if (until(found.length, performance.now() - begun)) break;
  }
  return found;
}

/** The stream, which stays open when a loop over it ends. */
function nothingLost(stream: IncomingMessage): IncomingMessage {
  return Object.assign(Object.create(stream) as IncomingMessage, {
    [Symbol.asyncIterator]: () => stream.iterator({ destroyOnReturn: false }),
  });
}

const change = (): void => listeners.forEach((listener) => listener());

describe('stream', () => {
  it('tells the status at once, then at least once a second', async () => {
    const port = await listen(await api());
    const stream = await openStream(port);
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream/);
    expect(stream.headers['content-security-policy']).toContain(`default-src 'self'`);
    const got = await events(stream, (count) => count >= 2);
    expect(got[0].at).toBeLessThan(200);
    expect(got[1].at).toBeGreaterThan(800);
    expect(got[1].at).toBeLessThan(1_800);
  });

  it('tells changes at most four times a second, the latest state each time', async () => {
    let n = 0;
    const port = await listen(await api({ status: () => statusOf(String(n)) }));
    const stream = await openStream(port);
    const timer = setInterval(() => {
      n += 1;
      change();
    }, 5);
    const got = await events(stream, (_count, ms) => ms > 1_100);
    clearInterval(timer);
    expect(got.length).toBeGreaterThanOrEqual(3);
    expect(got.length).toBeLessThanOrEqual(7);
    expect(Number(got.at(-1)?.message)).toBeGreaterThan(50);
  });

  it('tells at once what has just been read, between two states', async () => {
    const port = await listen(await api());
    const stream = await openStream(port);
    await events(nothingLost(stream), (count) => count >= 1);
    const live = {
      positions: [{ partition: 0, log: 0, position: 7 }],
      starts: [{ line: 'A', partition: 0, start: 5 }],
      more: 2,
    };
    const begun = performance.now();
    for (const listener of liveListeners) listener(live);
    const chunk = await new Promise<string>((resolve) => {
      stream.on('data', (data) => String(data).startsWith('event: live') && resolve(String(data)));
    });
    expect(JSON.parse(chunk.slice(chunk.indexOf('{')))).toEqual(live);
    expect(performance.now() - begun).toBeLessThan(500);
    stream.destroy();
    await expect.poll(() => liveListeners.size).toBe(0);
  });

  it('stops listening when the last client leaves', async () => {
    const port = await listen(await api());
    const stream = await openStream(port);
    await events(stream, (count) => count >= 1);
    expect(listeners.size).toBe(1);
    stream.destroy();
    await expect.poll(() => listeners.size).toBe(0);
  });

  it('drops states for a client that does not read, and closes it at the deadline', async () => {
    let made = 0;
    const large = 'x'.repeat(4_000_000);
    const status = (): Status => {
      made += 1;
      return statusOf(large);
    };
    const limits = { statusMsMin: 10, statusMsMax: 10, streamStalledMsMax: 400 };
    const server = await api({ status, limits });
    const port = await listen(server);
    const accepted = new Promise<Socket>((resolve) => {
      server.server.once('connection', resolve);
    });
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.write('GET /api/stream HTTP/1.1\r\nhost: x\r\n\r\n');
    socket.pause();
    const peer = await accepted;
    const buffered: number[] = [];
    const watch = setInterval(() => buffered.push(peer.writableLength), 20);
    await new Promise<void>((resolve) => peer.once('close', () => resolve()));
    clearInterval(watch);
    expect(made).toBeGreaterThan(3);
    expect(Math.max(...buffered)).toBeLessThan(3 * large.length);
    expect(listeners.size).toBe(0);
  });

  it('refuses more streams than the limit', async () => {
    const port = await listen(await api({ limits: { streamsMax: 1 } }));
    const first = await openStream(port);
    const second = await openStream(port);
    expect([first.statusCode, second.statusCode]).toEqual([200, 503]);
  });

  it('ends with the server', async () => {
    const server = await api();
    const stream = await openStream(await listen(server));
    await events(stream, (count) => count >= 1);
    const started = Date.now();
    await server.close();
    expect(Date.now() - started).toBeLessThan(1_000);
  });
});
