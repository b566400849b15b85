// The API and the built page over a store that no service writes, read at a fixed time: what tests of
// filters, lists and pages ask.

import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../../src/api/deps.js';
import { buildApi } from '../../src/api/server.js';
import { ROOT } from '../../src/config/root.js';
import { HeatModel } from '../../src/store/heat.js';
import { type Readers, openReaders } from '../../src/store/readers.js';
import type { Store } from '../../src/store/store.js';
import { partitionOf } from '../kpi/year-fixture.js';
import { statusOf } from './api-fixture.js';

/** A store behind the API. */
export interface ServedStore {
  readonly readers: Readers;
  /** The id of its one partition. */
  readonly partition: number;
  /** Another server over it, with the given parts replaced. */
  server(deps?: Partial<ApiDeps>): Promise<FastifyInstance>;
  /** Closes servers, readers and the store. */
  close(): Promise<void>;
}

const refused = () => Promise.reject(new Error('not asked for'));

/** Serves an open store; its clock stands at `readingMs`. */
export async function serveStore(store: Store, readingMs: number): Promise<ServedStore> {
  const readers = openReaders(store);
  const partition = await partitionOf(store);
  const heat = await readers.read((connection) => HeatModel.load(connection));
  const servers: FastifyInstance[] = [];
  const standing: ApiDeps = {
    status: () => ({ ...statusOf('', 'live'), nowMs: readingMs, readingMs, dataAgeMs: 0 }),
    read: readers.read,
    readLong: (query) => readers.read(query, 120_000),
    reading: () => new Map([[partition, readingMs]]),
    heat: () => heat,
    reset: refused,
    bringIn: refused,
    recompute: refused,
    write: async (statements) => void (await statements(store.writer)),
    targets: null,
    onChange: () => () => undefined,
    counters: () => null,
    onLive: () => () => undefined,
    tokens: null,
    webRoot: join(ROOT, 'dist', 'web'),
    limits: { requestsPerMinuteMax: 100_000 },
  };
  return {
    readers,
    partition,
    server: async (deps = {}) => {
      const server = await buildApi({ ...standing, ...deps });
      servers.push(server);
      return server;
    },
    close: async () => {
      for (const server of servers) await server.close();
      await readers.close();
      store.close();
    },
  };
}
