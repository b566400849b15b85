// A bounded pool of reading connections over an open database: one user a connection at a time, a
// queue of limited length for the others, and a deadline after which a query is interrupted.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import type { Store } from './store.js';

/** Limits of the pool. */
export interface ReaderLimits {
  readonly connectionsMax: number;
  readonly waitingMax: number;
  readonly waitMsMax: number;
  readonly queryMsMax: number;
}

export const READER_LIMITS: ReaderLimits = {
  connectionsMax: 4,
  waitingMax: 64,
  waitMsMax: 5_000,
  queryMsMax: 10_000,
};

/** Gives connections out for reading. */
export interface Readers {
  /**
   * Runs queries on a connection of one's own. Throws QUERY_TIMEOUT when no connection came free in
   * time or when the queries took longer than queryMsMax (that of the limits unless given); the
   * connection must not be kept.
   */
  read<T>(query: (connection: DuckDBConnection) => Promise<T>, queryMsMax?: number): Promise<T>;
  /** Waits for those that run and lets go of the database, which is opened again meanwhile. */
  letGo(): Promise<void>;
  /** Refuses new readers, waits for those that run, closes the connections. */
  close(): Promise<void>;
}

type Waiter = (connection: DuckDBConnection) => void;

function busy(limits: ReaderLimits, why: string): FlaplineError {
  return new FlaplineError(
    'QUERY_TIMEOUT',
    `the store is busy: ${why} (${limits.connectionsMax} queries at a time); try again shortly`,
  );
}

/** Runs a query; interrupts it after queryMsMax. */
async function runOn<T>(
  connection: DuckDBConnection,
  query: (connection: DuckDBConnection) => Promise<T>,
  queryMsMax: number,
): Promise<T> {
  let late = false;
  const interrupt = (): void => {
    late = true;
    connection.interrupt();
  };
  // Repeated: a query of several statements goes on to the next one after an interrupt.
  const first = setTimeout(interrupt, queryMsMax);
  const again = setInterval(() => late && interrupt(), 100);
  try {
    return await query(connection);
  } catch (error) {
    if (!late) throw error;
    throw new FlaplineError(
      'QUERY_TIMEOUT',
      `the query took longer than ${queryMsMax} ms and was stopped: ask for a shorter period`,
      { cause: error },
    );
  } finally {
    clearTimeout(first);
    clearInterval(again);
  }
}

/** Opens the pool. Connections are made when first needed. */
export function openReaders(
  store: Pick<Store, 'instance'>,
  limits: ReaderLimits = READER_LIMITS,
): Readers {
  const idle: DuckDBConnection[] = [];
  const waiting: Waiter[] = [];
  const running = new Set<Promise<unknown>>();
  let made = 0;
  let closed = false;

  async function wait(): Promise<DuckDBConnection> {
    if (waiting.length >= limits.waitingMax) throw busy(limits, 'too many are waiting');
    return new Promise((resolve, reject) => {
      const waiter: Waiter = (connection) => {
        clearTimeout(timer);
        resolve(connection);
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(busy(limits, `no reader came free within ${limits.waitMsMax} ms`));
      }, limits.waitMsMax);
      waiting.push(waiter);
    });
  }

  async function take(): Promise<DuckDBConnection> {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (made >= limits.connectionsMax) return wait();
    made += 1;
    try {
      return await store.instance.connect();
    } catch (error) {
      made -= 1;
      throw error;
    }
  }

  function giveBack(connection: DuckDBConnection): void {
    const next = waiting.shift();
    if (next === undefined) idle.push(connection);
    else next(connection);
  }

  return {
    async read(query, queryMsMax = limits.queryMsMax) {
      if (closed) throw new FlaplineError('INTERRUPTED', 'the service is stopping');
      const work = take().then((connection) =>
        runOn(connection, query, queryMsMax).finally(() => giveBack(connection)),
      );
      const settled = work.catch(() => undefined);
      running.add(settled);
      void settled.then(() => running.delete(settled));
      return work;
    },
    async letGo() {
      do {
        await Promise.all(running);
        made -= idle.length;
        for (const connection of idle.splice(0)) connection.closeSync();
      } while (running.size > 0);
    },
    async close() {
      closed = true;
      await Promise.all(running);
      for (const connection of idle.splice(0)) connection.closeSync();
    },
  };
}
