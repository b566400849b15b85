// Where a partition goes on when it is taken up: in the same log, at the start of a new one (the topic
// was made again), or behind records that the log no longer holds. What is lost is said, and shows as a
// gap in the coverage. Everything folded before must be committed.

import type { KafkaLog, Watermarks } from '../source/kafka.js';
import type { PartitionRun } from './partition.js';
import { isSameLog } from './same-log.js';

/** What taking up needs. */
export interface TakeUpParts {
  /** Raises lines to what is stored, where their log is gone; says how many. */
  readonly raise: (run: PartitionRun) => Promise<number>;
  readonly log: Pick<KafkaLog, 'watermarks' | 'readOne'>;
  readonly onNote: (text: string) => void;
  /** The log is known to be new (the demo's), with or without a loss; null = that is found out. */
  readonly madeAgain: { readonly lost: boolean } | null;
}

/** A log as it was found. */
interface Found {
  readonly marks: Watermarks;
  /** It is the one that the partition stands in. */
  readonly isSame: boolean;
}

/** Partitions whose logs are looked at side by side: each look may open a consumer. */
const LOOKS_AT_ONCE = 8;

/** Takes partitions up. */
export class TakeUp {
  private readonly parts: TakeUpParts;

  constructor(parts: TakeUpParts) {
    this.parts = parts;
  }

  /** At the start of the service, all partitions. Throws BROKER_UNAVAILABLE. */
  async beginAll(runs: readonly PartitionRun[]): Promise<void> {
    for (let from = 0; from < runs.length; from += LOOKS_AT_ONCE) {
      const some = runs.slice(from, from + LOOKS_AT_ONCE);
      const found = await Promise.all(some.map((run) => this.lookAt(run)));
      for (const [i, run] of some.entries()) await this.goOn(run, found[i]!);
    }
  }

  /** At the start of a partition. Throws BROKER_UNAVAILABLE. */
  async begin(run: PartitionRun, marks: Watermarks): Promise<void> {
    await this.goOn(run, await this.lookAt(run, marks));
  }

  /** While it is read: its log may be another one by now. Throws BROKER_UNAVAILABLE. */
  async again(run: PartitionRun, marks: Watermarks): Promise<void> {
    await this.goOn(run, { marks, isSame: await this.isSame(run, marks) });
  }

  private async lookAt(run: PartitionRun, known: Watermarks | null = null): Promise<Found> {
    const { log, madeAgain } = this.parts;
    const marks = known ?? (await log.watermarks(run.log.partition));
    return { marks, isSame: madeAgain === null && (await this.isSame(run, marks)) };
  }

  private isSame(run: PartitionRun, marks: Watermarks): Promise<boolean> {
    return isSameLog(this.parts.log, { ...run.log, position: run.committed }, marks);
  }

  private async goOn(run: PartitionRun, { marks, isSame }: Found): Promise<void> {
    if (isSame) await this.goBehindLoss(run, marks.low);
    else await this.beginNewLog(run, marks.low);
  }

  /** At the beginning of another log. */
  async beginNewLog(run: PartitionRun, low: number): Promise<void> {
    const { partition, log } = run.log;
    const { madeAgain, onNote } = this.parts;
    if (run.silent) await this.raise(run);
    await run.beginLog(log + 1);
    if (low > 0) run.skipTo(low);
    if (madeAgain?.lost === false) return;
    onNote(
      `partition ${partition}: the topic was made again; reading its new log ${log + 1} from its ` +
        'start, the lines keep their state, the gap shows in the coverage',
    );
    run.notePositionsLost();
  }

  /** Where the log begins behind our position: goes on at its beginning. */
  private async goBehindLoss(run: PartitionRun, low: number): Promise<void> {
    if (low > run.log.position && run.silent) await this.raise(run);
    if (low > run.log.position) this.skip(run, low);
  }

  /** The log between snapshot and commit is gone: what the store holds is taken instead. */
  private async raise(run: PartitionRun): Promise<void> {
    await run.applyStored({ resets: false });
    const raised = await this.parts.raise(run);
    const { partition } = run.log;
    this.parts.onNote(
      `partition ${partition}: the log since the last snapshot is gone; ${raised} lines were raised ` +
        'to what the store holds and are unknown until their next event',
    );
    run.goOnBehindStored();
    await run.applyControl(run.log.position);
  }

  private skip(run: PartitionRun, low: number): void {
    const { partition, position } = run.log;
    this.parts.onNote(
      `partition ${partition}: positions ${position} to ${low - 1} are no longer kept by Kafka; ` +
        'going on behind them, the gap shows in the coverage',
    );
    run.skipTo(low);
    run.notePositionsLost();
  }
}
