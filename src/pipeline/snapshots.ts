// Snapshots of partitions as files: when one is due, written while the fold goes on, named by a row of
// the store that is committed behind everything the snapshot holds. The newest two of a partition are
// kept. A snapshot that cannot be written is said once and tried again: recovery uses the one before.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../config/errors.js';
import { snapshotOf, writeSnapshot } from '../kernel/snapshot.js';
import type { StoreWriter } from '../store/commit.js';
import { selectRows } from '../store/sql.js';
import type { PartitionRun } from './partition.js';

/** When snapshots are written, and where. */
export interface SnapshotOptions {
  readonly snapshotFolder: string;
  /** A partition that changed has one when this time has passed since its last. */
  readonly snapshotEveryMs: number;
  readonly onNote: (text: string) => void;
}

/** One is due as well after so many bytes of records, or as many times the last one's size. */
export const SNAPSHOT_BYTES = { recordsMax: 32 << 20, timesItself: 4 } as const;

interface Last {
  readonly atMs: number;
  /** Of the snapshot. */
  readonly bytes: number;
  /** Of the records that had been read by then. */
  readonly readBytes: number;
}

/** Writes snapshots. One at a time. */
export class Snapshots {
  private readonly writer: StoreWriter;
  private readonly options: SnapshotOptions;
  private readonly last = new Map<PartitionRun, Last>();
  private readonly startedMs = Date.now();
  private writing: Promise<void> | null = null;
  private said = false;
  /** Written since the start, and their bytes. */
  written = 0;
  bytes = 0;

  private constructor(writer: StoreWriter, options: SnapshotOptions) {
    this.writer = writer;
    this.options = options;
  }

  /** Makes the folder, and removes what a crash left between a file and the row that names it. */
  static async open(writer: StoreWriter, options: SnapshotOptions): Promise<Snapshots> {
    const { snapshotFolder: folder } = options;
    mkdirSync(folder, { recursive: true });
    const rows = await selectRows<{ file: string }>(
      writer.store.writer,
      'select file from snapshot',
    );
    const named = new Set(rows.map(({ file }) => basename(file)));
    for (const name of readdirSync(folder)) {
      if (/\.snapshot(\.part)?$/.test(name) && !named.has(name)) rmSync(join(folder, name));
    }
    return new Snapshots(writer, options);
  }

  /** Begins a snapshot of the first of these that is due; call it right after a seal. */
  begin(runs: Iterable<PartitionRun>): void {
    if (this.writing) return;
    for (const run of runs) {
      if (!isReady(run) || !this.isDue(run)) continue;
      this.writing = this.write(run).finally(() => {
        this.writing = null;
      });
      return;
    }
  }

  /** Writes all that changed; what is being written is waited for. */
  async all(runs: Iterable<PartitionRun>): Promise<void> {
    await this.writing;
    for (const run of runs) if (isReady(run)) await this.write(run);
  }

  private isDue(run: PartitionRun): boolean {
    const { atMs, bytes, readBytes } = this.lastOf(run);
    if (Date.now() - atMs >= this.options.snapshotEveryMs) return true;
    const { recordsMax, timesItself } = SNAPSHOT_BYTES;
    return run.fold.valueBytes - readBytes >= Math.max(recordsMax, timesItself * bytes);
  }

  private lastOf(run: PartitionRun): Last {
    return this.last.get(run) ?? { atMs: this.startedMs, bytes: 0, readBytes: 0 };
  }

  private async write(run: PartitionRun): Promise<void> {
    const { partitionId, partition, log, position } = run.log;
    const image = snapshotOf(run.fold.kernel, run.log, this.writer.store.createdMs);
    run.changedSinceSnapshot = false;
    const atMs = Date.now();
    const readBytes = run.fold.valueBytes;
    const name = `${partitionId}-${partition}-${log}-${position}-${atMs}.snapshot`;
    try {
      const bytes = await writeSnapshot(join(this.options.snapshotFolder, name), image);
      this.last.set(run, { atMs, bytes, readBytes });
      this.written++;
      this.bytes += bytes;
      this.said = false;
      this.nameIt(partitionId, log, position, name);
    } catch (error) {
      run.changedSinceSnapshot = true;
      this.last.set(run, { ...this.lastOf(run), atMs, readBytes });
      rmSync(join(this.options.snapshotFolder, `${name}.part`), { force: true });
      if (!this.said)
        this.options.onNote(`snapshot of partition ${partition}: ${messageOf(error)}`);
      this.said = true;
    }
  }

  /** Orders the row of a snapshot, and the end of those but the newest and the one before it. */
  private nameIt(partitionId: number, log: number, position: number, name: string): void {
    this.writer.order(async (connection) => {
      await connection.run('insert into snapshot values ($1, $2, $3, $4, now())', [
        partitionId,
        log,
        BigInt(position),
        name,
      ]);
      const older = await selectRows<{ file: string }>(
        connection,
        `select file from snapshot where partition_id = $partition and file <> $newest
           order by snapshot_recorded_at desc, position desc offset 1`,
        { partition: partitionId, newest: name },
      );
      for (const { file } of older) {
        await connection.run('delete from snapshot where file = $1', [file]);
        this.writer.afterwards(() =>
          rmSync(join(this.options.snapshotFolder, basename(file)), { force: true }),
        );
      }
    });
  }
}

/** What was found has been taken, and something has changed. */
function isReady(run: PartitionRun): boolean {
  return !run.silent && !run.changed && run.changedSinceSnapshot;
}
