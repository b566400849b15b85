// One topic that is open for reading: partitions, offsets, records. No consumer group: positions are
// assigned by the caller and kept by the caller. Back-pressure is not calling consume(). A broker away
// is a problem that is reported and passes, not an error of consume(); a position that the log no longer
// holds is reported in `problems.lost` and waits for the caller to assign another one.

import { setTimeout as delay } from 'node:timers/promises';

import type Kafka from 'node-rdkafka';

import { messageOf } from '../config/errors.js';
import {
  call,
  CLOSE_TIMEOUT_MS,
  CODE,
  codecProblem,
  disconnectClient,
  endsWithin,
  KafkaFault,
} from './client.js';
import type { ConsumerOptions } from './consumer.js';
import { Health } from './health.js';
import { asRecords, runEnd, type LogPosition, type LogProblems, type LogRecord } from './log.js';
import { Positions } from './positions.js';
import {
  layoutOf,
  partitionsOf,
  QUESTION_TIMEOUT_MS,
  recordAt,
  watermarksOf,
  type TopicLayout,
  type TopicView,
  type Watermarks,
} from './questions.js';
import { Watch } from './watch.js';

/** How long consume() waits before it looks again when there was nothing, in ms. */
const POLL_PAUSE_MS = 10;

/** What reading says when the topic was removed; UNKNOWN_TOPIC_ID (100) has no name in the binding. */
const TOPIC_AWAY: ReadonlySet<number> = new Set([
  CODE.ERR_UNKNOWN_TOPIC_OR_PART,
  CODE.ERR__UNKNOWN_TOPIC,
  CODE.ERR__UNKNOWN_PARTITION,
  100,
]);

/** A topic that is open for reading. One reader: consume() is not called again before it resolved. */
export class KafkaLog {
  readonly topic: string;
  readonly #consumer: Kafka.KafkaConsumer;
  readonly #view: TopicView;
  readonly #positions = new Positions();
  /** ends met in the running call for records: partition -> offset */
  readonly #ends = new Map<number, number>();
  readonly #health: Health;
  readonly #watch: Watch;
  #turn: Promise<unknown> = Promise.resolve();
  #consuming = false;
  #closed: Promise<void> | null = null;

  /** Takes over a connected consumer; use `openLog`. */
  constructor(consumer: Kafka.KafkaConsumer, options: ConsumerOptions, topic: string) {
    this.topic = topic;
    this.#consumer = consumer;
    this.#view = { consumer, options, topic };
    consumer.setDefaultConsumeTimeout(0);
    this.#health = new Health(consumer, () => this.#positions.checkAll());
    consumer.on('partition.eof', ({ partition, offset }) => {
      this.#ends.set(partition, offset);
    });
    this.#watch = new Watch(this.#view, this.#positions, this.#health, (partition) =>
      this.#exclusive(() => this.#again(partition)),
    );
  }

  /** What is wrong now. */
  get problems(): LogProblems {
    return {
      connected: this.#health.connected,
      lastError: this.#health.lastError,
      partitionErrors: this.#positions.errors,
      lost: this.#positions.lost,
      doubted: this.#positions.doubted,
    };
  }

  /**
   * The partitions' numbers, ascending, asked of the broker.
   * @throws FlaplineError TOPIC_ABSENT, BROKER_UNAVAILABLE
   */
  partitions(): Promise<number[]> {
    return partitionsOf(this.#view);
  }

  /**
   * How the cluster holds the topic, asked of the broker.
   * @throws FlaplineError TOPIC_ABSENT, BROKER_UNAVAILABLE
   */
  layout(): Promise<TopicLayout> {
    return layoutOf(this.#view);
  }

  /**
   * The first offset that is kept and the offset after the last record, asked of the broker.
   * @throws FlaplineError TOPIC_ABSENT (no such partition), BROKER_UNAVAILABLE
   */
  watermarks(partition: number, timeoutMs = QUESTION_TIMEOUT_MS): Promise<Watermarks> {
    return watermarksOf(this.#view, partition, timeoutMs);
  }

  /** Partition -> offset after its last record, where known; a live view, costs nothing. */
  ends(): ReadonlyMap<number, number> {
    return this.#positions.ends;
  }

  /**
   * Partition -> next offset to be read; a live view. It passes over marks that are no records, so
   * lag = ends() - positions(), and 0 means that all is read.
   */
  positions(): ReadonlyMap<number, number> {
    return this.#positions.next;
  }

  /**
   * Reads on from exactly these positions. Partitions that are named with the position they have go on
   * undisturbed; the others are set, those not named are dropped. Waits for a running consume().
   */
  assign(positions: readonly LogPosition[]): Promise<void> {
    return this.#exclusive(() => {
      if (this.#closed !== null) return;
      const wanted = new Map(positions.map(({ partition, offset }) => [partition, offset]));
      const { next, errors, doubted } = this.#positions;
      const removed = [...next.keys()].filter((partition) => !wanted.has(partition));
      const changed = [...wanted].filter(
        ([partition, offset]) =>
          next.get(partition) !== offset || errors.has(partition) || doubted.has(partition),
      );
      this.#unfetch([...removed, ...changed.map(([partition]) => partition)]);
      for (const partition of removed) this.#positions.remove(partition);
      for (const [partition, offset] of changed) this.#positions.assign(partition, offset);
      this.#fetch(changed.map(([partition]) => partition));
    });
  }

  /**
   * Up to `max` records, in the order of each partition; none when nothing came within `timeoutMs`.
   * Returns at once with what is there. Does not throw when a broker is away: see `problems`.
   */
  async consume(max: number, timeoutMs: number): Promise<LogRecord[]> {
    if (this.#consuming) throw new Error('consume() was called before the last one resolved');
    this.#consuming = true;
    try {
      const endMs = performance.now() + timeoutMs;
      for (;;) {
        if (this.#closed !== null) return [];
        const records = await this.#exclusive(() => this.#take(max));
        const leftMs = endMs - performance.now();
        if (records.length > 0 || leftMs <= 0) return records;
        await delay(Math.min(POLL_PAUSE_MS, leftMs));
      }
    } finally {
      this.#consuming = false;
    }
  }

  /**
   * The record at one offset, read by a consumer of its own; null when the log does not hold it.
   * @throws FlaplineError BROKER_UNAVAILABLE when that is not known within `timeoutMs`
   */
  readOne(partition: number, offset: number, timeoutMs: number): Promise<LogRecord | null> {
    return recordAt(this.#view, { partition, offset }, timeoutMs);
  }

  /** Ends reading and lets go, within 5 s. Never throws; calling it again changes nothing. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#watch.stop();
    await endsWithin(this.#turn, CLOSE_TIMEOUT_MS);
    await disconnectClient(this.#consumer);
  }

  /** Runs `work` when what was asked before is done: records and positions never overtake. */
  #exclusive<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #take(max: number): Promise<LogRecord[]> {
    if (this.#closed !== null) return [];
    let messages: Kafka.Message[] = [];
    try {
      messages = await call<Kafka.Message[]>((done) => this.#consumer.consume(max, done));
    } catch (thrown) {
      this.#readFailed(thrown);
    }
    this.#positions.taken(messages.length);
    const records = this.#accept(asRecords(messages));
    for (const [partition, offset] of this.#ends) this.#positions.reachedEnd(partition, offset);
    this.#ends.clear();
    return records;
  }

  /** Leaves out, in place, what was handed out before. */
  #accept(records: LogRecord[]): LogRecord[] {
    let kept = 0;
    for (let from = 0; from < records.length;) {
      const until = runEnd(records, from);
      const { partition } = records[from]!;
      const before = kept;
      kept = this.#positions.accept(records, from, until, kept);
      if (kept > before) this.#positions.moved(partition, this.#cachedHigh(partition));
      from = until;
    }
    records.length = kept;
    return records;
  }

  /** Says what failed; which partition it was is found by checking all. */
  #readFailed(thrown: unknown): void {
    const notBuilt = thrown instanceof KafkaFault && thrown.code === CODE.ERR__NOT_IMPLEMENTED;
    this.#health.lastError = (notBuilt ? codecProblem() : null) ?? messageOf(thrown);
    this.#positions.readError = this.#health.lastError;
    if (thrown instanceof KafkaFault && TOPIC_AWAY.has(thrown.code)) this.#positions.doubtAll();
    this.#positions.checkAll();
  }

  /** The end as the last fetch brought it; -1 when none did. Asks nobody. */
  #cachedHigh(partition: number): number {
    if (this.#closed !== null) return -1;
    try {
      return this.#consumer.getWatermarkOffsets(this.topic, partition).highOffset;
    } catch {
      return -1;
    }
  }

  /** Starts fetching of a partition again where it stands. */
  #again(partition: number): void {
    if (this.#closed !== null || !this.#positions.stalled.delete(partition)) return;
    this.#unfetch([partition]);
    this.#fetch([partition]);
  }

  #unfetch(partitions: readonly number[]): void {
    const known = partitions.filter((partition) => this.#positions.next.has(partition));
    if (known.length === 0) return;
    this.#consumer.incrementalUnassign(known.map((partition) => this.#topicPartition(partition)));
  }

  #fetch(partitions: readonly number[]): void {
    if (partitions.length === 0) return;
    this.#consumer.incrementalAssign(
      partitions.map((partition) => ({
        ...this.#topicPartition(partition),
        offset: this.#positions.next.get(partition) ?? 0,
      })),
    );
  }

  #topicPartition(partition: number): Kafka.TopicPartition {
    return { topic: this.topic, partition };
  }
}
