// Causes being worked out: starts by the ids of whoever has them (a kernel, the store) into a history,
// and out of it what is for the record and what may still change.

import { type RecordDoubts, recordDoubts } from '../cause/doubts.js';
import { type FoundCause, causeFindings } from '../cause/finding.js';
import { type Burst, CauseHistory, type KnownBurst } from '../cause/history.js';
import type { CauseRecords } from '../cause/records.js';
import { type CauseSettings, causeMark } from '../cause/settings.js';
import type { CauseChange } from '../store/causes.js';

/** Of an id: not looked up yet. */
const UNSEEN = -2;
/** Late starts up to this old change what they may; older ones have it all worked out again, ms. */
export const LATE_MAX_MS = 86_400_000;

/** Where work would go on after a crash is told anew when it is so far ahead, ms. */
const RESUME_STEP_MS = 600_000;

/** A cause that may still change. */
export interface ProvisionalCause extends FoundCause {
  /** Lines may still join it. */
  readonly isGrowing: boolean;
}

/** A history with the ids of its lines, and how far it is. Times in ms. */
export class CauseWork {
  readonly history: CauseHistory;
  private readonly records: CauseRecords;
  private readonly settings: CauseSettings;
  private readonly nameOf: (line: number) => string;
  /** Index in the records by id, -1 = no record names it. */
  private recordOf = new Int32Array(0);
  /** Every start before it has been walked over. */
  private walkedMs = 0;
  /** Bursts triggered from here on are not stored; where work would go on after a crash. */
  private unstoredMs = 0;
  toldMs = 0;
  /** Starts from here on are held: an earlier one is too late. */
  private heldMs = -Infinity;

  /** `nameOf` gives the name of a line's id. */
  constructor(records: CauseRecords, settings: CauseSettings, nameOf: (line: number) => string) {
    this.records = records;
    this.settings = settings;
    this.nameOf = nameOf;
    this.history = new CauseHistory(records, settings);
  }

  /** Goes on where bursts are stored; the starts that lines' rates need have been added. */
  resume(known: readonly KnownBurst[], atMs: number, beganMs: number | null): void {
    const { starts } = this.history;
    starts.beganMs = Math.min(starts.beganMs, beganMs ?? Infinity);
    this.unstoredMs = this.history.resume(known, atMs);
    this.walkedMs = this.unstoredMs;
    this.toldMs = atMs;
    this.heldMs = atMs - LATE_MAX_MS;
  }

  /** Adds starts; false when one is too late for what is held. */
  add(lines: ArrayLike<number | bigint>, times: ArrayLike<number | bigint>): boolean {
    const known = { lines: new Int32Array(times.length), times: new Float64Array(times.length) };
    let count = 0;
    for (let i = 0; i < times.length; i++) {
      const record = this.indexOf(Number(lines[i]!));
      if (record < 0) continue;
      known.lines[count] = record;
      known.times[count] = Number(times[i]!);
      if (known.times[count++]! < this.heldMs) return false;
    }
    const own = known.times.subarray(0, count);
    const againMs = this.history.add(known.lines.subarray(0, count), own);
    this.unstoredMs = Math.min(this.unstoredMs, againMs);
    for (const time of own) this.walkedMs = Math.min(this.walkedMs, time);
    this.walkedMs = Math.min(this.walkedMs, againMs);
    return true;
  }

  /** Makes what a walk to a time needs, in steps between other turns. */
  async prepare(atMs: number): Promise<void> {
    await this.records.prepared(atMs);
  }

  /** Walks over the next starts, `count` of them or a few more; true at the end. */
  walkSome(count: number): boolean {
    const { starts } = this.history;
    const row = starts.firstFrom(this.walkedMs) + count;
    const isEnd = row >= starts.count;
    if (starts.count > 0) this.walk(isEnd ? this.lastMs + 1 : starts.times[row]! + 1);
    return isEnd;
  }

  /** Walks over the starts before a time. */
  walk(beforeMs: number): void {
    this.history.walk(beforeMs);
    this.walkedMs = Math.max(this.walkedMs, beforeMs);
  }

  /** Time of the last start, -Infinity without one. */
  get lastMs(): number {
    const { starts } = this.history;
    return starts.count > 0 ? starts.times[starts.count - 1]! : -Infinity;
  }

  /** True when causes wait to be stored, when stored ones are void, or much has been walked over since. */
  isDue(atMs: number): boolean {
    if (this.unstoredMs < this.toldMs || this.walkedMs > this.unstoredMs + RESUME_STEP_MS)
      return true;
    return this.history.settled(atMs).some(({ span }) => span.triggerMs >= this.unstoredMs);
  }

  /**
   * What is for the record at reading time `atMs`, and not stored yet. Nothing from `untilMs` on is: there
   * starts may wait that have not been added. It counts as stored from now on. Null = nothing can be told.
   */
  change(atMs: number, untilMs: number): CauseChange | null {
    const { history } = this;
    const settled = new Set(history.settled(atMs));
    const open = history.bursts.find((burst) => !settled.has(burst))?.span ?? history.open;
    const resumeMs = Math.min(untilMs, this.walkedMs, open?.triggerMs ?? Infinity);
    if (resumeMs < this.unstoredMs) return null;
    const bursts = this.waiting().filter(({ span }) => span.triggerMs < resumeMs);
    const { beganMs } = history.starts;
    const change = {
      fromMs: this.unstoredMs,
      beforeMs: resumeMs,
      spans: bursts.map(({ span }) => span),
      found: bursts.flatMap((burst) => this.found(burst)),
      progress: {
        mark: causeMark(this.settings),
        resumeMs,
        beganMs: Number.isFinite(beganMs) ? beganMs : null,
      },
    };
    this.unstoredMs = resumeMs;
    this.toldMs = resumeMs;
    return change;
  }

  /** Forgets what starts no more than LATE_MAX_MS late do not need. */
  forget(): void {
    const fromMs = Math.min(this.unstoredMs, this.walkedMs) - LATE_MAX_MS;
    this.history.forget(fromMs);
    this.heldMs = Math.max(this.heldMs, fromMs);
  }

  /** Causes that may still change: of the bursts not stored yet, and the one that still grows. */
  provisional(): ProvisionalCause[] {
    const open = this.history.provisional();
    const ended = this.waiting().flatMap((burst) => this.found(burst));
    const growing = open ? this.found(open) : [];
    return [
      ...ended.map((cause) => Object.assign(cause, { isGrowing: false })),
      ...growing.map((cause) => Object.assign(cause, { isGrowing: true })),
    ];
  }

  /** What the newest records say against one another, and how much of them is missing. */
  doubts(): RecordDoubts {
    return recordDoubts(this.records.networkAt(Number.MAX_SAFE_INTEGER).network);
  }

  private waiting(): Burst[] {
    return this.history.bursts.filter(({ span }) => span.triggerMs >= this.unstoredMs);
  }

  private found(burst: Burst): FoundCause[] {
    return causeFindings(burst, (fromMs, untilMs) => this.records.activeWorks(fromMs, untilMs));
  }

  /** The index in the records of an id, -1 = no record names it. */
  indexOf(line: number): number {
    if (line >= this.recordOf.length) {
      const larger = new Int32Array(Math.max(1024, line * 2)).fill(UNSEEN);
      larger.set(this.recordOf);
      this.recordOf = larger;
    }
    if (this.recordOf[line] === UNSEEN) {
      this.recordOf[line] = this.records.indexOf(this.nameOf(line));
    }
    return this.recordOf[line]!;
  }
}
