// The one transaction: findings, open state, control records and progress. Findings go in whenever
// the kernel's tables fill; open state and progress when the transaction ends. Nothing of it is seen
// by a reader, or left after a crash, before `commit`.

import * as L from '../../assembly/layout.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Reject } from '../kernel/rejects.js';
import { ChatterTable } from './chatter-table.js';
import type { Directory } from './directory.js';
import { type ControlPlace, FindingTables } from './finding-tables.js';
import { OpenTables } from './open-tables.js';
import type { LogState } from './progress.js';
import { writeProgress } from './progress.js';
import { type Store, storeError } from './store.js';

/** Rows of `rejected` that one commit keeps, and the table as a whole; beyond it they are counted. */
export const REJECTED_ROWS = { perCommitMax: 1_000, tableMax: 100_000 } as const;

/** A partition at a commit: its kernel, and how far its log has been read. */
export interface CommitPart {
  readonly kernel: Kernel;
  readonly log: LogState;
}

/** Sees what goes into a transaction: columns whose lines have the store's ids. */
export interface CommitObserver {
  takeFindings(kernel: Kernel): void;
  takeOpen(kernel: Kernel, rows: number): void;
}

interface PendingReject extends Reject {
  readonly partitionId: number;
  readonly logNumber: number;
}

/** Writes findings and commits. One at a time; not to be used after an error. */
export class StoreWriter {
  readonly store: Store;
  readonly directory: Directory;
  private readonly found: FindingTables;
  private readonly open: OpenTables;
  private readonly chatter: ChatterTable;
  private inTransaction = false;
  private rejects: PendingReject[] = [];
  private rejectedRows: number;
  /** Rows appended since the last commit. */
  rows = 0;
  /** Positions are offsets in Kafka, kept so that raw alarms can be read back. */
  keepOffsets = true;
  /** Told of everything before it is committed; for live views. */
  observer: CommitObserver | null = null;

  private constructor(
    store: Store,
    directory: Directory,
    { found, open }: { readonly found: FindingTables; readonly open: OpenTables },
    rejectedRows: number,
  ) {
    this.store = store;
    this.directory = directory;
    this.found = found;
    this.open = open;
    this.chatter = new ChatterTable(store.writer);
    this.rejectedRows = rejectedRows;
  }

  static async open(store: Store, directory: Directory): Promise<StoreWriter> {
    const { writer } = store;
    const counted = await writer.runAndReadAll('select count(*) from rejected');
    const tables = {
      found: await FindingTables.open(writer),
      open: await OpenTables.open(writer),
    };
    return new StoreWriter(store, directory, tables, Number(counted.getRows()[0]![0]));
  }

  /**
   * Takes the findings that wait in a kernel's tables. Their lines get the store's ids first. `reset` =
   * the control record that caused them.
   */
  async takeFindings(
    kernel: Kernel,
    partitionId: number,
    reset: ControlPlace | null = null,
  ): Promise<void> {
    try {
      await this.begin();
      this.directory.nameNew(kernel);
      for (let kind = 0; kind < L.KINDS; kind++) {
        if (kernel.foundCount(kind) > 0) kernel.calls.resolve(kind);
      }
      this.observer?.takeFindings(kernel);
      this.rows += this.found.append(kernel, partitionId, this.keepOffsets, reset);
    } catch (error) {
      throw storeError(error, this.store.file);
    }
  }

  /** Forgets the chatter of a partition, in the transaction at hand: it is no longer counted. */
  async forgetChatter(partitionId: number): Promise<void> {
    await this.begin();
    await this.store.writer.run('delete from chatter_row where partition_id = $1', [partitionId]);
  }

  /** Keeps rejections for the next commit, up to REJECTED_ROWS. */
  takeRejects(rejects: readonly Reject[], partitionId: number, logNumber: number): void {
    for (const reject of rejects) {
      const { perCommitMax, tableMax } = REJECTED_ROWS;
      if (this.rejects.length >= perCommitMax) return;
      if (this.rejectedRows + this.rejects.length >= tableMax) return;
      this.rejects.push({ ...reject, partitionId, logNumber });
    }
  }

  /** Ends the transaction with the open state and the progress of the partitions. */
  async commit(parts: readonly CommitPart[]): Promise<void> {
    const { writer } = this.store;
    try {
      await this.begin();
      const onRows = (kernel: Kernel, rows: number): void => this.observer?.takeOpen(kernel, rows);
      for (const { kernel, log } of parts) {
        this.directory.nameNew(kernel);
        this.open.stage(kernel, log.partitionId, onRows);
        await this.chatter.write(kernel, log.partitionId);
      }
      this.found.flush();
      this.directory.append();
      await this.open.write();
      await this.insertRejects();
      for (const { kernel, log } of parts) await writeProgress(writer, kernel, log);
      await writer.run('commit');
    } catch (error) {
      throw storeError(error, this.store.file);
    }
    this.inTransaction = false;
    this.rows = 0;
    this.directory.committed();
  }

  /** Writes the log into the file, at a time of the caller's choosing. */
  async checkpoint(): Promise<void> {
    await this.store.writer.run('checkpoint');
  }

  /** Undoes the transaction at hand; only close() may follow. */
  async rollback(): Promise<void> {
    if (!this.inTransaction) return;
    this.inTransaction = false;
    await this.store.writer.run('rollback');
  }

  /** Closes the appenders; what was not committed is lost. */
  close(): void {
    for (const tables of [this.found, this.open, this.chatter]) tables.close();
    this.directory.close();
  }

  /** Begins the transaction that the next commit ends, unless it has begun. */
  async begin(): Promise<void> {
    if (this.inTransaction) return;
    await this.store.writer.run('begin');
    this.inTransaction = true;
  }

  private async insertRejects(): Promise<void> {
    const taken = this.rejects;
    this.rejects = [];
    for (const reject of taken) {
      await this.store.writer.run('insert into rejected values ($1, $2, $3, $4, $5, $6, now())', [
        reject.partitionId,
        reject.logNumber,
        BigInt(reject.position),
        reject.place,
        reject.reason,
        reject.sample,
      ]);
    }
    this.rejectedRows += taken.length;
  }
}
