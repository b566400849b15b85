// Partitions that a topic gets while it is read: asked of the broker at intervals, beside the loop, which
// takes them up at its next turn. A broker that does not answer is asked again.

import type { KafkaLog } from '../source/kafka.js';

/** How often the broker is asked, ms. */
const ASK_EVERY_MS = 5_000;

/** Watches the partitions of a topic. */
export class NewPartitions {
  private readonly log: Pick<KafkaLog, 'partitions'>;
  private askAtMs = performance.now() + ASK_EVERY_MS;
  private asking = false;
  private found: readonly number[] = [];

  constructor(log: Pick<KafkaLog, 'partitions'>) {
    this.log = log;
  }

  /** Those that the topic has and that are not known yet, ascending. Does not wait. */
  take(known: ReadonlyMap<number, unknown>): number[] {
    if (!this.asking && performance.now() >= this.askAtMs) this.ask();
    return this.found.filter((partition) => !known.has(partition));
  }

  private ask(): void {
    this.asking = true;
    this.log
      .partitions()
      .then(
        (partitions) => {
          this.found = partitions;
        },
        () => undefined,
      )
      .finally(() => {
        this.asking = false;
        this.askAtMs = performance.now() + ASK_EVERY_MS;
      });
  }
}
