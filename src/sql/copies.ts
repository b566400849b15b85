// Copies of the store for users' SQL while the service writes it: no other process can open a file that
// is open for writing. A copy is one moment of the store; it serves every statement of the next minute.

import type { DuckDBConnection } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selectRows } from '../store/sql.js';

/** A copy is used for so long. */
const FRESH_MS = 60_000;

/** Runs a query on a reading connection of the store. */
type Read = <T>(query: (connection: DuckDBConnection) => Promise<T>, ms?: number) => Promise<T>;

interface Copy {
  readonly folder: string;
  readonly file: string;
  readonly madeMs: number;
  users: number;
  old: boolean;
}

/** The copies; at most those that statements still read, and the newest. */
export class StoreCopies {
  private readonly read: Read;
  private readonly copyMsMax: number;
  private current: Promise<Copy> | null = null;

  constructor(read: Read, copyMsMax: number) {
    this.read = read;
    this.copyMsMax = copyMsMax;
  }

  /** Gives a copy to `use` and keeps it meanwhile. */
  async use<T>(use: (file: string) => Promise<T>): Promise<T> {
    const copy = await this.fresh();
    copy.users++;
    try {
      return await use(copy.file);
    } finally {
      copy.users--;
      if (copy.old && copy.users === 0) await remove(copy);
    }
  }

  /** Removes the newest copy. */
  async close(): Promise<void> {
    const last = this.current;
    this.current = null;
    const copy = await last?.catch(() => null);
    if (copy) await this.retire(copy);
  }

  private async fresh(): Promise<Copy> {
    const last = this.current;
    const copy = await last?.catch(() => null);
    if (copy && performance.now() - copy.madeMs < FRESH_MS) return copy;
    // Someone else may have begun the next one while this waited.
    if (this.current === last) {
      this.current = this.make();
      if (copy) await this.retire(copy);
    }
    return this.current!;
  }

  private async retire(copy: Copy): Promise<void> {
    copy.old = true;
    if (copy.users === 0) await remove(copy);
  }

  private async make(): Promise<Copy> {
    const folder = await mkdtemp(join(tmpdir(), 'flapline-sql-'));
    const file = join(folder, 'store.duckdb');
    try {
      await this.read((connection) => copyStore(connection, file), this.copyMsMax);
      return { folder, file, madeMs: performance.now(), users: 0, old: false };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

async function remove({ folder }: Copy): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Copies the store that a connection reads, tables and views, as it is at one moment. */
async function copyStore(connection: DuckDBConnection, file: string): Promise<void> {
  const [store] = await selectRows<{ name: string }>(
    connection,
    'select current_database() as name',
  );
  await connection.run(`attach '${file.replaceAll("'", "''")}' as sql_copy`);
  try {
    await connection.run(`copy from database "${store!.name.replaceAll('"', '""')}" to sql_copy`);
  } finally {
    await connection.run('detach sql_copy');
  }
}
