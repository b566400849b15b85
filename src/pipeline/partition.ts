// One partition of a topic while it is being read: its fold, where its log stands, and the control
// records that wait for their offsets. Up to `committed` it reads silently: what it finds there is
// stored already (a restart), so findings are dropped and nothing is written. A control record that
// is new is written when it is applied, into the transaction that takes its effects.

import { crc32 } from 'node:zlib';
import * as L from '../../assembly/layout.js';
import type { Rules } from '../config/rules.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Reject } from '../kernel/rejects.js';
import type { CommitPart, FindingTaker } from '../store/collector.js';
import type { ControlPlace } from '../store/finding-tables.js';
import type { ControlChange, ControlRecord } from '../store/control.js';
import type { LogState } from '../store/progress.js';
import type { RuleBook } from '../store/rule-book.js';
import { applyControl } from './apply-control.js';
import { controlCalls } from './control-calls.js';
import { Fold, type LogFrame } from './fold.js';
import { silencesOf } from './silence.js';

/** Where the positions of history begin: none of them is an offset in Kafka. */
const HISTORY_POSITION = -(2 ** 52);

/** A control record that waits for its offset. */
interface PendingControl {
  readonly record: ControlRecord;
  /** Its effects are in the store: it applies silently, and is not written again. */
  readonly stored: boolean;
}

/** A partition being read. */
export class PartitionRun {
  readonly fold: Fold;
  log: LogState;
  /** Records below this offset are stored already. */
  committed: number;
  /** The log as it is stored, null before the first commit of this run. */
  storedLog: LogState | null = null;
  /** The largest effective time that is stored, null before the first: views read at it. */
  storedEffectiveMs: number | null = null;
  /** The state has changed since the last commit, since the last snapshot. */
  changed = false;
  changedSinceSnapshot = false;
  /** Wall clock when the first record after a loss was read; closes the gap. */
  readSinceMs: number | null = null;
  /** A gap of lost positions may be open in the store: of this run, or of one before. */
  private isGapOpen = true;
  private last: LogFrame | null = null;
  /** Not yet applied, in order of their offsets. */
  private pending: PendingControl[] = [];
  private seq = 0;
  private applyingStored = false;
  /** The reset that is being applied. */
  private reset: ControlPlace | null = null;
  private readonly taker: FindingTaker;
  private readonly book: RuleBook;

  constructor(kernel: Kernel, log: LogState, taker: FindingTaker, book: RuleBook) {
    this.log = log;
    this.committed = log.position;
    this.taker = taker;
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

  /** The control records that are stored, and the order of the next one. */
  expect(stored: readonly ControlRecord[], seq: number): void {
    this.pending = stored.map((record) => ({ record, stored: true }));
    this.seq = seq;
  }

  /**
   * Takes changes at the current position, to be committed with their effects; while it reads what is
   * stored they wait for the position behind it.
   */
  async order(changes: readonly ControlChange[]): Promise<void> {
    for (const change of changes) {
      const position = Math.max(this.log.position, this.committed);
      const record = { log: this.log.log, position, seq: this.seq++, change };
      this.pending.push({ record, stored: false });
    }
    if (!this.silent) await this.applyControl(this.log.position);
  }

  /**
   * Folds the records from `begin` to before `end`, all of this partition and in order, control records
   * applied at their offsets.
   */
  async feed(records: readonly LogFrame[], begin = 0, end = records.length): Promise<void> {
    let from = begin;
    while (from < end) {
      if (this.silent && records[from].offset >= this.committed) await this.endSilence();
      await this.applyControl(records[from].offset);
      const until = this.segmentEnd(records, from, end);
      await this.fold.frames(records, from, until);
      this.last = records[until - 1];
      const position = this.last.offset + 1;
      const silences = silencesOf(this.fold.kernel, records, from, until);
      const wasSilent = this.silent;
      if (wasSilent && position >= this.committed) await this.dropFound();
      this.log = { ...this.log, position };
      if (wasSilent && !this.silent) await this.applyControl(position);
      if (!wasSilent) {
        if (silences.length > 0) {
          this.taker.change({ kind: 'silences', partitionId: this.log.partitionId, silences });
        }
        this.changed = true;
        this.changedSinceSnapshot = true;
        this.readSinceMs ??= this.last.timestamp > 0 ? this.last.timestamp : Date.now();
      }
      from = until;
    }
  }

  /** Applies the control records that stand at or before an offset. */
  async applyControl(offset: number): Promise<void> {
    while (this.pending.length > 0 && this.pending[0].record.position <= offset) {
      await this.applyOne(this.pending.shift()!);
    }
  }

  /**
   * Applies all control records that are stored, silently. Without resets where the lines are then
   * raised to the store, which holds what a reset did.
   */
  async applyStored({ resets }: { readonly resets: boolean }): Promise<void> {
    while (this.pending[0]?.stored) {
      const next = this.pending.shift()!;
      if (resets || next.record.change.kind !== 'reset') await this.applyOne(next);
    }
    await this.dropFound();
  }

  /** The log's state for a commit: the record before the position described. */
  private describe(): LogState {
    if (this.last) {
      this.log = {
        ...this.log,
        lastTimestampMs: this.last.timestamp,
        lastHash: hashOf(this.last),
      };
      this.last = null;
    }
    return this.log;
  }

  /** Goes on at the start of another log: the topic was made again. */
  async beginLog(log: number): Promise<void> {
    await this.applyControl(Infinity);
    this.log = { ...this.log, log, position: 0, lastTimestampMs: null, lastHash: null };
    this.committed = 0;
    this.last = null;
    this.seq = 0;
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

  /** Notes that positions were lost, for the next commit. */
  notePositionsLost(): void {
    const { partitionId } = this.log;
    const fromMs = this.effectiveMs;
    this.taker.change({ kind: 'open-gap', partitionId, fromMs, reason: 'positions lost' });
    this.readSinceMs = null;
    this.isGapOpen = true;
    this.changed = true;
  }

  /** Opens or closes the gap of a partition that cannot be read. */
  noteUnreadable(isUnreadable: boolean, nowMs: number): void {
    const reason = 'partition unreadable';
    const { partitionId } = this.log;
    this.taker.change(
      isUnreadable
        ? { kind: 'open-gap', partitionId, fromMs: nowMs, reason }
        : { kind: 'close-gap', partitionId, untilMs: nowMs, reason },
    );
    this.changed = true;
  }

  /** What is committed of it, everything found being taken; a gap ends where it is read again. */
  commitPart(): CommitPart {
    const { readSinceMs: untilMs, fold } = this;
    const { partitionId } = this.log;
    if (untilMs !== null && this.isGapOpen) {
      this.isGapOpen = false;
      this.taker.change({ kind: 'close-gap', partitionId, untilMs, reason: 'positions lost' });
    }
    return { kernel: fold.kernel, log: this.describe() };
  }

  /** Index behind the last record that can be folded together with the one at `from`. */
  private segmentEnd(records: readonly LogFrame[], from: number, end: number): number {
    const borders = [
      this.silent ? this.committed : Infinity,
      this.pending[0]?.record.position ?? Infinity,
    ];
    const border = Math.min(...borders.filter((offset) => offset > records[from].offset));
    if (border > records[end - 1].offset) return end;
    let until = from + 1;
    while (until < end && records[until].offset < border) until++;
    return until;
  }

  /** The last records that are stored are no longer in the log (compaction): nothing more to drop. */
  private async endSilence(): Promise<void> {
    await this.applyStored({ resets: true });
    this.log = { ...this.log, position: this.committed };
  }

  private async applyOne({ record, stored }: PendingControl): Promise<void> {
    // What was found before belongs to what was read, not to the change.
    await this.fold.drain();
    const calls = controlCalls(this.fold, this.book, record.position);
    if (stored) {
      this.applyingStored = true;
      await applyControl(record.change, calls);
      if (!this.silent) await this.dropFound();
      this.applyingStored = false;
      return;
    }
    const { partitionId } = this.log;
    this.taker.change({ kind: 'control', partitionId, record });
    if (record.change.kind === 'rules') this.beginRules(record.change.rules);
    this.reset = record.change.kind === 'reset' ? record : null;
    await applyControl(record.change, calls);
    // What a reset found is told from what is found later.
    if (this.reset) await this.fold.drain();
    this.reset = null;
    // No snapshot for it: it is applied again from its record.
    this.changed = true;
  }

  /** Findings will name these rules; chatter that they do not count is forgotten. */
  private beginRules(rules: Rules): void {
    const { added } = this.book.idsOf(rules);
    const { partitionId } = this.log;
    this.taker.change({ kind: 'rules', partitionId, rules, added });
    if (!rules.chatter) this.taker.change({ kind: 'forget-chatter', partitionId });
  }

  /** Drops what was found silently: the store has it. */
  private async dropFound(): Promise<void> {
    const before = this.applyingStored;
    this.applyingStored = true;
    await this.fold.drain();
    this.applyingStored = before;
    this.taker.nameNew(this.fold.kernel);
    while (this.fold.kernel.calls.takeChanged() > 0) {
      // What the store holds of these lines is the same.
    }
  }

  private async takeFindings(kernel: Kernel): Promise<void> {
    if (this.silent || this.applyingStored) return;
    const { partition, partitionId } = this.log;
    this.taker.outlet?.take(kernel, partition);
    await this.taker.takeFindings(kernel, partitionId, this.reset);
  }

  private takeRejects(rejects: readonly Reject[]): void {
    if (!this.silent && !this.applyingStored)
      this.taker.takeRejects(rejects, this.log.partitionId, this.log.log);
  }
}

/** A hash of a record's key and value: is it the one that was read? */
export function hashOf(record: LogFrame): number {
  const key = record.key ? crc32(record.key) : 0;
  return record.value ? crc32(record.value, key) : key;
}
