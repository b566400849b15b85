// One partition of a topic while it is being read: its fold, where its log stands, and the control
// records that wait for their offsets. Up to `committed` it reads silently: what it finds there is
// stored already (a restart), so findings are dropped and nothing is written.

import { crc32 } from 'node:zlib';
import * as L from '../../assembly/layout.js';
import type { Rules } from '../config/rules.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Reject } from '../kernel/rejects.js';
import { withRules } from '../kernel/snapshot.js';
import type { StoreWriter } from '../store/commit.js';
import type { RulesRecord } from '../store/control.js';
import type { LogState } from '../store/progress.js';
import type { RuleBook } from '../store/rule-book.js';
import { Fold, type LogFrame } from './fold.js';

/** Where the positions of history begin: none of them is an offset in Kafka. */
const HISTORY_POSITION = -(2 ** 52);

/** A partition being read. */
export class PartitionRun {
  readonly fold: Fold;
  log: LogState;
  /** Records below this offset are stored already. */
  committed: number;
  /** Rules records not yet applied, in order of their offsets. */
  pending: RulesRecord[] = [];
  /** The state has changed since the last commit, since the last snapshot. */
  changed = false;
  changedSinceSnapshot = false;
  /** Wall clock when the first record after a loss was read; closes the gap. */
  readSinceMs: number | null = null;
  private last: LogFrame | null = null;
  private readonly writer: StoreWriter;
  private readonly book: RuleBook;

  constructor(kernel: Kernel, log: LogState, writer: StoreWriter, book: RuleBook) {
    this.log = log;
    this.committed = log.position;
    this.writer = writer;
    this.book = book;
    this.fold = new Fold(kernel, {
      takeFindings: (current) => this.takeFindings(current),
      takeRejects: (rejects) => this.takeRejects(rejects),
    });
  }

  /** True while what is read is stored already. */
  get silent(): boolean {
    return this.log.position < this.committed;
  }

  /** Largest effective time, null before the first event. */
  get effectiveMs(): number | null {
    const ms = this.fold.kernel.control[L.CTL_EFFECTIVE_MS];
    return ms < 0 ? null : ms;
  }

  /** Events applied so far. */
  get events(): number {
    return this.fold.kernel.control[L.CTL_EVENTS_APPLIED];
  }

  /** History from files comes first: its positions lie below those of every log. */
  beginHistory(): void {
    const { control } = this.fold.kernel;
    if (control[L.CTL_STREAM_STARTED] === 0) control[L.CTL_STREAM_POSITION] = HISTORY_POSITION;
  }

  /** Ends the history's text. */
  async endHistory(): Promise<void> {
    await this.fold.stream(0, true);
    this.changed = true;
    this.changedSinceSnapshot = true;
  }

  /** Folds records of this partition, in order, rules changed at their offsets. */
  async feed(records: readonly LogFrame[]): Promise<void> {
    let from = 0;
    while (from < records.length) {
      if (this.silent && records[from].offset >= this.committed) await this.endSilence();
      await this.applyRules(records[from].offset);
      const until = this.segmentEnd(records, from);
      const segment = records.slice(from, until);
      for (let taken = 0; taken < segment.length;) {
        taken += await this.fold.frames(segment, taken);
      }
      this.last = segment[segment.length - 1];
      const position = this.last.offset + 1;
      const wasSilent = this.silent;
      if (wasSilent && position >= this.committed) await this.dropSilent();
      this.log = { ...this.log, position };
      if (!wasSilent) {
        this.changed = true;
        this.changedSinceSnapshot = true;
        this.readSinceMs ??= this.last.timestampMs > 0 ? this.last.timestampMs : Date.now();
      }
      from = until;
    }
  }

  /** Applies the rules records that stand at or before an offset. */
  async applyRules(offset: number): Promise<void> {
    while (this.pending.length > 0 && this.pending[0].position <= offset) {
      await this.changeRules(this.pending.shift()!.rules);
    }
  }

  /** Judges by other rules from here on. */
  async changeRules(rules: Rules): Promise<void> {
    await this.fold.drain();
    const { ids } = this.book.idsOf(rules);
    this.fold.kernel = withRules(this.fold.kernel, rules, ids);
  }

  /** The log's state for a commit: the record before the position described. */
  describe(): LogState {
    if (this.last) {
      this.log = {
        ...this.log,
        lastTimestampMs: this.last.timestampMs,
        lastHash: hashOf(this.last),
      };
      this.last = null;
    }
    return this.log;
  }

  /** Goes on at the start of another log: the topic was made again. */
  beginLog(log: number): void {
    this.log = { ...this.log, log, position: 0, lastTimestampMs: null, lastHash: null };
    this.committed = 0;
    this.last = null;
    this.pending = [];
    this.changed = true;
    this.changedSinceSnapshot = true;
  }

  /** Goes on at a later position: those between are lost. */
  skipTo(position: number): void {
    this.log = { ...this.log, position, lastTimestampMs: null, lastHash: null };
    this.last = null;
    this.changed = true;
    this.changedSinceSnapshot = true;
  }

  /** Goes on behind what is stored, though the log no longer holds all of it. */
  goOnBehindStored(): void {
    this.log = { ...this.log, position: this.committed };
    this.last = null;
    this.changed = true;
    this.changedSinceSnapshot = true;
  }

  /** Index behind the last record that can be folded together with the one at `from`. */
  private segmentEnd(records: readonly LogFrame[], from: number): number {
    const borders = [
      this.silent ? this.committed : Infinity,
      this.pending[0]?.position ?? Infinity,
    ];
    const border = Math.min(...borders.filter((offset) => offset > records[from].offset));
    let until = from + 1;
    while (until < records.length && records[until].offset < border) until++;
    return until;
  }

  /** The last records that are stored are no longer in the log (compaction): nothing more to drop. */
  private async endSilence(): Promise<void> {
    await this.applyRules(this.committed);
    await this.dropSilent();
    this.log = { ...this.log, position: this.committed };
  }

  /** Drops what was found silently: the store has it. */
  private async dropSilent(): Promise<void> {
    await this.fold.drain();
    this.writer.directory.nameNew(this.fold.kernel);
    while (this.fold.kernel.calls.takeChanged() > 0) {
      // What the store holds of these lines is the same.
    }
  }

  private async takeFindings(kernel: Kernel): Promise<void> {
    if (!this.silent) await this.writer.takeFindings(kernel, this.log.partitionId);
  }

  private takeRejects(rejects: readonly Reject[]): void {
    if (!this.silent) this.writer.takeRejects(rejects, this.log.partitionId, this.log.log);
  }
}

/** A hash of a record's key and value: is it the one that was read? */
export function hashOf(record: LogFrame): number {
  const key = record.key ? crc32(record.key) : 0;
  return record.value ? crc32(record.value, key) : key;
}
