// Shelving: of what is shelved no notice begins or goes on, what was told is ended, everything counts; it
// expires, or is ended; who may do it and what is refused.

import { beforeEach, describe, expect, it } from 'vitest';
import { API_LIMITS } from '../../src/api/deps.js';
import type { Notice } from '../../src/notify/notice.js';
import { Notifier } from '../../src/notify/notifier.js';
import { addShelf, endShelves } from '../../src/store/shelves.js';
import { selectRows } from '../../src/store/sql.js';
import { api, fixture, usesApi } from './api-fixture.js';
import { rowsOfDay } from './list-rows.js';
import {
  DAY,
  HOUR,
  MINUTE,
  ODD_NAME,
  Q,
  T,
  emptyStore,
  fillStore,
  insert,
} from './store-fixture.js';

usesApi();

let store: Awaited<ReturnType<typeof emptyStore>>;
let sent: Notice[];
beforeEach(async () => {
  store = await emptyStore();
  await fillStore(store);
  sent = [];
  for (const customer of ['Bank', 'Post']) {
    await insert(store.connection, 'customer_row', { customer, key: true, enrolled_ms: 0 });
  }
});

/** One pass at a time; the notices' own marks stand at that time too. */
async function pass(ms: number): Promise<string[]> {
  sent = [];
  const one = new Notifier({
    read: (query) => query(store.connection),
    write: (statements) => statements(store.connection),
    readAt: () => ({ at: { atMs: ms } }),
    now: () => ms,
    channels: [
      {
        name: 'captured',
        close: () => undefined,
        send: async (notices) => {
          sent.push(...notices);
          return 'taken';
        },
      },
    ],
    digestEveryMs: 15 * MINUTE,
    note: (text) => {
      throw new Error(text);
    },
  });
  await one.pass();
  await store.connection.run(`update notice set notice_recorded_at = make_timestamp(${ms} * 1000)
    where notice_recorded_at > make_timestamp(${T + 30 * DAY} * 1000)`);
  return sent.map(({ line, kind, step }) => `${line} ${kind} ${step}`).toSorted();
}

const shelf = (line: string, until: number, alarm: string | null = null) =>
  addShelf(store.connection, { line, alarm, by: 'Li', why: 'known', shelved: T - HOUR, until });

const [ALPHA, BETA, ODD] = ['alpha fault start', 'beta fault start', `${ODD_NAME} flap start`];

describe('what is shelved', () => {
  it('is not told of until it expires; then it is news, if it goes on', async () => {
    await shelf('beta', T + 2 * DAY);
    await shelf(ODD_NAME, T + MINUTE);
    expect(await pass(T)).toEqual([ALPHA]);
    // The episode ends in its shelf's time: it is told no more.
    expect(await pass(T + HOUR + Q)).toEqual([]);
    expect(await pass(T + 2 * DAY - 1)).toEqual(['alpha fault end']);
    expect(await pass(T + 2 * DAY)).toEqual([BETA]);
  });

  it('is told of again once somebody ends it', async () => {
    await shelf('beta', T + 2 * DAY);
    expect(await pass(T)).not.toContain(BETA);
    await endShelves(store.connection, 'beta', null, { by: 'Wang', nowMs: T + MINUTE });
    expect(await pass(T + 2 * MINUTE)).toContain(BETA);
  });

  it('is one alarm: faults of others are told, and a fault is as long as all its outages are', async () => {
    await shelf('beta', T + DAY, 'AIS');
    expect(await pass(T)).toContain(BETA);
    await store.connection.run('delete from notice_delivery');
    await store.connection.run('delete from notice');
    await shelf('beta', T + DAY, 'LOS');
    expect(await pass(T)).not.toContain(BETA);
    const before = { line_id: 1, partition_id: 1, n: 8, alarm_id: 0 };
    const outage = { ...before, start_ms: T - HOUR, end_ms: T - HOUR + 2 * MINUTE };
    await insert(store.connection, 'interruption_row', outage);
    expect(await pass(T)).toContain(BETA);
  });

  it('has its end told where the start was, and no digest between', async () => {
    expect(await pass(T)).toEqual([ALPHA, BETA, ODD].toSorted());
    await shelf(ODD_NAME, T + DAY);
    await store.connection.run(`update open_state set episode_interruptions = 90,
      episode_ends_ms = ${T + HOUR} where line_id = 2`);
    expect(await pass(T + 16 * MINUTE)).not.toContain(`${ODD_NAME} flap digest-1`);
    expect(await pass(T + HOUR + Q)).toContain(`${ODD_NAME} flap end`);
  });

  it('counts as before', async () => {
    const text = 'select line, n, down, flapping from lines order by all';
    const before = await selectRows(store.connection, text);
    await shelf('alpha', T + DAY);
    expect(await selectRows(store.connection, text)).toEqual(before);
  });

  it('is listed with who, why and until when', async () => {
    await shelf('alpha', T + DAY, 'LOS');
    await shelf('beta', T - MINUTE);
    await shelf(ODD_NAME, T + DAY);
    await endShelves(store.connection, ODD_NAME, null, { by: 'Wang', nowMs: T - 2 * MINUTE });
    const listed = await rowsOfDay(store.connection, 'shelves');
    const rows = listed.map(([line, , , customer, alarm, state, by, why]) => [
      line,
      customer,
      alarm,
      state,
      by,
      why,
    ]);
    expect(rows).toEqual(
      [
        ['alpha', 'Bank', 'LOS', 'shelved', 'Li', 'known'],
        ['beta', 'Bank', null, 'expired', 'Li', 'known'],
        [ODD_NAME, 'Post', null, 'ended', 'Li', 'known'],
      ].toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1)),
    );
  });
});

const write = async (statements: (to: never) => Promise<unknown>): Promise<void> => {
  await statements(fixture().connection as never);
};
const body = () => ({ by: 'Li', why: 'known', until: Date.now() + HOUR });

const ask = async (path: string, payload: object, tokens: boolean = false) => {
  const server = await api({
    write,
    tokens: tokens ? { viewer: 'view-token', operator: 'operator-token' } : null,
  });
  const headers = tokens ? { authorization: 'Bearer view-token' } : {};
  const url = `/api/lines/${path}`;
  const { statusCode, json } = await server.inject({ method: 'POST', url, payload, headers });
  return { status: statusCode, body: json() as { shelves: { alarm: string | null }[] } };
};

describe('the API', () => {
  it('shelves, tells it with the line, and ends it', async () => {
    const done = await ask('alpha/shelve', { ...body(), alarm: 'LOS' });
    expect(done.status).toBe(200);
    expect(done.body.shelves).toMatchObject([{ line: 'alpha', alarm: 'LOS', by: 'Li' }]);
    await ask('alpha/shelve', body());
    const server = await api();
    const detail = await server.inject('/api/lines/alpha/detail');
    expect(detail.json()).toMatchObject({ shelves: [{ alarm: null }, { alarm: 'LOS' }] });
    const left = await ask('alpha/unshelve', { by: 'Wang', alarm: 'LOS' });
    expect(left.body.shelves.map(({ alarm }) => alarm)).toEqual([null]);
    expect((await ask('alpha/unshelve', { by: 'Wang' })).body.shelves).toEqual([]);
  });

  it.each([
    [404, 'nowhere/shelve', {}],
    [400, 'alpha/shelve', { until: 1 }],
    [400, 'alpha/shelve', { until: Date.now() + 2 * API_LIMITS.shelvedMsMax }],
    [400, 'alpha/shelve', { by: ' ' }],
    [400, 'alpha/shelve', { why: 'two\nlines' }],
  ])('answers %d to %s with %j', async (status, path, more) => {
    expect((await ask(path, { ...body(), ...more })).status).toBe(status);
  });

  it('shelves for no longer than it is configured to', async () => {
    const server = await api({ write, limits: { shelvedMsMax: 8 * HOUR } });
    const url = '/api/lines/alpha/shelve';
    const shelved = async (hours: number) => {
      const payload = { ...body(), until: Date.now() + hours * HOUR };
      return server.inject({ method: 'POST', url, payload });
    };
    expect((await shelved(7)).statusCode).toBe(200);
    const refused = await shelved(9);
    expect(refused.statusCode).toBe(400);
    expect(refused.body).toContain('by 8h at most (shelveMax)');
  });

  it('asks for the token of an operator', async () => {
    expect((await ask('alpha/shelve', body(), true)).status).toBe(403);
  });

  it('says so where nothing can be written', async () => {
    const server = await api();
    const url = '/api/lines/alpha/shelve';
    const { statusCode } = await server.inject({ method: 'POST', url, payload: body() });
    expect(statusCode).toBe(503);
  });
});
