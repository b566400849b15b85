// The feed of serve: batches of the findings topic, taken into the store in the order of each partition,
// one of a partition a transaction, together with how far the topic was read. A batch that does not go on
// where the one before it ended is never taken.

import { FlaplineError } from '../config/errors.js';
import type { Sealed } from '../pipeline/committer.js';
import type { CauseStarts } from '../pipeline/cause-starts.js';
import type { Feed, FeedPartition } from '../pipeline/feed.js';
import { LiveChanges, type LiveNews, type LiveTarget } from '../pipeline/live.js';
import { bringInNow } from '../records/import.js';
import type { ReadRecords } from '../records/read.js';
import { StoreWriter } from '../store/commit.js';
import type { ControlRecord } from '../store/control.js';
import type { Directory } from '../store/directory.js';
import { findingsRead, moveFindingsRead } from '../store/findings-read.js';
import {
  type LogState,
  type PartitionName,
  newLog,
  partitionIdOf,
  readProgress,
} from '../store/progress.js';
import type { ImportOptions, ImportReport } from '../store/record-import.js';
import { RuleBook } from '../store/rule-book.js';
import { selectRows } from '../store/sql.js';
import type { Store } from '../store/store.js';
import { Assembly } from './parts.js';
import { type Received, headerOf, receive } from './received.js';

/** A partition whose findings are read. */
export class ServedPartition implements FeedPartition {
  log: LogState;
  effectiveMs: number | null;
  storedEffectiveMs: number | null;
  /** Next offset of the findings, behind whole batches; null = none was read. */
  next: number | null;
  readTo: number;
  /** A batch waits for the next transaction. */
  isTaken = false;
  /** Something is stored of it: the next batch must go on there. */
  isKnown: boolean;
  readonly assembly = new Assembly();

  constructor(log: LogState, isKnown: boolean, effectiveMs: number | null) {
    this.log = log;
    this.isKnown = isKnown;
    this.effectiveMs = effectiveMs;
    this.storedEffectiveMs = effectiveMs;
    this.next = null;
    this.readTo = log.position;
  }
}

/** The partitions, and what waits for the next transaction. */
export class Served implements Feed {
  readonly partitions = new Map<number, ServedPartition>();
  readonly store: Store;
  readonly writer: StoreWriter;
  starts: CauseStarts | null = null;
  /** Records of the input whose findings were taken. */
  records = 0;
  private readonly book: RuleBook;
  /** The topic of findings. */
  private readonly topic: string;
  private readonly live = new LiveChanges((lineIds, times) => this.starts?.note(lineIds, times));
  private controls: { readonly partition: number; readonly record: ControlRecord }[] = [];

  private constructor(writer: StoreWriter, book: RuleBook, topic: string) {
    this.store = writer.store;
    this.writer = writer;
    this.book = book;
    this.topic = topic;
  }

  static async open(store: Store, directory: Directory, topic: string): Promise<Served> {
    const book = await RuleBook.load(store.writer);
    return new Served(await StoreWriter.open(store, directory), book, topic);
  }

  get byId(): ReadonlyMap<number, ServedPartition> {
    return new Map([...this.partitions.values()].map((one) => [one.log.partitionId, one]));
  }

  /** Takes up a partition where the store stands. */
  async addPartition(name: PartitionName): Promise<ServedPartition> {
    const connection = this.store.writer;
    const partitionId = await partitionIdOf(connection, name);
    const known = (await readProgress(connection, name.cluster, name.topic)).find(
      ({ partition }) => partition === name.partition,
    );
    const [{ ms }] = await selectRows<{ ms: number | null }>(
      connection,
      'select max(effective_ms) as ms from progress where partition_id = $partition',
      { partition: partitionId },
    );
    const log = known ?? newLog(name, partitionId);
    const served = new ServedPartition(log, known !== undefined, ms);
    const read = await findingsRead(connection, this.topic, partitionId);
    if (read) {
      served.next = read.position;
      served.readTo = read.readTo;
    }
    this.partitions.set(name.partition, served);
    return served;
  }

  /** No control records: those of rules, classes and aliases are the workers'. */
  takeRecords(all: readonly ReadRecords[], options: ImportOptions): Promise<ImportReport[]> {
    return bringInNow(this.store, all, options);
  }

  /** Takes a whole batch of a partition; `next` = the offset behind it. Throws BAD_DATA. */
  take(partition: ServedPartition, text: Buffer, next: number): void {
    const header = headerOf(text);
    this.check(partition, header.log, header.from);
    const { partitionId } = partition.log;
    const { directory } = this.writer;
    const received = receive(text, header, { directory, book: this.book, partitionId });
    this.writer.takeCollected(received.collected);
    this.tellLive(received, partitionId);
    this.records += Math.max(0, received.log.position - header.from);
    for (const change of header.changes) {
      if (change.kind !== 'control') continue;
      this.controls.push({ partition: partition.log.partition, record: change.record });
    }
    partition.log = { ...partition.log, ...received.log };
    partition.effectiveMs = received.effectiveMs;
    partition.next = next;
    partition.readTo = received.readTo;
    partition.isKnown = true;
    partition.isTaken = true;
  }

  /** True when there is something to commit. */
  get isDue(): boolean {
    if (this.writer.hasStatements) return true;
    for (const { isTaken } of this.partitions.values()) if (isTaken) return true;
    return false;
  }

  /** Passes what was found since the last time to the live views. */
  takeNews(target: LiveTarget | null): LiveNews | null {
    return this.live.passOn(target);
  }

  /** Closes what was taken as one batch; `onControls` is told of its control records once stored. */
  seal(
    onControls: (
      controls: readonly { readonly partition: number; readonly record: ControlRecord }[],
    ) => void,
  ): Sealed {
    const taken = [...this.partitions.values()].filter(({ isTaken }) => isTaken);
    for (const partition of taken) {
      partition.isTaken = false;
      const { readTo, log } = partition;
      const read = { position: partition.next!, readTo };
      this.writer.order((to) => moveFindingsRead(to, this.topic, log.partitionId, read));
    }
    const startsStored = this.starts?.seal();
    const effective = taken.map((partition) => [partition, partition.effectiveMs] as const);
    const controls = this.controls;
    this.controls = [];
    const batch = this.writer.seal([]);
    return {
      batch,
      stored: () => {
        startsStored?.(batch.number);
        for (const [partition, ms] of effective) partition.storedEffectiveMs = ms;
        onControls(controls);
      },
    };
  }

  async close(): Promise<void> {
    await this.writer.rollback();
    this.writer.close();
  }

  private tellLive({ starts, flapping }: Received, partitionId: number): void {
    for (const columns of starts) this.live.takeStarts(columns, partitionId);
    for (const { lineIds, atMs, untilMs } of flapping) {
      this.live.takeFlapping(lineIds, atMs, untilMs);
    }
  }

  private check(partition: ServedPartition, log: LogState, from: number): void {
    const { log: stored, isKnown } = partition;
    const isNext = log.log === stored.log ? from === stored.position : log.log === stored.log + 1;
    if (isNext || !isKnown) return;
    throw new FlaplineError(
      'BAD_DATA',
      `partition ${stored.partition}: findings of topic ${this.topic} go on at position ${from} of log ` +
        `${log.log}, the store stands at ${stored.position} of log ${stored.log}: they are of other ` +
        'workers, or some are no longer kept; use the store that belongs to them, or begin a new one',
    );
  }
}
