// A partition that this worker has: its run, what was found since the last commit, and how its state was
// written last. It is restored from its state when the group gives it to us, and forgotten, whatever it
// holds, when it is taken away or a commit of it was refused.

import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../config/errors.js';
import { Kernel, type KernelOptions } from '../kernel/kernel.js';
import { isReadable, restoreKernel, snapshotView } from '../kernel/snapshot.js';
import { type Configured, recordedChanges } from '../pipeline/configured.js';
import { type StartColumns, startColumns } from '../pipeline/live.js';
import { PartitionRun } from '../pipeline/partition.js';
import { SNAPSHOT_BYTES } from '../pipeline/snapshots.js';
import type { RecordRow } from '../records/values.js';
import { type Batch, Collector, type Naming } from '../store/collector.js';
import { nameFresh } from '../store/directory.js';
import { type LogState, type PartitionName, newLog } from '../store/progress.js';
import { RejectedRows } from '../store/rejected.js';
import { RuleBook } from '../store/rule-book.js';
import { type PageHashes, changedPages } from './pages.js';
import {
  type PartitionState,
  type StateRecord,
  controlRecord,
  progressRecord,
  snapshotRecord,
} from './state.js';
import { encodeBatch } from './wire.js';

/** What every partition of a worker is folded by. */
export interface WorkerConfig extends Configured {
  readonly kernelOptions: Omit<KernelOptions, 'rules' | 'ruleIds'>;
  /** Of lines.csv, for classes. */
  readonly lineRows: readonly RecordRow[];
  readonly snapshotEveryMs: number;
  readonly onNote: (text: string) => void;
}

/** What a commit holds of a partition, and what follows once it is committed. */
export interface SealedPartition {
  readonly partition: number;
  /** Where the group stands from then on. */
  readonly offset: number;
  /** The batch for the findings topic. */
  readonly batch: Buffer;
  readonly state: readonly StateRecord[];
  readonly committed: () => void;
}

/** In a worker an id is the index in the partition's own kernel. */
const OWN_INDEXES: Naming = {
  nameNew: (kernel) => nameFresh(kernel, (_dictionary, index) => index),
  counts: () => [],
};

/** Ids of partitions are the store's: here there is one. */
const OWN_ID = 1;

interface LastSnapshot {
  readonly hashes: PageHashes;
  readonly atMs: number;
  readonly bytes: number;
  /** Of the records that had been read by then. */
  readonly readBytes: number;
}

interface OwnedParts {
  readonly config: WorkerConfig;
  readonly collector: Collector;
  readonly book: RuleBook;
  readonly rejected: RejectedRows;
}

/** A partition that we have. */
export class Owned {
  readonly run: PartitionRun;
  /** Next offset of its requests. */
  requests: number;
  private readonly parts: OwnedParts;
  private starts: StartColumns[] = [];
  /** As it was sealed last. */
  private sealed: { readonly log: LogState; readonly readTo: number };
  private snapshot: LastSnapshot;

  private constructor(
    run: PartitionRun,
    parts: OwnedParts,
    { requests, snapshot }: Pick<Owned, 'requests'> & { readonly snapshot: LastSnapshot },
  ) {
    this.run = run;
    this.parts = parts;
    this.requests = requests;
    this.snapshot = snapshot;
    const log = { ...run.log, position: run.committed };
    this.sealed = { log, readTo: log.position };
    parts.collector.observer = {
      takeFindings: (kernel) => {
        if (kernel.foundCount(L.KIND_START) > 0) this.starts.push(startColumns(kernel));
      },
      takeOpen: () => undefined,
    };
  }

  /** From its state; it reads silently what is committed already. Throws SNAPSHOT_UNREADABLE. */
  static async restore(
    name: PartitionName,
    state: PartitionState,
    config: WorkerConfig,
  ): Promise<Owned> {
    const { progress, controls } = state;
    const log = { ...(progress?.log ?? newLog(name, OWN_ID)), ...name };
    const rejected = new RejectedRows(false);
    rejected.goOn(OWN_ID, log.log, log.position, progress?.rejectsKept ?? 0);
    const collector = new Collector(OWN_INDEXES, rejected);
    const book = new RuleBook();
    for (const { change } of controls) if (change.kind === 'rules') book.idsOf(change.rules);
    const snapshot = progress ? usable(state, log, config.onNote) : null;
    const from = snapshot?.header.at.position ?? 0;
    const records = snapshot
      ? controls.filter((record) => record.log === log.log && record.position >= from)
      : controls;
    const first = records.find(({ change }) => change.kind === 'rules')?.change;
    const rules = snapshot?.header.rules ?? (first?.kind === 'rules' ? first.rules : config.rules);
    const options = { ...config.kernelOptions, rules, ruleIds: book.idsOf(rules).ids };
    const kernel = snapshot ? restoreKernel(snapshot, options) : new Kernel(options);
    const run = new PartitionRun(kernel, { ...log, position: from }, collector, book);
    run.committed = log.position;
    run.storedLog = progress ? log : null;
    run.storedEffectiveMs = progress?.effectiveMs ?? null;
    const ofLog = controls.filter((record) => record.log === log.log);
    run.expect(records, Math.max(-1, ...ofLog.map(({ seq }) => seq)) + 1);
    if (!run.silent) await run.applyStored({ resets: true });
    const changes = controls.map(({ change }) => change);
    await run.order(recordedChanges(changes, config, config.lineRows));
    const last: LastSnapshot = {
      hashes: snapshot ? state.head!.hashes : [],
      // Without one the first commit writes one.
      atMs: snapshot ? Date.now() : -Infinity,
      bytes: snapshot?.payload.length ?? 0,
      readBytes: 0,
    };
    const parts = { config, collector, book, rejected };
    return new Owned(run, parts, { requests: progress?.requests ?? 0, snapshot: last });
  }

  /** Bytes that were found since the last commit. */
  get bytes(): number {
    return this.parts.collector.bytes;
  }

  /**
   * Closes what was found since the last commit; null = there is nothing to commit. `readTo` = where the
   * log is read on, behind what is no record; `withSnapshot` = it goes to another worker, or to rest.
   */
  async seal(readTo: number, withSnapshot: boolean): Promise<SealedPartition | null> {
    const { run, sealed, parts } = this;
    if (run.silent) return null;
    // Where positions were lost, what is before may not be read again.
    const isBehindLoss = run.readSinceMs === null;
    const isSnapshotWanted =
      run.changedSinceSnapshot && (withSnapshot || isBehindLoss || this.isSnapshotDue);
    if (!run.changed && !isSnapshotWanted && readTo <= sealed.readTo) return null;
    await run.fold.drain();
    const part = run.commitPart();
    run.changed = false;
    const batch = parts.collector.seal([part], 0);
    const { log } = part;
    const end = Math.max(readTo, log.position);
    const state = this.stateOf(batch, log, isSnapshotWanted || this.isSnapshotDue);
    const { kernel } = run.fold;
    const from = sealed.log.log === log.log ? sealed.log.position : 0;
    const starts = this.starts;
    this.starts = [];
    this.sealed = { log, readTo: end };
    const effectiveMs = run.effectiveMs;
    return {
      partition: log.partition,
      offset: end,
      batch: encodeBatch({ batch, kernel, book: parts.book, starts, from, readTo: end }),
      state,
      committed: () => {
        run.storedEffectiveMs = effectiveMs;
        if (run.log.log !== log.log) return;
        run.committed = log.position;
        run.storedLog = log;
      },
    };
  }

  private stateOf(batch: Batch, log: LogState, withSnapshot: boolean): StateRecord[] {
    const controls = batch.statements.flatMap((statement) =>
      typeof statement === 'object' && statement.kind === 'control'
        ? [controlRecord(statement.record)]
        : [],
    );
    const progress = progressRecord({
      log,
      effectiveMs: this.run.effectiveMs,
      requests: this.requests,
      rejectsKept: this.parts.rejected.keptAt(OWN_ID, log.log, log.position),
    });
    return [...controls, progress, ...(withSnapshot ? this.snapshotRecords(log) : [])];
  }

  private get isSnapshotDue(): boolean {
    const { atMs, bytes, readBytes } = this.snapshot;
    if (Date.now() - atMs >= this.parts.config.snapshotEveryMs) return true;
    const { recordsMax, timesItself } = SNAPSHOT_BYTES;
    return this.run.fold.valueBytes - readBytes >= Math.max(recordsMax, timesItself * bytes);
  }

  private snapshotRecords(log: LogState): StateRecord[] {
    const image = snapshotView(this.run.fold.kernel, log, 0);
    const { hashes, pages } = changedPages(image, this.snapshot.hashes);
    const bytes = image.sections.reduce((sum, { length }) => sum + length, 0);
    this.snapshot = { hashes, atMs: Date.now(), bytes, readBytes: this.run.fold.valueBytes };
    this.run.changedSinceSnapshot = false;
    return [
      ...pages.map((page) => ({ key: page.key, value: page.bytes })),
      snapshotRecord({ header: image.header, hashes }),
    ];
  }
}

/** The snapshot of a state, null when this program cannot read it: then the log is read again. */
function usable(
  state: PartitionState,
  log: LogState,
  onNote: (text: string) => void,
): ReturnType<PartitionState['payload']> | null {
  const header = state.head?.header;
  const isOfLog = header?.at.log === log.log;
  if (header && isReadable(header) && isOfLog) return state.payload();
  if (log.log > 0) throw stateLost(log, 'its snapshot has another layout, or is of a former log');
  onNote(
    `partition ${log.partition}: its snapshot has layout ${header?.layout}, this program reads ` +
      `${L.LAYOUT_VERSION}: its log is read again from the start`,
  );
  return null;
}

/** The error of a state that cannot be had: neither as a snapshot nor from the log. */
export function stateLost({ partition, position }: LogState, why: string): FlaplineError {
  return new FlaplineError(
    'SNAPSHOT_UNREADABLE',
    `partition ${partition}: ${why}, and the log is no longer kept from where it would be read again ` +
      `(position ${position}). The input must be kept for longer than the time between snapshots; to ` +
      'go on without what was known of its lines, start the workers under another --app',
  );
}
