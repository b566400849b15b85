// The KPIs of a running service: one connection of their own for reports that take seconds, and the
// closing of months. It writes to tables of its own only, so nothing of it holds up the commits.

import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf } from '../config/errors.js';
import { openReaders, type Readers } from '../store/readers.js';
import { type Restated, keepMonths, recomputeMonth } from './frozen.js';
import type { Store } from '../store/store.js';
import { monthOf } from './month.js';

const LIMITS = { connectionsMax: 1, waitingMax: 32, waitMsMax: 60_000, queryMsMax: 120_000 };

/** What the keeper needs of the service. */
export interface KeeperOptions {
  readonly timeZone: string;
  reading(): ReadonlyMap<number, number>;
  readonly onNote: (text: string) => void;
}

/** Computes, freezes and restates. */
export class KpiKeeper {
  private readonly readers: Readers;
  private readonly options: KeeperOptions;
  private closed = false;
  private keeping = false;

  constructor(store: Store, options: KeeperOptions) {
    this.readers = openReaders(store, LIMITS);
    this.options = options;
  }

  /** Runs a report. Throws QUERY_TIMEOUT when others take too long, or it does. */
  read<T>(query: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.readers.read(query);
  }

  /** Computes a month again, read at a time (null: now). Throws USAGE for one not closed then. */
  recompute(month: string, why: string, atMs: number | null): Promise<Restated> {
    const { timeZone, reading } = this.options;
    const at = atMs === null ? reading() : { atMs };
    return this.read((connection) => recomputeMonth(connection, monthOf(month, timeZone), at, why));
  }

  /** Freezes months that closed, restates those that changed; says so. */
  keep(): void {
    if (this.keeping) return;
    this.keeping = true;
    const { timeZone, reading, onNote } = this.options;
    this.read((connection) => keepMonths(connection, reading(), timeZone))
      .then((done) => {
        for (const { month, frozen, changed } of done) {
          if (frozen) onNote(`KPIs of ${month}: closed and frozen`);
          else if (changed > 0) onNote(`KPIs of ${month}: ${changed} figures restated`);
        }
      })
      .catch((error: unknown) => {
        if (!this.closed) onNote(`KPIs: ${messageOf(error)}; tried again later`);
      })
      .finally(() => {
        this.keeping = false;
      });
  }

  /** Waits for what runs and lets go of the database, which is opened again meanwhile. */
  letGo(): Promise<void> {
    return this.readers.letGo();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.readers.close();
  }
}
