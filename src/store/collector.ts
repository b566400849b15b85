// What goes into one transaction, collected from kernels until it is sealed as a batch: copied columns,
// changes, rejects and progress. A batch has two makers of commits: the store's transaction (commit.ts)
// and Kafka's, which sends it to the process that has the store (src/scale).

import * as L from '../../assembly/layout.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Kernel } from '../kernel/kernel.js';
import type { Reject } from '../kernel/rejects.js';
import { CHATTER_TABLES, stageChatter } from './chatter-table.js';
import type { RowSink } from './chunks.js';
import { type ControlPlace, FINDING_TABLES, appendFindings } from './finding-tables.js';
import { OPEN_TABLES, stageOpen } from './open-tables.js';
import { Pieces, type RowSource } from './pieces.js';
import { PlannedMarks, type Starts } from './planned-marks.js';
import { type LogState, type ProgressRow, progressOf } from './progress.js';
import type { RejectedRow, RejectedRows } from './rejected.js';
import type { StoreChange } from './store-change.js';

/** The temporary tables: rows that replace those of the same lines, or alarms. */
export const STAGES = { ...OPEN_TABLES, ...CHATTER_TABLES };
/** The tables of a batch, and the kinds of their columns. */
export const BATCH_TABLES = { ...FINDING_TABLES, ...STAGES };

/** A table of a batch. */
export type BatchTable = keyof typeof BATCH_TABLES;

/** A statement of a transaction; run again when the transaction failed. */
export type Statement = (connection: DuckDBConnection) => Promise<unknown>;

/** A partition at a commit: its kernel, and how far its log has been read. */
export interface CommitPart {
  readonly kernel: Kernel;
  readonly log: LogState;
}

/** Sees what goes into a transaction: columns whose lines have the ids they are stored by. */
export interface CommitObserver {
  takeFindings(kernel: Kernel, partitionId: number): void;
  takeOpen(kernel: Kernel, rows: number): void;
}

/** Takes findings beside the tables, by their names, into the same transaction. */
export interface FindingsOutlet {
  /** Takes those that wait in a kernel's tables, before their lines get their ids. */
  take(kernel: Kernel, partition: number): void;
  /** The transaction is about to be sealed. */
  seal(): void;
}

/** Gives the names of kernels the ids they are stored by. */
export interface Naming {
  /** Names the lines, alarms and causes that are new to a partition's kernel. */
  nameNew(kernel: Kernel): void;
  /** How many names there are, by dictionary. */
  counts(): readonly number[];
}

/** Where a partition's run puts what it finds. */
export interface FindingTaker {
  readonly outlet: FindingsOutlet | null;
  /** Takes the findings that wait in a kernel's tables; `reset` = the control record that caused them. */
  takeFindings(
    kernel: Kernel,
    partitionId: number,
    reset: ControlPlace | null,
  ): void | Promise<void>;
  /** Keeps rejections, up to REJECTED_ROWS. */
  takeRejects(rejects: readonly Reject[], partitionId: number, log: number): void;
  /** Has the store changed with the next transaction. */
  change(change: StoreChange): void;
  nameNew(kernel: Kernel): void;
}

/** What a batch holds beside its number and its names. */
export interface Collected {
  readonly pieces: RowSource<BatchTable>;
  readonly statements: readonly (Statement | StoreChange)[];
  readonly rejects: readonly RejectedRow[];
  readonly progress: readonly ProgressRow[];
  readonly hasOpen: boolean;
  /** When its ended interruptions started. */
  readonly starts: Starts;
  readonly hasChatter: boolean;
}

/** What one transaction takes. */
export interface Batch extends Collected {
  readonly pieces: Pieces<BatchTable>;
  readonly number: number;
  /** Names that there were, by dictionary. */
  readonly names: readonly number[];
}

/** Collects until the next seal. */
export class Collector implements FindingTaker {
  /** Told of everything when it is collected; for live views. */
  observer: CommitObserver | null = null;
  /** Where findings go beside the tables; null = nowhere. */
  outlet: FindingsOutlet | null = null;
  /** Rows collected since the last seal. */
  rows = 0;
  private readonly naming: Naming;
  private readonly rejected: RejectedRows;
  private readonly planned = new PlannedMarks();
  private pieces = new Pieces<BatchTable>(BATCH_TABLES);
  private statements: (Statement | StoreChange)[] = [];
  private rejects: RejectedRow[] = [];
  private progress: ProgressRow[] = [];
  private open = 0;
  private chatter = 0;

  constructor(naming: Naming, rejected: RejectedRows) {
    this.naming = naming;
    this.rejected = rejected;
  }

  /** Their lines get their ids first. `direct` = they go there, as a file's, instead of being copied. */
  takeFindings(
    kernel: Kernel,
    partitionId: number,
    reset: ControlPlace | null,
    direct: RowSink<BatchTable> | null = null,
  ): void {
    this.nameNew(kernel);
    for (let kind = 0; kind < L.KINDS; kind++) {
      if (kernel.foundCount(kind) > 0) kernel.calls.resolve(kind);
    }
    this.observer?.takeFindings(kernel, partitionId);
    this.planned.note(kernel);
    const place = { partitionId, keepOffsets: direct === null, reset };
    this.rows += appendFindings(direct ?? this.pieces, kernel, place);
  }

  takeRejects(rejects: readonly Reject[], partitionId: number, log: number): void {
    for (const row of this.rejected.keep(rejects, partitionId, log)) this.rejects.push(row);
  }

  change(change: StoreChange): void {
    this.statements.push(change);
  }

  /** Has a statement run before what the kernels found; in order. */
  order(statement: Statement): void {
    this.statements.push(statement);
  }

  nameNew(kernel: Kernel): void {
    this.naming.nameNew(kernel);
  }

  /** Takes what another process collected. One of a partition between two seals. */
  take({ pieces, statements, rejects, progress, hasOpen, starts, hasChatter }: Collected): void {
    pieces.passOn(this.pieces);
    this.statements.push(...statements);
    this.rejects.push(...rejects);
    this.progress.push(...progress);
    this.open += hasOpen ? 1 : 0;
    this.chatter += hasChatter ? 1 : 0;
    this.planned.noteAll(starts);
  }

  /** Bytes that wait for the next transaction. */
  get bytes(): number {
    return this.pieces.bytes;
  }

  /** True when statements wait though no partition has anything. */
  get hasStatements(): boolean {
    return this.statements.length > 0;
  }

  /**
   * Closes what was collected as one batch, with the open state and the progress of partitions whose
   * findings have been taken.
   */
  seal(parts: readonly CommitPart[], number: number): Batch {
    const onRows = (kernel: Kernel, rows: number): void => this.observer?.takeOpen(kernel, rows);
    this.outlet?.seal();
    for (const { kernel, log } of parts) {
      this.nameNew(kernel);
      this.open += stageOpen(this.pieces, kernel, log.partitionId, onRows);
      this.chatter += stageChatter(this.pieces, kernel, log.partitionId);
      this.progress.push(progressOf(kernel, log));
    }
    const batch: Batch = {
      number,
      pieces: this.pieces,
      statements: this.statements,
      rejects: this.rejects,
      progress: this.progress,
      names: this.naming.counts(),
      hasOpen: this.open > 0,
      starts: this.planned.take(),
      hasChatter: this.chatter > 0,
    };
    this.pieces = new Pieces<BatchTable>(BATCH_TABLES);
    this.statements = [];
    this.rejects = [];
    this.progress = [];
    this.open = 0;
    this.chatter = 0;
    this.rows = 0;
    return batch;
  }
}
