// The pipeline of the service: partitions folded side by side, one transaction for all of them at
// each commit, snapshots beside. Where the records come from is the caller's (run.ts reads Kafka). A
// batch is sealed between two feeds; it is written while the folds go on.

import { FlaplineError } from '../config/errors.js';
import { bringInNow } from '../records/import.js';
import type { ReadRecords } from '../records/read.js';
import { StoreWriter } from '../store/commit.js';
import type { Directory } from '../store/directory.js';
import { type PartitionName, partitionsOfLine } from '../store/progress.js';
import { type ImportOptions, type ImportReport, hasChanges } from '../store/record-import.js';
import { storedAliases } from '../store/record-queries.js';
import { RuleBook } from '../store/rule-book.js';
import type { Store } from '../store/store.js';
import type { CauseStarts } from './cause-starts.js';
import type { Sealed } from './committer.js';
import { configuredChanges } from './configured.js';
import type { Feed } from './feed.js';
import { LiveChanges, type LiveNews, type LiveTarget } from './live.js';
import type { PartitionRun } from './partition.js';
import { type RecoverContext, recoverPartition } from './recover.js';
import { type SnapshotOptions, Snapshots } from './snapshots.js';

/** How the pipeline folds and keeps. */
export interface PipelineOptions
  extends Pick<RecoverContext, 'rules' | 'mapping' | 'kernelOptions' | 'onNote'>, SnapshotOptions {
  /** (key, line) pairs; without them the aliases of the records are in force. */
  readonly aliases?: RecoverContext['aliases'];
}

/** Who resets which line, and why. */
export interface ResetRequest {
  readonly line: string;
  readonly by: string;
  readonly why: string;
}

/** The error of a reset of a line without state. */
export function nothingToReset(line: string): FlaplineError {
  return new FlaplineError(
    'NOT_FOUND',
    `no event of a line "${line}" was ever read: there is nothing to reset`,
  );
}

/** Where a reset stands: before the record at this position of the partition's log. */
export interface ResetPlace {
  readonly partition: number;
  readonly log: number;
  readonly position: number;
}

/** The partitions, the writer and what a commit tells the live views. */
export class Pipeline implements Feed {
  readonly partitions = new Map<number, PartitionRun>();
  readonly store: Store;
  readonly writer: StoreWriter;
  readonly snapshots: Snapshots;
  readonly book: RuleBook;
  private readonly options: PipelineOptions;
  private readonly live = new LiveChanges((lineIds, times) => this.starts?.note(lineIds, times));
  /** Takes interruption starts once they are stored; null = nobody does. */
  starts: CauseStarts | null = null;

  private constructor(
    writer: StoreWriter,
    snapshots: Snapshots,
    book: RuleBook,
    options: PipelineOptions,
  ) {
    this.store = writer.store;
    this.writer = writer;
    this.snapshots = snapshots;
    this.book = book;
    this.options = options;
    writer.observer = this.live;
  }

  static async open(
    store: Store,
    directory: Directory,
    options: PipelineOptions,
  ): Promise<Pipeline> {
    const book = await RuleBook.load(store.writer);
    await book.store(store.writer, options.rules);
    const writer = await StoreWriter.open(store, directory);
    return new Pipeline(writer, await Snapshots.open(writer, options), book, options);
  }

  /** Restores a partition, or begins it. */
  async addPartition(name: PartitionName): Promise<PartitionRun> {
    const { writer, book, options } = this;
    const aliases = await this.aliases();
    const run = await recoverPartition(name, { writer, book, ...options, aliases });
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
    const ids = await partitionsOfLine(this.store.writer, request.line);
    const { byId } = this;
    const runs = ids.flatMap((id) => byId.get(id) ?? []);
    if (runs.length === 0) throw nothingToReset(request.line);
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

  /**
   * Brings records in, everything folded being committed; the next commit holds the aliases and classes
   * of lines that change by them, as control records at the current positions.
   */
  async takeRecords(all: readonly ReadRecords[], options: ImportOptions): Promise<ImportReport[]> {
    const { writer } = this.store;
    const reports = await bringInNow(this.store, all, options);
    if (!reports.some((report) => isConfiguring(report))) return reports;
    const { rules, mapping } = this.options;
    const wanted = { rules, mapping: mapping ?? null, aliases: await this.aliases() };
    for (const run of this.partitions.values()) {
      await run.order(await configuredChanges(writer, run.log.partitionId, wanted));
    }
    return reports;
  }

  private async aliases(): Promise<NonNullable<PipelineOptions['aliases']>> {
    return this.options.aliases ?? storedAliases(this.store.writer);
  }

  /** True when there is something to commit. */
  get isDue(): boolean {
    if (this.writer.hasStatements) return true;
    for (const run of this.partitions.values()) if (run.changed && !run.silent) return true;
    return false;
  }

  /** Takes what was found since the last time, and passes it to the live views. */
  async takeNews(target: LiveTarget | null): Promise<LiveNews | null> {
    for (const run of this.partitions.values()) {
      if (run.changed && !run.silent) await run.fold.drain();
    }
    return this.live.passOn(target);
  }

  /** Closes what was folded since the last seal as one batch. No feed may be under way. */
  async seal(): Promise<Sealed> {
    const runs = [...this.partitions.values()].filter((run) => run.changed && !run.silent);
    for (const run of runs) await run.fold.drain();
    const parts = runs.map((run) => run.commitPart());
    const startsStored = this.starts?.seal();
    const sealed = runs.map((run) => ({ run, log: run.log, effectiveMs: run.effectiveMs }));
    for (const run of runs) run.changed = false;
    const batch = this.writer.seal(parts);
    const stored = (): void => {
      startsStored?.(batch.number);
      for (const { run, log, effectiveMs } of sealed) {
        run.storedEffectiveMs = effectiveMs;
        if (run.log.log !== log.log) continue;
        run.committed = log.position;
        run.storedLog = log;
      }
    };
    return { batch, stored };
  }

  /** Commits what was folded since the last commit and passes it to the live views. */
  async commit(target: LiveTarget | null): Promise<void> {
    if (this.isDue) {
      const { batch, stored } = await this.seal();
      await this.writer.write(batch);
      stored();
    }
    this.live.passOn(target);
  }

  /** Writes snapshots of the partitions that changed; call it right after a commit. */
  async snapshot(): Promise<void> {
    await this.snapshots.all(this.partitions.values());
    await this.commit(null);
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
}

/** True when an import changes what the folds are configured by. */
function isConfiguring(report: ImportReport): boolean {
  return hasChanges(report) && (report.kind === 'aliases' || report.kind === 'lines');
}
