// What the API says of one line, of the rules, of the records, and the columns for what-if: on the small
// store whose every finding is known.

import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Timeline } from '../../src/api/contract.js';
import type { LineDetail } from '../../src/api/line-contract.js';
import type { RulesNow } from '../../src/api/rules-contract.js';
import type { RecordsNow } from '../../src/api/record-contract.js';
import { api, fixture, usesApi } from './api-fixture.js';
import { type Columns, readColumns } from './columns.js';
import { DAY, HOUR, MINUTE, ODD_NAME, Q, T, insert } from './store-fixture.js';

usesApi();

async function ask<Body>(server: FastifyInstance, url: string): Promise<Body> {
  const response = await server.inject(url);
  expect(response.statusCode, response.body).toBe(200);
  return response.json() as Body;
}

const detailOf = (server: FastifyInstance, line: string, query = ''): Promise<LineDetail> =>
  ask<LineDetail>(server, `/api/lines/${encodeURIComponent(line)}/detail${query}`);

const figure = ({ figures }: LineDetail, name: string) =>
  figures.find((one) => one.figure === name)!;

describe('the detail of a line', () => {
  it('has figures, each with rule and version, over thirty days', async () => {
    const alpha = await detailOf(await api(), 'alpha');
    expect(alpha).toMatchObject({ fromMs: T + 1 - 30 * DAY, toMs: T + 1, readingMs: T });
    expect(figure(alpha, 'interruptions')).toMatchObject({ value: 4, version: 0 });
    expect(figure(alpha, 'momentary')).toMatchObject({ value: 3, rule: '< 1m' });
    expect(figure(alpha, 'outages')).toMatchObject({ value: 1, rule: '≥ 1m' });
    expect(figure(alpha, 'down')).toMatchObject({ value: 130_999, unit: 'ms' });
    expect(figure(alpha, 'flap-episodes')).toMatchObject({
      value: 1,
      rule: '4 in 10m, 5 in 1h; quiet 30m',
    });
    expect(figure(alpha, 'repeat-faults')).toMatchObject({ value: 1 });
    expect(alpha.rules).toMatchObject([{ version: 0, outage: '1m', repeat: '30d' }]);
    expect(alpha.record).toMatchObject({ branch: '广州', customer: 'Bank', product: 'DDN' });
    expect(alpha.durations.counts.reduce((sum, n) => sum + n, 0)).toBe(4);
    expect(alpha.durations.counts[alpha.durations.edgesMs.indexOf(MINUTE)]).toBe(1);
    // T is Thursday 23:00 in Shanghai; 30 hours before is Wednesday 17:00.
    expect(alpha.week[2 * 24 + 17]).toBe(1);
    expect(alpha.week[3 * 24 + 21]).toBe(2);
    expect(alpha.week[3 * 24 + 22]).toBe(1);
    expect(alpha.alarms).toContainEqual({
      alarm: 'LOS',
      interruptions: 1,
      lastStart: T - 30 * HOUR,
      raises: null,
      chatterIndex: null,
    });
    expect(alpha.episodes).toMatchObject([
      { detector: 'window', rule: '4 in 10m', interruptions: 4 },
    ]);
  });

  it('says until when at the earliest a line flaps, and that it does no longer', async () => {
    const server = await api();
    const odd = await detailOf(server, ODD_NAME);
    expect(odd.partitions).toMatchObject([
      { partition: 1, flapping: true, rule: '4 in 10m', ends: T + 1, transition: T - Q + 1 },
    ]);
    const later = await detailOf(server, ODD_NAME, `?at=${T + 1}`);
    expect(later.partitions).toMatchObject([{ flapping: false, rule: null, ends: null }]);
    expect(later.episodes).toMatchObject([{ end: T + 1 }]);
  });

  it('reads an open interruption at the reading time', async () => {
    const server = await api();
    const now = await detailOf(server, 'beta');
    expect(now.partitions).toMatchObject([{ down: true, downSince: T - MINUTE }]);
    expect(figure(now, 'outages').value).toBe(1);
    expect(figure(now, 'down').value).toBe(MINUTE);
    const before = await detailOf(server, 'beta', `?at=${T - 1}`);
    expect(figure(before, 'outages').value).toBe(0);
    expect(now.durations.counts.every((n) => n === 0)).toBe(true);
  });

  it('of a line that is only recorded, or only seen, says what there is', async () => {
    const server = await api();
    const unseen = await detailOf(server, 'never seen');
    expect(unseen).toMatchObject({ partitions: [], record: { branch: '深圳' } });
    expect(figure(unseen, 'interruptions').value).toBe(0);
    expect(figure(unseen, 'coverage').value).toBeNull();
    expect(await detailOf(server, 'unrecorded')).toMatchObject({ record: null, class: null });
    const missing = await server.inject('/api/lines/nothing/detail');
    expect(missing.statusCode).toBe(404);
    expect(missing.json().error.message).toMatch(/no line is named "nothing"/);
  });

  it('names components with their other lines, tickets, works and planned marks', async () => {
    const { connection } = fixture();
    for (const line of ['alpha', 'beta', ODD_NAME, 'never seen']) {
      const row = { line, kind: 'card', component: 'GZ-1/3' };
      await insert(connection, 'component_row', row);
    }
    const ticket = { ticket: 'T1', kind: 'report', line: 'alpha', valid: true, cause: 'dig' };
    await insert(connection, 'ticket_row', { ...ticket, opened_ms: T - HOUR, closed_ms: null });
    const work = { work: 'W1', status: 'done', kind: 'card', component: 'GZ-1/3' };
    const times = { start_ms: T - 2 * HOUR, end_ms: T - HOUR };
    await insert(connection, 'work_row', { ...work, ...times });
    await insert(connection, 'work_line', {
      work: 'W1',
      line: 'alpha',
      start_ms: T - 2 * HOUR,
      from_ms: T - 2 * HOUR - 5 * MINUTE,
      until_ms: T - HOUR + 5 * MINUTE,
    });
    for (const n of [2, 3, 4]) {
      await insert(connection, 'planned_mark', {
        line_id: 0,
        partition_id: 0,
        n,
        start_ms: [0, 0, T - 2 * HOUR, T - 2 * HOUR + MINUTE, T - HOUR][n]!,
        planned_until_ms: T - HOUR + 5 * MINUTE,
      });
    }
    const server = await api();
    const alpha = await detailOf(server, 'alpha');
    expect(alpha.components).toEqual([
      {
        kind: 'card',
        component: 'GZ-1/3',
        since: null,
        lines: 4,
        interrupted: 3,
        down: 1,
        flapping: 1,
        neighbours: [
          { line: 'beta', interruptions: 1, down: true, flapping: false },
          { line: ODD_NAME, interruptions: 1, down: false, flapping: true },
          { line: 'never seen', interruptions: 0, down: false, flapping: false },
        ],
      },
    ]);
    expect(alpha.tickets).toMatchObject([{ ticket: 'T1', opened: T - HOUR, closed: null }]);
    expect(figure(alpha, 'tickets').value).toBe(1);
    expect(alpha.works).toMatchObject([{ work: 'W1', status: 'done', interruptions: 3 }]);
    expect(figure(alpha, 'planned').value).toBe(3);
    expect(figure(alpha, 'net-down').value).toBe(10_000);
    const timeline = await ask<Timeline>(server, '/api/lines/alpha');
    expect(timeline.interruptions.map(({ planned }) => planned)).toEqual([false, true, true, true]);
  });
});

describe('the rules', () => {
  it('are the defaults before a record, then the last record, with its version', async () => {
    const server = await api();
    const none = await ask<RulesNow>(server, '/api/rules');
    expect(none).toMatchObject({ version: 0, words: { flap: ['4 in 10m', '5 in 1h'] } });
    const { connection } = fixture();
    const rows = [
      { kind: 'rules', payload: '{"flap":[{"starts":3,"windowMs":60000}]}', position: 0 },
      { kind: 'rules', payload: '{"quietMs":3600000,"classes":[]}', position: 7 },
      {
        kind: 'reset',
        payload: '{"line":"alpha","by":"Li","why":"card","requestedMs":9}',
        position: 8,
      },
    ];
    for (const [seq, row] of rows.entries()) {
      await insert(connection, 'control', { partition_id: 0, log: 0, seq, ...row });
    }
    const now = await ask<RulesNow>(server, '/api/rules');
    expect(now).toMatchObject({ version: 2, words: { quiet: '1h' } });
    expect(now.versions).toMatchObject([
      { version: 2, position: 7, words: { quiet: '1h' } },
      { version: 1, position: 0, words: { flap: ['3 in 1m'], quiet: '30m' } },
    ]);
    expect(now.resets).toEqual([{ line: 'alpha', by: 'Li', why: 'card', requested: 9 }]);
    const alpha = await detailOf(server, 'alpha');
    expect(figure(alpha, 'flap-episodes')).toMatchObject({ version: 2, rule: /quiet 1h/ });
  });
});

describe('the records', () => {
  it('tell how complete they are', async () => {
    const { coverage, imports } = await ask<RecordsNow>(await api(), '/api/records');
    expect(coverage.seen).toEqual({ lines: 4, recorded: 3 });
    expect(coverage.lines).toEqual({ recorded: 4, known: 5 });
    expect(coverage.fields).toContainEqual({ field: 'branch', filled: 4 });
    expect(coverage.fields).toContainEqual({ field: 'contact', filled: 0 });
    expect(imports).toEqual([]);
  });
});

async function columns(server: FastifyInstance, query: string): Promise<Columns> {
  const response = await server.inject(`/api/interruptions/columns${query}`);
  expect(response.statusCode, response.body).toBe(200);
  expect(response.headers['content-type']).toBe('application/octet-stream');
  return readColumns(response.rawPayload);
}

describe('the columns of interruptions', () => {
  it('hold every interruption with line, episodes and what is open', async () => {
    const found = await columns(await api(), '?from=0');
    expect(found).toMatchObject({ fromMs: 0, toMs: T + 1, readingMs: T, leadMs: 0, unsure: 0 });
    expect(found.groups.map(({ line, rows }) => [line, rows.length])).toEqual([
      ['alpha', 4],
      ['beta', 1],
      [ODD_NAME, 1],
      ['unrecorded', 1],
    ]);
    const [alpha, beta, odd, last] = found.groups;
    expect(alpha!.episodes).toBe(1);
    expect(odd!.episodes).toBe(1);
    expect(alpha!.rows[3]).toEqual({ start: T - HOUR, end: T - HOUR + 1_000 });
    expect(beta!.rows).toEqual([{ start: T - MINUTE, end: null }]);
    expect(last!.rows).toEqual([{ start: T - 10 * MINUTE, end: T - 10 * MINUTE }]);
  });

  it('begin a line with its lead: back to a gap longer than a day', async () => {
    const { connection } = fixture();
    const row = (n: number, startMs: number, endMs: number) =>
      insert(connection, 'interruption_row', {
        line_id: 3,
        partition_id: 1,
        n,
        start_ms: startMs,
        end_ms: endMs,
      });
    const from = T - HOUR;
    await row(-4, from - 3 * DAY, from - 3 * DAY + 1);
    await row(-3, from - 2 * DAY + 2, from - 2 * DAY + 3);
    await row(-2, from - DAY + 3, from - MINUTE);
    const server = await api();
    const found = await columns(server, `?from=${from}`);
    const starts = found.groups.find(({ line }) => line === 'unrecorded')!.rows;
    expect(starts.map(({ start }) => start - from)).toEqual([
      -2 * DAY + 2,
      -DAY + 3,
      HOUR - 10 * MINUTE,
    ]);
    // alpha's interruptions before the period lie within a day of one another; those of nobody else.
    expect(found.groups.map(({ line, rows }) => [line, rows.length])).toEqual([
      ['alpha', 3],
      ['beta', 1],
      [ODD_NAME, 1],
      ['unrecorded', 3],
    ]);
  });

  it('keep an outage of months, and refuse more rows than they may hold', async () => {
    const { connection } = fixture();
    await insert(connection, 'interruption_row', {
      line_id: 3,
      partition_id: 0,
      n: 1,
      start_ms: T - 60 * DAY,
      end_ms: T - DAY,
    });
    const found = await columns(await api(), '?from=0');
    const group = found.groups.find(({ line }) => line === 'unrecorded')!;
    expect(group.rows).toEqual([{ start: T - 60 * DAY, end: T - DAY }]);
    const small = await api({ limits: { columnRowsMax: 5 } });
    const refused = await small.inject('/api/interruptions/columns?from=0');
    expect(refused.statusCode).toBe(400);
    expect(refused.json().error.message).toMatch(
      /more than 5 interruptions.*ask for a shorter one/,
    );
  });
});
