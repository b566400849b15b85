// The other maker of commits: one Kafka transaction takes the batches of partitions, their state, and
// where the group stands. A worker that no longer has a partition, as the group sees it, is refused here
// (its generation is a former one): then nothing of what it holds counts any more.

import type Kafka from 'node-rdkafka';
import { CODE, KafkaFault } from '../source/client.js';
import { produceTo } from '../source/producer.js';
import { type Transactional, pause } from '../source/transactions.js';
import type { SealedPartition } from './owned.js';
import { partsOf } from './parts.js';
import type { ScaleTopics } from './topics.js';

/** A commit was refused for good: other workers have the partitions by now, or the name is taken. */
export class Fenced extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'Fenced';
  }
}

const FENCING: ReadonlySet<number> = new Set([
  CODE.ERR_ILLEGAL_GENERATION,
  CODE.ERR_UNKNOWN_MEMBER_ID,
  CODE.ERR_FENCED_INSTANCE_ID,
  CODE.ERR_INVALID_PRODUCER_EPOCH,
  CODE.ERR_INVALID_PRODUCER_ID_MAPPING,
  CODE.ERR_INVALID_TXN_STATE,
  CODE.ERR_PRODUCER_FENCED,
]);

/** Between two tries of a commit, ms: doubled from the first to the last. */
const AGAIN_MS = { first: 100, last: 5_000 } as const;

/** Writes commits, one at a time. */
export class KafkaCommits {
  private readonly out: Transactional;
  private readonly consumer: Kafka.KafkaConsumer;
  private readonly topics: ScaleTopics;
  private readonly onNote: (text: string) => void;
  /** Why the last try failed; null = it did not. */
  problem: string | null = null;
  commits = 0;
  /** Bytes handed to Kafka's client, before it compresses them. */
  bytes = 0;
  lastMs = 0;

  constructor(
    out: Transactional,
    consumer: Kafka.KafkaConsumer,
    topics: ScaleTopics,
    onNote: (text: string) => void,
  ) {
    this.out = out;
    this.consumer = consumer;
    this.topics = topics;
    this.onNote = onNote;
  }

  /** Commits these, all or none, however long it takes. Throws Fenced, INTERRUPTED. */
  async commit(sealed: readonly SealedPartition[], stop: AbortSignal): Promise<void> {
    const beganMs = performance.now();
    const { input: topic } = this.topics;
    const offsets = sealed.map(({ partition, offset }) => ({ topic, partition, offset }));
    for (let pauseMs: number = AGAIN_MS.first; ; pauseMs = Math.min(2 * pauseMs, AGAIN_MS.last)) {
      try {
        await this.out.transact(() => this.write(sealed), offsets, this.consumer, stop);
        break;
      } catch (thrown) {
        await this.undo(thrown, stop);
      }
      await pause(pauseMs, stop);
    }
    this.problem = null;
    this.commits++;
    this.lastMs = performance.now() - beganMs;
    for (const { committed } of sealed) committed();
  }

  private async write(sealed: readonly SealedPartition[]): Promise<void> {
    const { findings, state } = this.topics;
    const { client } = this.out;
    for (const { partition, batch, state: records } of sealed) {
      for (const value of partsOf(batch)) {
        await produceTo(client, { topic: findings, partition, key: null, value });
        this.bytes += value.length;
      }
      for (const { key, value } of records) {
        await produceTo(client, { topic: state, partition, key, value });
        this.bytes += value.length;
      }
    }
  }

  private async undo(thrown: unknown, stop: AbortSignal): Promise<void> {
    if (!(thrown instanceof KafkaFault)) throw thrown;
    if (thrown.isFatal) throw new Fenced(thrown);
    try {
      await this.out.abort(stop);
    } catch (fault) {
      if (fault instanceof KafkaFault) throw new Fenced(fault);
      throw fault;
    }
    if (FENCING.has(thrown.code)) throw new Fenced(thrown);
    if (this.problem === null) this.onNote(`${thrown.message}; the commit is tried again`);
    this.problem = thrown.message;
  }
}
