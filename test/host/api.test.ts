// The HTTP API on a small store, through inject: every route, what it refuses, who it lets in.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Heat, Timeline, Worst } from '../../src/api/contract.js';
import { FlaplineError } from '../../src/config/errors.js';
import { api, statusOf, usesApi } from './api-fixture.js';
import { DAY, HOUR, ODD_NAME, T } from './store-fixture.js';

usesApi();

async function ask<Body>(server: FastifyInstance, url: string): Promise<Body> {
  const response = await server.inject(url);
  expect(response.statusCode, response.body).toBe(200);
  return response.json() as Body;
}

describe('routes', () => {
  it('answer the status, health and readiness', async () => {
    const server = await api();
    expect(await ask(server, '/api/status')).toEqual(statusOf('reading'));
    expect(await ask(server, '/healthz')).toEqual({ ok: true });
    expect(await ask(server, '/readyz')).toMatchObject({ ready: true });
    const loading = await api({ status: () => statusOf('loading a month', 'loading') });
    const response = await loading.inject('/readyz');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ ready: false, message: 'loading a month' });
  });

  it('answer the worst lines, by default of the thirty days to the reading time', async () => {
    const server = await api();
    const worst = await ask<Worst>(server, '/api/worst');
    expect(worst).toMatchObject({ fromMs: T + 1 - 30 * DAY, toMs: T + 1, readingMs: T, total: 4 });
    expect(worst.rows.map((row) => row.line)).toEqual(['alpha', 'beta', ODD_NAME, 'unrecorded']);
    const branch = encodeURIComponent('深圳');
    const url = `/api/worst?from=${T - DAY}&to=${T}&branch=${branch}&limit=1`;
    expect((await ask<Worst>(server, url)).rows).toHaveLength(1);
    const none = await ask<Worst>(server, `/api/worst?branch=&at=latest`);
    expect(none.rows.map((row) => row.line)).toEqual(['unrecorded']);
    const before = await ask<Worst>(server, `/api/worst?at=${T - 1}&from=0`);
    expect(before.rows.find((row) => row.line === 'beta')).toMatchObject({
      momentary: 1,
      outages: 0,
      downMs: 59_999,
    });
  });

  it('answer what is flapping now, and then', async () => {
    const server = await api();
    expect(await ask(server, '/api/flapping')).toMatchObject({ total: 1, readingMs: T });
    const later = await ask(server, `/api/flapping?at=${T + 1}`);
    expect(later).toEqual({ total: 0, readingMs: T + 1, rows: [] });
  });

  it('answer the heat of groups and lines', async () => {
    const server = await api();
    const branches = await ask<Heat>(server, '/api/heat');
    expect(branches).toMatchObject({ by: 'branch', bucketMs: 300_000, totalRows: 3, readingMs: T });
    expect(branches.rows.map((row) => row.name)).toEqual(['广州', '深圳', '']);
    expect(branches.rows.every((row) => row.starts.length === branches.buckets)).toBe(true);
    const one = await ask<Heat>(server, `/api/heat?limit=1&from=${T - 3 * HOUR}&to=${T + DAY}`);
    expect(one.rows.map((row) => row.name)).toEqual(['广州']);
    expect(one.buckets).toBe(37);
    const old = await ask<Heat>(server, `/api/heat?from=${T - 9 * DAY}&to=${T - 8 * DAY}`);
    expect(new Set(old.rows.flatMap((row) => row.coverage))).toEqual(new Set([0]));
    const lines = await ask<Heat>(server, `/api/heat?by=line&product=DDN&from=${T - 3 * HOUR}`);
    expect(lines.rows.map((row) => [row.name, row.lines])).toEqual([
      ['alpha', 1],
      [ODD_NAME, 1],
    ]);
    const future = await ask<Heat>(server, `/api/heat?from=${T + DAY}&to=${T + 2 * DAY}`);
    expect(future).toMatchObject({ buckets: 0 });
  });

  it('answer heat without data as no data, not as zero', async () => {
    const server = await api({ reading: () => new Map() });
    const empty = await ask<Heat>(server, '/api/heat');
    expect(empty.readingMs).toBeNull();
    expect(new Set(empty.rows.flatMap((row) => row.coverage))).toEqual(new Set([0]));
  });

  it('answer the timeline of a line of any name', async () => {
    const server = await api();
    const url = `/api/lines/${encodeURIComponent(ODD_NAME)}`;
    const odd = await ask<Timeline>(server, url);
    expect(odd).toMatchObject({ line: ODD_NAME, flapping: true, truncated: false });
    expect(odd).not.toHaveProperty('lineId');
    const alpha = await ask<Timeline>(server, `/api/lines/alpha?limit=1`);
    expect(alpha).toMatchObject({ truncated: true, interruptions: [{ n: 4, class: 'momentary' }] });
    const long = `/api/lines/${encodeURIComponent('广'.repeat(85))}`;
    expect((await server.inject(long)).statusCode).toBe(404);
    const missing = await server.inject(`/api/lines/${encodeURIComponent("x' or '1'='1")}`);
    expect(missing.statusCode).toBe(404);
    expect(missing.json().error.code).toBe('NOT_FOUND');
  });

  it('describe themselves', async () => {
    const server = await api();
    const document = await ask<{ paths: Record<string, unknown> }>(server, '/docs/json');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/status', '/api/heat', '/api/lines/{line}', '/api/stream']),
    );
    expect((await server.inject('/docs')).statusCode).toBeLessThan(400);
  });
});

describe('what is refused', () => {
  const cases: [url: string, message: RegExp][] = [
    ['/api/worst?from=NaN', /"from": must be integer/],
    ['/api/worst?from=', /"from": must be integer/],
    ['/api/worst?from=1.5', /"from": must be integer/],
    ['/api/worst?from=-1', /"from": must be >= 0/],
    ['/api/worst?to=Infinity', /"to": must be/],
    ['/api/worst?to=1e308', /"to": must be <= 9007199254740991/],
    ['/api/worst?to=9007199254740993', /"to": must be <=/],
    ['/api/worst?from=1&from=2', /"from": must be integer/],
    ['/api/worst?from=5&to=5', /"from" \(5\) must be less than "to" \(5\)/],
    ['/api/worst?limit=0', /"limit": must be >= 1/],
    ['/api/worst?limit=1001', /"limit": must be <= 1000/],
    ['/api/worst?at=noon', /"at": must be integer, or must be "latest"/],
    ['/api/flapping?at=-5', /"at": must be >= 0, or must be "latest"/],
    [`/api/worst?branch=${'x'.repeat(257)}`, /"branch": must NOT have more than 256/],
    ['/api/heat?by=customer', /"by": must be "branch" or "product" or "line"/],
    ['/api/heat?from=0', /ask for seven days or less/],
    [`/api/lines/${'x'.repeat(300)}`, /"line": must NOT have more than 256/],
    ['/api/lines/alpha?limit=-3', /"limit": must be >= 1/],
  ];

  it('queries that make no sense, with the name of the parameter', async () => {
    const server = await api();
    for (const [url, message] of cases) {
      const response = await server.inject(url);
      expect(response.statusCode, url).toBe(400);
      const { error } = response.json();
      expect(error.code, url).toBe('BAD_REQUEST');
      expect(error.message, url).toMatch(message);
    }
  });

  it('paths, methods and bodies that are not ours', async () => {
    const server = await api({
      tokens: { viewer: 'v', operator: null },
      limits: { bodyBytesMax: 64 },
    });
    expect((await server.inject('/nothing')).json().error.code).toBe('NOT_FOUND');
    expect((await server.inject('/')).json().error.message).toMatch(/page is not built/);
    const post = await server.inject({ method: 'POST', url: '/api/worst', payload: {} });
    expect(post.statusCode).toBe(404);
    const payload = { token: 'x'.repeat(100) };
    const large = await server.inject({ method: 'POST', url: '/api/session', payload });
    expect(large.statusCode).toBe(413);
    const broken = await server.inject('/api/lines/%E0%A4%A');
    expect(broken.statusCode).toBe(400);
    expect(broken.json().error.code).toBe('BAD_REQUEST');
    const endless = await server.inject(`/api/lines/${'x'.repeat(1_000)}`);
    expect(endless.json().error.code).toMatch(/TOO_LARGE|NOT_FOUND/);
  });

  it('the text of what went wrong inside, but not of our own errors', async () => {
    const secret = await api({
      read: async () => {
        throw new Error('secret of the inside');
      },
    });
    const hidden = await secret.inject('/api/flapping');
    expect(hidden.statusCode).toBe(500);
    expect(hidden.body).not.toContain('secret');
    expect(hidden.json().error.code).toBe('INTERNAL');
    const slow = await api({
      read: async () => {
        throw new FlaplineError('QUERY_TIMEOUT', 'ask for a shorter period');
      },
    });
    const told = await slow.inject('/api/flapping');
    expect(told.statusCode).toBe(503);
    expect(told.json()).toEqual({
      error: { code: 'QUERY_TIMEOUT', message: 'ask for a shorter period' },
    });
  });

  it('too many requests, but not the health checks', async () => {
    const server = await api({ limits: { requestsPerMinuteMax: 2 } });
    await server.inject('/api/status');
    await server.inject('/api/status');
    const third = await server.inject('/api/status');
    expect(third.statusCode).toBe(429);
    expect(third.json().error.code).toBe('RATE_LIMITED');
    expect((await server.inject('/healthz')).statusCode).toBe(200);
    expect((await server.inject('/readyz')).statusCode).toBe(200);
  });
});

describe('headers and the page', () => {
  it('allow nothing from elsewhere, and work over plain HTTP', async () => {
    const { headers } = await (await api()).inject('/api/status');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain(`default-src 'self'`);
    expect(policy).toContain(`style-src 'self' 'unsafe-inline'`);
    expect(policy).toContain(`img-src 'self' data:`);
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('serve the built page, and nothing beside it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flapline-page-'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>flapline</title>');
    const server = await api({ webRoot: folder });
    const page = await server.inject('/');
    expect(page.body).toContain('<title>flapline</title>');
    expect(page.headers['content-type']).toMatch(/text\/html/);
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/none.js']) {
      expect((await server.inject(path)).statusCode, path).toBeGreaterThanOrEqual(400);
    }
    rmSync(folder, { recursive: true });
  });
});

describe('tokens', () => {
  const tokens = { viewer: 'view-0123456789', operator: 'operate-0123456789' };

  it('open the API in a header or a cookie, never in the URL', async () => {
    const server = await api({ tokens });
    const refused = await server.inject('/api/status?token=view-0123456789');
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    expect(refused.json().error.code).toBe('UNAUTHORIZED');
    for (const token of Object.values(tokens)) {
      const headers = { authorization: `Bearer ${token}` };
      expect((await server.inject({ url: '/api/status', headers })).statusCode).toBe(200);
    }
    for (const authorization of ['Bearer wrong', 'Basic dmlldw==', 'Bearer ']) {
      const response = await server.inject({ url: '/api/status', headers: { authorization } });
      expect(response.statusCode).toBe(401);
    }
    const headers = { cookie: 'a=b; flapline_token=%E0%A4%A' };
    expect((await server.inject({ url: '/api/status', headers })).statusCode).toBe(401);
  });

  it('become a cookie that the page cannot read', async () => {
    const server = await api({ tokens });
    const open = (token: string) =>
      server.inject({ method: 'POST', url: '/api/session', payload: { token } });
    expect((await open('wrong')).statusCode).toBe(401);
    const opened = await open(tokens.viewer);
    expect(opened.statusCode).toBe(204);
    const cookie = String(opened.headers['set-cookie']);
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    const headers = { cookie: cookie.split(';')[0] };
    expect((await server.inject({ url: '/api/status', headers })).statusCode).toBe(200);
    for (let i = 0; i < 10; i += 1) await open('guess');
    expect((await open(tokens.viewer)).statusCode).toBe(429);
  });

  it('are not needed for health and for the page', async () => {
    const server = await api({ tokens });
    expect((await server.inject('/healthz')).statusCode).toBe(200);
    expect((await server.inject('/api/nothing')).statusCode).toBe(404);
    expect((await server.inject('/api/stream')).statusCode).toBe(401);
  });
});
