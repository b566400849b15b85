// What is done about partitions between two feeds, everything that was fetched being folded: new ones are
// begun, those whose position the log does not hold, or whose log may be another one, are taken up again,
// and those that cannot be read are noted.

import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaLog, Watermarks } from '../source/kafka.js';
import { isAway } from './away.js';
import { NewPartitions } from './new-partitions.js';
import type { PartitionRun } from './partition.js';
import { SameLog } from './same-log.js';
import { TakeUp, type TakeUpParts } from './take-up.js';
import type { PartitionName } from '../store/progress.js';

/** How long until a broker that is away is met once more, ms. */
const AWAY_PAUSE_MS = 50;

/** What the upkeep works with. */
export interface UpkeepParts extends Pick<TakeUpParts, 'onNote' | 'madeAgain' | 'raise'> {
  /** By their numbers; a live view. */
  readonly partitions: ReadonlyMap<number, PartitionRun>;
  readonly log: KafkaLog;
  /** Begins a partition that the topic has got; absent = new ones are another's to give. */
  readonly addPartition?: (name: PartitionName) => Promise<PartitionRun>;
  /** Commits everything that was folded. */
  readonly commitAll: () => Promise<unknown>;
  /** These go on elsewhere in their logs: what is before may not be read again. */
  readonly keep: (moved: readonly PartitionRun[]) => Promise<void>;
}

/** Looks after the partitions of a topic. */
export class Upkeep {
  private readonly parts: UpkeepParts;
  private readonly takeUp: TakeUp;
  private readonly newPartitions: NewPartitions;
  private readonly sameLog: SameLog;
  private readonly unreadable = new Set<number>();
  private added: readonly number[] = [];

  constructor(parts: UpkeepParts) {
    this.parts = parts;
    this.takeUp = new TakeUp(parts);
    this.newPartitions = new NewPartitions(parts.log);
    this.sameLog = new SameLog(parts.log);
  }

  /** Takes all partitions up where they stand and has them fetched. Throws BROKER_UNAVAILABLE. */
  async begin(): Promise<void> {
    await this.takeUp.beginAll([...this.parts.partitions.values()]);
    await this.assignAll();
  }

  /** Takes some up where they stand. Throws BROKER_UNAVAILABLE. */
  async takeUpSome(runs: readonly PartitionRun[]): Promise<void> {
    await this.takeUp.beginAll(runs);
  }

  /** Whether there is anything to be done; asks the broker now and then, and does not wait. */
  isNeeded(): boolean {
    const { partitions, addPartition } = this.parts;
    if (addPartition) this.added = this.newPartitions.take(partitions);
    this.sameLog.look(partitions);
    if (this.added.length > 0 || this.sameLog.isOther) return true;
    const { lost, doubted, partitionErrors } = this.parts.log.problems;
    return lost.size + doubted.size + partitionErrors.size + this.unreadable.size > 0;
  }

  /** Does it. */
  async work(): Promise<void> {
    await this.handleProblems();
    if (this.added.length > 0) await this.addPartitions(this.added);
  }

  private async assignAll(): Promise<void> {
    const runs = [...this.parts.partitions.values()];
    await this.parts.log.assign(
      runs.map((run) => ({ partition: run.log.partition, offset: Math.max(0, run.log.position) })),
    );
  }

  private async handleProblems(): Promise<void> {
    const { partitions, log } = this.parts;
    const { lost, doubted, partitionErrors, connected } = log.problems;
    for (const partition of this.unreadable) {
      if (!partitions.has(partition)) this.unreadable.delete(partition);
    }
    for (const [partition, run] of partitions) {
      const bad = partitionErrors.has(partition) && !lost.has(partition);
      if (bad === this.unreadable.has(partition)) continue;
      if (bad) this.unreadable.add(partition);
      else this.unreadable.delete(partition);
      run.noteUnreadable(bad, Date.now());
    }
    const uncertain = new Set(
      this.sameLog.isOther ? partitions.keys() : [...lost.keys(), ...doubted],
    );
    if (uncertain.size > 0 && connected) await this.takeUpAgain(uncertain);
  }

  /** The topic has more partitions: they are read from their start. */
  private async addPartitions(added: readonly number[]): Promise<void> {
    const { partitions, addPartition, log, commitAll, onNote } = this.parts;
    const [{ log: known }] = partitions.values();
    await commitAll();
    for (const partition of added) {
      const { cluster, topic } = known;
      const marks = await log.watermarks(partition).catch(() => null);
      // The broker is away: it is met once more when it is back.
      if (!marks) break;
      await this.takeUp.begin(await addPartition!({ cluster, topic, partition }), marks);
      onNote(
        `partition ${partition} is new and is read from its start; lines whose key it takes from ` +
          'another partition have a state in each: "flapline rekey" gives each line one again',
      );
    }
    await this.assignAll();
    await commitAll();
  }

  /** Partitions whose position the log does not hold, or whose log may be another one. */
  private async takeUpAgain(partitions: Iterable<number>): Promise<void> {
    const { partitions: runs, log, commitAll, keep } = this.parts;
    // What is raised to the store finds there all that was folded.
    await commitAll();
    const { isOther } = this.sameLog;
    const found = new Map<PartitionRun, Watermarks>();
    try {
      for (const partition of partitions) {
        const run = runs.get(partition);
        if (run) found.set(run, await log.watermarks(partition));
      }
      for (const [run, marks] of found) {
        if (isOther) await this.takeUp.beginNewLog(run, marks.low);
        else await this.takeUp.again(run, marks);
      }
    } catch (error) {
      if (!isAway(error)) throw error;
      // Broker or topic is away: it is met once more when it is back.
      await delay(AWAY_PAUSE_MS);
      return;
    }
    this.sameLog.forget();
    await this.assignAll();
    await commitAll();
    await keep([...found.keys()]);
  }
}
