// The pipeline of the service: partitions folded side by side, one transaction for all of them at
// each commit, snapshots by time. Where the records come from is the caller's (run.ts reads Kafka);
// commits and feeds must not overlap.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FlaplineError } from '../config/errors.js';
import { writeSnapshot } from '../kernel/snapshot.js';
import { closeGap, openGap } from '../store/gaps.js';
import { StoreWriter } from '../store/commit.js';
import type { Directory } from '../store/directory.js';
import type { PartitionName } from '../store/progress.js';
import { RuleBook } from '../store/rule-book.js';
import { selectRows } from '../store/sql.js';
import type { Store } from '../store/store.js';
import { LiveChanges, type LiveTarget } from './live.js';
import type { PartitionRun } from './partition.js';
import { type RecoverContext, recoverPartition } from './recover.js';

/** How the pipeline folds and keeps. */
export interface PipelineOptions extends Pick<
  RecoverContext,
  'rules' | 'aliases' | 'mapping' | 'kernelOptions' | 'snapshotFolder' | 'onNote'
> {
  /** A snapshot is written when this time has passed since the last one. */
  readonly snapshotEveryMs: number;
}

/** Who resets which line, and why. */
export interface ResetRequest {
  readonly line: string;
  readonly by: string;
  readonly why: string;
}

/** Where a reset stands: before the record at this position of the partition's log. */
export interface ResetPlace {
  readonly partition: number;
  readonly log: number;
  readonly position: number;
}

const NOBODY: LiveTarget = {
  addStarts: () => undefined,
  addFlapping: () => undefined,
};

/** The partitions, the writer and what a commit tells the live views. */
export class Pipeline {
  readonly partitions = new Map<number, PartitionRun>();
  readonly store: Store;
  private readonly writer: StoreWriter;
  private readonly book: RuleBook;
  private readonly options: PipelineOptions;
  private readonly live = new LiveChanges();
  private lastSnapshotMs = 0;

  private constructor(store: Store, writer: StoreWriter, book: RuleBook, options: PipelineOptions) {
    this.store = store;
    this.writer = writer;
    this.book = book;
    this.options = options;
    writer.observer = this.live;
  }

  static async open(
    store: Store,
    directory: Directory,
    options: PipelineOptions,
  ): Promise<Pipeline> {
    mkdirSync(options.snapshotFolder, { recursive: true });
    await dropUnnamed(options.snapshotFolder, store);
    const book = await RuleBook.load(store.writer);
    await book.store(store.writer, options.rules);
    const writer = await StoreWriter.open(store, directory);
    return new Pipeline(store, writer, book, options);
  }

  /** Restores a partition, or begins it. */
  async addPartition(name: PartitionName): Promise<PartitionRun> {
    const { writer, book, options } = this;
    const run = await recoverPartition(name, { writer, book, ...options });
    this.partitions.set(name.partition, run);
    return run;
  }

  /** Partition id -> partition's run. */
  get byId(): ReadonlyMap<number, PartitionRun> {
    return new Map([...this.partitions.values()].map((run) => [run.log.partitionId, run]));
  }

  /**
   * Resets a line (SPEC section 5) wherever it has state, at the current positions; the next commit
   * holds it. Throws NOT_FOUND for a line without state, SERVICE_UNAVAILABLE while a partition of it
   * reads again what is stored.
   */
  async reset(request: ResetRequest): Promise<ResetPlace[]> {
    const rows = await selectRows<{ id: number }>(
      this.store.writer,
      `select o.partition_id as id from open_state o join line l using (line_id)
         where l.line = $line order by 1`,
      { line: request.line },
    );
    const { byId } = this;
    const runs = rows.flatMap(({ id }) => byId.get(id) ?? []);
    if (runs.length === 0) {
      throw new FlaplineError(
        'NOT_FOUND',
        `no event of a line "${request.line}" was ever read: there is nothing to reset`,
      );
    }
    const silent = runs.find((run) => run.silent);
    if (silent) {
      throw new FlaplineError(
        'SERVICE_UNAVAILABLE',
        `partition ${silent.log.partition} reads again what is stored: try again in a while`,
      );
    }
    const change = { kind: 'reset' as const, ...request, requestedMs: Date.now() };
    for (const run of runs) await run.order([change]);
    return runs.map(({ log: { partition, log, position } }) => ({ partition, log, position }));
  }

  /** Notes that a partition's positions were lost, in the transaction at hand. */
  async notePositionsLost(run: PartitionRun): Promise<void> {
    await this.writer.begin();
    await openGap(this.store.writer, run.log.partitionId, run.effectiveMs, 'positions lost');
    run.readSinceMs = null;
    run.changed = true;
  }

  /** Opens or closes the gap of a partition that cannot be read. */
  async noteUnreadable(run: PartitionRun, unreadable: boolean): Promise<void> {
    await this.writer.begin();
    const { partitionId } = run.log;
    if (unreadable) {
      await openGap(this.store.writer, partitionId, Date.now(), 'partition unreadable');
    } else {
      await closeGap(this.store.writer, partitionId, Date.now(), 'partition unreadable');
    }
    run.changed = true;
  }

  /** True when there is something to commit. */
  get isDue(): boolean {
    for (const run of this.partitions.values()) if (run.changed && !run.silent) return true;
    return false;
  }

  /** Commits what was folded since the last commit; passes it to the live views afterwards. */
  async commit(target: LiveTarget | null): Promise<{ changedFromMs: number | null }> {
    const runs = [...this.partitions.values()].filter((run) => run.changed && !run.silent);
    if (runs.length > 0) {
      for (const run of runs) await run.fold.drain();
      for (const run of runs) {
        if (run.readSinceMs === null) continue;
        const { partitionId } = run.log;
        await closeGap(this.store.writer, partitionId, run.readSinceMs, 'positions lost');
      }
      await this.writer.commit(
        runs.map((run) => ({ kernel: run.fold.kernel, log: run.describe() })),
      );
      for (const run of runs) {
        run.changed = false;
        run.committed = run.log.position;
      }
    }
    // Without live views what was collected is dropped: they count it when they are loaded.
    const told = this.live.passOn(target ?? NOBODY);
    return { changedFromMs: target ? told : null };
  }

  /** True when a snapshot is due. */
  get isSnapshotDue(): boolean {
    return Date.now() - this.lastSnapshotMs >= this.options.snapshotEveryMs;
  }

  /** Writes snapshots of the partitions that changed; call it right after a commit. */
  async snapshot(): Promise<void> {
    this.lastSnapshotMs = Date.now();
    for (const run of this.partitions.values()) {
      if (run.silent || run.changed || !run.changedSinceSnapshot) continue;
      const { partitionId, partition, log, position } = run.log;
      const name = `${partitionId}-${partition}-${log}-${position}-${this.lastSnapshotMs}.snapshot`;
      const file = join(this.options.snapshotFolder, name);
      writeSnapshot(file, run.fold.kernel, run.log, this.store.createdMs);
      const { writer } = this.store;
      await writer.run('insert into snapshot values ($1, $2, $3, $4, now())', [
        partitionId,
        log,
        BigInt(position),
        name,
      ]);
      await this.dropOlder(partitionId, name);
      run.changedSinceSnapshot = false;
    }
  }

  /** Writes the store's log into its file. */
  async checkpoint(): Promise<void> {
    await this.writer.checkpoint();
  }

  /** Closes the writer; what was not committed is lost. */
  async close(): Promise<void> {
    await this.writer.rollback();
    this.writer.close();
  }

  /** Keeps the newest snapshot and the one before it. */
  private async dropOlder(partitionId: number, newest: string): Promise<void> {
    const { writer } = this.store;
    const rows = await selectRows<{ file: string }>(
      writer,
      `select file from snapshot where partition_id = $partition and file <> $newest
         order by snapshot_recorded_at desc offset 1`,
      { partition: partitionId, newest },
    );
    for (const { file } of rows) {
      await writer.run('delete from snapshot where file = $1', [file]);
      rmSync(join(this.options.snapshotFolder, basename(file)), { force: true });
    }
  }
}

/** Removes what a crash left between a snapshot's file and the row that names it. */
async function dropUnnamed(folder: string, store: Store): Promise<void> {
  const rows = await selectRows<{ file: string }>(store.writer, 'select file from snapshot');
  const named = new Set(rows.map(({ file }) => basename(file)));
  for (const name of readdirSync(folder)) {
    if (/\.snapshot(\.part)?$/.test(name) && !named.has(name)) rmSync(join(folder, name));
  }
}
