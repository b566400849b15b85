// Raw alarms read back from the log: only those that stand with the line's interruptions, bounded, and with
// the reason where there is none.

import { expect, it } from 'vitest';
import type { ApiDeps } from '../../src/api/deps.js';
import type { RawAlarm } from '../../src/api/raw-contract.js';
import { api, fixture, usesApi } from './api-fixture.js';
import { T, insert } from './store-fixture.js';

usesApi();

/** An interruption of alpha was begun by the record at this offset of partition 0. */
const OFFSET = 7;
const PLACE = `alpha/raw?partition=0&offset=${OFFSET}`;

const of = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));

const kept = (value: string | null, key = 'alpha'): ApiDeps['recordAt'] => {
  return async (partition, offset) => ({
    partition,
    offset,
    timestamp: T,
    key: of(key),
    value: of(value),
  });
};

async function ask(path: string, recordAt?: ApiDeps['recordAt']) {
  const server = await api(recordAt === undefined ? {} : { recordAt });
  const { statusCode, json } = await server.inject(`/api/lines/${path}`);
  return { status: statusCode, body: json() as RawAlarm & { error?: { message: string } } };
}

it('are told as they are, with place and time, and cut where they are long', async () => {
  const value = '{"line":"alpha","state":"down","text":"<b>"}';
  expect(await ask(PLACE, kept(value))).toMatchObject({
    status: 200,
    body: {
      line: 'alpha',
      partition: 0,
      offset: OFFSET,
      state: 'kept',
      record: { timestamp: T, key: 'alpha', value, bytes: value.length, cut: false },
    },
  });
  const long = (await ask(PLACE, kept('x'.repeat(70_000)))).body.record;
  expect(long).toMatchObject({ bytes: 70_000, cut: true });
  expect(long?.value).toHaveLength(65_536);
  expect((await ask(PLACE, kept(null))).body.record).toMatchObject({ value: null, bytes: 0 });
});

it('are said to be gone, or to be others since the topic was made again', async () => {
  expect((await ask(PLACE, async () => null)).body).toMatchObject({ state: 'gone', record: null });
  // an alias: the record does not name the line, but there was one log only
  expect((await ask(PLACE, kept('{}', 'port 7'))).body.state).toBe('kept');
  const { connection } = fixture();
  const log = {
    partition_id: 0,
    log: 9,
    position: 0,
    events: 0,
    late: 0,
    duplicates: 0,
    rejected: 0,
  };
  await insert(connection, 'progress', log);
  expect((await ask(PLACE, kept('{}', 'port 7'))).body).toMatchObject({
    state: 'other',
    record: null,
  });
  expect((await ask(PLACE, kept('{"line":"alpha"}'))).body.state).toBe('kept');
  await connection.run('delete from progress where log = 9');
});

it.each([
  [404, 'nowhere/raw?partition=0&offset=7', kept('{}')],
  [404, 'beta/raw?partition=0&offset=7', kept('{}')],
  [404, 'alpha/raw?partition=0&offset=8', kept('{}')],
  [404, 'alpha/raw?partition=5&offset=7', kept('{}')],
  [400, 'alpha/raw?partition=0&offset=-1', kept('{}')],
  [503, PLACE, undefined],
])('answers %d to %s', async (status, path, recordAt) => {
  expect((await ask(path, recordAt)).status).toBe(status);
});

it('are read back a few at a time, the others refused', async () => {
  const waiting: (() => void)[] = [];
  const server = await api({
    recordAt: async () => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      return null;
    },
  });
  const url = `/api/lines/${PLACE}`;
  const asked = Array.from({ length: 4 }, () => server.inject(url));
  await expect.poll(() => waiting.length, { timeout: 60_000 }).toBe(4);
  expect((await server.inject(url)).statusCode).toBe(503);
  for (const go of waiting) go();
  for (const one of await Promise.all(asked)) expect(one.statusCode).toBe(200);
});
