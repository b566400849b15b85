// A store made by `flapline replay`: its documented views equal the findings row for row; `worst` and
// `backtest` read it; a store in use, or a file that is none, is refused.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.js';
import { serveStore } from '../host/served-store.js';
import { differenceOf } from '../judge/multiset.js';
import { describeShared, expectedFindings, sharedPath } from '../shared.js';
import { flapline, outcomeOf, scratch, startCommand } from './command.js';

const file = scratch();

/** Rows of a query on a store file, as text. */
async function query(store: string, sql: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(store, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(sql);
  const texts = rows.getRowsJson().map((row) => JSON.stringify(row.map(plain)));
  connection.closeSync();
  instance.closeSync();
  return texts;
}

/** 64-bit integers come as text. */
function plain(cell: unknown): unknown {
  return typeof cell === 'string' && /^-?\d+$/.test(cell) ? Number(cell) : cell;
}

type Fields = Readonly<Record<string, unknown>>;

function rowsOf(findings: readonly Fields[], kind: string, fields: readonly string[]): string[] {
  return findings
    .filter((finding) => finding['kind'] === kind)
    .map((finding) => JSON.stringify(fields.map((name) => finding[name] ?? null)));
}

describeShared('the views of a store', () => {
  it.each(['18Vlag', 'bgp2016'])('hold the findings of %s', async (set) => {
    const store = file(`${set}.duckdb`);
    const events = sharedPath('data', 'expected', `${set}.events.ndjson.gz`);
    const { code } = await flapline(['replay', events, '--store', store, '--quiet']);
    expect(code).toBe(0);
    const findings = expectedFindings(set);
    const same = async (sql: string, kind: string, fields: readonly string[]): Promise<void> => {
      const rows = await query(store, sql);
      expect(differenceOf(rows, rowsOf(findings, kind, fields))).toEqual({
        missing: [],
        extra: [],
      });
    };
    await same('select line, start_ms, end_ms, class, n from interruptions', 'interruption', [
      'line',
      'start',
      'end',
      'class',
      'n',
    ]);
    await same('select line, at_ms, since_ms, rule from episodes', 'flap-start', [
      'line',
      'at',
      'since',
      'rule',
    ]);
    await same(
      `select line, end_ms, at_ms, since_ms, rule, interruptions from episodes
       where end_ms is not null`,
      'flap-end',
      ['line', 'at', 'start', 'since', 'rule', 'interruptions'],
    );
    await same('select line, start_ms, previous_end_ms from repeat_faults', 'repeat-fault', [
      'line',
      'start',
      'previousEnd',
    ]);
  });
});

const MINUTE_MS = 60_000;
/** 2006-12-01T00:00:00+08:00 */
const BEGIN_MS = 1_164_902_400_000;

/** Interruptions of a line, each `downMs` long, one every `everyMs`. */
function interruptions(line: string, count: number, everyMs: number, downMs: number): string[] {
  return Array.from({ length: count }, (_, i) => BEGIN_MS + i * everyMs).flatMap((time) => [
    JSON.stringify({ line, time, state: 'down' }),
    JSON.stringify({ line, time: time + downMs, state: 'up' }),
  ]);
}

let store: string;
beforeAll(async () => {
  store = file('small.duckdb');
  writeFileSync(
    file('lines.csv'),
    'line,branch,product,customer,key_customer,bandwidth_kbps\n' +
      '=GZ-1,广州,International VPN,"红棉, 物流",true,2048\n' +
      'SZ-1,深圳,DDN,Harbour,perhaps,64\n' +
      'SZ-1,深圳,DDN,Harbour,no,64\n' +
      'SZ-1,深圳,DDN,Again,no,64\n',
  );
  const events = [
    ...interruptions('=GZ-1', 6, 2 * MINUTE_MS, 1000),
    ...interruptions('SZ-1', 3, 20 * MINUTE_MS, 90_000),
    ...interruptions('no record', 1, 0, 5000),
  ];
  const input = [Buffer.from(events.join('\n'))];
  const args = ['replay', '-', '--sort', '--store', store, '--lines', file('lines.csv')];
  const { code, stderr } = await flapline(args, { input });
  expect(stderr).toMatch(/lines\.csv, line 3: "key_customer" must be true or false/);
  expect(stderr).toMatch(/lines\.csv, line 5: line 'SZ-1' stands in line 4 already/);
  expect(code).toBe(0);
});

describe('worst', () => {
  it('prints a table whose columns line up', async () => {
    const { code, stdout } = await flapline(['worst', '--store', store]);
    expect(code).toBe(0);
    const [head, titles, rule, ...rows] = stdout.split('\n');
    expect(head).toMatch(/: 3 of 3 rows$/);
    expect(titles).toMatch(
      /^#  Line       Branch  Product +Customer    Key customer  Interruptions /,
    );
    expect(rule).toMatch(/^[─ ]+$/);
    expect(rows.map((row) => row.replaceAll(/ {2,}/g, '|'))).toEqual([
      '1|=GZ-1|广州|International VPN|红棉, 物流|yes|6|6|0|0:00:06|1|0|up|' +
        '2006-12-01T00:10:00+08:00|6336.73|2325.47|13792.40|0.0|0.1',
      '2|SZ-1|深圳|DDN|Harbour|no|3|0|3|0:04:30|0|2|up|' +
        '2006-12-01T00:40:00+08:00|3168.37|653.39|9259.31|0.0|0.1',
      '3|no record|1|1|0|0:00:05|0|0|up|' +
        '2006-12-01T00:00:00+08:00|1056.12|26.74|5884.34|0.0|0.1',
      '',
    ]);
  });

  it('prints CSV that no spreadsheet takes for formulas', async () => {
    const { stdout } = await flapline([
      'worst',
      '--store',
      store,
      '--format',
      'csv',
      '--limit',
      '1',
    ]);
    const [header, row, ...rest] = stdout.split('\r\n');
    expect(header).toMatch(/^\uFEFFline,branch,product,customer,key_customer,interruptions,/);
    expect(row).toBe(
      `'=GZ-1,广州,International VPN,"红棉, 物流",true,6,6,0,6000,1,0,up,2006-12-01T00:10:00+08:00,` +
        '6336.734805,2325.469992,13792.403928,,,,0,0.096065',
    );
    expect(rest).toEqual(['']);
  });

  it('asks for a period, a branch and a reading time', async () => {
    const period = ['--from', '2006-12-01T00:15:00', '--to', String(BEGIN_MS + 30 * MINUTE_MS)];
    const asked = ['worst', '--store', store, '--format', 'json', ...period];
    const all = JSON.parse((await flapline(asked)).stdout) as Fields;
    expect(all).toMatchObject({ total: 1, rows: [{ line: 'SZ-1', interruptions: 1 }] });
    const other = await flapline([...asked, '--branch', '广州', '--at', 'latest']);
    expect(JSON.parse(other.stdout)).toMatchObject({ total: 0, rows: [] });
  });

  it('asks a service for the same, with its token', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization ?? ''}`);
      const known = request.headers.authorization === 'Bearer secret';
      response.statusCode = known ? 200 : 401;
      const answer = { fromMs: 0, toMs: 1, readingMs: null, total: 0, rows: [] };
      response.end(JSON.stringify(known ? answer : { error: { message: 'this needs a token' } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}`;
      writeFileSync(file('token'), 'secret\n');
      const env = { FLAPLINE_URL: url, FLAPLINE_VIEWER_TOKEN_FILE: file('token') };
      const args = [
        'worst',
        '--from',
        '2006-12',
        '--branch',
        '广州',
        '--limit',
        '7',
        '--at',
        'latest',
      ];
      const { code, stdout } = await flapline([...args, '--format', 'json'], { env });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ total: 0 });
      const branch = encodeURIComponent('广州');
      expect(seen).toEqual([
        `/api/lists/worst?from=${BEGIN_MS}&at=latest&by=line&branch=${branch}&limit=7` +
          '&format=json&language=en Bearer secret',
      ]);
      const refused = await flapline(['worst', '--url', `${url}/`]);
      expect(refused.code).toBe(78);
      expect(refused.stderr).toContain('this needs a token');
    } finally {
      server.close();
    }
  });

  it('changes nothing in the store', async () => {
    const before = readFileSync(store);
    await flapline(['worst', '--store', store]);
    expect(readFileSync(store).equals(before)).toBe(true);
  });
});

/** The result of a back-test of the small store. */
async function test(rules: string, ...more: string[]): Promise<Fields> {
  writeFileSync(file('rules.yaml'), rules);
  const args = ['backtest', '--store', store, '--rules', file('rules.yaml'), '--format', 'json'];
  args.push(...more);
  const { code, stdout } = await flapline(args);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Fields;
}

describe('backtest', () => {
  it('finds under the same rules what was found', async () => {
    expect(await test('')).toMatchObject({
      stored: { interruptions: 10, outages: 3, flapEpisodes: 1, repeatFaults: 2 },
      found: { interruptions: 10, outages: 3, flapEpisodes: 1, repeatFaults: 2 },
      flagged: { both: 1, onlyStored: 0, onlyFound: 0 },
      different: 0,
    });
  });

  it('compares line by line under others', async () => {
    expect(await test('flap: ["3 in 1h"]\noutage: 2s\nrepeat: 10m')).toMatchObject({
      stored: { outages: 3, flapEpisodes: 1, repeatFaults: 2 },
      found: { outages: 4, flapEpisodes: 2, repeatFaults: 0 },
      flagged: { both: 1, onlyStored: 0, onlyFound: 1 },
      different: 2,
      lines: [
        { line: 'SZ-1', branch: '深圳', stored: { flapEpisodes: 0 }, found: { flapEpisodes: 1 } },
        { line: 'no record', found: { outages: 1 } },
      ],
    });
  });

  it('counts what starts in the period, on evidence from before it', async () => {
    const from = ['--from', String(BEGIN_MS + 7 * MINUTE_MS)];
    expect(await test('flap: ["6 in 1h"]', ...from)).toMatchObject({
      stored: { interruptions: 4, flapEpisodes: 0 },
      found: { interruptions: 4, flapEpisodes: 1 },
    });
    const to = ['--to', String(BEGIN_MS + 7 * MINUTE_MS)];
    expect(await test('flap: ["6 in 1h"]', ...to)).toMatchObject({
      stored: { interruptions: 6, flapEpisodes: 1 },
      found: { interruptions: 6, flapEpisodes: 0 },
    });
  });

  it('reads at a time: an outage that is open then is judged by then', async () => {
    const at = ['--at', String(BEGIN_MS + 7 * MINUTE_MS)];
    const to = ['--to', String(BEGIN_MS + 7 * MINUTE_MS)];
    const told = await test('', ...at);
    expect(told).toMatchObject({ readingMs: BEGIN_MS + 7 * MINUTE_MS, different: 0 });
    expect(told['stored']).toEqual((await test('', ...to, ...at))['stored']);
  });

  it('asks a service, which folds a copy of its store, and tells the same', async () => {
    const held = file('served.duckdb');
    copyFileSync(store, held);
    const served = await serveStore(await openStore(held), BEGIN_MS);
    try {
      const server = await served.server({ tokens: { viewer: 'v', operator: 'o' } });
      const url = await server.listen({ host: '127.0.0.1', port: 0 });
      const rules = 'flap: ["3 in 1h"]\noutage: 2s\nrepeat: 10m';
      const period = [
        '--from',
        String(BEGIN_MS + MINUTE_MS),
        '--to',
        String(BEGIN_MS + 60 * MINUTE_MS),
      ];
      const own = await test(rules, ...period);
      const ask = (token: string) => {
        const args = ['--url', url, '--operator-token', token, '--format', 'json', ...period];
        return flapline(['backtest', '--rules', file('rules.yaml'), ...args]);
      };
      expect(JSON.parse((await ask('o')).stdout)).toEqual(own);
      expect(own['different']).toBeGreaterThan(0);
      expect((await ask('v')).code).toBe(78);
      const headers = { authorization: 'Bearer o' };
      const post = async (payload: object) =>
        server.inject({ method: 'POST', url: '/api/backtest', headers, payload });
      const wrong = await post({ rules: 'flap: ["never"]' });
      expect([wrong.statusCode, wrong.body]).toEqual([
        400,
        expect.stringContaining('rules.yaml:1'),
      ]);
      const both = await Promise.all([post({ rules: '' }), post({ rules: '' })]);
      expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 503]);
    } finally {
      await served.close();
    }
  });

  it('gives the lines that differ as CSV', async () => {
    writeFileSync(file('rules.yaml'), 'flap: ["3 in 1h"]');
    const args = ['backtest', '--store', store, '--rules', file('rules.yaml'), '--format', 'csv'];
    const [head, ...rows] = (await flapline(args)).stdout.split('\r\n');
    expect(head).toBe(
      '\uFEFFline,branch,interruptions,outages_was,outages_would_be,flap_episodes_was,' +
        'flap_episodes_would_be,repeat_faults_was,repeat_faults_would_be',
    );
    expect(rows).toContain('SZ-1,深圳,3,3,3,0,1,2,2');
  });

  it('prints tables', async () => {
    writeFileSync(file('rules.yaml'), 'flap: ["3 in 1h"]');
    const args = ['backtest', '--store', store, '--rules', file('rules.yaml')];
    const { stdout } = await flapline(args);
    expect(stdout).toContain('was:      4 in 10m, 5 in 1h; quiet 30m, outage 1m, repeat 30d');
    expect(stdout).toContain('would be: 3 in 1h; quiet 30m, outage 1m, repeat 30d');
    expect(stdout).toMatch(/^flap episodes +1 +2 +\+1$/m);
    expect(stdout).toMatch(/^SZ-1 +深圳 +3 +3 +0 → 1 +2$/m);
  });
});

/** Expected findings of a kind of 18Vlag. */
function countOf(kind: string): number {
  return expectedFindings('18Vlag').filter((finding) => finding['kind'] === kind).length;
}

describeShared('backtest of 18Vlag', () => {
  it('finds under the same rules what was found', async () => {
    const large = file('again.duckdb');
    const events = sharedPath('data', 'expected', '18Vlag.events.ndjson.gz');
    await flapline(['replay', events, '--store', large, '--quiet']);
    writeFileSync(file('same.yaml'), '');
    const args = ['backtest', '--store', large, '--rules', file('same.yaml'), '--format', 'json'];
    const result = JSON.parse((await flapline(args)).stdout) as Fields;
    expect(result['different']).toBe(0);
    expect(result['found']).toMatchObject({
      interruptions: countOf('interruption'),
      flapEpisodes: countOf('flap-start'),
      repeatFaults: countOf('repeat-fault'),
    });
  });
});

describe('a store', () => {
  it('that holds findings is not replayed into again', async () => {
    const { code, stderr } = await flapline(['replay', '-', '--store', store], {
      input: [Buffer.from('{"line":"a","time":1,"state":"down"}')],
    });
    expect(stderr).toMatch(/already holds findings: name a new file/);
    expect(code).toBe(74);
  });

  it('is not made of another kind of file', async () => {
    copyFileSync(file('lines.csv'), file('copy.csv'));
    const { code, stderr } = await flapline(['replay', '-', '--store', file('copy.csv')]);
    expect(stderr).toMatch(/copy\.csv is not a store/);
    expect(code).toBe(74);
    expect(readFileSync(file('copy.csv'))).toEqual(readFileSync(file('lines.csv')));
  });

  it('held by another process is refused, with a hint', async () => {
    const held = file('held.duckdb');
    const child = startCommand(['replay', '-', '--store', held]);
    const ended = outcomeOf(child);
    child.stdin!.write('{"line":"a","time":1,"state":"down"}\n');
    await expect
      .poll(async () => (await flapline(['worst', '--store', held])).stderr, {
        timeout: 20_000,
        interval: 500,
      })
      .toMatch(/held by another process: stop it, or ask it with --url/);
    const outcomes = [
      await flapline(['worst', '--store', held]),
      await flapline(['replay', '-', '--store', held]),
      await flapline(['backtest', '--store', held, '--rules', file('rules.yaml')]),
    ];
    expect(outcomes.map(({ code }) => code)).toEqual([74, 74, 74]);
    child.stdin!.end();
    expect((await ended).code).toBe(0);
    expect((await flapline(['worst', '--store', held])).code).toBe(0);
  });
});
