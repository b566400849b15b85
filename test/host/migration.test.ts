// A store of the first version, made by the statements of that time, as this program opens it: every
// row is kept, open state reads by the rules that stand in its control records, and nothing of the
// migration is left in the log.

import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { figuresOf, keptTotals } from '../../src/kpi/kept.js';
import { monthOf } from '../../src/kpi/month.js';
import { readControl } from '../../src/store/control.js';
import { RuleBook } from '../../src/store/rule-book.js';
import { MIGRATIONS, SCHEMA_VERSION } from '../../src/store/schema.js';
import { selectRows } from '../../src/store/sql.js';
import { type Store, openStore } from '../../src/store/store.js';
import { temporaryFolder, usesServices } from './service-fixture.js';
import { DAY, HOUR, MINUTE, T, insert } from './store-fixture.js';

usesServices();

const SECOND = 1_000;
/** What was written then: other outages and Q than by default, no more. */
const RULES = {
  flap: [{ starts: 3, windowMs: 10 * MINUTE }],
  quietMs: 5 * MINUTE,
  outageMs: 30 * SECOND,
  repeatMs: HOUR,
};

async function fillFirst(connection: DuckDBConnection): Promise<void> {
  for (const statement of MIGRATIONS[0]) await connection.run(statement);
  await insert(connection, 'meta', { schema_version: 1, created_ms: 77 });
  for (const [id, line] of ['', 'ended', 'down', 'flapping'].entries()) {
    if (line !== '') await insert(connection, 'line', { line_id: id, line });
  }
  await insert(connection, 'line_record', { line: 'down', product: 'DDN', important: true });
  await insert(connection, 'rule', { rule_id: 1, detector: 'window', rule: '3 in 10m' });
  const name = { cluster: 'c', topic: 't' };
  for (const partition of [0, 1]) {
    await insert(connection, 'log_partition', { partition_id: partition + 1, ...name, partition });
    const counts = { events: 9, late: 0, duplicates: 0, rejected: 0, log: 0, position: 5 };
    const times = { first_ms: T - DAY, effective_ms: T };
    await insert(connection, 'progress', { partition_id: partition + 1, ...counts, ...times });
  }
  for (const [seq, rules] of [{ ...RULES, outageMs: 1 }, RULES].entries()) {
    const place = { partition_id: 1, log: 0, position: seq, seq };
    await insert(connection, 'control', {
      ...place,
      kind: 'rules',
      payload: JSON.stringify(rules),
    });
  }
  const one = { line_id: 1, partition_id: 1 };
  const interruption = { ...one, n: 1, start_ms: T - 3 * HOUR, end_ms: T - 3 * HOUR + MINUTE };
  await insert(connection, 'interruption_row', { ...interruption, first_offset: 3 });
  const episode = { rule_id: 1, since_ms: T - 9 * HOUR, at_ms: T - 8 * HOUR, end_ms: T - 7 * HOUR };
  await insert(connection, 'episode_row', { ...one, ...episode, interruptions: 4 });
  await insert(connection, 'repeat_row', {
    ...one,
    start_ms: T - 3 * HOUR,
    previous_end_ms: T - DAY,
  });
  const gap = { from_ms: T - HOUR, until_ms: T, reason: 'rejected event' };
  await insert(connection, 'coverage_gap', { partition_id: 1, line_id: 1, ...gap });
  const open = { down: false, unknown: false, n: 1, effective_ms: T, transition_ms: T - HOUR };
  await insert(connection, 'open_state', { ...one, ...open });
  const down = { down: true, start_ms: T - 45 * SECOND, previous_outage_end_ms: T - HOUR };
  await insert(connection, 'open_state', { ...one, ...open, ...down, line_id: 2 });
  // The same on a partition without control records: by the defaults of that time.
  await insert(connection, 'open_state', { ...open, ...down, line_id: 2, partition_id: 2 });
  const flapping = { episode_rule_id: 1, episode_at_ms: T - HOUR, episode_since_ms: T - HOUR };
  const last = { transition_ms: T - 4 * MINUTE, episode_interruptions: 3, line_id: 3 };
  await insert(connection, 'open_state', { ...one, ...open, ...flapping, ...last });
}

async function firstStore(): Promise<string> {
  const file = join(temporaryFolder(), 'flapline.duckdb');
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await fillFirst(connection);
  connection.closeSync();
  instance.closeSync();
  return file;
}

const select = (store: Store, text: string) =>
  selectRows<Record<string, string | number | boolean | null>>(store.writer, text);

/** A month frozen by version 16: figures of all lines beside those of a branch. */
async function frozenStore(): Promise<string> {
  const file = join(temporaryFolder(), 'frozen.duckdb');
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  for (const statement of MIGRATIONS.slice(0, 16).flat()) await connection.run(statement);
  await insert(connection, 'meta', { schema_version: 16, created_ms: 77 });
  const month = { month: '2006-12', time_zone: 'Asia/Shanghai', read_ms: T, mark: 'm' };
  await insert(connection, 'kpi_month', { ...month, frozen_recorded_at: '2007-01-04' });
  const figure = { month: '2006-12', kpi: 'outages', version: 1, variant: 'gross' };
  await insert(connection, 'kpi_frozen', { ...figure, dimension: 'all', name: '', numerator: 3 });
  const branch = { dimension: 'branch', name: '广州', numerator: 2, coverage: 0.5 };
  await insert(connection, 'kpi_frozen', { ...figure, ...branch });
  connection.closeSync();
  instance.closeSync();
  return file;
}

it('frozen figures of a store of version 16 are read as they were', async () => {
  const store = await openStore(await frozenStore());
  const month = monthOf('2006-12', 'Asia/Shanghai');
  const told = await figuresOf(store.writer, month, 'latest', ['all', 'branch']);
  expect(told).toMatchObject({ frozen: true, readingMs: T });
  expect(told!.rows).toMatchObject([
    { kpi: 'outages', dimension: 'all', name: '', numerator: 3, denominator: null },
    { kpi: 'outages', dimension: 'branch', name: '广州', numerator: 2, coverage: 0.5 },
  ]);
  const { momentary, figures } = await keptTotals(store.writer, 'Asia/Shanghai', ['2006-12']);
  expect([momentary.size, figures.get('2006-12')!.length]).toEqual([0, 1]);
  store.close();
});

describe('a store of the first version', () => {
  it('keeps all its rows, and reads as it did', async () => {
    const file = await firstStore();
    const store = await openStore(file);
    expect(store.createdMs).toBe(77);
    expect(await select(store, 'select schema_version as v from meta')).toEqual([
      { v: SCHEMA_VERSION },
    ]);
    const interruptions = await select(
      store,
      `select line, partition, n, start_ms, end_ms, class, corrected_ms, uncertain, first_offset
       from interruptions order by all`,
    );
    const down = { line: 'down', n: 1, start_ms: T - 45 * SECOND, end_ms: null };
    const open = { ...down, corrected_ms: null, uncertain: false, first_offset: null };
    expect(interruptions).toEqual([
      // By the last rules of its partition 30 s are an outage, and an hour is a repeat fault.
      { ...open, partition: 0, class: 'outage' },
      { ...open, partition: 1, class: 'momentary' },
      {
        line: 'ended',
        partition: 0,
        n: 1,
        start_ms: T - 3 * HOUR,
        end_ms: T - 3 * HOUR + MINUTE,
        class: 'outage',
        corrected_ms: MINUTE,
        uncertain: false,
        first_offset: 3,
      },
    ]);
    const repeats = await select(
      store,
      'select line, previous_end_ms from repeat_faults order by 1',
    );
    expect(repeats).toEqual([
      { line: 'down', previous_end_ms: T - HOUR },
      { line: 'ended', previous_end_ms: T - DAY },
    ]);
    const episodes = await select(
      store,
      'select line, detector, shadow, end_ms, reset_by from episodes order by line',
    );
    const records = 'select line, product, important, valid_from_ms, valid_to_ms from';
    expect(await select(store, `${records} line_records_history`)).toEqual([
      { line: 'down', product: 'DDN', important: true, valid_from_ms: null, valid_to_ms: null },
    ]);
    const of = { detector: 'window', shadow: false, reset_by: null };
    expect(episodes).toEqual([
      { line: 'ended', ...of, end_ms: T - 7 * HOUR },
      { line: 'flapping', ...of, end_ms: null },
    ]);
    await store.writer.run(`update progress set effective_ms = ${T + MINUTE}`);
    const later = `select end_ms from episodes where line = 'flapping'`;
    expect(await select(store, later)).toEqual([{ end_ms: T + MINUTE }]);
    expect(await select(store, 'select reason from coverage_gaps')).toHaveLength(1);
    expect(await readControl(store.writer, 1, { from: null })).toHaveLength(2);
    expect((await RuleBook.load(store.writer)).ruleOf(1).words).toBe('3 in 10m');
    store.close();
  });

  it('is migrated as a whole: its file alone, copied right after, is the store', async () => {
    const file = await firstStore();
    const store = await openStore(file);
    const copy = join(temporaryFolder(), 'copy.duckdb');
    copyFileSync(file, copy);
    const copied = await openStore(copy);
    const text = 'select * from open_state order by line_id, partition_id';
    expect(await select(copied, text)).toEqual(await select(store, text));
    copied.close();
    store.close();
    expect(statSync(`${file}.wal`, { throwIfNoEntry: false })).toBeUndefined();
    const again = await openStore(file);
    expect(await select(again, 'select schema_version as v from meta')).toEqual([
      { v: SCHEMA_VERSION },
    ]);
    again.close();
  });
});
