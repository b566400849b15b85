// Notices: one start, digests, one end, of enrolled customers' lines only; recorded before they are sent,
// marked after they were acknowledged, sent again by the same identity after a crash between the two;
// the forms of webhooks, their signature, and mail.

import { fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../src/config/root.js';
import { mailChannel } from '../../src/notify/mail.js';
import { type Notice, noticeOf, sentenceOf } from '../../src/notify/notice.js';
import { Notifier } from '../../src/notify/notifier.js';
import { type Channel, webhookChannel } from '../../src/notify/webhook.js';
import { selectRows } from '../../src/store/sql.js';
import { openStore } from '../../src/store/store.js';
import { scratch } from '../cli/command.js';
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

const file = scratch();
let store: Awaited<ReturnType<typeof emptyStore>>;
let sent: Notice[][];
let failing: boolean;
const closers: (() => void)[] = [];
afterAll(() => closers.forEach((close) => close()));

beforeEach(async () => {
  store = await emptyStore();
  await fillStore(store);
  sent = [];
  failing = false;
});

async function enrol(customer: string, enrolled_ms: number): Promise<void> {
  await insert(store.connection, 'customer_row', { customer, key: true, enrolled_ms });
}

const captured: Channel = {
  name: 'captured',
  close: () => undefined,
  send: (notices) => {
    if (failing) return Promise.reject(new Error('away'));
    sent.push([...notices]);
    return Promise.resolve('taken');
  },
};

/** A notifier whose clock and reading time stand at what `at` says. */
function notifier(at: { ms: number }): Notifier {
  return new Notifier({
    read: (query) => query(store.connection),
    write: (statements) => statements(store.connection),
    readAt: () => ({ at: { atMs: at.ms } }),
    now: () => at.ms,
    channels: [captured],
    digestEveryMs: 15 * MINUTE,
    note: () => undefined,
  });
}

const told = (): string[] => sent.flat().map(({ line, kind, step }) => `${line} ${kind} ${step}`);

/** Times of the store's own marks are the wall clock; here they are the notifier's. */
async function stampAt(ms: number): Promise<void> {
  await store.connection.run(`update notice set notice_recorded_at = make_timestamp(${ms} * 1000)
    where notice_recorded_at > make_timestamp(${T + 30 * DAY} * 1000)`);
}

describe('a notifier', () => {
  it('tells of faults and flapping of enrolled lines that are news, once', async () => {
    const at = { ms: T };
    const one = notifier(at);
    await one.pass();
    expect(told()).toEqual([]);
    await enrol('Bank', 0);
    await enrol('Post', 0);
    await one.pass();
    await one.pass();
    expect(new Set(told())).toEqual(
      new Set(['alpha fault start', 'beta fault start', `${ODD_NAME} flap start`]),
    );
    expect(sent).toHaveLength(2);
    const beta = sent.flat().find(({ line }) => line === 'beta')!;
    expect(beta).toMatchObject({ startMs: T - MINUTE, detectedMs: T, down: true, count: 1 });
    const rows = await selectRows(store.connection, 'select state, proof from notices');
    expect(rows).toEqual(rows.map(() => ({ state: 'sent', proof: 'taken' })));
  });

  it('leaves out lines enrolled later, and planned outages', async () => {
    await enrol('Bank', T - HOUR);
    const mark = { line_id: 1, partition_id: 1, n: 9, start_ms: T - MINUTE, planned_until_ms: T };
    await insert(store.connection, 'planned_mark', mark);
    await notifier({ ms: T }).pass();
    expect(told()).toEqual([]);
  });

  it('does not flood: a change is told when some time has passed, the end once', async () => {
    await enrol('Post', 0);
    const at = { ms: T };
    const one = notifier(at);
    const pass = async (ms: number): Promise<string[]> => {
      at.ms = ms;
      sent = [];
      await one.pass();
      await stampAt(ms);
      return told();
    };
    expect(await pass(T)).toEqual([`${ODD_NAME} flap start`]);
    await store.connection.run(`update open_state set episode_interruptions = 90,
      episode_ends_ms = ${T + HOUR} where line_id = 2`);
    expect(await pass(T + MINUTE)).toEqual([]);
    expect(await pass(T + 15 * MINUTE)).toEqual([`${ODD_NAME} flap digest-1`]);
    expect(await pass(T + 40 * MINUTE)).toEqual([]);
    expect(await pass(T + HOUR + Q)).toEqual([`${ODD_NAME} flap end`]);
    expect(await pass(T + 3 * HOUR)).toEqual([]);
  });

  it('joins outages of four hours to one fault, and ends it when they have passed', async () => {
    await enrol('Bank', 0);
    const at = { ms: T };
    const one = notifier(at);
    await one.pass();
    await stampAt(T);
    const start = T - 2 * HOUR + MINUTE;
    const again = {
      line_id: 0,
      partition_id: 0,
      n: 5,
      start_ms: T + HOUR,
      end_ms: T + HOUR + 2 * MINUTE,
    };
    await insert(store.connection, 'interruption_row', again);
    sent = [];
    at.ms = T + 2 * HOUR;
    await one.pass();
    await stampAt(at.ms);
    const digest = sent.flat().find(({ line }) => line === 'alpha');
    expect(digest).toMatchObject({ step: 'digest-1', startMs: start, count: 2, endMs: null });
    sent = [];
    at.ms = T + HOUR + 2 * MINUTE + 4 * HOUR + 1;
    await one.pass();
    const end = sent.flat().find(({ line }) => line === 'alpha');
    expect(end).toMatchObject({
      step: 'end',
      startMs: start,
      count: 2,
      endMs: T + HOUR + 2 * MINUTE,
    });
  });

  it('tells once that a ticket reopens, unless the outage has another cause or was planned', async () => {
    // alpha's outage (n = 3) started at T - 2 h + 1 min, with no cause known yet.
    const closed_ms = T - 3 * HOUR;
    const row = { ticket: 'G-1', line: 'alpha', kind: 'report', opened_ms: closed_ms - HOUR };
    await insert(store.connection, 'ticket_row', { ...row, closed_ms, cause: 'dig' });
    const at = { ms: T };
    const one = notifier(at);
    const causeIs = (id: string): Promise<unknown> =>
      store.connection.run(
        `update interruption_row set cause_id = ${id} where line_id = 0 and n = 3`,
      );
    await insert(store.connection, 'cause', { cause_id: 1, cause: 'power' });
    await causeIs('1');
    await one.pass();
    expect(told()).toEqual([]);
    await causeIs('0');
    const mark = { line_id: 0, partition_id: 0, n: 3, start_ms: T - 2 * HOUR, planned_until_ms: T };
    await insert(store.connection, 'planned_mark', mark);
    await one.pass();
    expect(told()).toEqual([]);
    await store.connection.run('delete from planned_mark');
    await one.pass();
    await one.pass();
    expect(told()).toEqual(['alpha reopened start']);
    const notice = sent.flat()[0]!;
    expect(notice).toMatchObject({ ticket: 'G-1', cause: 'dig', startMs: closed_ms, count: 1 });
    expect(notice).toMatchObject({ detectedMs: T - 2 * HOUR + 2 * MINUTE, customer: 'Bank' });
    expect(sentenceOf(notice)).toBe(
      'Bank, line alpha: ticket G-1 reopens (the same cause, dig, up now)',
    );
    // 30 days later, or an outage that is a day old: history.
    await store.connection.run('delete from notice');
    at.ms = T + 2 * DAY;
    sent = [];
    await one.pass();
    expect(told()).toEqual([]);
  });

  it('tries again with a growing pause, by the same identity, and gives up after a day', async () => {
    await enrol('Post', 0);
    const at = { ms: T };
    const one = notifier(at);
    failing = true;
    await one.pass();
    await stampAt(T);
    failing = false;
    await one.pass();
    expect(sent).toEqual([]);
    at.ms = T + 1_000;
    await one.pass();
    // It has ended meanwhile; what waited goes first.
    expect(told()).toEqual([`${ODD_NAME} flap start`, `${ODD_NAME} flap end`]);

    store = await emptyStore();
    await fillStore(store);
    await enrol('Post', 0);
    failing = true;
    const other = notifier(at);
    at.ms = T;
    await other.pass();
    await stampAt(T);
    at.ms = T + DAY + 2_000;
    await other.pass();
    const states = await selectRows(
      store.connection,
      'select state, proof from notices where step = $s',
      { s: 'start' },
    );
    expect(states).toEqual([{ state: 'given up', proof: 'away' }]);
  });
});

interface Taken {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver of webhooks on loopback. */
async function receiver(answer: (taken: Taken, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      answer({ headers: request.headers, body: Buffer.concat(pieces).toString() }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const notice = noticeOf(
  {
    kind: 'fault',
    line: 'GZ/1 广州',
    customer: 'Bank "A"\nBcc: x@y.z',
    branch: '广州',
    product: null,
    startMs: T,
    detectedMs: T + MINUTE,
    endMs: null,
    count: 1,
    down: true,
    shelvedMs: null,
    ticket: null,
    cause: null,
  },
  'start',
);

describe('a webhook', () => {
  it('posts signed CloudEvents, and tells its proof', async () => {
    const taken: Taken[] = [];
    const url = await receiver((one, response) => {
      taken.push(one);
      response.writeHead(202).end();
    });
    const options = { name: 'hook', url, form: 'cloudevents', secret: 'k' } as const;
    expect(await webhookChannel(options).send([notice])).toMatch(/^status 202, .*GMT$/);
    const { headers, body } = taken[0]!;
    expect(headers['content-type']).toBe('application/cloudevents-batch+json');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const hmac = createHmac('sha256', 'k').update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${hmac}`);
    expect(JSON.parse(body)).toMatchObject([
      {
        specversion: '1.0',
        id: `fault/GZ%2F1%20%E5%B9%BF%E5%B7%9E/${T}/start`,
        source: '/flapline',
        type: 'flapline.fault.start',
        subject: 'GZ/1 广州',
        time: '2006-11-30T15:01:00.000Z',
        data: { line: 'GZ/1 广州', startMs: T },
      },
    ]);
  });

  it("has Alertmanager's form, version 4", async () => {
    let body = '';
    const url = await receiver((one, response) => {
      body = one.body;
      response.end();
    });
    const options = { name: 'hook', url, form: 'alertmanager', secret: null } as const;
    await webhookChannel(options).send([notice]);
    expect(JSON.parse(body)).toMatchObject({
      version: '4',
      status: 'firing',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'LineFault', line: 'GZ/1 广州' },
          startsAt: '2006-11-30T15:00:00.000Z',
          endsAt: '0001-01-01T00:00:00Z',
        },
      ],
    });
  });

  it('is not acknowledged by an error, nor by a redirect, which it does not follow', async () => {
    let elsewhere = 0;
    const other = await receiver((_, response) => {
      elsewhere++;
      response.end();
    });
    for (const [status, headers] of [
      [500, {}],
      [307, { location: other }],
    ] as const) {
      const url = await receiver((_, response) => response.writeHead(status, headers).end());
      const options = { name: 'hook', url, form: 'cloudevents', secret: null } as const;
      await expect(webhookChannel(options).send([notice])).rejects.toThrow(`status ${status}`);
    }
    expect(elsewhere).toBe(0);
  });
});

describe('mail', () => {
  it('carries the notice, with a lasting identity and no head but its own', async () => {
    const mails: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, _session, done) {
        const pieces: Buffer[] = [];
        stream.on('data', (piece: Buffer) => pieces.push(piece));
        stream.on('end', () => {
          mails.push(Buffer.concat(pieces).toString());
          done(null);
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const box = { secure: false, user: null, password: null, from: 'a@x.test', to: ['b@x.test'] };
    const channel = mailChannel({ host: '127.0.0.1', port, ...box });
    expect(await channel.send([notice])).toMatch(/^250 /);
    await channel.send([notice]);
    channel.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    const ids = mails.map((mail) => /^Message-ID: (.*)$/m.exec(mail)?.[1]);
    expect(ids[0]).toMatch(/^<[0-9a-f]{32}@flapline>/);
    expect(ids[1]).toBe(ids[0]);
    expect(mails[0]!.split('\r\n\r\n')[0]).not.toMatch(/^Bcc:/m);
  });
});

describe('a crash between sending and its acknowledgement', () => {
  it('has the notice sent again by the same identity, then never more', async () => {
    const name = file('notices.duckdb');
    const made = await openStore(name);
    store = { instance: made.instance, connection: made.writer };
    await fillStore(store);
    await enrol('Post', 0);
    made.close();
    const ids: string[][] = [];
    let onTaken: ((response: ServerResponse) => void) | null = null;
    const url = await receiver(({ body }, response) => {
      ids.push((JSON.parse(body) as { id: string }[]).map(({ id }) => id));
      onTaken?.(response);
    });
    const run = (): Promise<NodeJS.Signals | null> =>
      new Promise((resolve) => {
        const module = join(ROOT, 'dist', 'test', 'host', 'notices.child.js');
        const child = fork(module, [name, url], { execArgv: [] });
        child.on('close', (_, signal) => resolve(signal));
        onTaken = (response) => (ids.length === 1 ? child.kill('SIGKILL') : response.end());
      });
    expect(await run()).toBe('SIGKILL');
    expect(await run()).toBeNull();
    expect(await run()).toBeNull();
    expect(ids).toHaveLength(2);
    expect(ids[1]).toEqual(ids[0]);
  });
});
