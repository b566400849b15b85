// Relations as events: what DuckDB reads of CSV, Parquet and queries, against the order, the times
// and the rejections that SPEC sections 3 and 4 ask for. Each is folded and read as findings.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { zoneOffsets } from '../../src/config/zone.js';
import type { Finding } from '../../src/pipeline/findings.js';
import { type ReplayOptions, replay } from '../../src/pipeline/replay.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flapline-relation-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

interface Outcome {
  readonly findings: Finding[];
  readonly rejects: string[];
  readonly rejected: number;
  readonly events: number;
}

async function run(options: Partial<ReplayOptions>): Promise<Outcome> {
  const findings: Finding[] = [];
  const rejects: string[] = [];
  const summary = await replay({
    files: [],
    sort: false,
    rules: DEFAULT_RULES,
    starts: false,
    zone: [],
    onFindings: async (found) => void findings.push(...found),
    onReject: (_, { place, reason }) => rejects.push(`${place}: ${reason}`),
    ...options,
  });
  return { findings, rejects, rejected: summary.rejected, events: summary.events };
}

/** Interruptions as text: line start-end. */
function spans({ findings }: Outcome): string[] {
  return findings
    .filter(({ kind }) => kind === 'interruption')
    .map(({ line, start, end }) => `${line} ${start}-${end ?? ''}`);
}

describe('CSV', () => {
  it('keeps leading zeros of names and offsets of times', async () => {
    const file = put(
      'zeros.csv',
      'line,time,state,extra\n' +
        '007,2006-11-30T23:20:00+08:00,down,x\n007,1164900001000.9,up,\n"a,""b",5,down,\n',
    );
    const outcome = await run({ files: [file] });
    expect(spans(outcome)).toEqual(['007 1164900000000-1164900001000', 'a,"b 5-']);
    expect(outcome.rejects).toEqual([]);
  });

  it('reads gzip, semicolons and a BOM', async () => {
    const file = put('other.csv.gz', gzipSync('\uFEFFline;time;state\r\nx;1;down\r\nx;2;up\r\n'));
    expect(spans(await run({ files: [file] }))).toEqual(['x 1-2']);
  });

  it('rejects bad rows one by one and reads the rest', async () => {
    const file = put(
      'bad.csv',
      'line,time,state\na,1,down\nshort\na,2,sideways\na,noon,up\nx,1,2,3,4\n,4,up\na,-1,up\na,7,up\n',
    );
    const outcome = await run({ files: [file] });
    expect(spans(outcome)).toEqual(['a 1-7']);
    expect(outcome.rejected).toBe(6);
    expect(outcome.rejects).toEqual([
      expect.stringContaining('line 3: missing columns'),
      expect.stringContaining('line 6: too many columns'),
      'row 2: "state" must be "down" or "up"',
      expect.stringContaining('row 3: the time is missing or none'),
      expect.stringContaining('row 4: "line" must have'),
      expect.stringContaining('row 5: the time must be at least 0'),
    ]);
  });

  it('names what is missing in the header', async () => {
    const file = put('header.csv', 'line,when\na,1\n');
    await expect(run({ files: [file] })).rejects.toThrow(/columns line, time, state.*line, when/);
  });
});

describe('times', () => {
  const local = 'line,time,state\na,2024-10-27 02:30:00,down\na,2024-10-27T03:30:00.500,up\n';

  it('without an offset are rejected unless a zone is set', async () => {
    const outcome = await run({ files: [put('local.csv', local)] });
    expect(outcome.rejected).toBe(2);
  });

  it('that come twice mean the first', async () => {
    const zone = zoneOffsets('Europe/Berlin');
    const outcome = await run({ files: [put('local.csv', local)], zone });
    const first = Date.parse('2024-10-27T00:30:00Z');
    expect(spans(outcome)).toEqual([`a ${first}-${Date.parse('2024-10-27T02:30:00.500Z')}`]);
  });

  it('of a TIMESTAMP column are UTC, or of the zone', async () => {
    const select = `select 'a' as line, timestamp '2006-11-30 23:20:00' as time, 'down' as state;`;
    expect(spans(await run({ select }))).toEqual([`a ${Date.parse('2006-11-30T23:20:00Z')}-`]);
    const zone = zoneOffsets('Asia/Shanghai');
    expect(spans(await run({ select, zone }))).toEqual([
      `a ${Date.parse('2006-11-30T15:20:00Z')}-`,
    ]);
  });
});

function values(rows: string): string {
  return `select * from (values ${rows}) t(line, start, "end", alarm, cause)`;
}

describe('intervals', () => {
  it('clear before they raise at equal times, and a row raises before it clears', async () => {
    const select =
      values(`('a', 0, 10, 'x', null), ('a', 10, 10, 'x', 'dig'), ('a', 10, 20, '', ''),
      ('a', 15, null, 'x', '')`);
    const outcome = await run({ select });
    expect(spans(outcome)).toEqual(['a 0-10', 'a 10-10', 'a 10-']);
    expect(outcome.findings[1]).toMatchObject({ cause: 'dig', n: 2 });
  });

  it('of one alarm overlap: each row has an alarm of its own, over several relations', async () => {
    const first = put('one.csv', 'line,start,end,alarm\na,0,50,x\na,10,,x\n');
    const second = put('two.csv', 'line,start,end,alarm\nb,0,50,x\na,60,70,x\n');
    expect(spans(await run({ files: [first, second] }))).toEqual(['b 0-50', 'a 0-']);
  });

  it('of an aliased key are carried by its lines', async () => {
    const select = values(`('port', 0, 10, '', ''), ('solo', 3, 4, '', '')`);
    const aliases = [
      ['port', 'b'],
      ['port', 'a'],
    ] as const;
    const outcome = await run({ select, aliases });
    expect(spans(outcome).toSorted()).toEqual(['a 0-10', 'b 0-10', 'solo 3-4']);
  });

  it('that end before they start are rejected', async () => {
    const outcome = await run({ select: values(`('a', 9, 8, '', ''), ('a', 10, 20, '', '')`) });
    expect(spans(outcome)).toEqual(['a 10-20']);
    expect(outcome.rejects).toEqual(['row 1: "end" lies before "start"']);
  });
});

describe('events', () => {
  it('of an aliased key are carried by its lines, unless the key is named', async () => {
    const select = `select * from (values ('port', null, 0, 'down'), ('b', 'port', 1, 'down'))
      t(line, key, time, state)`;
    const outcome = await run({ select, aliases: [['port', 'b']] });
    expect(outcome.events).toBe(2);
    expect(spans(outcome)).toEqual(['b 0-']);
  });

  it('keep the order of the relation, or are sorted stably by time', async () => {
    const select = `select * from (values ('a', 5, 'down'), ('a', 3, 'up'), ('a', 3, 'down'))
      t(line, time, state)`;
    expect(spans(await run({ select }))).toEqual(['a 5-5', 'a 5-']);
    expect(spans(await run({ select, sort: true }))).toEqual(['a 3-']);
  });

  it('come from Parquet', async () => {
    const file = join(folder, 'events.parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`copy (select 'x' || i % 3 as line, i * 1000 as time,
      if(i % 2 = 0, 'down', 'up') as state from range(6000) t(i)) to '${file}' (format parquet)`);
    connection.closeSync();
    instance.closeSync();
    const outcome = await run({ files: [file] });
    expect(outcome.events).toBe(6000);
    expect(spans(outcome).length).toBe(3000);
  });
});

describe('errors', () => {
  it.each([
    ['selec 1', 'USAGE'],
    ['select nothing', 'USAGE'],
    ["select * from 'absent.csv'", 'FILE_UNREADABLE'],
    ["select 'a' as line, error('no') as time, 'up' as state", 'BAD_DATA'],
    ['select 1 as one', 'BAD_DATA'],
  ])('%s is %s', async (select, code) => {
    await expect(run({ select })).rejects.toMatchObject({ code });
  });
});
