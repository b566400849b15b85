// The store: one DuckDB file, opened by one process. Opening takes the file's lock, brings the
// tables to the current version and makes the views; every failure says which file and what to do.

import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { FlaplineError, messageOf } from '../config/errors.js';
import { DEFAULT_TIME_ZONE } from '../config/zone.js';
import { checkIsDatabase } from './database-file.js';
import { rebuildMembers } from './members.js';
import { alignRollups } from './rollup.js';
import { MIGRATIONS, SCHEMA_VERSION } from './schema.js';
import { createViews } from './views.js';

/** Limits of the database, and how its views read. */
export interface StoreOptions {
  /** DuckDB's memory_limit, such as 2GB. */
  readonly memory: string;
  readonly threads: number;
  /** Where months and days are cut; Asia/Shanghai unless given. */
  readonly timeZone?: string | undefined;
}

/**
 * Room for the kernels beside it: 2 GB, and the cores but one, two at most. A thread of DuckDB's that
 * waits for another one to end does so at work: on two cores it takes the fold's.
 */
export const DEFAULT_STORE_OPTIONS: StoreOptions = {
  memory: '2GB',
  threads: Math.min(2, Math.max(1, availableParallelism() - 1)),
};

/** The store's file in a service's data folder. */
export const STORE_FILE = 'flapline.duckdb';

/** An open store. */
export interface Store {
  readonly file: string;
  readonly instance: DuckDBInstance;
  /** The connection of the one writer. */
  readonly writer: DuckDBConnection;
  /** When the store was made: names it in snapshots. */
  readonly createdMs: number;
  /** Where months and days are cut. */
  readonly timeZone: string;
  /** Runs before the database is closed to be opened again: lets go of its connections. */
  beforeReopen: () => Promise<void>;
  /** Opens the database again after an error that it does not survive; what is committed is kept. */
  reopen(): Promise<void>;
  close(): void;
}

/** Files open in this process: DuckDB's lock keeps out other processes only. */
const openFiles = new Set<string>();

/** Opens a store, making it when it is absent; `:memory:` lives in memory. */
export async function openStore(
  file: string,
  options: StoreOptions = DEFAULT_STORE_OPTIONS,
): Promise<Store> {
  const release = file === ':memory:' ? () => {} : holdFile(file);
  let opened: Opened | null = null;
  try {
    opened = await connect(file, options);
    const createdMs = await migrate(opened.writer, file);
    const { timeZone = DEFAULT_TIME_ZONE } = options;
    await alignRollups(opened.writer, timeZone);
    await createViews(opened.writer, timeZone);
    return new OpenStore(file, options, opened, createdMs, release);
  } catch (error) {
    opened?.instance.closeSync();
    release();
    throw storeError(error, file);
  }
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
}

/**
 * Sums by line take a table of all of up to 2^18 line ids, as long as the ids say that they fit, which
 * halves what they cost.
 */
export const GROUPING = { perfect_ht_threshold: '18' } as const;

/** The log is written into the file when the service says so, not in the middle of a commit. */
const CHECKPOINT_THRESHOLD = '1GB';

async function connect(file: string, { memory, threads }: StoreOptions): Promise<Opened> {
  const instance = await DuckDBInstance.create(file, {
    memory_limit: memory,
    threads: String(threads),
    // What a commit or a checkpoint has let go of goes back to the system: a third of a large process.
    allocator_background_threads: 'true',
    checkpoint_threshold: CHECKPOINT_THRESHOLD,
    ...GROUPING,
  });
  const writer = await instance.connect();
  await writer.run("set timezone = 'UTC'");
  return { instance, writer };
}

class OpenStore implements Store {
  readonly file: string;
  readonly createdMs: number;
  readonly timeZone: string;
  beforeReopen = async (): Promise<void> => undefined;
  private readonly options: StoreOptions;
  private readonly release: () => void;
  private opened: Opened | null;

  constructor(
    file: string,
    options: StoreOptions,
    opened: Opened,
    createdMs: number,
    release: () => void,
  ) {
    this.file = file;
    this.options = options;
    this.opened = opened;
    this.createdMs = createdMs;
    this.timeZone = options.timeZone ?? DEFAULT_TIME_ZONE;
    this.release = release;
  }

  get instance(): DuckDBInstance {
    return this.held.instance;
  }

  get writer(): DuckDBConnection {
    return this.held.writer;
  }

  async reopen(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await this.beforeReopen();
    closeOpened(opened);
    this.opened = await connect(this.file, this.options);
  }

  close(): void {
    closeOpened(this.opened);
    this.opened = null;
    this.release();
  }

  private get held(): Opened {
    if (this.opened) return this.opened;
    throw new FlaplineError('STORE_UNWRITABLE', `store ${this.file}: is being opened again`);
  }
}

function closeOpened(opened: Opened | null): void {
  opened?.writer.closeSync();
  opened?.instance.closeSync();
}

/** Checks a file and holds it for this process; returns how to let go. Throws FlaplineError. */
function holdFile(file: string): () => void {
  const folder = dirname(file);
  let path = file;
  if (existsSync(file)) path = realpathSync(file);
  else if (existsSync(folder)) path = join(realpathSync(folder), basename(file));
  if (openFiles.has(path)) {
    throw new FlaplineError('STORE_LOCKED', `store ${file}: already open in this process`);
  }
  // Not before: to open and close a file drops the lock that this process may hold on it (POSIX).
  checkFile(file);
  openFiles.add(path);
  return () => openFiles.delete(path);
}

function checkFile(file: string): void {
  const folder = dirname(file);
  if (!existsSync(folder)) {
    throw new FlaplineError('STORE_UNWRITABLE', `store ${file}: folder ${folder} does not exist`);
  }
  if (existsSync(file) && statSync(file).isDirectory()) {
    throw new FlaplineError('STORE_UNWRITABLE', `store ${file} is a folder: name a file`);
  }
  try {
    accessSync(existsSync(file) ? file : folder, constants.W_OK);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new FlaplineError(
      'STORE_UNWRITABLE',
      `store ${file} cannot be written: give this user write access to it and its folder`,
      { cause: error },
    );
  }
  if (existsSync(file)) checkIsDatabase(file);
}

type StoreErrorCode = 'STORE_DAMAGED' | 'STORE_LOCKED' | 'STORE_UNWRITABLE' | 'STORE_LAYOUT';

/** A block, or an entry of the log, that does not hold what was written. */
const DAMAGE = /corrupt|checksum|could not read enough|while replaying WAL|not a valid DuckDB/i;

/** Says of an error of DuckDB which file it concerns, by which code, and what to do. */
export function storeError(error: unknown, file: string): FlaplineError {
  if (error instanceof FlaplineError) return error;
  const text = messageOf(error).split('\n')[0]!;
  const made = (code: StoreErrorCode, what: string) =>
    new FlaplineError(code, `store ${file}: ${what} (${text})`, { cause: error });
  if (DAMAGE.test(text)) {
    return made('STORE_DAMAGED', 'damaged: restore a backup (flapline restore), or name another');
  }
  if (/lock/i.test(text)) {
    return made('STORE_LOCKED', 'held by another process: stop it, or ask it with --url');
  }
  if (/no space|disk full|quota/i.test(text)) {
    return made('STORE_UNWRITABLE', 'no space left: free some, then start again');
  }
  if (/serializ|version/i.test(text)) {
    return made(
      'STORE_LAYOUT',
      'not a store this version can read: restore a backup or name another',
    );
  }
  return made('STORE_UNWRITABLE', 'cannot be read or written');
}

/** True for an error of the disk or file, which may pass; others of DuckDB are defects of ours. */
export function isOfStorage(error: unknown): boolean {
  if (!(error instanceof FlaplineError)) return false;
  if (error.code === 'STORE_LOCKED') return true;
  const texts = [error.message, messageOf(error.cause)];
  return error.code === 'STORE_UNWRITABLE' && texts.some((text) => STORAGE_ERROR.test(text));
}

const STORAGE_ERROR =
  /no space|disk full|quota|IO Error|could not (write|read|open|sync|truncate)|invalidated|opened again/i;

/** Brings the tables to SCHEMA_VERSION; returns when the store was made. */
async function migrate(connection: DuckDBConnection, file: string): Promise<number> {
  const found = await connection.runAndReadAll(
    `select count(*) from duckdb_tables() where table_name = 'meta'
       and database_name = current_database()`,
  );
  const made = Number(found.getRows()[0]![0]) > 0;
  const meta = made
    ? (await connection.runAndReadAll('select schema_version, created_ms from meta')).getRows()[0]!
    : [0, Date.now()];
  const version = Number(meta[0]);
  const createdMs = Number(meta[1]);
  if (version > SCHEMA_VERSION) {
    throw new FlaplineError(
      'STORE_LAYOUT',
      `store ${file} is of schema version ${version}, this program writes ${SCHEMA_VERSION}: ` +
        'use the newer program',
    );
  }
  if (version === SCHEMA_VERSION) return createdMs;
  await connection.run('begin');
  for (const statement of MIGRATIONS.slice(version).flat()) await connection.run(statement);
  await rebuildMembers(connection);
  await connection.run('delete from meta');
  await connection.run(`insert into meta values (${SCHEMA_VERSION}, ${createdMs})`);
  await connection.run('commit');
  await connection.run('checkpoint');
  return createdMs;
}
