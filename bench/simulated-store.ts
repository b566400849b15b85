// The simulated network of SPEC section 1 over some months of 2007, replayed with its records into a
// store: what benches of the store and of the page look at.

import { join } from 'node:path';
import { RECORD_KIND_NAMES } from '../src/config/record-kinds.js';
import { DEFAULT_RULES } from '../src/config/rules.js';
import { replay } from '../src/pipeline/replay.js';
import { readFiles, recordFiles } from '../src/records/import.js';
import { aliasPairs } from '../src/records/read.js';
import { type Summary, simulate } from '../src/simulate/index.js';

export const SEED = 2007;
export const ZONE = 'Asia/Shanghai';

/** The begin of a month of 2007 in ZONE, epoch ms; 0 = January. */
export function monthEdge(month: number): number {
  return Date.UTC(2007, month, 1) - 8 * 3_600_000;
}

/** Simulates and replays into files of `folder`. */
export async function simulatedStore(
  folder: string,
  { lines, months, signal }: { lines: number; months: number; signal: AbortSignal },
): Promise<{ file: string; summary: Summary }> {
  const out = join(folder, 'network');
  const summary = await simulate({ out, seed: SEED, lines, fromMs: monthEdge(0), months, signal });
  const names = RECORD_KIND_NAMES.map((name) => join(out, `${name}.csv`));
  const records = await readFiles(recordFiles(names, null), { timeZone: ZONE });
  const file = join(folder, 'store.duckdb');
  await replay({
    files: [join(out, 'events.ndjson')],
    sort: false,
    rules: DEFAULT_RULES,
    starts: false,
    zone: [],
    aliases: aliasPairs(records),
    records,
    storeFile: file,
    signal,
  });
  return { file, summary };
}
