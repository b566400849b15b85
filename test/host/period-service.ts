// The API over a simulated period with all its records, read at a fixed time: what tests of filters and
// of pages ask.

import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../../src/api/deps.js';
import { buildApi } from '../../src/api/server.js';
import { HeatModel } from '../../src/store/heat.js';
import { openReaders } from '../../src/store/readers.js';
import { type Store, openStore } from '../../src/store/store.js';
import { loadRecords, partitionOf, replayedPeriod } from '../kpi/year-fixture.js';
import { statusOf } from './api-fixture.js';

export interface PeriodService {
  readonly server: FastifyInstance;
  readonly store: Store;
  /** The id of its one partition. */
  readonly partition: number;
  readonly close: () => Promise<void>;
}

/** The service's clock is so far ahead of its data, and runs on. */
const DATA_AGE_MS = 1_000;

const refused = () => Promise.reject(new Error('not asked for'));

/** A month from `fromMs` on of a network with so many lines, read at readingMs. */
export async function periodService(
  folder: string,
  month: { seed: number; lines: number; fromMs: number; readingMs: number },
  deps: Partial<ApiDeps> = {},
): Promise<PeriodService> {
  const { seed, lines, fromMs, readingMs } = month;
  const made = await replayedPeriod(folder, { seed, lines, fromMs, months: 1 });
  const store = await openStore(made.store);
  await loadRecords(store, folder);
  const readers = openReaders(store);
  const partition = await partitionOf(store);
  const begunMs = Date.now();
  const heat = await readers.read((connection) => HeatModel.load(connection));
  const server = await buildApi({
    status: () => {
      const nowMs = readingMs + DATA_AGE_MS + Date.now() - begunMs;
      return { ...statusOf('', 'live'), nowMs, readingMs, dataAgeMs: DATA_AGE_MS };
    },
    read: readers.read,
    readLong: (query) => readers.read(query, 120_000),
    reading: () => new Map([[partition, readingMs]]),
    heat: () => heat,
    reset: refused,
    bringIn: refused,
    recompute: refused,
    targets: null,
    onChange: () => () => undefined,
    counters: () => null,
    onLive: () => () => undefined,
    tokens: null,
    webRoot: join(import.meta.dirname, '..', '..', 'dist', 'web'),
    ...deps,
  });
  const close = async (): Promise<void> => {
    await server.close();
    await readers.close();
    store.close();
  };
  return { server, store, partition, close };
}
