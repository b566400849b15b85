// Child of the kernel bench: what the service's process needs a line. The pipeline of `run` (store,
// directory, kernel, heat model, commits), without broker and API, is fed records of events over
// `lines` lines; then its resident memory is read. The bench subtracts a run of as many events over
// few lines, so that what history costs is not counted as a line's.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DEFAULT_LIMITS, OBJECT_BYTES_MAX } from '../src/config/limits.js';
import { DEFAULT_RULES } from '../src/config/rules.js';
import { DEFAULT_CAPACITIES } from '../src/kernel/kernel.js';
import type { LogFrame } from '../src/pipeline/fold.js';
import { Pipeline } from '../src/pipeline/pipeline.js';
import { Directory } from '../src/store/directory.js';
import { HeatModel } from '../src/store/heat.js';
import { openStore } from '../src/store/store.js';
import { START_MS, lineName } from './workload.js';

/** What the child prints. */
export interface ProcessReport {
  /** Resident after a collection, and the most it ever was. */
  readonly residentBytes: number;
  readonly peakBytes: number;
}

const EVENTS_A_RECORD = 1_000;
const EVENTS_A_COMMIT = 200_000;
const GAP_MS = 5;
const COLLECT_MS = 100;

const [lines, events] = process.argv.slice(2).map(Number) as [number, number];

/** Event i: the lines go down one after the other, then up one after the other, and so on. */
function eventText(i: number): string {
  const state = Math.floor(i / lines) % 2 === 0 ? 'down' : 'up';
  const time = START_MS + i * GAP_MS;
  return `{"line":"${lineName(i % lines)}","time":${time},"state":"${state}","source":"nms-07"}`;
}

function record(offset: number): LogFrame {
  const first = offset * EVENTS_A_RECORD;
  const texts = Array.from({ length: EVENTS_A_RECORD }, (_, i) => eventText(first + i));
  return { offset, timestamp: START_MS, key: null, value: Buffer.from(texts.join('\n')) };
}

/** Feeds all events with commits and snapshots between; what the process holds at the end. */
async function fold(folder: string): Promise<ProcessReport> {
  const store = await openStore(join(folder, 'flapline.duckdb'));
  const directory = new Directory();
  await directory.load(store.writer);
  const pipeline = await Pipeline.open(store, directory, {
    rules: DEFAULT_RULES,
    snapshotFolder: join(folder, 'snapshots'),
    snapshotEveryMs: 0,
    onNote: () => undefined,
    kernelOptions: {
      capacities: { ...DEFAULT_CAPACITIES, inboxBytes: OBJECT_BYTES_MAX },
      limits: DEFAULT_LIMITS,
      emitStarts: true,
      zone: [],
    },
  });
  const run = await pipeline.addPartition({ cluster: 'bench', topic: 'bench', partition: 0 });
  const heat = await HeatModel.load(store.writer);
  for (let offset = 0; offset * EVENTS_A_RECORD < events; offset++) {
    await run.feed([record(offset)]);
    if (((offset + 1) * EVENTS_A_RECORD) % EVENTS_A_COMMIT !== 0) continue;
    await pipeline.commit(heat);
    await heat.refresh(store.writer);
  }
  await pipeline.snapshot();
  await pipeline.checkpoint();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What one collection finds, the next one gives back.
  for (let i = 0; i < 3; i++) {
    collect();
    await delay(COLLECT_MS);
  }
  const report = { residentBytes: process.memoryUsage.rss(), peakBytes: peakBytes() };
  await pipeline.close();
  store.close();
  return report;
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

const folder = mkdtempSync(join(tmpdir(), 'flapline-bench-'));
try {
  process.stdout.write(`${JSON.stringify(await fold(folder))}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
