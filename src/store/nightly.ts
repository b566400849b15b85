// The nightly backup of a running service: once a local day, from its hour on, on a connection of its
// own. One that fails is said and tried again an hour later.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { offsetAt } from '../config/zone.js';
import { backupsIn, dropOldBackups, writeBackup, timeOf } from './backup.js';
import type { Store } from './store.js';

/** When a backup is written, and how many are kept. */
export interface NightlyOptions {
  readonly folder: string;
  /** Hour of the local day, 0 to 23. */
  readonly hour: number;
  readonly keep: number;
  readonly onNote: (text: string) => void;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The backups of a service; `look` is called now and then. */
export class NightlyBackup {
  private readonly store: Store;
  private readonly options: NightlyOptions;
  private fromMs: number;
  private writing: Promise<void> | null = null;
  private connection: DuckDBConnection | null = null;

  constructor(store: Store, options: NightlyOptions, nowMs: number = Date.now()) {
    this.store = store;
    this.options = options;
    // One that fell into a time without a service is made up for.
    const [newest] = backupsIn(options.folder);
    this.fromMs = this.nextAfter(newest === undefined ? nowMs : timeOf(newest));
  }

  /** Writes a backup when it is due; resolves when nothing is being written. */
  look(nowMs: number = Date.now()): Promise<void> {
    if (this.writing === null && nowMs >= this.fromMs) {
      this.fromMs = this.nextAfter(nowMs);
      this.writing = this.write(nowMs).finally(() => {
        this.writing = null;
      });
    }
    return this.idle();
  }

  /** Resolves when nothing is being written. */
  idle(): Promise<void> {
    return this.writing ?? Promise.resolve();
  }

  /** Gives up what is being written: the database is about to be closed. It is tried again later. */
  async letGo(): Promise<void> {
    this.connection?.interrupt();
    await this.idle();
  }

  private async write(nowMs: number): Promise<void> {
    const { folder, keep, onNote } = this.options;
    try {
      this.connection = await this.store.instance.connect();
      try {
        onNote(`backup written: ${await writeBackup(this.connection, folder, nowMs)}`);
      } finally {
        this.connection.closeSync();
        this.connection = null;
      }
      dropOldBackups(folder, keep);
    } catch (error) {
      this.fromMs = nowMs + HOUR_MS;
      const text = error instanceof FlaplineError ? error.message : `backup: ${String(error)}`;
      onNote(`${text}; tried again in an hour`);
    }
  }

  /** The next instant at which the local clock shows the hour. */
  private nextAfter(nowMs: number): number {
    const zone = this.store.timeZone;
    const wantedMs = this.options.hour * HOUR_MS;
    const local = nowMs + offsetAt(zone, nowMs);
    const today = Math.floor(local / DAY_MS) * DAY_MS + wantedMs;
    const next = today > local ? today : today + DAY_MS;
    return next - offsetAt(zone, next - offsetAt(zone, nowMs));
  }
}
