// A store opened for reading only: nothing is made or changed, so that lists and back-tests can be
// asked of a copy on a read-only disk. The rules its findings were judged by come with it.

import { existsSync, statSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import type { Rules } from '../config/rules.js';
import { rulesInForce } from './rule-history.js';
import { SCHEMA_VERSION } from './schema.js';
import { selectRows } from './sql.js';
import { checkIsDatabase } from './database-file.js';
import { GROUPING, type StoreOptions, storeError } from './store.js';

/** An open store that is read only. */
export interface ReadStore {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  /** The rules in force at the end of what is stored. */
  readonly rules: Rules;
  close(): void;
}

/** Opens a store to read it. Throws FILE_UNREADABLE, STORE_LOCKED, STORE_LAYOUT. */
export async function openReadStore(
  file: string,
  options: Pick<StoreOptions, 'memory' | 'threads'>,
): Promise<ReadStore> {
  if (!existsSync(file) || statSync(file).isDirectory()) {
    throw new FlaplineError('FILE_UNREADABLE', `store ${file}: there is no such file`);
  }
  try {
    checkIsDatabase(file);
    const instance = await DuckDBInstance.create(file, {
      access_mode: 'READ_ONLY',
      memory_limit: options.memory,
      threads: String(options.threads),
      ...GROUPING,
    });
    try {
      const connection = await instance.connect();
      await connection.run("set timezone = 'UTC'");
      await checkVersion(connection, file);
      const { rules } = await rulesInForce(connection);
      const close = (): void => {
        connection.closeSync();
        instance.closeSync();
      };
      return { instance, connection, rules, close };
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  } catch (error) {
    throw storeError(error, file);
  }
}

async function checkVersion(connection: DuckDBConnection, file: string): Promise<void> {
  const tables = await selectRows<{ found: number }>(
    connection,
    `select count(*) as found from duckdb_tables() where table_name in ('meta', 'open_state')`,
  );
  const version =
    tables[0].found === 2
      ? (
          await selectRows<{ version: number }>(
            connection,
            'select schema_version as version from meta',
          )
        )[0]?.version
      : undefined;
  if (version === SCHEMA_VERSION) return;
  if (version !== undefined && version < SCHEMA_VERSION) {
    throw new FlaplineError(
      'STORE_OUTDATED',
      `store ${file} is of version ${version}, this program reads ${SCHEMA_VERSION}: ` +
        'run, or replay --store, brings it up to date when it opens it',
    );
  }
  const found = version === undefined ? 'is no store of flapline' : `is of version ${version}`;
  throw new FlaplineError(
    'STORE_LAYOUT',
    `store ${file} ${found}: this program reads version ${SCHEMA_VERSION}`,
  );
}
