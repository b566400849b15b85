// POST /api/lines/:line/reset: who may, what is refused before anything happens, and how what the
// service says of it is answered.

import { describe, expect, it } from 'vitest';
import type { ApiDeps, ApiTokens } from '../../src/api/deps.js';
import { FlaplineError } from '../../src/config/errors.js';
import { api, usesApi } from './api-fixture.js';

usesApi();

const GOOD = { by: 'Li Wei', why: 'card changed' };
const PLACES = [{ partition: 0, log: 0, position: 9 }];

interface Asked {
  readonly status: number;
  readonly body: unknown;
  readonly reset: readonly unknown[];
}

async function reset(
  options: {
    readonly tokens?: ApiTokens | null;
    readonly token?: string;
    readonly line?: string;
    readonly payload?: object | string;
    readonly answer?: ApiDeps['reset'];
  } = {},
): Promise<Asked> {
  const asked: unknown[] = [];
  const server = await api({
    tokens: options.tokens ?? null,
    reset: (request) => {
      asked.push(request);
      return options.answer ? options.answer(request) : Promise.resolve(PLACES);
    },
  });
  const response = await server.inject({
    method: 'POST',
    url: `/api/lines/${encodeURIComponent(options.line ?? 'GZ/1 号')}/reset`,
    payload: options.payload ?? GOOD,
    headers: options.token === undefined ? {} : { authorization: `Bearer ${options.token}` },
  });
  return { status: response.statusCode, body: response.json(), reset: asked };
}

const answer = (code: 'NOT_FOUND' | 'SERVICE_UNAVAILABLE') => () =>
  Promise.reject(new FlaplineError(code, `because of ${code}`));

describe('a reset', () => {
  it('is passed on and answered with its places', async () => {
    const line = 'GZ/1 号';
    expect(await reset()).toEqual({
      status: 200,
      body: { line, ...GOOD, partitions: PLACES },
      reset: [{ line, ...GOOD }],
    });
  });

  const tokens = { viewer: 'v-secret', operator: 'o-secret' };
  const onlyViewer = { viewer: 'v-secret', operator: null };
  it.each([
    ['no token', { tokens }, 401, 'UNAUTHORIZED'],
    ['a wrong token', { tokens, token: 'guess' }, 401, 'UNAUTHORIZED'],
    ["a viewer's token", { tokens, token: 'v-secret' }, 403, 'FORBIDDEN'],
    [
      'a token where there is no operator',
      { tokens: onlyViewer, token: 'v-secret' },
      403,
      'FORBIDDEN',
    ],
  ])('is refused to who has %s', async (_, options, status, code) => {
    const asked = await reset(options);
    expect(asked).toMatchObject({ status, body: { error: { code } }, reset: [] });
  });

  it("is done with the operator's token", async () => {
    expect(await reset({ tokens, token: 'o-secret' })).toMatchObject({ status: 200 });
  });

  it.each([
    ['nobody', { why: 'x' }],
    ['no reason', { by: 'x' }],
    ['an empty name', { by: '', why: 'x' }],
    ['a name of spaces', { by: '  ', why: 'x' }],
    ['a long name', { by: 'x'.repeat(101), why: 'x' }],
    ['a long reason', { by: 'x', why: 'x'.repeat(501) }],
    ['a reason of two lines', { by: 'x', why: 'a\nb' }],
    ['a text', 'by=x&why=y'],
  ])('with %s is refused', async (_, payload) => {
    const { status, reset: asked } = await reset({ payload });
    expect({ refused: [400, 415].includes(status), asked }).toEqual({ refused: true, asked: [] });
  });

  it('of an unknown line, or while the log is not read, says so', async () => {
    expect(await reset({ answer: answer('NOT_FOUND') })).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND', message: 'because of NOT_FOUND' } },
    });
    expect(await reset({ answer: answer('SERVICE_UNAVAILABLE') })).toMatchObject({ status: 503 });
  });
});
