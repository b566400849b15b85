// `rekey`: one topic read, another one written, keyed by line (rekeyed.ts says what). What is written
// and how far was read are one Kafka transaction, so a kill at any instant loses and doubles nothing for
// a reader of committed records, as flapline is. One batch of records is held at a time.

import type { KafkaLog, LogPosition, LogRecord } from '../source/kafka.js';
import { byPartition } from '../source/log.js';
import type { Transactions } from '../source/transactions.js';
import type { Decoder } from './decoder.js';
import { type AliasLines, type RekeyedRecord, rekeyed } from './rekeyed.js';

/** What a run of `rekey` works with. */
export interface RekeyParts {
  readonly log: KafkaLog;
  readonly decoder: Decoder;
  readonly aliases: AliasLines;
  readonly out: Transactions;
  readonly onNote: (text: string) => void;
  /** After each transaction. */
  readonly onProgress: (counts: RekeyCounts) => void;
}

/** What was done so far. */
export interface RekeyCounts {
  readonly read: number;
  readonly written: number;
  readonly rejected: number;
}

const RECORDS_MAX = 2_000;
const CONSUME_TIMEOUT_MS = 200;

/** Passes records on until `stop` is aborted or, with `untilEnd`, the ends met at the start are read. */
export class Rekey {
  private readonly parts: RekeyParts;
  private counts: RekeyCounts = { read: 0, written: 0, rejected: 0 };
  private readonly position = new Map<number, number>();

  constructor(parts: RekeyParts) {
    this.parts = parts;
  }

  /** Returns the counts. Throws BROKER_UNAVAILABLE, INTERRUPTED, MEMORY_LIMIT. */
  async run(stop: AbortSignal, untilEnd: boolean): Promise<RekeyCounts> {
    const { log } = this.parts;
    const ends = await this.takeUp();
    const isDone = (): boolean =>
      stop.aborted ||
      (untilEnd &&
        [...ends].every(([partition, end]) => (log.positions().get(partition) ?? 0) >= end));
    while (!isDone()) {
      if (log.problems.lost.size > 0 && log.problems.connected) await this.goOnBehindLoss();
      const records = await log.consume(RECORDS_MAX, CONSUME_TIMEOUT_MS);
      if (records.length > 0) await this.passOn(records, stop);
    }
    return this.counts;
  }

  /** Goes to the committed positions, or the log's beginning; returns where it ends now. */
  private async takeUp(): Promise<Map<number, number>> {
    const { log, out } = this.parts;
    const partitions = await log.partitions();
    const committed = await out.committed(partitions);
    const ends = new Map<number, number>();
    for (const partition of partitions) {
      const { low, high } = await log.watermarks(partition);
      this.position.set(partition, committed.get(partition) ?? low);
      ends.set(partition, high);
    }
    await this.assign();
    return ends;
  }

  private async passOn(records: readonly LogRecord[], stop: AbortSignal): Promise<void> {
    const { decoder, aliases, out } = this.parts;
    const written: RekeyedRecord[] = [];
    let rejected = 0;
    for (const [partition, own] of byPartition(records)) {
      const decoded = await decoder.decode(own);
      rejected += decoded.rejects.length;
      written.push(...rekeyed(own, decoded, aliases));
      this.position.set(partition, own[own.length - 1]!.offset + 1);
    }
    const write = async (
      produce: (key: Buffer | null, value: Buffer, timestamp?: number) => Promise<void>,
    ): Promise<void> => {
      for (const { key, value, timestamp } of written) {
        const time = timestamp < 0 ? undefined : timestamp;
        await produce(key === null ? null : Buffer.from(key), Buffer.from(value), time);
      }
    };
    await out.transact(write, this.positions(), stop);
    this.counts = {
      read: this.counts.read + records.length,
      written: this.counts.written + written.length,
      rejected: this.counts.rejected + rejected,
    };
    this.parts.onProgress(this.counts);
  }

  private async goOnBehindLoss(): Promise<void> {
    for (const { partition, position, low, high } of this.parts.log.problems.lost.values()) {
      const madeAgain = position > high;
      this.parts.onNote(
        madeAgain
          ? `partition ${partition}: the topic was made again; reading its new log from ${low}`
          : `partition ${partition}: positions ${position} to ${low - 1} are no longer kept by Kafka ` +
              'and are lost; going on behind them',
      );
      this.position.set(partition, low);
    }
    await this.assign();
  }

  private assign(): Promise<void> {
    return this.parts.log.assign(this.positions());
  }

  private positions(): LogPosition[] {
    return [...this.position].map(([partition, offset]) => ({ partition, offset }));
  }
}
