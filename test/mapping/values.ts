// What the twin and the reader of tables share: what comes out of a text, what a value is worth as
// text, and how a time is read. Times are exact decimals, cut to whole ms toward zero after
// scaling.

import type { DecodedEvent, EventReject, TextReject } from '../judge/decode.js';
import type { JsonNode } from '../judge/json.js';
import { timeOfText } from '../judge/time.js';

/** A record that is no alarm: it is counted and leaves nothing else. */
export interface SkippedRecord {
  kind: 'skipped';
  at: number;
  end: number;
}

/**
 * What a mapping makes of the object at bytes `at` to `end`. Of what is wrong with a record only
 * the first is named, in the order line, state, time, alarm, cause.
 */
export type Mapped = DecodedEvent | EventReject | SkippedRecord;

/** What a mapping makes of a text. */
export type MappedItem = Mapped | TextReject;

/** How a text is read. */
export interface MapOptions {
  file?: boolean;
  /** IANA name of the zone of times without an offset; without it they are rejected. */
  timeZone?: string;
}

/** Bytes of a name. */
const NAME_BYTES_MAX = 256;
/** No time is so long that its digits or exponent need more. */
const EXPONENT_MAX = 400;
const TIME_LIMIT = 2n ** 53n;

/** A text, and whether it is well-formed; null for what has none: absent, null, objects, arrays. */
export function textOf(node: JsonNode | undefined): { text: string; isGood: boolean } | null {
  if (node?.kind === 'string') return { text: node.text, isGood: node.wellFormed };
  if (node?.kind === 'number') return { text: node.text, isGood: true };
  if (node?.kind === 'word' && node.value !== null) {
    return { text: String(node.value), isGood: true };
  }
  return null;
}

/** Neither absent nor null. */
export function isThere(node: JsonNode | undefined): boolean {
  return node !== undefined && !(node.kind === 'word' && node.value === null);
}

/** Whether a value's text is one of some. */
export function isOneOf(node: JsonNode | undefined, values: readonly string[]): boolean {
  const text = textOf(node);
  return text !== null && text.isGood && values.includes(text.text);
}

/** What a value and the constants around it give: a text, null = none, 'wrong' = no good name. */
export function nameOf(
  parts: readonly { constant: string; node: JsonNode | undefined | null; isOptional: boolean }[],
): string | null | 'wrong' {
  let name = '';
  let isGood = true;
  for (const { constant, node, isOptional } of parts) {
    const value = node === null ? { text: '', isGood: true } : textOf(node);
    if (node !== null && (value === null || value.text === '')) {
      if (isOptional) continue;
      return null;
    }
    name += constant + value!.text;
    isGood &&= value!.isGood;
  }
  if (!isGood || Buffer.byteLength(name) > NAME_BYTES_MAX) return 'wrong';
  return name === '' ? null : name;
}

/** A time in epoch ms, or null. */
export function readTime(node: JsonNode, unit: string, timeZone?: string): number | null {
  if (node.kind === 'number') return scaled(node.text, unit);
  if (node.kind !== 'string' || !node.wellFormed) return null;
  return /^\d+$/.test(node.text) ? scaled(node.text, unit) : timeOfText(node.text, timeZone);
}

function scaled(text: string, unit: string): number | null {
  const [, sign, whole, fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)!;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return 0;
  // value = digits * 10^exponent; where its first digit stands bounds what is computed.
  const exponent = Number(power) - fraction.length;
  const first = String(digits).length + exponent;
  if (first > EXPONENT_MAX) return null;
  if (first < -EXPONENT_MAX) return 0;
  const ms = cut(digits, exponent + shiftOf(unit, cut(digits, exponent)));
  return ms >= TIME_LIMIT || (sign === '-' && ms > 0n) ? null : Number(ms);
}

/** digits * 10^exponent without its fraction. */
function cut(digits: bigint, exponent: number): bigint {
  return exponent >= 0 ? digits * 10n ** BigInt(exponent) : digits / 10n ** BigInt(-exponent);
}

function shiftOf(unit: string, whole: bigint): number {
  if (unit === 's') return 3;
  if (unit === 'ms') return 0;
  if (unit === 'us') return -3;
  if (unit === 'ns') return -6;
  if (whole < 10n ** 11n) return 3;
  if (whole < 10n ** 14n) return 0;
  return whole < 10n ** 17n ? -3 : -6;
}
