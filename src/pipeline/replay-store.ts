// The store that a replay writes to: the whole input is one partition of a log of its own, committed
// whenever enough rows wait. Rules, aliases, classes and mapping stand in it as control records at its
// beginning, for those who read it.

import { availableParallelism } from 'node:os';
import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../config/errors.js';
import type { CauseRecords } from '../cause/records.js';
import { type CauseSettings, DEFAULT_CAUSE_SETTINGS } from '../cause/settings.js';
import type { Kernel } from '../kernel/kernel.js';
import type { RuleIds } from '../kernel/rules.js';
import type { Reject } from '../kernel/rejects.js';
import { bringInNow } from '../records/import.js';
import type { ReadRecords } from '../records/read.js';
import { type CauseChange, writeCauses } from '../store/causes.js';
import { StoreWriter } from '../store/commit.js';
import { type ControlChange, writeControl } from '../store/control.js';
import { Directory } from '../store/directory.js';
import { type LogState, newLog, partitionIdOf } from '../store/progress.js';
import { RuleBook } from '../store/rule-book.js';
import { type Store, openStore } from '../store/store.js';
import { storedCauseRecords } from '../store/cause-records.js';
import { type Configured, configuredChanges } from './configured.js';
import type { Fold } from './fold.js';

/** Rows after which a replay commits what it has: bounds the transaction. */
const COMMIT_ROWS = 20_000_000;

/** The store side of a replay. */
export class StoreTarget {
  readonly ruleIds: RuleIds;
  /** The control records at the beginning, to be applied before the first object. */
  readonly changes: readonly ControlChange[];
  /** What causes are told by; null = nothing is recorded. */
  readonly causeRecords: CauseRecords | null;
  private readonly store: Store;
  private readonly writer: StoreWriter;
  private readonly log: LogState;

  constructor(
    store: Store,
    writer: StoreWriter,
    log: LogState,
    { ruleIds, changes, causeRecords }: Pick<StoreTarget, 'ruleIds' | 'changes' | 'causeRecords'>,
  ) {
    this.store = store;
    this.writer = writer;
    this.log = log;
    this.ruleIds = ruleIds;
    this.changes = changes;
    this.causeRecords = causeRecords;
  }

  async take(kernel: Kernel): Promise<void> {
    await this.writer.takeFindings(kernel, this.log.partitionId);
  }

  takeRejects(rejects: readonly Reject[]): void {
    this.writer.takeRejects(rejects, this.log.partitionId, this.log.log);
  }

  get due(): boolean {
    return this.writer.rows > COMMIT_ROWS;
  }

  async commit(kernel: Kernel): Promise<void> {
    const position = kernel.control[L.CTL_STREAM_POSITION]!;
    await this.writer.commit([{ kernel, log: { ...this.log, position } }]);
  }

  /** The last commit, and the causes: their lines are stored before. */
  async finish(fold: Fold, causes: CauseChange | null): Promise<void> {
    await this.commit(fold.kernel);
    if (causes) {
      this.writer.order((connection) => writeCauses(connection, causes));
      await this.commit(fold.kernel);
    }
    await this.writer.checkpoint();
  }

  close(): void {
    this.writer.close();
    this.store.close();
  }
}

/** One thread for the store where there is one core: waiting threads would take it in turns. */
function threads(): number {
  return Math.min(2, availableParallelism());
}

/** What else a store is opened with. */
export interface TargetOptions {
  /** The operator's records. */
  readonly records?: readonly ReadRecords[];
  readonly causeSettings?: CauseSettings;
  /** Where its views cut months and days. */
  readonly timeZone?: string | undefined;
}

/**
 * Opens a store for a replay; `records` go into it first. Throws STORE_... when it cannot be
 * written, or holds findings already.
 */
export async function openTarget(
  file: string,
  configured: Configured,
  { records = [], timeZone, causeSettings = DEFAULT_CAUSE_SETTINGS }: TargetOptions,
): Promise<StoreTarget> {
  const store = await openStore(file, {
    memory: '4GB',
    threads: threads(),
    timeZone,
  });
  try {
    const used = await store.writer.runAndReadAll('select count(*) from progress');
    if (Number(used.getRows()[0]![0]) > 0) {
      throw new FlaplineError(
        'STORE_UNWRITABLE',
        `store ${file} already holds findings: name a new file, or remove it first`,
      );
    }
    await bringInNow(store, records, { fromMs: 0 });
    const directory = new Directory();
    await directory.load(store.writer);
    // A file's positions are no offsets: there is no log to read them back from.
    const writer = await StoreWriter.open(store, directory, { direct: true });
    const name = { cluster: 'file', topic: 'replay', partition: 0 };
    const log = newLog(name, await partitionIdOf(store.writer, name));
    const ruleIds = await (await RuleBook.load(store.writer)).store(store.writer, configured.rules);
    const changes = await configuredChanges(store.writer, log.partitionId, configured);
    for (const [seq, change] of changes.entries()) {
      const record = { log: log.log, position: log.position, seq, change };
      writer.order((connection) => writeControl(connection, log.partitionId, record));
    }
    const causeRecords = await storedCauseRecords(store.writer, causeSettings);
    return new StoreTarget(store, writer, log, { ruleIds, changes, causeRecords });
  } catch (error) {
    store.close();
    throw error;
  }
}
