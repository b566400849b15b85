// The one transaction: findings, open state, control records and progress. What goes into it is
// collected first, copied out of the kernels (a batch, collector.ts); written afterwards, while the
// kernels go on.
// A batch that could not be written is written again: nothing of it is seen by a reader, or left after
// a crash, before its transaction is committed, and its number says whether that has happened. Direct,
// for files, findings go into the transaction at once instead of being copied.

import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf } from '../config/errors.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Reject } from '../kernel/rejects.js';
import { createChatterStage, writeChatter } from './chatter-table.js';
import { TableAppenders } from './chunks.js';
import {
  BATCH_TABLES,
  type Batch,
  Collector,
  type CommitObserver,
  type CommitPart,
  type Collected,
  type FindingTaker,
  type FindingsOutlet,
  STAGES,
  type Statement,
} from './collector.js';
import { type Directory, NAME_TABLES } from './directory.js';
import type { ControlPlace } from './finding-tables.js';
import { createOpenStages, writeOpen } from './open-tables.js';
import { nameMembers } from './members.js';
import { markPlanned } from './planned-marks.js';
import { type LogState, writeProgress } from './progress.js';
import { RejectedRows, insertRejected } from './rejected.js';
import { ROLLUP_ROWS, rollUp, rowsWaiting } from './rollup.js';
import { selectRows } from './sql.js';
import { type StoreChange, applyChange } from './store-change.js';
import { type Store, storeError } from './store.js';

const TABLES = { ...BATCH_TABLES, ...NAME_TABLES };
const TEMPORARY = new Set(Object.keys(STAGES));

/** DuckDB's words for it. */
const OTHERS_WRITE = /Cannot CHECKPOINT: there are other write transactions/;

type TableName = keyof typeof TABLES;

/** How findings are collected. */
export interface WriterOptions {
  /** They go into the transaction at once; positions are those of a file. */
  readonly direct: boolean;
}

/** Collects what is to be stored, and writes it. One batch at a time is written. */
export class StoreWriter implements FindingTaker {
  readonly store: Store;
  readonly directory: Directory;
  private readonly direct: boolean;
  private readonly rejected: RejectedRows;
  private readonly collector: Collector;
  private tables: TableAppenders<TableName>;
  private inTransaction = false;
  private lastNumber: number;
  private afterCommit: (() => void)[] = [];

  private constructor(
    store: Store,
    directory: Directory,
    tables: TableAppenders<TableName>,
    { direct, lastNumber }: WriterOptions & { readonly lastNumber: number },
  ) {
    this.store = store;
    this.directory = directory;
    this.tables = tables;
    this.direct = direct;
    this.rejected = new RejectedRows(direct);
    this.collector = new Collector(directory, this.rejected);
    this.lastNumber = lastNumber;
  }

  static async open(
    store: Store,
    directory: Directory,
    { direct }: WriterOptions = { direct: false },
  ): Promise<StoreWriter> {
    const tables = await openTables(store.writer);
    const lastNumber = await lastCommit(store.writer);
    return new StoreWriter(store, directory, tables, { direct, lastNumber });
  }

  /** Told of everything when it is collected; for live views. */
  set observer(observer: CommitObserver) {
    this.collector.observer = observer;
  }

  /** Where findings go beside the tables; null = nowhere. */
  get outlet(): FindingsOutlet | null {
    return this.collector.outlet;
  }

  set outlet(outlet: FindingsOutlet) {
    this.collector.outlet = outlet;
  }

  /** Rows collected since the last seal. */
  get rows(): number {
    return this.collector.rows;
  }

  async takeFindings(
    kernel: Kernel,
    partitionId: number,
    reset: ControlPlace | null = null,
  ): Promise<void> {
    try {
      if (this.direct) await this.begin();
      this.collector.takeFindings(kernel, partitionId, reset, this.direct ? this.tables : null);
    } catch (error) {
      throw storeError(error, this.store.file);
    }
  }

  nameNew(kernel: Kernel): void {
    this.collector.nameNew(kernel);
  }

  /** Takes what another process collected, its names being the directory's by now. */
  takeCollected(collected: Collected): void {
    this.collector.take(collected);
  }

  change(change: StoreChange): void {
    this.collector.change(change);
  }

  /** Has a statement run in the next transaction, before what the kernels found; in order. */
  order(statement: Statement): void {
    this.collector.order(statement);
  }

  /** Has something done once the transaction at hand is committed; for statements to call. */
  afterwards(action: () => void): void {
    this.afterCommit.push(action);
  }

  takeRejects(rejects: readonly Reject[], partitionId: number, log: number): void {
    this.collector.takeRejects(rejects, partitionId, log);
  }

  /** Takes up what is kept of the rejects of a log that goes on. */
  async loadRejects({ partitionId, log, position }: LogState): Promise<void> {
    await this.rejected.load(this.store.writer, partitionId, log, position);
  }

  /** Bytes that wait for the next transaction. */
  get bytes(): number {
    return this.collector.bytes;
  }

  /** True when statements wait though no partition has anything. */
  get hasStatements(): boolean {
    return this.collector.hasStatements;
  }

  /**
   * Closes what was collected as one batch, with the open state and the progress of partitions whose
   * findings have been taken.
   */
  seal(parts: readonly CommitPart[]): Batch {
    return this.collector.seal(parts, ++this.lastNumber);
  }

  /** Writes a batch in one transaction. Throws STORE_...; then `recover` comes before the next call. */
  async write(batch: Batch): Promise<void> {
    const { writer } = this.store;
    this.afterCommit = [];
    try {
      await this.begin();
      for (const statement of batch.statements) {
        if (typeof statement === 'function') await statement(writer);
        else await applyChange(writer, statement);
      }
      batch.pieces.passOn(this.tables);
      const newLines = this.directory.append(this.tables, batch.names);
      await this.tables.flush();
      if (newLines.count > 0) await nameMembers(writer, newLines.above);
      if (batch.hasOpen) await writeOpen(writer);
      await markPlanned(writer, batch.starts, batch.hasOpen);
      if (batch.hasChatter) await writeChatter(writer);
      await insertRejected(writer, batch.rejects);
      await writeProgress(writer, batch.progress);
      for (const { log } of batch.progress) {
        this.afterwards(await this.rejected.dropOld(writer, log));
      }
      await writer.run('update last_commit set number = $1', [BigInt(batch.number)]);
      await writer.run('commit');
    } catch (error) {
      throw storeError(error, this.store.file);
    }
    this.inTransaction = false;
    this.committed(batch);
  }

  /** What follows once a batch is stored. */
  private committed(batch: Batch): void {
    this.directory.committed(batch.names);
    for (const action of this.afterCommit.splice(0)) action();
  }

  /**
   * After a failure: undoes what is left of the transaction, opens the store again where it does not
   * answer any more, and says whether the batch is stored after all. Throws STORE_....
   */
  async recover(batch: Batch | null): Promise<boolean> {
    const { store } = this;
    this.tables.close();
    try {
      // A commit that failed has undone itself.
      await this.rollback().catch(() => undefined);
      const stored = await lastCommit(store.writer).catch(async () => {
        await store.reopen();
        return lastCommit(store.writer);
      });
      this.tables = await openTables(store.writer);
      if (batch === null || stored < batch.number) return false;
      this.committed(batch);
      return true;
    } catch (error) {
      throw storeError(error, store.file);
    }
  }

  /** Collects and writes at once. */
  async commit(parts: readonly CommitPart[]): Promise<void> {
    await this.write(this.seal(parts));
  }

  /**
   * Writes the log into the file, at a time of the caller's choosing; false while another connection
   * writes (a month is frozen): not now, then.
   */
  async checkpoint(): Promise<boolean> {
    try {
      await this.store.writer.run('checkpoint');
      return true;
    } catch (error) {
      if (OTHERS_WRITE.test(messageOf(error))) return false;
      throw storeError(error, this.store.file);
    }
  }

  /** Rolls up the next rows of each table, when enough wait, between two batches; says how many still do. */
  async rollUp(rowsMax: number): Promise<{ waiting: number; isRolled: boolean }> {
    const { writer, timeZone, file } = this.store;
    try {
      const waiting = await rowsWaiting(writer);
      if (waiting < ROLLUP_ROWS.least) return { waiting, isRolled: false };
      return { waiting: await rollUp(writer, timeZone, rowsMax), isRolled: true };
    } catch (error) {
      throw storeError(error, file);
    }
  }

  /** Undoes the transaction at hand. */
  async rollback(): Promise<void> {
    if (!this.inTransaction) return;
    this.inTransaction = false;
    await this.store.writer.run('rollback');
  }

  /** Closes the appenders; what was not committed is lost. */
  close(): void {
    this.tables.close();
  }

  private async begin(): Promise<void> {
    if (this.inTransaction) return;
    await this.store.writer.run('begin');
    this.inTransaction = true;
  }
}

/** Opens the tables; their stages are made on a connection that has none. */
async function openTables(connection: DuckDBConnection): Promise<TableAppenders<TableName>> {
  await createOpenStages(connection);
  await createChatterStage(connection);
  return TableAppenders.open(connection, TABLES, TEMPORARY);
}

/** Number of the last batch that is stored. */
export async function lastCommit(connection: DuckDBConnection): Promise<number> {
  const rows = await selectRows<{ number: number }>(connection, 'select number from last_commit');
  return rows[0]!.number;
}
