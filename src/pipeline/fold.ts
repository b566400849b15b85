// The fold of one partition: text or columns in, findings out, nothing dropped on the way. It calls
// the kernel until the input at hand is read, has the findings taken when a table is full, and puts
// a larger kernel in the place of one that has no room.

import { isDeepStrictEqual } from 'node:util';
import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../config/errors.js';
import { GROW_AT, grow } from '../kernel/grow.js';
import type { Kernel } from '../kernel/kernel.js';
import { type Reject, takeRejects } from '../kernel/rejects.js';
import { EVENT_COLUMNS, EventSorter } from './sort.js';

/** Where a fold's output goes. */
export interface FoldSink {
  /** Takes the rows of every table of findings; the fold then empties the tables. */
  takeFindings(kernel: Kernel): void | Promise<void>;
  /** Takes rejections, in order. */
  takeRejects(rejects: readonly Reject[]): void;
}

/** Takes decoded events in the place of the rules. */
export interface EventTaker {
  /** Copies what it wants of the CTL_EVENTS events in the kernel's columns. */
  take(kernel: Kernel): void;
}

/** A record of a log as the fold takes it. */
export interface LogFrame {
  readonly offset: number;
  /** Epoch ms, -1 = none. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** Folds one partition's input into its kernel. */
export class Fold {
  kernel: Kernel;
  private readonly sink: FoldSink;
  private taker: EventTaker | null = null;
  /** Bytes of the values of the records that were read. */
  valueBytes = 0;

  constructor(kernel: Kernel, sink: FoldSink) {
    this.kernel = kernel;
    this.sink = sink;
  }

  /** Room at the inbox's end for the next piece of a stream. */
  streamRoom(bytesMax: number): Uint8Array {
    const { inbox } = this.kernel;
    const length = this.kernel.control[L.CTL_INBOX_LENGTH]!;
    return inbox.subarray(length, Math.min(length + bytesMax, inbox.length));
  }

  /** Reads `bytes` bytes that were put into `streamRoom`; `final` ends the stream. */
  async stream(bytes: number, final: boolean): Promise<void> {
    this.kernel.control[L.CTL_INBOX_LENGTH] = this.kernel.control[L.CTL_INBOX_LENGTH]! + bytes;
    await this.decode(() => this.kernel.calls.decodeStream(final ? 1 : 0));
    if (final) this.kernel.calls.resetDecoder();
  }

  /** Reads a copy of a piece of a stream of any length. */
  async streamPiece(piece: Uint8Array): Promise<void> {
    for (let from = 0; from < piece.length;) {
      const room = this.streamRoom(piece.length - from);
      room.set(piece.subarray(from, from + room.length));
      from += room.length;
      await this.stream(room.length, false);
    }
  }

  /** Reads the records from `from` to before `until`. */
  async frames(records: readonly LogFrame[], from: number, until: number): Promise<void> {
    for (let next = from; next < until;) {
      next = this.packFrames(records, next, until);
      if (this.kernel.control[L.CTL_FRAMES] !== 0) {
        await this.decode(() => this.kernel.calls.decodeFrames());
      }
    }
  }

  /** Index of a name in a dictionary, given when it is new. */
  async intern(dictionary: number, name: string): Promise<number> {
    for (;;) {
      const index = this.kernel.intern(dictionary, name);
      if (index !== 0) return index;
      await this.makeLarger();
    }
  }

  /** A key leads to a line from now on (SPEC section 2, line). */
  async alias(key: string, line: string): Promise<void> {
    const encoder = new TextEncoder();
    for (;;) {
      const { inbox } = this.kernel;
      const keyBytes = encoder.encodeInto(key, inbox).written;
      const lineBytes = encoder.encodeInto(line, inbox.subarray(keyBytes)).written;
      if (this.kernel.calls.addAlias(keyBytes, lineBytes) !== L.ALIAS_NO_ROOM) return;
      await this.makeLarger();
    }
  }

  /** Lines that have had an event. */
  get linesSeen(): number {
    return this.kernel.control[L.CTL_LINES_SEEN]!;
  }

  /** Applies `rows` events: bytes of the columns time, position, target, key, alarm, cause, state. */
  async columns(rows: number, columns: readonly Uint8Array[]): Promise<void> {
    const { events } = this.kernel.options.capacities;
    for (let from = 0; from < rows; from += events) {
      const count = Math.min(events, rows - from);
      EVENT_COLUMNS.forEach(({ column, bytes }, i) => {
        const piece = columns[i]!.subarray(from * bytes, (from + count) * bytes);
        this.kernel.bytes.set(piece, this.kernel.eventColumn(column));
      });
      this.kernel.control[L.CTL_EVENTS] = count;
      await this.detect();
    }
  }

  /** Counts rejected rows that never became events. */
  countRejected(rows: number): void {
    this.kernel.control[L.CTL_REJECTED] = this.kernel.control[L.CTL_REJECTED]! + rows;
  }

  /**
   * From now on events are kept in the order of their times instead of being applied; the function
   * that is returned applies them all.
   */
  sortByTime(): () => Promise<void> {
    const sorter = new EventSorter();
    this.taker = sorter;
    return async () => {
      this.taker = null;
      for (const { rows, columns } of sorter.batches()) await this.columns(rows, columns);
    };
  }

  /** From now on decoded events are handed over instead of being applied. */
  handOver(taker: EventTaker): void {
    this.taker = taker;
  }

  /** Applies the events that the host has put into the event columns (CTL_EVENTS of them). */
  async detect(): Promise<void> {
    if (this.taker) {
      this.taker.take(this.kernel);
      this.kernel.control[L.CTL_EVENTS] = 0;
      return;
    }
    for (;;) {
      const stop = this.kernel.calls.detect();
      if (stop === L.STOP_DONE) return;
      await this.makeRoom(stop);
    }
  }

  /** Reads the open state at time c as findings (SPEC section 2, reading time). */
  async read(atMs: number): Promise<void> {
    await this.drain();
    const lines = this.kernel.nameCount(L.DICTIONARY_KEYS);
    while (this.kernel.calls.read(atMs, lines) === L.STOP_FINDINGS) await this.drain();
    await this.drain();
  }

  /** Has all findings and rejects taken. */
  async drain(): Promise<void> {
    this.passRejects();
    await this.sink.takeFindings(this.kernel);
    for (let kind = 0; kind < L.KINDS; kind++) this.kernel.control[L.CTL_FOUND + kind] = 0;
  }

  private async decode(call: () => number): Promise<void> {
    for (;;) {
      const stop = call();
      // Events are applied only when all at hand have their lines.
      const { control } = this.kernel;
      if (control[L.CTL_EVENTS_NAMED] === control[L.CTL_EVENTS]) await this.detect();
      if (stop === L.STOP_DONE) break;
      await this.makeRoom(stop);
    }
    this.passRejects();
    if (this.kernel.nameCount(L.DICTIONARY_KEYS) > this.kernel.options.capacities.lines * GROW_AT) {
      const { linesMax } = this.kernel.options.limits;
      if (this.kernel.options.capacities.lines < linesMax) await this.enlarge();
    }
  }

  private async makeRoom(stop: number): Promise<void> {
    if (stop === L.STOP_FINDINGS) await this.drain();
    else if (stop === L.STOP_REJECTS) this.passRejects();
    else if (stop === L.STOP_GROW) await this.enlarge();
  }

  /** Has all findings taken and puts a larger kernel, where it may be one, in the place of this. */
  async enlarge(): Promise<void> {
    await this.drain();
    this.kernel = grow(this.kernel);
  }

  /** The same for one without room. Throws MEMORY_LIMIT when it may not grow any more. */
  async makeLarger(): Promise<void> {
    const { capacities } = this.kernel.options;
    await this.enlarge();
    const { capacities: after, limits } = this.kernel.options;
    if (!isDeepStrictEqual(capacities, after)) return;
    throw new FlaplineError(
      'MEMORY_LIMIT',
      `the kernel may not grow any more: raise linesMax (${limits.linesMax}), keyBytesMax, ` +
        `namesMax (${limits.namesMax}) or alarmsMax (${limits.alarmsMax}), or name fewer lines`,
    );
  }

  /**
   * Copies records into the inbox as frames, each followed by a zero byte, as many as it holds; returns
   * the index behind them. The one copy of a record's bytes: about 0.3 us each.
   */
  private packFrames(records: readonly LogFrame[], from: number, until: number): number {
    const { bytes, f64, u32, control } = this.kernel;
    const { frames: capacity, inboxBytes } = this.kernel.options.capacities;
    const base = this.kernel.region(L.REGION_FRAMES);
    const column = (index: number, width: number): number => (base + index * capacity) / width;
    const offsets = column(L.FRAME_OFFSET, 8);
    const times = column(L.FRAME_TIME, 8);
    const starts = column(L.FRAME_START, 4);
    const lengths = column(L.FRAME_LENGTH, 4);
    const inboxAt = this.kernel.region(L.REGION_INBOX);
    const end = inboxAt + inboxBytes - L.TEXT_PADDING;
    let at = inboxAt;
    let count = 0;
    let next = from;
    for (; next < until && count < capacity; next++) {
      const { offset, timestamp, value } = records[next]!;
      const length = value === null ? 0 : value.length;
      if (at + length > end) {
        // One that never fits is told in its turn: after what the records before it have to say.
        if (count > 0) break;
        this.rejectTooLong(offset, length, inboxBytes);
        continue;
      }
      if (value !== null) bytes.set(value, at);
      f64[offsets + count] = offset;
      f64[times + count] = timestamp;
      u32[starts + count] = at - inboxAt;
      u32[lengths + count] = value === null ? 0xffff_ffff : length;
      at += length;
      bytes[at++] = 0;
      count++;
    }
    control[L.CTL_FRAMES] = count;
    this.valueBytes += at - inboxAt - count;
    return next;
  }

  private rejectTooLong(offset: number, length: number, inboxBytes: number): void {
    const reason = `a record of ${length} bytes does not fit the inbox of ${inboxBytes}: raise objectBytesMax`;
    this.sink.takeRejects([{ position: offset, reason, place: `offset ${offset}`, sample: '' }]);
    this.countRejected(1);
  }

  private passRejects(): void {
    if (this.kernel.control[L.CTL_REJECTS] === 0) return;
    // Those of the rules come after those of the decoder: by position they are in order again.
    this.sink.takeRejects(takeRejects(this.kernel).toSorted((a, b) => a.position - b.position));
  }
}
