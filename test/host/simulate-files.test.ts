// What `simulate` writes: the same bytes for the same seed, CSV that DuckDB reads back, records
// that name only lines of the network, and truth.json's counts taken again from the files.

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { csvRow } from '../../src/simulate/csv.js';
import { BRANCHES, buildNetwork, simulate, writeNetwork } from '../../src/simulate/index.js';

const DAY_MS = 86_400_000;
const FROM_MS = Date.parse('2006-11-01T00:00:00+08:00');
const NAMES = [
  'lines.csv',
  'aliases.csv',
  'components.csv',
  'works.csv',
  'tickets.csv',
  'callbacks.csv',
  'satisfaction.csv',
  'customers.csv',
  'branches.csv',
];

interface CountsRow {
  name: string;
  interruptions: number;
  momentary: number;
  outages: number;
  open: number;
  downMs: number;
  planned: number;
}

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'flapline-simulate-'));
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

const fileHash = async (dir: string, name: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(join(dir, name)))
    .digest('hex');

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const csv = (dir: string, name: string): string =>
  `read_csv('${join(dir, name)}', header = true, all_varchar = true, strict_mode = true)`;

const byName = (x: { name?: unknown }, y: { name?: unknown }): number =>
  String(x.name) < String(y.name) ? -1 : 1;

/** The code of the error that a run ends with. */
const codeOf = async (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => 'no error',
    (error: { code?: unknown }) => error.code,
  );

describe('the files', () => {
  const lines = 6_000;
  const toMs = FROM_MS + 12 * DAY_MS;
  const options = { seed: 11, lines, fromMs: FROM_MS, toMs };

  it('are a function of the seed', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(scratch, name));
    const progress: number[] = [];
    const summary = await simulate({
      ...options,
      out: a,
      onProgress: (p) => progress.push(p.done),
    });
    await simulate({ ...options, out: b });
    await simulate({ ...options, seed: 12, out: c });
    for (const name of [...NAMES, 'events.ndjson', 'truth.json']) {
      expect(await fileHash(b, name), name).toBe(await fileHash(a, name));
    }
    expect(await fileHash(c, 'events.ndjson')).not.toBe(await fileHash(a, 'events.ndjson'));
    expect(await fileHash(c, 'lines.csv')).not.toBe(await fileHash(a, 'lines.csv'));
    expect(progress.at(-1)).toBe(1);
    expect(summary).toMatchObject({ lines, fromMs: FROM_MS, toMs });
    const written = (await readFile(join(a, 'events.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(written).toHaveLength(summary.events);
  });

  it('hold the same records when the events are not written', async () => {
    const dir = join(scratch, 'records');
    const network = buildNetwork({ seed: 11, lines });
    await writeNetwork(dir, network, { seed: 11, fromMs: FROM_MS, toMs });
    for (const name of NAMES) {
      expect(await fileHash(dir, name), name).toBe(await fileHash(join(scratch, 'a'), name));
    }
  });

  it('read back as CSV, names quoted', async () => {
    const dir = join(scratch, 'a');
    const network = buildNetwork({ seed: 11, lines });
    const rows = await query(`select line, customer, contact from ${csv(dir, 'lines.csv')}`);
    expect(rows).toEqual(
      network.records.map(({ line, customer, contact }) => ({
        line,
        customer,
        contact: contact || null,
      })),
    );
    const customers = await query(`select customer from ${csv(dir, 'customers.csv')}`);
    expect(customers.map((row) => row.customer)).toEqual(network.customers.map(({ name }) => name));
    expect(network.customers.some(({ name }) => name.includes('"'))).toBe(true);
    expect(network.customers.some(({ name }) => name.includes(','))).toBe(true);
    for (const name of NAMES) {
      const [{ n }] = await query(`select count(*)::integer as n from ${csv(dir, name)}`);
      expect(n, name).toBeGreaterThan(0);
    }
    expect(csvRow(['a"b', 'c,d', ' e', 'f\ng', null, true, 1.5])).toBe(
      '"a""b","c,d"," e","f\ng",,true,1.5\n',
    );
  });

  it('name only lines of the network, and reports that follow outages', async () => {
    const dir = join(scratch, 'a');
    for (const name of ['aliases.csv', 'components.csv', 'tickets.csv', 'callbacks.csv']) {
      const [{ n }] = await query(
        `select count(*)::integer as n from ${csv(dir, name)}
         where line not in (select line from ${csv(dir, 'lines.csv')})`,
      );
      expect(n, name).toBe(0);
    }
    const [tickets] = await query(
      `select count(*) filter (kind = 'report' and valid = 'true')::integer as valid,
              count(*) filter (kind = 'report' and valid = 'false')::integer as invalid,
              count(*) filter (closed::timestamptz <= opened::timestamptz)::integer as wrong
       from ${csv(dir, 'tickets.csv')}`,
    );
    expect(tickets.valid).toBeGreaterThan(10);
    expect(tickets.invalid).toBeGreaterThan(0);
    expect(tickets.wrong).toBe(0);
    const [callbacks] = await query(
      `select count(*) filter (satisfied = 'false')::integer as unhappy,
              count(*) filter (satisfied = 'false' and reason is null)::integer as unsaid,
              count(*) filter (kind = 'fault' and ticket not in
                (select ticket from ${csv(dir, 'tickets.csv')}))::integer as stray
       from ${csv(dir, 'callbacks.csv')}`,
    );
    expect(callbacks.unhappy).toBeGreaterThan(0);
    expect(callbacks).toMatchObject({ unsaid: 0, stray: 0 });
    const scores = await query(
      `select branch, score::double as score from ${csv(dir, 'satisfaction.csv')}
       where period = '2006-10'`,
    );
    expect(scores).toEqual(BRANCHES.map(({ name, score }) => ({ branch: name, score })));
  });

  it('agree: truth.json counts what events.ndjson and works.csv say', async () => {
    const dir = join(scratch, 'a');
    const truth = JSON.parse(await readFile(join(dir, 'truth.json'), 'utf8'));
    expect(truth).toMatchObject({ version: 1, seed: 11, lines, fromMs: FROM_MS, toMs });
    // An interruption is a run of at least one active alarm: overlapping alarms make one.
    const counted = await query(
      `with event as (select line, time, alarm, state = 'down' as down,
           row_number() over () as place
         from read_ndjson('${join(dir, 'events.ndjson')}')),
       edge as (select *, lag(down, 1, false) over (partition by line, alarm order by place) as was
         from event),
       level as (select line, time, place,
           sum(case when down and not was then 1 when was and not down then -1 else 0 end)
             over (partition by line order by place) as active
         from edge),
       step as (select *, lag(active, 1, 0) over (partition by line order by place) as before
         from level),
       change as (select * from step where (active = 0) <> (before = 0)),
       interruption as (select line, time as start_ms, active,
           lead(time) over (partition by line order by place) as end_ms from change
         qualify active > 0),
       window_ms as (select epoch_ms(start::timestamptz) - 300000 as from_ms,
           epoch_ms("end"::timestamptz) + 300000 as to_ms, line
         from ${csv(dir, 'works.csv')} join ${csv(dir, 'components.csv')} using (kind, component)
         where status = 'done'),
       planned as (select distinct i.line, i.start_ms from interruption i join window_ms w
         on i.line = w.line and i.start_ms >= w.from_ms and i.start_ms < w.to_ms)
       select branch as name, count(*)::integer as interruptions,
         count(*) filter (end_ms - start_ms < 60000)::integer as momentary,
         count(*) filter (end_ms - start_ms >= 60000)::integer as outages,
         count(*) filter (end_ms is null)::integer as "open",
         sum(coalesce(end_ms, ${toMs}) - start_ms)::double as "downMs",
         count(p.line)::integer as planned
       from interruption left join planned p using (line, start_ms)
       join ${csv(dir, 'lines.csv')} l using (line) group by all`,
    );
    const told = truth.counts.branch
      .filter(({ interruptions }: { interruptions: number }) => interruptions > 0)
      .map(({ name, interruptions, momentary, outages, open, downMs, planned }: CountsRow) => ({
        name,
        interruptions,
        momentary,
        outages,
        open,
        downMs,
        planned,
      }));
    expect(counted.toSorted(byName)).toEqual(told.toSorted(byName));
    expect(told.some((row: CountsRow) => row.planned > 0)).toBe(true);
    expect(truth.counts.all).toHaveLength(1);
  });

  it('refuses what it cannot do, with a code', async () => {
    const out = join(scratch, 'refused');
    expect(await codeOf(simulate({ ...options, out, months: 1 }))).toBe('USAGE');
    expect(await codeOf(simulate({ ...options, out, toMs: FROM_MS }))).toBe('USAGE');
    expect(await codeOf(simulate({ ...options, out, fromMs: Number.NaN }))).toBe('USAGE');
    const file = join(scratch, 'a-file');
    await writeFile(file, '');
    expect(await codeOf(simulate({ ...options, out: join(file, 'x') }))).toBe('STORE_UNWRITABLE');
    const signal = AbortSignal.abort();
    expect(await codeOf(simulate({ ...options, out, signal }))).toBe('INTERRUPTED');
  });
});
