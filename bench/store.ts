// Bench: lists of a year from a store of the network of SPEC section 1. Goals: how long the worst 100 of
// any period by line, component, customer, product and branch take in a service, which holds the
// interruptions in memory once a list has asked for them (the first list, which reads them all, is timed
// beside it), the workbook of all lines, and how long a service's consumer and commits wait while readers,
// an export and a backup run. Each list is compared with the one that a single statement makes from the
// rows alone, without rollups. Non-goals: the kernel, Kafka, HTTP. Two threads, as the service has.

import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { askList } from '../src/lists/list.js';
import { WORST } from '../src/lists/worst.js';
import { writeBackup } from '../src/store/backup.js';
import { ListMemory } from '../src/store/list-memory.js';
import type { Period } from '../src/store/period-parts.js';
import { openReaders } from '../src/store/readers.js';
import { ROLLUP_ROWS, rollUp, rowsWaiting } from '../src/store/rollup.js';
import { type Store, openStore } from '../src/store/store.js';
import { WORST_BY, type WorstBy } from '../src/store/worst.js';
import { describeMachine, keepResult } from './machine.js';
import type { BenchOptions } from './main.js';
import { seeded } from './random.js';
import { p95 } from './percentile.js';
import { SEED, ZONE, monthEdge, simulatedStore } from './simulated-store.js';
import { measureTargets } from './store-targets.js';
import { measureWorkbook } from './store-workbook.js';

interface Size {
  readonly months: number;
  readonly lines: number;
  /** Periods asked for, each by everything in WORST_BY. */
  readonly periods: number;
  /** Milliseconds; null = measured, not judged. */
  readonly worstMsMax: number | null;
  readonly targetsMsMax: number | null;
  readonly xlsxSecondsMax: number | null;
  /** Bytes a row that buffers grow by: a row is about 1,000 before it is compressed. */
  readonly xlsxSlopeMax: number | null;
  readonly stallMsMax: number | null;
}

const GATES = {
  worstMsMax: 100,
  targetsMsMax: 100,
  xlsxSecondsMax: 4,
  xlsxSlopeMax: 250,
  stallMsMax: 250,
};
const NO_GATES = {
  worstMsMax: null,
  targetsMsMax: null,
  xlsxSecondsMax: null,
  xlsxSlopeMax: null,
  stallMsMax: null,
};
const FULL: Size = { months: 12, lines: 48_840, periods: 20, ...GATES };
const SMOKE: Size = { months: 1, lines: 4_884, periods: 4, ...NO_GATES };
/** 2007-01-01 in the zone. */
const FROM_MS = monthEdge(0);
const DAY_MS = 86_400_000;
/** How often the stall is looked for, ms. */
const COMMIT_EVERY_MS = 20;
const LARGE_STEP_ROWS = 500_000;
const TIMED_STEPS = 20;
/** Rows of a list of the worst. */
const LISTED = 100;

/** Runs the bench. Throws when lists differ or a gate is missed. */
export async function runStoreBench({ smoke, keep, signal }: BenchOptions): Promise<void> {
  const size = smoke ? SMOKE : FULL;
  const machine = describeMachine();
  print(
    `on ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${machine.commit}`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'flapline-bench-store-'));
  try {
    const { file, toMs } = await makeStore(folder, size, signal);
    const store = await openStore(file);
    const result = await measure(store, folder, size, toMs).finally(() => store.close());
    if (keep) print(`kept in ${keepResult('store', machine, { result })}`);
    print(`RESULT ${JSON.stringify({ bench: 'store', ...result, smoke })}`);
    judge('worst_p95_ms', result.worst_p95_ms, size.worstMsMax);
    judge('targets_p95_ms', result.targets_p95_ms ?? 0, size.targetsMsMax);
    judge('xlsx_s', result.xlsx_s, size.xlsxSecondsMax);
    judge('xlsx_slope_bytes', result.xlsx_slope_bytes, size.xlsxSlopeMax);
    judge('stall_ms', result.stall_ms, size.stallMsMax);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function judge(name: string, value: number, most: number | null): void {
  if (most !== null && value > most) {
    throw new Error(`gate missed: ${name} ${value} is above ${most}`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The simulated network's months, replayed with their records. */
async function makeStore(
  folder: string,
  { months, lines }: Size,
  signal: AbortSignal,
): Promise<{ file: string; toMs: number }> {
  const { file, summary } = await simulatedStore(folder, { lines, months, signal });
  const { toMs, interruptions } = summary;
  const { size } = await stat(file);
  print(
    `${lines} lines, ${months} months, ${interruptions} interruptions; ` +
      `store ${(size / 1e6).toFixed(0)} MB`,
  );
  await rm(join(folder, 'network', 'events.ndjson'));
  return { file, toMs };
}

async function measure(store: Store, folder: string, size: Size, toMs: number) {
  const periods = periodsOf(size, toMs);
  const asked = periods.flatMap((period) => WORST_BY.map((by) => ({ period, by })));
  const reader = await store.instance.connect();
  const fromRows: string[] = [];
  for (const { period, by } of asked) {
    fromRows.push(await worstHash(reader, period, by));
  }
  const rollup = await rollAll(store);
  const memory = new ListMemory();
  const cold = await coldLists(reader, { fromMs: FROM_MS, toMs }, memory);
  const times = new Map<WorstBy, number[]>(WORST_BY.map((by) => [by, []]));
  for (const [i, { period, by }] of asked.entries()) {
    const beganMs = performance.now();
    const hash = await worstHash(reader, period, by, memory);
    times.get(by)!.push(performance.now() - beganMs);
    if (hash !== fromRows[i]) {
      throw new Error(`worst by ${by} of ${JSON.stringify(period)} differs from that of the rows`);
    }
  }
  memory.clear();
  reader.closeSync();
  for (const [by, taken] of times) print(`worst 100 by ${by}: p95 ${p95(taken)} ms`);
  const targets = await measureTargets(store, toMs);
  const workbook = await measureWorkbook(store, folder, { fromMs: FROM_MS, toMs });
  const { stallMs, commitMs, backupS } = await stall(store, folder, periods);
  const all = [...times.values()].flat();
  return {
    worst_p95_ms: p95(all),
    worst_line_p95_ms: p95(times.get('line')!),
    worst_component_p95_ms: p95(times.get('component')!),
    worst_branch_p95_ms: p95(times.get('branch')!),
    ...cold,
    ...targets,
    ...workbook,
    stall_ms: stallMs,
    commit_max_ms: commitMs,
    backup_s: backupS,
    ...rollup,
    hash: createHash('md5').update(fromRows.join()).digest('hex'),
  };
}

/** Whole months, days, and edges at any millisecond, one after the other. */
function periodsOf({ periods, months }: Size, toMs: number): Period[] {
  const random = seeded(SEED);
  const whole = (days: number): number => Math.floor(random() * days) * DAY_MS;
  return Array.from({ length: periods }, (_, i) => {
    if (i % 4 === 0) {
      const month = Math.floor(random() * months);
      const last = Math.floor(random() * (months - month)) + 1;
      return { fromMs: monthEdge(month), toMs: monthEdge(month + last) };
    }
    if (i % 4 === 1) return { fromMs: toMs - 30 * DAY_MS, toMs };
    const days = Math.floor((toMs - FROM_MS) / DAY_MS);
    const fromMs = FROM_MS + whole(days - 1) + (i % 4 === 3 ? Math.floor(random() * DAY_MS) : 0);
    const left = Math.max(1, Math.floor((toMs - fromMs) / DAY_MS));
    return { fromMs, toMs: Math.min(toMs, fromMs + whole(left) + DAY_MS) };
  });
}

/**
 * The first list of a process over all of the data, which reads it into memory, as the command does each
 * time; and the same by the one statement.
 */
async function coldLists(connection: DuckDBConnection, period: Period, memory: ListMemory) {
  const taken = async (held?: ListMemory): Promise<number> => {
    const beganMs = performance.now();
    await worstHash(connection, period, 'line', held);
    return Math.round(performance.now() - beganMs);
  };
  const firstMs = await taken(memory);
  const statementMs = await taken();
  const mb = rounded(memory.history.bytes / 1e6);
  print(`first list of all ${firstMs} ms, then ${mb} MB held; by one statement ${statementMs} ms`);
  return { worst_first_ms: firstMs, worst_statement_ms: statementMs, worst_held_mb: mb };
}

/** Without a memory one statement makes the list: the judge of the way that short lists are made. */
function questionOf(period: Period, by: WorstBy, limit: number, memory?: ListMemory) {
  const read = { at: 'latest' as const };
  return { read, readingMs: null, period, filter: {}, by, limit, zone: ZONE, memory };
}

async function worstHash(
  connection: DuckDBConnection,
  period: Period,
  by: WorstBy,
  memory?: ListMemory,
): Promise<string> {
  const answer = await askList(connection, WORST, questionOf(period, by, LISTED, memory));
  const hash = createHash('md5');
  for await (const rows of answer.chunks) hash.update(JSON.stringify(rows));
  return hash.digest('hex');
}

/** Large steps first, then as many of a service's size as are timed. */
async function rollAll(store: Store) {
  const steps: number[] = [];
  const first = performance.now();
  let waiting = await rowsWaiting(store.writer);
  while (waiting > LARGE_STEP_ROWS + TIMED_STEPS * ROLLUP_ROWS.stepMax) {
    waiting = await rollUp(store.writer, store.timeZone, LARGE_STEP_ROWS);
  }
  const largeMs = performance.now() - first;
  while (waiting > 0) {
    const beganMs = performance.now();
    waiting = await rollUp(store.writer, store.timeZone);
    steps.push(performance.now() - beganMs);
  }
  await store.writer.run('checkpoint');
  const seconds = (largeMs + steps.reduce((sum, ms) => sum + ms, 0)) / 1000;
  print(
    `rolled up in ${seconds.toFixed(1)} s; ${steps.length} steps of ${ROLLUP_ROWS.stepMax} rows: ` +
      `p95 of one ${p95(steps)} ms`,
  );
  return { rollup_s: rounded(seconds), rollup_step_p95_ms: p95(steps) };
}

/** Waits of a consumer's thread, and of small commits, while all readers are busy. */
async function stall(store: Store, folder: string, periods: readonly Period[]) {
  const readers = openReaders(store);
  const memory = new ListMemory();
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const work = { done: false };
  const read = async (by: WorstBy): Promise<void> => {
    for (const period of periods) {
      await readers.read((connection) => worstHash(connection, period, by, memory));
    }
  };
  const backUp = async (): Promise<number> => {
    const connection = await store.instance.connect();
    const beganMs = performance.now();
    await writeBackup(connection, join(folder, 'backups'), Date.now());
    connection.closeSync();
    return rounded((performance.now() - beganMs) / 1000);
  };
  const others = Promise.all([backUp(), read('line'), read('branch')]).finally(() => {
    work.done = true;
  });
  let commitMs = 0;
  while (!work.done) {
    const beganMs = performance.now();
    await store.writer.run('update last_commit set number = number + 1');
    commitMs = Math.max(commitMs, performance.now() - beganMs);
    await delay(COMMIT_EVERY_MS);
  }
  const [backupS] = await others;
  loop.disable();
  await readers.close();
  memory.clear();
  const stallMs = Math.round(loop.max / 1e6);
  print(
    `under readers and a backup (${backupS} s): the loop waited ${stallMs} ms at most, a commit`,
  );
  print(`took ${Math.round(commitMs)} ms at most`);
  return { stallMs, commitMs: Math.round(commitMs), backupS };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
