// Where the partitions of the input end, asked of the broker at intervals: serve does not read the input,
// but what it has stored is read at the present only where it is stored up to its end. One question at a
// time; does not keep the process alive.

import type { KafkaLog } from '../source/kafka.js';

const ASK_EVERY_MS = 1_000;

/** The ends as they were found last. */
export class InputEnds {
  readonly ends = new Map<number, number>();
  private readonly log: Pick<KafkaLog, 'watermarks'>;
  private readonly partitions: () => Iterable<number>;
  private readonly timer: NodeJS.Timeout;
  private asking = false;

  constructor(log: Pick<KafkaLog, 'watermarks'>, partitions: () => Iterable<number>) {
    this.log = log;
    this.partitions = partitions;
    this.timer = setInterval(() => void this.ask(), ASK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Asks for all; one that does not answer is not known. */
  async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    for (const partition of this.partitions()) {
      try {
        this.ends.set(partition, (await this.log.watermarks(partition)).high);
      } catch {
        this.ends.delete(partition);
      }
    }
    this.asking = false;
  }
}
