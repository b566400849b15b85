// The kernel's decoder alone, its events and rejects read as rows, and held against the reference
// decoder: the same events, the same places, and for each reject a reason among those that hold.

import * as L from '../../assembly/layout.js';
import { grow } from '../../src/kernel/grow.js';
import { Kernel } from '../../src/kernel/kernel.js';
import type { Decoded, EventReject, Field } from '../judge/decode.js';
import { type RunOptions, kernelOptions } from './run.js';
import { type EventRow, readEventRows } from './rows.js';

/** A row of the reject columns; `at` and `from` are places in the inbox. */
export interface RejectRow {
  readonly position: number;
  readonly reason: number;
  readonly at: number;
  readonly from: number;
  /** From 1: the text line on which `at` stands. */
  readonly lineNumber: number;
  readonly frame: number;
}

/** What decoding gave, each in its order. */
export interface DecodedRows {
  readonly events: EventRow[];
  readonly rejects: RejectRow[];
}

/** A decoder that calls the kernel's first stage only. */
export class Decoder {
  kernel: Kernel;
  private events: EventRow[] = [];
  private rejects: RejectRow[] = [];

  constructor(options: RunOptions) {
    this.kernel = new Kernel(kernelOptions(options));
  }

  /** Records that were counted as no alarm. */
  get skipped(): number {
    return this.kernel.control[L.CTL_SKIPPED]!;
  }

  /** Decodes one stream from its pieces, none of them longer than the inbox has room. */
  stream(pieces: Iterable<Uint8Array>): DecodedRows {
    this.kernel.calls.resetDecoder();
    for (const piece of pieces) {
      for (let from = 0; from < piece.length;) from += this.put(piece.subarray(from));
    }
    this.call(() => this.kernel.calls.decodeStream(1));
    return this.take();
  }

  /** Decodes records, as many of them at once as the kernel has room for. */
  frames(values: readonly (Uint8Array | null)[]): DecodedRows {
    const { frames, inboxBytes } = this.kernel.options.capacities;
    this.kernel.calls.resetDecoder();
    for (let from = 0; from < values.length;) {
      let [count, bytes] = [0, 0];
      while (count < frames && from + count < values.length) {
        const length = (values[from + count]?.length ?? 0) + 1;
        if (bytes + length > inboxBytes) break;
        bytes += length;
        count += 1;
      }
      this.putFrames(values.slice(from, from + count), from);
      this.call(() => this.kernel.calls.decodeFrames());
      from += count;
    }
    return this.take();
  }

  private put(piece: Uint8Array): number {
    const { inbox, control } = this.kernel;
    const length = control[L.CTL_INBOX_LENGTH];
    const part = piece.subarray(0, inbox.length - length);
    inbox.set(part, length);
    control[L.CTL_INBOX_LENGTH] = length + part.length;
    this.call(() => this.kernel.calls.decodeStream(0));
    return part.length;
  }

  private putFrames(values: readonly (Uint8Array | null)[], firstOffset: number): void {
    const { kernel } = this;
    const { frames } = kernel.options.capacities;
    const base = kernel.region(L.REGION_FRAMES);
    let at = 0;
    values.forEach((value, i) => {
      if (value) kernel.inbox.set(value, at);
      kernel.f64[(base + L.FRAME_OFFSET * frames) / 8 + i] = firstOffset + i;
      kernel.f64[(base + L.FRAME_TIME * frames) / 8 + i] = -1;
      kernel.u32[(base + L.FRAME_START * frames) / 4 + i] = at;
      kernel.u32[(base + L.FRAME_LENGTH * frames) / 4 + i] = value ? value.length : 0xffff_ffff;
      at += value?.length ?? 0;
      kernel.bytes[kernel.region(L.REGION_INBOX) + at++] = 0;
    });
    kernel.control[L.CTL_FRAMES] = values.length;
  }

  private call(decode: () => number): void {
    for (;;) {
      const stop = decode();
      const { control } = this.kernel;
      // Events have their lines once the text at hand is read or the columns are full.
      if (stop === L.STOP_DONE || stop === L.STOP_EVENTS) {
        for (const event of readEventRows(this.kernel)) this.events.push(event);
        control[L.CTL_EVENTS] = 0;
      }
      for (let row = 0; row < control[L.CTL_REJECTS]; row++) this.rejects.push(this.rejectRow(row));
      control[L.CTL_REJECTS] = 0;
      if (stop === L.STOP_DONE) return;
      if (stop === L.STOP_GROW) this.kernel = grow(this.kernel);
    }
  }

  private rejectRow(row: number): RejectRow {
    const { kernel } = this;
    const word = (column: number): number => kernel.u32[kernel.rejectColumn(column) / 4 + row];
    return {
      position: kernel.f64[kernel.rejectColumn(L.REJECT_POSITION) / 8 + row],
      reason: word(L.REJECT_REASON),
      at: word(L.REJECT_AT),
      from: word(L.REJECT_FROM),
      lineNumber: word(L.REJECT_LINE),
      frame: word(L.REJECT_FRAME),
    };
  }

  private take(): DecodedRows {
    const rows = { events: this.events, rejects: this.rejects };
    [this.events, this.rejects] = [[], []];
    return rows;
  }
}

/** Which field each reason is about. */
const FIELD_OF: Readonly<Record<number, Field>> = {
  [L.REASON_LINE_MISSING]: 'line',
  [L.REASON_LINE_TYPE]: 'line',
  [L.REASON_LINE_LENGTH]: 'line',
  [L.REASON_LINE_TEXT]: 'line',
  [L.REASON_KEY]: 'key',
  [L.REASON_STATE_MISSING]: 'state',
  [L.REASON_STATE]: 'state',
  [L.REASON_TIME_MISSING]: 'time',
  [L.REASON_TIME_TYPE]: 'time',
  [L.REASON_TIME_RANGE]: 'time',
  [L.REASON_TIME_FORMAT]: 'time',
  [L.REASON_TIME_OFFSET]: 'time',
  [L.REASON_ALARM]: 'alarm',
  [L.REASON_CAUSE]: 'cause',
};

/** Reasons why a text breaks, by what the judge calls it. */
const TEXT_REASONS = {
  depth: [L.REASON_DEPTH],
  'not-an-object': [L.REASON_TOP_LEVEL, L.REASON_NESTED_ARRAY, L.REASON_SYNTAX],
  text: [
    L.REASON_SYNTAX,
    L.REASON_CONTROL,
    L.REASON_ESCAPE,
    L.REASON_NUMBER,
    L.REASON_TRUNCATED,
    L.REASON_TOP_LEVEL,
    L.REASON_SEPARATOR,
  ],
} as const;

/** How a decoded item reads in a message. */
function inWords(row: EventRow | RejectRow | Decoded | undefined): string {
  return JSON.stringify(row) ?? 'nothing';
}

function differ(got: EventRow | RejectRow | undefined, wanted: Decoded | undefined): never {
  throw new Error(`got ${inWords(got)}, wanted ${inWords(wanted)}`);
}

/** The row that an item leaves in the event columns; undefined: none. */
function rowOf(item: Decoded): Omit<EventRow, 'position'> | undefined {
  if (item.kind === 'event') return { ...item.event };
  if (item.kind === 'text' || item.line === undefined) return undefined;
  const { line, key } = item;
  const named = item.wrong.includes('key') || key === undefined ? {} : { key };
  return { line, time: 0, state: 'rejected', ...named };
}

function sameEvent(row: EventRow, wanted: Omit<EventRow, 'position'>): boolean {
  return (
    row.line === wanted.line &&
    row.time === wanted.time &&
    row.state === wanted.state &&
    row.key === wanted.key &&
    row.alarm === wanted.alarm &&
    row.cause === wanted.cause
  );
}

function sameReason({ reason }: RejectRow, item: Exclude<Decoded, { kind: 'event' }>): boolean {
  if (item.kind === 'text')
    return (TEXT_REASONS[item.reason] as readonly number[]).includes(reason);
  return (item satisfies EventReject).wrong.includes(FIELD_OF[reason]);
}

/**
 * Throws unless decoding gave exactly the items. `positionOf(item)` = the position that the kernel
 * gives an item's object; a broken text is placed by its break: `at` relative to `from`.
 */
export function expectDecoded(
  rows: DecodedRows,
  items: readonly Decoded[],
  positionOf: 'byte' | number,
): void {
  let [event, reject] = [0, 0];
  for (const item of items) {
    const wanted = rowOf(item);
    const at = positionOf === 'byte' ? item.at : positionOf;
    if (wanted !== undefined) {
      const row = rows.events[event++];
      if (!row || row.position !== at || !sameEvent(row, wanted)) differ(row, item);
    }
    if (item.kind === 'event') continue;
    const row = rows.rejects[reject++];
    if (!row || !sameReason(row, item)) differ(row, item);
    const broken = positionOf === 'byte' ? row.position + row.at - row.from : row.position;
    if (broken !== at) differ(row, item);
  }
  if (event < rows.events.length) differ(rows.events[event], undefined);
  if (reject < rows.rejects.length) differ(rows.rejects[reject], undefined);
}
