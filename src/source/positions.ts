// Where we are in each partition of the log and where the log ends, from what was read and from checks
// against the broker. Judges when a position is lost: librdkafka does not say of which partition, and
// says nothing at all when records of others came in the same call. Pure: time comes in as arguments.
// Invariant: a position moves only by assign, by a record at or after it, or by an end at or after it.

import type { LogRecord } from './log.js';

/** A partition whose next offset the log does not hold. */
export interface PositionLost {
  readonly partition: number;
  /** our next offset */
  readonly position: number;
  /** the log's first offset: go on from here when position < low */
  readonly low: number;
  /** the offset after the log's last record; position > high means that the log was made again */
  readonly high: number;
}

/** A partition with records that do not come is unreadable after this time, in ms. */
export const STALL_MS = 5000;

/** The same while other partitions keep us busy, in ms: its records may only be waiting their turn. */
export const BUSY_STALL_MS = 30_000;

/** How long until a healthy partition is checked again, in ms. */
export const CHECK_EVERY_MS = 5000;

/** How long until a partition that did not answer is asked again, in ms. */
export const ASK_AGAIN_MS = 1000;

/** How long until a partition that looks lost is checked again, in ms. */
export const RECHECK_MS = 250;

interface Partition {
  position: number;
  dueMs: number;
  /** the log's beginning as it was found last: it never goes back */
  low: number;
  /** a check found records missing at this position; null when all is well */
  suspect: { position: number; takes: number; emptyTakes: number; sinceMs: number } | null;
}

/** The partitions assigned to one log. */
export class Positions {
  /** partition -> next offset to be read; a live view */
  readonly next = new Map<number, number>();
  /** partition -> offset after the last record, where known; a live view */
  readonly ends = new Map<number, number>();
  /** partition -> why it cannot be read; a live view */
  readonly errors = new Map<number, string>();
  /** partition -> the lost position; a live view */
  readonly lost = new Map<number, PositionLost>();
  /** partitions whose log may be another one by now: nothing is handed out until assigned; a live view */
  readonly doubted = new Set<number>();
  /** partitions whose fetching is worth starting again; a live view */
  readonly stalled = new Set<number>();
  /** what the last failed call for records said */
  readError: string | null = null;
  readonly #partitions = new Map<number, Partition>();
  #takes = 0;
  #emptyTakes = 0;

  /** Puts a partition at an offset, new or not; what was wrong with it is forgotten. */
  assign(partition: number, position: number): void {
    this.#partitions.set(partition, { position, dueMs: 0, suspect: null, low: 0 });
    this.next.set(partition, position);
    this.doubted.delete(partition);
    this.#heal(partition);
  }

  /** Takes a partition away. */
  remove(partition: number): void {
    this.#partitions.delete(partition);
    this.next.delete(partition);
    this.ends.delete(partition);
    this.doubted.delete(partition);
    this.#heal(partition);
  }

  /**
   * Of a run of records of one partition keeps those that are to be handed out, not those that were
   * before: they stand from `kept` on. Returns the index behind them.
   */
  accept(records: LogRecord[], from: number, until: number, kept: number): number {
    const { partition } = records[from]!;
    const at = this.#partitions.get(partition);
    if (at === undefined || this.doubted.has(partition)) return kept;
    for (let i = from; i < until; i++) {
      const record = records[i]!;
      if (record.offset < at.position) continue;
      at.position = record.offset + 1;
      records[kept++] = record;
    }
    return kept;
  }

  /** After records of a partition were accepted; `high` is the end as the broker last sent it. */
  moved(partition: number, high: number): void {
    const at = this.#partitions.get(partition);
    if (at === undefined) return;
    this.next.set(partition, at.position);
    this.ends.set(partition, Math.max(high, at.position));
    at.suspect = null;
    if (this.errors.size > 0 || this.lost.size > 0) this.#heal(partition);
  }

  /** The log ended at `offset` when we were there; passes over what is no record (control marks). */
  reachedEnd(partition: number, offset: number): void {
    const at = this.#partitions.get(partition);
    if (at === undefined || offset < at.position) return;
    at.position = offset;
    this.moved(partition, offset);
  }

  /** One call for records has ended, with records or without. */
  taken(records: number): void {
    this.#takes++;
    if (records === 0) this.#emptyTakes++;
  }

  /** What the broker answered to a check that was asked when our position was `position`. */
  checked(partition: number, position: number, low: number, high: number, nowMs: number): void {
    const at = this.#partitions.get(partition);
    if (at === undefined) return;
    if (low < at.low) this.doubted.add(partition);
    at.low = low;
    const gone = position < low || position > high;
    const unmoved = at.position === position;
    at.dueMs = nowMs + (gone && unmoved ? RECHECK_MS : CHECK_EVERY_MS);
    this.ends.set(partition, unmoved ? high : Math.max(high, at.position));
    if (this.lost.has(partition)) {
      this.#report(partition, position, low, high);
      return;
    }
    this.errors.delete(partition);
    this.stalled.delete(partition);
    if (!unmoved || position === high) at.suspect = null;
    else if (at.suspect === null || at.suspect.position !== position) {
      const counts = { takes: this.#takes, emptyTakes: this.#emptyTakes };
      at.suspect = { position, ...counts, sinceMs: nowMs };
    } else this.#judge(partition, at.suspect, { gone, low, high, nowMs });
  }

  /** A check got no answer. */
  unanswered(partition: number, reason: string, nowMs: number): void {
    const at = this.#partitions.get(partition);
    if (at === undefined) return;
    at.dueMs = nowMs + ASK_AGAIN_MS;
    this.errors.set(partition, `partition ${partition} does not answer: ${reason}`);
  }

  /** The topic was away: when it is there again it may be another one, with a log past our positions. */
  doubtAll(): void {
    for (const partition of this.#partitions.keys()) this.doubted.add(partition);
  }

  /** Makes all checks due: something is wrong with a partition, but nobody says which. */
  checkAll(): void {
    for (const at of this.#partitions.values()) at.dueMs = 0;
  }

  /** The partitions whose check is due. */
  due(nowMs: number): number[] {
    const due: number[] = [];
    for (const [partition, at] of this.#partitions) if (at.dueMs <= nowMs) due.push(partition);
    return due;
  }

  /** Records that we fetched earlier may still wait in our own queue: only an empty call, or time. */
  #judge(
    partition: number,
    suspect: NonNullable<Partition['suspect']>,
    seen: { gone: boolean; low: number; high: number; nowMs: number },
  ): void {
    const waitedMs = this.#takes > suspect.takes ? seen.nowMs - suspect.sinceMs : 0;
    const emptied = this.#emptyTakes > suspect.emptyTakes;
    if (seen.gone && (emptied || waitedMs >= STALL_MS)) {
      this.#report(partition, suspect.position, seen.low, seen.high);
    } else if (!seen.gone && waitedMs >= (emptied ? STALL_MS : BUSY_STALL_MS)) {
      this.stalled.add(partition);
      this.errors.set(
        partition,
        `no record of partition ${partition} for ${Math.round(waitedMs / 1000)} s, though its log ` +
          `goes from ${suspect.position} to ${seen.high}` +
          (this.readError === null ? '' : `: ${this.readError}`),
      );
    }
  }

  #report(partition: number, position: number, low: number, high: number): void {
    this.lost.set(partition, { partition, position, low, high });
    this.errors.set(
      partition,
      `offset ${position} of partition ${partition} is not in its log, which goes ` +
        `from ${low} to ${high}`,
    );
  }

  #heal(partition: number): void {
    this.errors.delete(partition);
    this.lost.delete(partition);
    this.stalled.delete(partition);
  }
}
