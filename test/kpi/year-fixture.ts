// A simulated period replayed into a store with all its records, for the KPI tests.

import { join } from 'node:path';
import { bringInNow, readFiles, recordFiles } from '../../src/records/import.js';
import { simulate, type Summary } from '../../src/simulate/index.js';
import type { Store } from '../../src/store/store.js';
import { flapline } from '../cli/command.js';

/** Simulates into `folder` and replays into folder/kpi.duckdb; returns what was made, and the time. */
export async function replayedPeriod(
  folder: string,
  options: { seed: number; lines: number; fromMs: number; months: number },
): Promise<{ store: string; summary: Summary; replayMs: number }> {
  const summary = await simulate({ out: folder, ...options });
  const store = join(folder, 'kpi.duckdb');
  const begun = performance.now();
  const outcome = await flapline([
    'replay',
    join(folder, 'events.ndjson'),
    '--store',
    store,
    '--lines',
    join(folder, 'lines.csv'),
    '--quiet',
  ]);
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return { store, summary, replayMs: performance.now() - begun };
}

const KINDS = [
  'lines',
  'components',
  'works',
  'tickets',
  'callbacks',
  'satisfaction',
  'customers',
  'branches',
];

/** Brings all record files of the folder into the store, as `flapline records import` does. */
export async function loadRecords(store: Store, folder: string): Promise<void> {
  const files = recordFiles(
    KINDS.map((kind) => join(folder, `${kind}.csv`)),
    null,
  );
  const read = await readFiles(files, { timeZone: 'Asia/Shanghai' });
  for (const { bad } of read) if (bad.length > 0) throw new Error(JSON.stringify(bad[0]));
  await bringInNow(store, read, { fromMs: 0 });
}

/** The id of the one partition of a replayed store. */
export async function partitionOf({ writer }: Store): Promise<number> {
  const found = await writer.runAndReadAll('select partition_id from log_partition');
  return Number(found.getRows()[0]![0]);
}
