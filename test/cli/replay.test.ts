// `flapline replay` as a process: files, gzip, standard input in pieces, CSV, Parquet and relations
// give the findings of data/expected or of a twin file; what is bad is told and ends with 65.

import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { pick, seededChoose } from '../judge/choose.js';
import { expectSameFindings } from '../judge/multiset.js';
import {
  EXPECTED_SETS,
  describeShared,
  expectedEvents,
  expectedFindings,
  sharedPath,
} from '../shared.js';
import { flapline, objectsOf, outcomeOf, scratch, startCommand } from './command.js';

const file = scratch();

/** Pieces of odd sizes: objects are cut anywhere. */
function piecesOf(bytes: Buffer): Buffer[] {
  const choose = seededChoose(7);
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const size = pick(choose, [1, 3, 777, 10_007, 100_003, 1_000_003]);
    pieces.push(bytes.subarray(from, from + size));
    from += size;
  }
  return pieces;
}

async function runSql(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

describeShared('data/expected', () => {
  it.each(EXPECTED_SETS)('%s from a gzip file into a file', async (set) => {
    const out = file(`${set}.findings`);
    const events = sharedPath('data', 'expected', `${set}.events.ndjson.gz`);
    const { code, stdout } = await flapline(['replay', events, '--findings', out, '--quiet']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expectSameFindings(objectsOf(readFileSync(out, 'utf8')), expectedFindings(set), ['cause']);
  });

  it.each([
    ['18Vlag', false],
    ['bgp2016lag', true],
  ] as const)('%s from standard input in pieces, packed: %s', async (set, packed) => {
    const bytes = expectedEvents(set);
    const input = piecesOf(packed ? gzipSync(bytes) : bytes);
    const { code, stdout, stderr } = await flapline(['replay', '-', '--findings', '-'], { input });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^[\d,]+ events, .*\/s, [\d,]+ lines, [\d,]+ findings\n$/);
    expectSameFindings(objectsOf(stdout), expectedFindings(set));
  });

  it('bgp2016 cut into two files is one log', async () => {
    const bytes = expectedEvents('bgp2016');
    const middle = Math.floor(bytes.length / 2);
    const cut = bytes.indexOf('\n', middle) + 1;
    writeFileSync(file('one.ndjson'), bytes.subarray(0, cut));
    writeFileSync(file('two.ndjson.gz'), gzipSync(bytes.subarray(cut)));
    const args = ['replay', file('one.ndjson'), file('two.ndjson.gz'), '--findings', '-'];
    const { stdout } = await flapline(args);
    expectSameFindings(objectsOf(stdout), expectedFindings('bgp2016'));
  });

  it('18V as CSV and as Parquet', async () => {
    writeFileSync(file('18V.ndjson'), expectedEvents('18V'));
    const source = `read_json('${file('18V.ndjson')}', format = 'newline_delimited')`;
    for (const format of ['csv', 'parquet']) {
      const events = file(`18V.${format}`);
      await runSql(`copy (select alarm, line, state, time from ${source}) to '${events}'`);
      const { code, stdout } = await flapline(['replay', events, '--findings', '-']);
      expect(code).toBe(0);
      expectSameFindings(objectsOf(stdout), expectedFindings('18V'));
    }
  });

  it('18V shuffled and sorted again', async () => {
    writeFileSync(file('18V.ndjson'), expectedEvents('18V'));
    await runSql(`copy (select line, time, state, alarm from (
        select *, row_number() over () as row
        from read_json('${file('18V.ndjson')}', format = 'newline_delimited'))
      order by hash(time), row) to '${file('shuffled.parquet')}'`);
    const args = ['replay', file('shuffled.parquet'), '--sort', '--findings', '-'];
    const { stdout } = await flapline(args);
    expectSameFindings(objectsOf(stdout), expectedFindings('18V'));
  });
});

const ALARMS = ['data', 'telecom-alarms', '18V_55N_Wireless', 'Alarm.csv'];

/** Alarm.csv as raises and clears: overlapping intervals of one alarm united, by time and alarm. */
const UNITED = (alarms: string): string => `
  with a as (select device_id d, alarm_id a, start_timestamp * 1000 s, end_timestamp * 1000 e
      from '${alarms}'),
    m as (select *, max(e) over (partition by d, a order by s, e
      rows between unbounded preceding and 1 preceding) p from a),
    g as (select *, sum((p is null or s > p)::int) over (partition by d, a order by s, e) k from m),
    u as (select d, a, min(s) s, max(e) e from g group by d, a, k)
  select 'device-' || d as line, t as time, state, 'type-' || a as alarm from (
    select d, a, s as t, 'down' as state from u union all select d, a, e, 'up' from u)
  order by time, alarm, state`;

/** The rows of Alarm.csv as SPEC section 4 reads interval rows, made without DuckDB. */
function intervalEvents(alarms: string): string {
  const rows = readFileSync(alarms, 'utf8').trim().split('\n').slice(1);
  const steps = rows.flatMap((text, row) => {
    const [, device, start, end] = text.split(',').map(Number) as [number, number, number, number];
    const step = { line: `device-${device}`, alarm: `row ${row}`, row };
    return [
      { ...step, time: start * 1000, state: 'down', rank: 1 },
      { ...step, time: end * 1000, state: 'up', rank: start === end ? 1 : 0 },
    ];
  });
  return steps
    .toSorted((a, b) => a.time - b.time || a.rank - b.rank || a.row - b.row)
    .map(({ line, alarm, time, state }) => `${JSON.stringify({ line, alarm, time, state })}\n`)
    .join('');
}

describeShared('--select over Alarm.csv of 18V', () => {
  it('as events gives the findings of data/expected', async () => {
    const select = UNITED(sharedPath(...ALARMS));
    const { code, stdout } = await flapline(['replay', '--select', select, '--findings', '-']);
    expect(code).toBe(0);
    expectSameFindings(objectsOf(stdout), expectedFindings('18V'));
  });

  it('as interval rows gives those of the same raises and clears written out', async () => {
    const alarms = sharedPath(...ALARMS);
    const select = `select 'device-' || device_id as line, start_timestamp * 1000 as start,
      end_timestamp * 1000 as "end" from '${alarms}'`;
    const rows = await flapline(['replay', '--select', select, '--findings', '-']);
    const input = [Buffer.from(intervalEvents(alarms))];
    const events = await flapline(['replay', '-', '--findings', '-'], { input });
    expect(objectsOf(rows.stdout).length).toBeGreaterThan(30_000);
    expectSameFindings(objectsOf(rows.stdout), objectsOf(events.stdout));
  });
});

const MALFORMED =
  '{"line":"a","time":1,"state":"down"}\n' +
  '{"line":"a","time":2,"state":"side\\u001b[31mways"}\nnonsense\n' +
  '{"line":"a","time":"2006-11-30T23:20:00","state":"up"}\n{"line":"a","time":5,"state":"up"}';

describe('bad input', () => {
  it('is told with its place, counted, and ends with 65 after every finding', async () => {
    writeFileSync(file('malformed.ndjson'), MALFORMED);
    const args = ['replay', file('malformed.ndjson'), '--findings', '-', '--quiet'];
    const { code, stdout, stderr } = await flapline(args);
    expect(code).toBe(65);
    expect(objectsOf(stdout)).toEqual([
      { kind: 'interruption', line: 'a', start: 1, end: 5, class: 'momentary', n: 1 },
    ]);
    expect(stderr).toContain(`malformed.ndjson, line 2, byte 0 of the object: "state" must be`);
    expect(stderr).toContain('malformed.ndjson, line 3, byte 0 of the object: an object or');
    expect(stderr).toContain('3 objects rejected:');
  });

  it('never brings control characters to a terminal', async () => {
    const input = [Buffer.from('{"line":"a\u001b[31m')];
    const { code, stderr } = await flapline(['replay', '-'], { input });
    expect(code).toBe(65);
    expect(stderr).toContain('a\ufffd[31m');
  });

  it('of many reasons shows the first twenty', async () => {
    const input = [Buffer.from('{"line":"a","time":1}\n'.repeat(50))];
    const { code, stderr } = await flapline(['replay', '-'], { input });
    expect(code).toBe(65);
    expect(stderr.split('\n').filter((line) => line.startsWith('standard input')).length).toBe(20);
    expect(stderr).toContain('50 objects rejected:\n  50 × no "state"');
  });

  it('in a broken gzip file leaves what stood before', async () => {
    const packed = gzipSync('{"line":"a","time":1,"state":"down"}\n'.repeat(1000));
    writeFileSync(file('broken.gz'), packed.subarray(0, packed.length - 9));
    const args = ['replay', file('broken.gz'), '--findings', '-'];
    const { code, stdout, stderr } = await flapline(args);
    expect(code).toBe(65);
    expect(stderr).toContain('no whole gzip file');
    expect(objectsOf(stdout)).toMatchObject([{ line: 'a', start: 1, end: null }]);
  });

  it('without an offset is read in --time-zone', async () => {
    const input = [Buffer.from('{"line":"a","time":"2006-11-30T23:20:00","state":"down"}')];
    const args = ['replay', '-', '--time-zone', 'Asia/Shanghai', '--findings', '-'];
    const { code, stdout } = await flapline(args, { input });
    expect(code).toBe(0);
    expect(objectsOf(stdout)).toMatchObject([{ start: 1_164_900_000_000 }]);
  });
});

/** Events that flap for long enough to need some time and more than one drain. */
function* manyEvents(count: number): Generator<Buffer> {
  for (let from = 0; from < count; from += 1000) {
    let text = '';
    for (let i = from; i < from + 1000; i++) {
      text += `{"line":"l${i % 97}","time":${i * 1000},"state":"${(i / 97) & 1 ? 'up' : 'down'}"}\n`;
    }
    yield Buffer.from(text);
  }
}

describe('replay', () => {
  it('sums up for people when neither findings nor a store are asked for', async () => {
    const { code, stdout } = await flapline(['replay', '-'], { input: manyEvents(20_000) });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^events +20,000$/m);
    expect(stdout).toMatch(/^lines +97$/m);
    expect(stdout).toMatch(/^interruptions +10,0\d\d$/m);
    expect(stdout).toMatch(/^ 1 +l\d+ +104 /m);
  });

  it('carries aliases and gives starts on request', async () => {
    writeFileSync(file('aliases.csv'), 'key,line\nport 1,x\n"port 1",y\n,z\n');
    const input = [Buffer.from('{"line":"port 1","time":1,"state":"down"}')];
    const args = ['replay', '-', '--starts', '--aliases', file('aliases.csv'), '--findings', '-'];
    const { stdout, stderr } = await flapline(args, { input });
    expect(stderr).toContain('aliases.csv, line 4: "key" is missing');
    expect(objectsOf(stdout)).toEqual([
      { kind: 'interruption-start', line: 'x', start: 1, n: 1 },
      { kind: 'interruption-start', line: 'y', start: 1, n: 1 },
      expect.objectContaining({ kind: 'interruption', line: 'x', end: null }),
      expect.objectContaining({ kind: 'interruption', line: 'y', end: null }),
    ]);
  });

  it('judges by other rules', async () => {
    writeFileSync(file('rules.yaml'), 'flap: ["2 in 1s"]\nquiet: 2s\noutage: 10ms\n');
    const text = [0, 1, 20, 40].map((time, i) =>
      JSON.stringify({ line: 'a', time, state: i % 2 === 0 ? 'down' : 'up' }),
    );
    const args = ['replay', '-', '--rules', file('rules.yaml'), '--findings', '-'];
    const { stdout } = await flapline(args, { input: [Buffer.from(text.join('\n'))] });
    expect(objectsOf(stdout)).toMatchObject([
      { kind: 'interruption', class: 'momentary' },
      { kind: 'flap-start', at: 20, since: 0, rule: '2 in 1s' },
      { kind: 'interruption', class: 'outage' },
    ]);
  });

  it('ends quietly when nobody reads its findings any more', async () => {
    const child = startCommand(['replay', '-', '--findings', '-', '--quiet']);
    const ended = outcomeOf(child);
    child.stdin!.on('error', () => undefined);
    child.stdout!.once('data', () => child.stdout!.destroy());
    for (const piece of manyEvents(60_000)) child.stdin!.write(piece);
    child.stdin!.end();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('ends with 130 at Ctrl-C and says what is left', async () => {
    const out = file('interrupted.ndjson');
    const child = startCommand(['replay', '-', '--findings', out]);
    const ended = outcomeOf(child);
    child.stdin!.on('error', () => undefined);
    for (const piece of manyEvents(60_000)) child.stdin!.write(piece);
    await expect.poll(() => sizeOf(out), { timeout: 20_000 }).toBeGreaterThan(100_000);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /interrupted; .*interrupted\.ndjson holds the [\d,]+ findings so far\n$/,
    );
    expect(objectsOf(readFileSync(out, 'utf8')).length).toBeGreaterThan(1000);
  });

  it('says plain lines of progress on what is no terminal, after five seconds only', async () => {
    const { stderr } = await flapline(['replay', '-', '--findings', '-'], {
      input: manyEvents(1000),
    });
    expect(stderr).toMatch(/^1,000 events, \S+( k| M)?\/s, 97 lines, [\d,]+ findings\n$/);
  });
});

function sizeOf(name: string): number {
  try {
    return readFileSync(name).length;
  } catch {
    return 0;
  }
}
