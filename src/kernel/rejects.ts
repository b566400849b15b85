// Rejections as the host sees them: reason in words, place, and a bounded sample of the text.

import * as L from '../../assembly/layout.js';
import type { Kernel } from './kernel.js';
import { skewWords } from './skew.js';

/** Bytes of the rejected text that are kept. */
export const SAMPLE_BYTES_MAX = 256;

/** One rejected object, or one text that broke. */
export interface Reject {
  /** Kafka: the record's offset. File: the byte position of the object. */
  readonly position: number;
  readonly reason: string;
  /** Where in the record or file: "line 3, byte 17 of the object". */
  readonly place: string;
  /** The text from the object's start, cut at SAMPLE_BYTES_MAX bytes; '' where there is none. */
  readonly sample: string;
}

const NAMES = `${L.NAME_BYTES_MAX} bytes`;

const REASONS: Readonly<Record<number, string>> = {
  [L.REASON_SYNTAX]: 'not JSON here',
  [L.REASON_CONTROL]: 'not JSON: an unescaped control character in a string',
  [L.REASON_ESCAPE]: 'not JSON: no such escape in a string',
  [L.REASON_NUMBER]: 'not JSON: a malformed number',
  [L.REASON_DEPTH]: `nested deeper than ${L.DEPTH_MAX} levels`,
  [L.REASON_TRUNCATED]: 'the text ends inside an object or array',
  [L.REASON_TOP_LEVEL]: 'an object or an array of objects is expected here',
  [L.REASON_NESTED_ARRAY]: 'an array in an array',
  [L.REASON_SEPARATOR]: 'white space is expected between objects',
  [L.REASON_NULL_VALUE]: 'the record has no value',
  [L.REASON_TOO_LONG]: 'longer than the inbox: raise objectBytesMax',
  [L.REASON_LINE_MISSING]: 'no "line"',
  [L.REASON_LINE_TYPE]: '"line" is no string',
  [L.REASON_LINE_LENGTH]: `"line" must have 1 byte to ${NAMES}`,
  [L.REASON_LINE_TEXT]: '"line" is not valid UTF-8',
  [L.REASON_KEY]: `"key" must be a string of 1 byte to ${NAMES}`,
  [L.REASON_STATE_MISSING]: 'no "state"',
  [L.REASON_STATE]: '"state" must be "down" or "up"',
  [L.REASON_TIME_MISSING]: 'no "time"',
  [L.REASON_TIME_TYPE]: '"time" must be a number of ms or an RFC 3339 string',
  [L.REASON_TIME_RANGE]: '"time" must be at least 0 and below 2^53 ms',
  [L.REASON_TIME_FORMAT]: '"time" is no RFC 3339 time such as 2006-11-30T23:20:00+08:00',
  [L.REASON_TIME_OFFSET]: '"time" has no offset from UTC: set timeZone, or send one',
  [L.REASON_ALARM]: `"alarm" must be a string of at most ${NAMES}`,
  [L.REASON_CAUSE]: `"cause" must be a string of at most ${NAMES}`,
  [L.REASON_LINES_MAX]: 'one line or key more than linesMax or keyBytesMax allows',
  [L.REASON_NAMES_MAX]: 'one alarm or cause more than namesMax allows',
  [L.REASON_ALARMS_MAX]: 'one active alarm more than alarmsMax or alarmsPerLineMax allows',
};

/** Takes the rejects that wait in the kernel, oldest first. */
export function takeRejects(kernel: Kernel): Reject[] {
  const count = kernel.control[L.CTL_REJECTS]!;
  kernel.control[L.CTL_REJECTS] = 0;
  return Array.from({ length: count }, (_, row) => readReject(kernel, row));
}

function readReject(kernel: Kernel, row: number): Reject {
  const word = (column: number): number => kernel.u32[kernel.rejectColumn(column) / 4 + row]!;
  const position = kernel.f64[kernel.rejectColumn(L.REJECT_POSITION) / 8 + row]!;
  const code = word(L.REJECT_REASON);
  const aheadMs = kernel.f64[kernel.rejectColumn(L.REJECT_AHEAD) / 8 + row]!;
  const reason = code === L.REASON_SKEW ? skewWords(aheadMs) : (REASONS[code] ?? `reason ${code}`);
  if (word(L.REJECT_FRAME) === 0xffff_ffff) {
    return { position, reason, place: `position ${position}`, sample: '' };
  }
  const from = word(L.REJECT_FROM);
  const offset = word(L.REJECT_AT) - from;
  const place = `line ${word(L.REJECT_LINE)}, byte ${offset} of the object`;
  return { position, reason, place, sample: sampleAt(kernel, from) };
}

function sampleAt(kernel: Kernel, from: number): string {
  const { inbox } = kernel;
  let end = Math.min(from + SAMPLE_BYTES_MAX, inbox.length);
  const stop = inbox.subarray(from, end).findIndex((byte) => byte === 0 || byte === 10);
  if (stop >= 0) end = from + stop;
  return Buffer.from(inbox.subarray(from, end)).toString('utf8');
}
