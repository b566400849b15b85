// An API on the store of store-fixture.ts, for the tests of its routes and of its stream.

import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Live, Status } from '../../src/api/contract.js';
import type { ApiDeps } from '../../src/api/deps.js';
import { buildApi } from '../../src/api/server.js';
import { HeatModel } from '../../src/store/heat.js';
import { openReaders, type Readers } from '../../src/store/readers.js';
import { T, emptyStore, fillStore, type Fixture } from './store-fixture.js';

let store: Fixture;
let readers: Readers;
let heat: HeatModel;
const built: FastifyInstance[] = [];

/** Fills a store before the tests of a file, closes servers after each and the store at the end. */
export function usesApi(): void {
  beforeAll(async () => {
    store = await emptyStore();
    await fillStore(store);
    readers = openReaders(store);
    heat = await HeatModel.load(store.connection);
  });

  afterEach(async () => {
    for (const server of built.splice(0)) await server.close();
  });

  afterAll(async () => {
    await readers.close();
    store.connection.closeSync();
  });
}

/** The store behind the APIs. */
export const fixture = (): Fixture => store;

/** A status of the fixture's store that says `message`. */
export function statusOf(message: string, phase: Status['phase'] = 'live'): Status {
  return {
    version: '0.1.0',
    nowMs: T,
    phase,
    message,
    source: { kind: 'embedded', cluster: 'embedded', topic: 'alarms' },
    connected: true,
    storeProblem: null,
    outputProblem: null,
    readingMs: T,
    dataAgeMs: null,
    partitions: [],
    lines: 5,
    downNow: 1,
    linesOnSeveralPartitions: 0,
    flappingNow: 1,
    interruptionsToday: 4,
    events: 100,
    late: 2,
    duplicates: 4,
    rejected: 6,
    eventsPerSecond: 0.19,
    timeZone: 'Asia/Shanghai',
    changedFromMs: null,
  };
}

/** The onLive listeners that servers have registered. */
export const liveListeners = new Set<(live: Live) => void>();

/** The onChange listeners that servers have registered. */
export const listeners = new Set<() => void>();

/** An API on the fixture's store, with the given parts replaced. */
export async function api(deps: Partial<ApiDeps> = {}): Promise<FastifyInstance> {
  const server = await buildApi({
    status: () => statusOf('reading'),
    read: readers.read,
    reading: () =>
      new Map([
        [0, T],
        [1, T],
      ]),
    heat: () => heat,
    reset: () => Promise.reject(new Error('not asked for')),
    readLong: readers.read,
    targets: null,
    recompute: () => Promise.reject(new Error('not asked for')),
    bringIn: () => Promise.reject(new Error('not asked for')),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    counters: () => null,
    onLive: (listener) => {
      liveListeners.add(listener);
      return () => liveListeners.delete(listener);
    },
    tokens: null,
    webRoot: null,
    ...deps,
  });
  built.push(server);
  return server;
}
