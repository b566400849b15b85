// Backups of the store: a folder with a Parquet file a table and a manifest, all of one moment. It is
// written beside, synced and renamed, so that a folder with a backup's name is whole. Rollups are left
// out: they are made again from the rows. Restoring makes a new store of the backup's version, which
// is then brought to the current one like any other.

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { FlaplineError, messageOf } from '../config/errors.js';
import { MIGRATIONS, SCHEMA_VERSION } from './schema.js';
import { selectRows } from './sql.js';
import { storeError } from './store.js';

const MANIFEST = 'backup.json';
const BACKUP = /^flapline-(\d{4}-\d\d-\d\dT\d\d)(\d\d)(\d\d)Z$/;

/** What a backup says of itself. */
interface Manifest {
  readonly schemaVersion: number;
  readonly writtenMs: number;
  /** Rows by table. */
  readonly tables: Readonly<Record<string, number>>;
}

function quotedPath(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The backups in a folder, the newest first. */
export function backupsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => BACKUP.test(name));
  return names
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name));
}

/** When a backup was written, by its name; epoch ms. */
export function timeOf(backup: string): number {
  return Date.parse(basename(backup).replace(BACKUP, '$1:$2:$3Z'));
}

/**
 * Writes a backup of what is committed into a folder of its own in `folder`; its path. The connection
 * is the caller's own: the store's writer and readers go on. Throws FILE_UNWRITABLE.
 */
export async function writeBackup(
  connection: DuckDBConnection,
  folder: string,
  nowMs: number,
): Promise<string> {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(/:/g, '');
  const target = join(folder, `flapline-${stamp}Z`);
  const beside = `${target}.part`;
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      if (name.endsWith('.part')) rmSync(join(folder, name), { recursive: true });
    }
    mkdirSync(beside);
    await connection.run('begin transaction read only');
    try {
      await writeTables(connection, beside, nowMs);
    } finally {
      await connection.run('rollback');
    }
    sync(beside);
    renameSync(beside, target);
    sync(folder);
    return target;
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    throw new FlaplineError(
      'FILE_UNWRITABLE',
      `backup ${target} cannot be written (${messageOf(error)})`,
      { cause: error },
    );
  }
}

async function writeTables(
  connection: DuckDBConnection,
  folder: string,
  writtenMs: number,
): Promise<void> {
  const [meta] = await selectRows<{ version: number }>(
    connection,
    'select schema_version as version from meta',
  );
  const tables: Record<string, number> = {};
  for (const table of await tablesOf(connection)) {
    const file = join(folder, `${table}.parquet`);
    await connection.run(
      `copy "${table}" to ${quotedPath(file)} (format parquet, compression zstd)`,
    );
    sync(file);
    const [count] = await selectRows<{ rows: number }>(
      connection,
      `select count(*) as rows from "${table}"`,
    );
    tables[table] = count.rows;
  }
  const manifest: Manifest = { schemaVersion: meta.version, writtenMs, tables };
  const file = join(folder, MANIFEST);
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  sync(file);
}

async function tablesOf(connection: DuckDBConnection): Promise<string[]> {
  const rows = await selectRows<{ name: string }>(
    connection,
    `select table_name as name from duckdb_tables() where not internal and not temporary
       and database_name = current_database() and not starts_with(table_name, 'rollup_')
     order by table_name`,
  );
  return rows.map(({ name }) => name);
}

/** Removes the oldest backups beyond `keep`. */
export function dropOldBackups(folder: string, keep: number): void {
  for (const path of backupsIn(folder).slice(keep)) rmSync(path, { recursive: true });
}

function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    throw new FlaplineError(
      'FILE_UNREADABLE',
      `backup ${folder}: ${MANIFEST} cannot be read (${messageOf(error)}): name the folder of a backup`,
      { cause: error },
    );
  }
  if (manifest.schemaVersion <= SCHEMA_VERSION) return manifest;
  throw new FlaplineError(
    'STORE_LAYOUT',
    `backup ${folder} is of schema version ${manifest.schemaVersion}, this program reads up to ` +
      `${SCHEMA_VERSION}: use the newer program`,
  );
}

/**
 * Makes a store file of a backup. It is made beside and renamed; the rows are counted against the
 * manifest. Returns when the backup was written. Throws FILE_UNREADABLE, STORE_....
 */
export async function restoreBackup(folder: string, file: string): Promise<number> {
  const manifest = readManifest(folder);
  for (const path of [file, `${file}.wal`]) {
    if (!existsSync(path)) continue;
    throw new FlaplineError(
      'STORE_UNWRITABLE',
      `${path} exists: move it away, or name another file`,
    );
  }
  if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.restoring`;
  const removeBeside = (): void => {
    for (const path of [beside, `${beside}.wal`]) rmSync(path, { force: true });
  };
  removeBeside();
  let instance: DuckDBInstance | null = null;
  try {
    instance = await DuckDBInstance.create(beside);
    const connection = await instance.connect();
    await readTables(connection, folder, manifest);
    await connection.run('checkpoint');
    connection.closeSync();
  } catch (error) {
    instance?.closeSync();
    removeBeside();
    if (error instanceof FlaplineError) throw error;
    const damaged = /parquet|corrupt|could not read/i.test(messageOf(error));
    if (!damaged) throw storeError(error, file);
    throw new FlaplineError(
      'FILE_UNREADABLE',
      `backup ${folder} cannot be read (${messageOf(error)}): name another one`,
      { cause: error },
    );
  }
  instance.closeSync();
  sync(beside);
  renameSync(beside, file);
  sync(dirname(file));
  return manifest.writtenMs;
}

async function readTables(
  connection: DuckDBConnection,
  folder: string,
  { schemaVersion, tables }: Manifest,
): Promise<void> {
  await connection.run("set timezone = 'UTC'");
  await connection.run('begin');
  for (const statement of MIGRATIONS.slice(0, schemaVersion).flat()) {
    await connection.run(statement);
  }
  const known = new Set(await tablesOf(connection));
  for (const [table, rows] of Object.entries(tables)) {
    if (!known.has(table)) continue;
    const path = quotedPath(join(folder, `${table}.parquet`));
    await connection.run(`delete from "${table}"`);
    await connection.run(`insert into "${table}" by name select * from read_parquet(${path})`);
    const [count] = await selectRows<{ rows: number }>(
      connection,
      `select count(*) as rows from "${table}"`,
    );
    if (count.rows === rows) continue;
    throw new FlaplineError(
      'FILE_UNREADABLE',
      `backup ${basename(folder)}: table ${table} has ${count.rows} rows, not ${rows}: name another one`,
    );
  }
  await connection.run('commit');
}
