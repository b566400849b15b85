// A simulated network behind the API and the built page, with a clock of its own: what the web bench
// looks at. The clock moves over the stored day, and the page is told so as a running service tells it.

import { join } from 'node:path';
import { buildApi } from '../src/api/server.js';
import type { Status } from '../src/api/contract.js';
import { ROOT } from '../src/config/root.js';
import { HeatModel } from '../src/store/heat.js';
import { openReaders } from '../src/store/readers.js';
import { openStore } from '../src/store/store.js';
import { ZONE, monthEdge, simulatedStore } from './simulated-store.js';

const FROM_MS = monthEdge(0);

/** A network that is served. */
export interface ServedNetwork {
  readonly address: string;
  readonly interruptions: number;
  readonly fromMs: number;
  readonly endMs: number;
  /** The service's time is this from now on; its pages are told. */
  setClock(ms: number): void;
  close(): Promise<void>;
}

/** Simulates, replays and serves. */
export async function serveNetwork(
  folder: string,
  { lines, months, signal }: { lines: number; months: number; signal: AbortSignal },
): Promise<ServedNetwork> {
  const { file, summary: made } = await simulatedStore(folder, { lines, months, signal });
  const store = await openStore(file);
  const readers = openReaders(store);
  const heat = await readers.read((connection) => HeatModel.load(connection));
  const found = await store.writer.runAndReadAll('select partition_id, effective_ms from progress');
  const [[partition, effective]] = found.getRows() as [[unknown, unknown]];
  const endMs = Number(effective);
  let nowMs = endMs;
  const listeners = new Set<() => void>();
  const server = await buildApi({
    status: () => statusAt(nowMs, lines, Number(partition)),
    read: readers.read,
    readLong: (query) => readers.read(query, 120_000),
    reading: () => new Map([[Number(partition), nowMs]]),
    heat: () => heat,
    reset: () => Promise.reject(new Error('not asked for')),
    bringIn: () => Promise.reject(new Error('not asked for')),
    recompute: () => Promise.reject(new Error('not asked for')),
    targets: null,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    counters: () => null,
    onLive: () => () => undefined,
    tokens: null,
    webRoot: join(ROOT, 'dist', 'web'),
    limits: { requestsPerMinuteMax: 1_000_000, statusMsMin: 50 },
  });
  return {
    address: await server.listen({ host: '127.0.0.1', port: 0 }),
    interruptions: made.interruptions,
    fromMs: FROM_MS,
    endMs,
    setClock: (ms) => {
      nowMs = ms;
      for (const listener of listeners) listener();
    },
    close: async () => {
      await server.close();
      await readers.close();
      store.close();
    },
  };
}

/** A status of a calm service at a time. */
function statusAt(nowMs: number, lines: number, partition: number): Status {
  const place = { partition, log: 0, position: 0, end: 0, problem: null };
  return {
    version: 'bench',
    nowMs,
    phase: 'live',
    message: '',
    source: { kind: 'kafka', cluster: 'bench', topic: 'alarms' },
    connected: true,
    storeProblem: null,
    outputProblem: null,
    readingMs: nowMs,
    dataAgeMs: 0,
    partitions: [{ ...place, readingMs: nowMs, effectiveMs: nowMs }],
    lines,
    downNow: 0,
    linesOnSeveralPartitions: 0,
    flappingNow: 0,
    interruptionsToday: 0,
    events: 0,
    late: 0,
    duplicates: 0,
    rejected: 0,
    eventsPerSecond: 0,
    timeZone: ZONE,
    changedFromMs: nowMs - 60_000,
  };
}
