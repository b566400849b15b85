// Whether a topic is still the one that was read: the record before our position, where it is kept, is
// the one that we read, by its time and a hash. librdkafka says nothing when a topic is removed and made
// again between two of its questions, and a log that has passed our position looks like any other. So it
// is asked at intervals as well, beside the loop, of one partition at a time: all are made again at once.

import type { KafkaLog, Watermarks } from '../source/kafka.js';
import type { LogState } from '../store/progress.js';
import { type PartitionRun, hashOf } from './partition.js';

const READ_ONE_TIMEOUT_MS = 5_000;
/** How often it is asked, ms. */
const ASK_EVERY_MS = 5_000;

type Asked = Pick<KafkaLog, 'watermarks' | 'readOne'>;
type Read = Pick<PartitionRun, 'log' | 'storedLog'>;

/**
 * Whether a log is the one in which this state stands. Throws BROKER_UNAVAILABLE, TOPIC_ABSENT when
 * that is not known.
 */
export async function isSameLog(
  log: Asked,
  { partition, position, lastHash, lastTimestampMs }: LogState,
  { low, high }: Watermarks,
): Promise<boolean> {
  if (position > high) return false;
  if (position <= low || lastHash === null) return true;
  const record = await log.readOne(partition, position - 1, READ_ONE_TIMEOUT_MS);
  return record === null || (hashOf(record) === lastHash && record.timestamp === lastTimestampMs);
}

/** Asks at intervals. A log is known by the record before a position that was stored a while ago. */
export class SameLog {
  private readonly log: Asked;
  /** Partition -> a state of its log that was the same when it was asked last. */
  private readonly anchors = new Map<number, LogState>();
  private askAtMs = performance.now() + ASK_EVERY_MS;
  private asking = false;
  private turn = 0;
  /** A log was found to be another one: the topic was made again. */
  isOther = false;

  constructor(log: Asked) {
    this.log = log;
  }

  /** Asks when it is time; does not wait. Call it between two feeds. */
  look(runs: ReadonlyMap<number, Read>): void {
    for (const { log, storedLog } of runs.values()) {
      const anchor = this.anchors.get(log.partition);
      // Nothing of a log is known by a state before its first record.
      const tells = anchor?.log === log.log && anchor.lastHash !== null;
      if (storedLog && !tells) this.anchors.set(log.partition, storedLog);
    }
    if (this.asking || performance.now() < this.askAtMs) return;
    const asked = [...runs.values()];
    const run = asked[this.turn++ % Math.max(1, asked.length)];
    if (run?.storedLog && run.storedLog.log === run.log.log) void this.ask(run.storedLog);
  }

  /** The new logs are taken up. */
  forget(): void {
    this.anchors.clear();
    this.isOther = false;
  }

  private async ask(stored: LogState): Promise<void> {
    const { partition } = stored;
    const anchor = this.anchors.get(partition)!;
    this.asking = true;
    try {
      const marks = await this.log.watermarks(partition);
      const isSame = await isSameLog(this.log, anchor, marks);
      // The logs were taken up anew meanwhile.
      if (this.anchors.get(partition) !== anchor) return;
      // One that ends behind us is met where positions are lost. What was stored before the answer
      // stands in the same log.
      if (isSame) this.anchors.set(partition, stored);
      else this.isOther = anchor.position <= marks.high;
    } catch {
      // Not known now: it is asked again.
    } finally {
      this.asking = false;
      this.askAtMs = performance.now() + ASK_EVERY_MS;
    }
  }
}
