// Rejected objects on their way to the dead-letter topic: acknowledged before the transaction that
// stores them and moves the position on, so none is missing. A crash between the two sends some again,
// with the same key and value: by key they are the same record.

import type { Batch } from '../store/collector.js';
import type { PartitionName } from '../store/progress.js';
import type { LineProducer } from '../source/producer.js';
import { FlaplineError } from '../config/errors.js';

const ACKNOWLEDGE_TIMEOUT_MS = 30_000;

/** Sends dead letters. */
export class DeadLetters {
  private readonly producer: LineProducer;
  private readonly placeOf: (partitionId: number) => PartitionName;
  /** Sent and acknowledged since the start. */
  sent = 0;

  constructor(producer: LineProducer, placeOf: (partitionId: number) => PartitionName) {
    this.producer = producer;
    this.placeOf = placeOf;
  }

  /** Sends the rejects of a batch. Throws BROKER_UNAVAILABLE when they are not acknowledged. */
  async send({ rejects }: Batch): Promise<void> {
    if (rejects.length === 0) return;
    const failedBefore = this.producer.counts.failed;
    for (const { partitionId, logNumber, ordinal, reject } of rejects) {
      const { cluster, topic, partition } = this.placeOf(partitionId);
      const { position: offset, place, reason, sample } = reject;
      const letter = { cluster, topic, partition, log: logNumber, offset, place, reason, sample };
      const key = [topic, partition, logNumber, offset, ordinal].join('/');
      await this.producer.produce(key, Buffer.from(JSON.stringify(letter)));
    }
    await this.producer.flush(ACKNOWLEDGE_TIMEOUT_MS);
    const { failed, lastError } = this.producer.counts;
    if (failed > failedBefore) {
      throw new FlaplineError(
        'BROKER_UNAVAILABLE',
        `${failed - failedBefore} records were not taken by the dead-letter topic (${lastError}): see to ` +
          'its broker, or start without --dead-letter-topic',
      );
    }
    this.sent += rejects.length;
  }
}
