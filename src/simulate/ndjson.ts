// Native NDJSON bytes of simulated events (SPEC section 3), written without a string per event: the
// line's opening and the ending of each code are made once. Invariant: one object and a newline.

import { MEANINGS } from './alarms.js';
import type { SimulatedEvent } from './stream.js';

/** The ready-made bytes of a list of lines. */
export interface EventBytes {
  /** no event is longer than this */
  readonly maxBytes: number;
  readonly openings: Uint8Array;
  /** where a line's opening starts; one more entry than lines */
  readonly offsets: Int32Array;
  /** by code */
  readonly endings: readonly Uint8Array[];
}

const MAX_TIME_DIGITS = 16;
const ZERO = 48;

/** Prepares the writing of events of these lines. */
export function prepareEventBytes(lineNames: readonly string[]): EventBytes {
  const parts = lineNames.map((name) => Buffer.from(`{"line":${JSON.stringify(name)},"time":`));
  const offsets = new Int32Array(parts.length + 1);
  let longest = 0;
  parts.forEach((part, line) => {
    offsets[line + 1] = offsets[line] + part.length;
    longest = Math.max(longest, part.length);
  });
  const endings = MEANINGS.map(({ alarm, cause, down, severity }) => {
    const rest = { state: down ? 'down' : 'up', alarm, severity, ...(cause && { cause }) };
    return Buffer.from(`,${JSON.stringify(rest).slice(1)}\n`);
  });
  const maxEnding = Math.max(...endings.map((ending) => ending.length));
  return {
    maxBytes: longest + MAX_TIME_DIGITS + maxEnding,
    openings: Buffer.concat(parts),
    offsets,
    endings,
  };
}

/**
 * Writes one event at `position` and returns the position behind it.
 * @param target must have room for bytes.maxBytes
 */
export function writeEvent(
  target: Uint8Array,
  position: number,
  event: Readonly<SimulatedEvent>,
  bytes: EventBytes,
): number {
  const { openings, offsets } = bytes;
  let at = position;
  for (let i = offsets[event.line]; i < offsets[event.line + 1]; i++) target[at++] = openings[i];
  let digits = 1;
  for (let power = 10; power <= event.timeMs; power *= 10) digits++;
  let rest = event.timeMs;
  for (let i = at + digits - 1; i >= at; i--) {
    const quotient = Math.floor(rest / 10);
    target[i] = ZERO + (rest - quotient * 10);
    rest = quotient;
  }
  at += digits;
  const ending = bytes.endings[event.code];
  target.set(ending, at);
  return at + ending.length;
}
