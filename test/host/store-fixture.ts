// A store in memory with a few lines whose every finding is known, for the tests of views and API.
// T is a whole hour; alpha lies on partition 0, beta and the quoted line on partition 1.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { MIGRATIONS } from '../../src/store/schema.js';
import { rebuildMembers } from '../../src/store/members.js';
import { createViews } from '../../src/store/views.js';

/** The hour around which the fixture's events lie: 2006-11-30T15:00:00Z. */
export const T = 1_164_898_800_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;
export const Q = 30 * MINUTE;

/** A name with every character that quoting, paths and markup trip over. */
export const ODD_NAME = `GZ/1 "q" 'x' %2F <b>广州</b> ?&#\\`;

export interface Fixture {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

/** An empty store in memory: tables and views. */
export async function emptyStore(): Promise<Fixture> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  for (const statements of MIGRATIONS) {
    for (const statement of statements) await connection.run(statement);
  }
  await createViews(connection);
  return { instance, connection };
}

/** One row of a table, columns by name. */
export async function insert(
  connection: DuckDBConnection,
  table: string,
  row: Record<string, string | number | boolean | null>,
): Promise<void> {
  const names = Object.keys(row);
  await connection.run(
    `insert into ${table} (${names.join(', ')}) values (${names.map((n) => `$${n}`).join(', ')})`,
    row,
  );
}

/** The open state of a line that is up and calm, with the given columns replaced. */
export function openState(
  lineId: number,
  partitionId: number,
  columns: Record<string, number | boolean | null>,
): Record<string, number | boolean | null> {
  return {
    line_id: lineId,
    partition_id: partitionId,
    down: false,
    unknown: false,
    n: 0,
    effective_ms: T,
    transition_ms: T,
    ...columns,
  };
}

/** An ended interruption. */
export function ended(
  lineId: number,
  partitionId: number,
  n: number,
  startMs: number,
  endMs: number,
): Record<string, number> {
  return { line_id: lineId, partition_id: partitionId, n, start_ms: startMs, end_ms: endMs };
}

async function fillNames(connection: DuckDBConnection): Promise<void> {
  const names = ['alpha', 'beta', ODD_NAME, 'unrecorded'];
  for (const [id, line] of names.entries()) await insert(connection, 'line', { line_id: id, line });
  await insert(connection, 'alarm', { alarm_id: 0, alarm: '' });
  await insert(connection, 'alarm', { alarm_id: 1, alarm: 'LOS' });
  await insert(connection, 'cause', { cause_id: 0, cause: 'dig' });
  await insert(connection, 'rule', { rule_id: 0, detector: 'window', rule: '4 in 10m' });
  for (const partition of [0, 1]) {
    await insert(connection, 'log_partition', {
      partition_id: partition,
      cluster: 'embedded',
      topic: 'alarms',
      partition,
    });
  }
  const records = [
    ['alpha', 'Bank', '广州', 'DDN'],
    ['beta', 'Bank', '广州', 'International VPN'],
    [ODD_NAME, 'Post', '深圳', 'DDN'],
    ['never seen', 'Post', '深圳', 'DDN'],
  ];
  for (const [line, customer, branch, product] of records) {
    await insert(connection, 'line_row', { line, customer, branch, product });
  }
}

/**
 * Fills the store. alpha: three momentary interruptions and an outage, an ended episode, a repeat
 * fault. beta: down since T - 60,000 ms. ODD_NAME: flapping, last transition at T - Q + 1.
 * unrecorded: one zero-length interruption. latest = T.
 */
export async function fillStore({ connection }: Fixture): Promise<void> {
  await fillNames(connection);
  for (const [partition, first] of [
    [0, T - 2 * DAY],
    [1, T - 3 * HOUR],
  ]) {
    await insert(connection, 'progress', {
      partition_id: partition,
      log: 0,
      position: 100 + partition,
      first_ms: first,
      effective_ms: T - 5_000 * (1 - partition),
      events: 50,
      late: 1,
      duplicates: 2,
      rejected: 3,
    });
  }
  const rows = [
    { ...ended(0, 0, 1, T - 30 * HOUR, T - 30 * HOUR + 10_000), alarm_id: 1, cause_id: 0 },
    { ...ended(0, 0, 2, T - 2 * HOUR, T - 2 * HOUR + 59_999), alarm_id: 0, first_offset: 7 },
    { ...ended(0, 0, 3, T - 2 * HOUR + MINUTE, T - 2 * HOUR + 2 * MINUTE), last_offset: 9 },
    ended(0, 0, 4, T - HOUR, T - HOUR + 1_000),
    ended(2, 1, 1, T - HOUR, T - HOUR + 1_000),
    ended(3, 1, 1, T - 10 * MINUTE, T - 10 * MINUTE),
  ];
  for (const row of rows) await insert(connection, 'interruption_row', row);
  const episode = { line_id: 0, partition_id: 0, rule_id: 0, interruptions: 4 };
  const times = { since_ms: T - 31 * HOUR, at_ms: T - 30 * HOUR, end_ms: T - 29 * HOUR };
  await insert(connection, 'episode_row', { ...episode, ...times });
  await insert(connection, 'repeat_row', {
    line_id: 0,
    partition_id: 0,
    start_ms: T - 2 * HOUR + MINUTE,
    previous_end_ms: T - 5 * DAY,
  });
  const open = [
    openState(0, 0, { n: 4, effective_ms: T - HOUR + 1_000, transition_ms: T - HOUR + 1_000 }),
    openState(1, 1, {
      down: true,
      n: 9,
      effective_ms: T - MINUTE,
      transition_ms: T - MINUTE,
      start_ms: T - MINUTE,
      alarm_id: 1,
      first_offset: 42,
      previous_outage_end_ms: T - MINUTE - 30 * DAY,
      outage_after_ms: MINUTE,
      repeat_ms: 30 * DAY,
      correction_ms: 0,
      uncertain: false,
    }),
    openState(2, 1, {
      n: 6,
      transition_ms: T - Q + 1,
      episode_rule_id: 0,
      episode_at_ms: T - HOUR,
      episode_since_ms: T - HOUR - 5 * MINUTE,
      episode_interruptions: 5,
      episode_ends_ms: T + 1,
    }),
    openState(3, 1, {
      n: 1,
      unknown: true,
      effective_ms: T - 10 * MINUTE,
      transition_ms: T - 10 * MINUTE,
    }),
  ];
  for (const row of open) await insert(connection, 'open_state', row);
  const gap = { from_ms: T - 2 * HOUR, until_ms: T - HOUR, reason: 'positions lost' };
  await insert(connection, 'coverage_gap', { partition_id: 1, line_id: null, ...gap });
  await rebuildMembers(connection);
}
