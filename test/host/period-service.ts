// The API over a simulated period with all its records, read at a fixed time while the service's clock
// runs on: what tests of filters and of pages ask.

import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../../src/api/deps.js';
import { type Store, openStore } from '../../src/store/store.js';
import { loadRecords, replayedPeriod } from '../kpi/year-fixture.js';
import { statusOf } from './api-fixture.js';
import { type ServedStore, serveStore } from './served-store.js';

export interface PeriodService extends Pick<ServedStore, 'partition' | 'close'> {
  readonly server: FastifyInstance;
  readonly store: Store;
}

/** The service's clock is so far ahead of its data, and runs on. */
const DATA_AGE_MS = 1_000;

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
  const { partition, close, server: serve } = await serveStore(store, readingMs);
  const begunMs = Date.now();
  const status: ApiDeps['status'] = () => {
    const nowMs = readingMs + DATA_AGE_MS + Date.now() - begunMs;
    return { ...statusOf('', 'live'), nowMs, readingMs, dataAgeMs: DATA_AGE_MS };
  };
  return { server: await serve({ status, ...deps }), store, partition, close };
}
