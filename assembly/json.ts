// A strict JSON walker over bytes that end in a zero byte. It reads an object once, from left to
// right, keeps where the six needed fields stand, and lets nothing pass that JSON.parse would not.
// Strings are scanned 16 bytes at a time. The first byte that cannot be right is the error's place:
// when that is the text's end, more bytes may still make it good.

import * as L from './layout';
import { scratch } from './memory';

export const FIELD_LINE: u32 = 0;
export const FIELD_TIME: u32 = 1;
export const FIELD_STATE: u32 = 2;
export const FIELD_ALARM: u32 = 3;
export const FIELD_CAUSE: u32 = 4;
export const FIELD_KEY: u32 = 5;
const FIELDS: u32 = 6;
const FIELD_NONE: u32 = 15;

export const ABSENT: u32 = 0;
export const STRING: u32 = 1;
export const NUMBER: u32 = 2;
export const NULL: u32 = 3;
export const OTHER: u32 = 4;

/** A string holds escapes, or bytes above 127; a number is nothing but up to 15 digits. */
export const HAS_ESCAPE: u32 = 1;
export const HAS_HIGH: u32 = 2;
export const IS_PLAIN: u32 = 4;

/** Where a needed field stands: the text between start and end (a string's without its quotes). */
@unmanaged
export class Field {
  kind: u32;
  flags: u32;
  start: usize;
  end: usize;
}

/** Behind the field table in the scratch region: one byte an open container. */
const STACK_OFFSET: usize = 4096;

export let errorAt: usize = 0;
export let errorReason: u32 = 0;
/** Newlines passed in white space; inside strings there can be none. */
export let newlines: u32 = 0;
/** The value of the `time` field when it is plain. */
export let plainTime: i64 = 0;

let plainValue: i64 = 0;
let flags: u32 = 0;

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;

/** Sets the count of newlines, to read a text again from an earlier place. */
export function setNewlines(count: u32): void {
  newlines = count;
}

/** The needed field FIELD_... of the object read last. */
export function field(id: u32): Field {
  return changetype<Field>(scratch + <usize>id * offsetof<Field>());
}

function fail(at: usize, reason: u32): usize {
  errorAt = at;
  errorReason = reason;
  return 0;
}

/** The next byte that is not white space. */
export function skipSpace(p: usize): usize {
  while (true) {
    const c: u32 = load<u8>(p);
    if (c > 0x20) return p;
    if (c == 0x0a) newlines++;
    else if (c != 0x20 && c != 0x0d && c != 0x09) return p;
    p++;
  }
}

function isHex(c: u32): bool {
  return c - 0x30 < 10 || (c | 0x20) - 0x61 < 6;
}

/** The place behind an escape whose backslash stands at p, or 0. */
function scanEscape(p: usize): usize {
  const c: u32 = load<u8>(p, 1);
  if (c == 0x75) {
    for (let i: usize = 2; i < 6; i++) {
      if (!isHex(load<u8>(p + i))) return fail(p + i, L.REASON_ESCAPE);
    }
    return p + 6;
  }
  if (
    c == QUOTE ||
    c == BACKSLASH ||
    c == 0x2f ||
    c == 0x62 ||
    c == 0x66 ||
    c == 0x6e ||
    c == 0x72 ||
    c == 0x74
  ) {
    return p + 2;
  }
  return fail(p + 1, L.REASON_ESCAPE);
}

/**
 * The place of the closing quote of a string that begins at p (behind its quote), or 0. Sets `flags`;
 * HAS_HIGH only for a string whose text is needed.
 */
function scanString(p: usize, needed: bool): usize {
  flags = 0;
  while (true) {
    const v = v128.load(p);
    const stop = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))),
        i8x16.lt_u(v, i8x16.splat(0x20)),
      ),
    );
    const high = needed ? i8x16.bitmask(v) : 0;
    if (stop == 0) {
      if (high != 0) flags |= HAS_HIGH;
      p += 16;
      continue;
    }
    const k = ctz(stop);
    if ((high & ((1 << k) - 1)) != 0) flags |= HAS_HIGH;
    p += k;
    const c: u32 = load<u8>(p);
    if (c == QUOTE) return p;
    if (c != BACKSLASH) return fail(p, L.REASON_CONTROL);
    flags |= HAS_ESCAPE;
    p = scanEscape(p);
    if (p == 0) return 0;
  }
}

function scanDigits(p: usize): usize {
  while (<u32>load<u8>(p) - 0x30 < 10) p++;
  return p;
}

/** The place behind a number that begins at p, or 0. Sets `flags` and, for a plain one, `plainValue`. */
function scanNumber(p: usize): usize {
  flags = 0;
  const negative = load<u8>(p) == 0x2d;
  if (negative) p++;
  const digits = p;
  let c: u32 = <u32>load<u8>(p) - 0x30;
  if (c > 9) return fail(p, L.REASON_NUMBER);
  let value: i64 = c;
  p++;
  if (c != 0) {
    while ((c = <u32>load<u8>(p) - 0x30) < 10) {
      value = value * 10 + c;
      p++;
    }
  }
  let next: u32 = load<u8>(p);
  if (next != 0x2e && (next | 0x20) != 0x65) {
    if (!negative && p - digits <= 15) {
      flags = IS_PLAIN;
      plainValue = value;
    }
    return p;
  }
  if (next == 0x2e) {
    const fraction = p + 1;
    p = scanDigits(fraction);
    if (p == fraction) return fail(p, L.REASON_NUMBER);
    next = load<u8>(p);
  }
  if ((next | 0x20) == 0x65) {
    p++;
    const sign: u32 = load<u8>(p);
    if (sign == 0x2b || sign == 0x2d) p++;
    const exponent = p;
    p = scanDigits(p);
    if (p == exponent) return fail(p, L.REASON_NUMBER);
  }
  return p;
}

function scanWord(p: usize, word: u32, rest: u32): usize {
  for (let i: usize = 0; i < 4; i++) {
    if (load<u8>(p + i) != <u8>(word >> (<u32>i * 8))) return fail(p + i, L.REASON_SYNTAX);
  }
  if (rest == 0) return p + 4;
  return load<u8>(p, 4) == <u8>rest ? p + 5 : fail(p + 4, L.REASON_SYNTAX);
}

/** The place behind a number or word that begins at p, or 0. */
function scanScalar(p: usize): usize {
  const c: u32 = load<u8>(p);
  if (c - 0x30 < 10 || c == 0x2d) return scanNumber(p);
  if (c == 0x74) return scanWord(p, 0x65757274, 0);
  if (c == 0x66) return scanWord(p, 0x736c6166, 0x65);
  if (c == 0x6e) return scanWord(p, 0x6c6c756e, 0);
  return fail(p, L.REASON_SYNTAX);
}

/** The place behind a member's key and colon, p being at the key's quote, or 0. */
function scanKey(p: usize): usize {
  if (load<u8>(p) != <u8>QUOTE) return fail(p, L.REASON_SYNTAX);
  p = scanString(p + 1, false);
  if (p == 0) return 0;
  p = skipSpace(p + 1);
  if (load<u8>(p) != 0x3a) return fail(p, L.REASON_SYNTAX);
  return skipSpace(p + 1);
}

/** The place behind an array or object that begins at p, `depth` containers being open, or 0. */
function scanContainer(p: usize, depth: u32): usize {
  const stack = scratch + STACK_OFFSET;
  const base = depth;
  while (true) {
    // p is at the first byte of a value.
    let c: u32 = load<u8>(p);
    if (c == 0x7b || c == 0x5b) {
      if (++depth > <u32>L.DEPTH_MAX) return fail(p, L.REASON_DEPTH);
      store<u8>(stack + depth, <u8>c);
      p = skipSpace(p + 1);
      const close: u32 = c + 2;
      if (load<u8>(p) != <u8>close) {
        if (c == 0x7b) p = scanKey(p);
        if (p == 0) return 0;
        continue;
      }
      p++;
      depth--;
    } else if (c == QUOTE) {
      p = scanString(p + 1, false);
      if (p == 0) return 0;
      p++;
    } else {
      p = scanScalar(p);
      if (p == 0) return 0;
    }
    // A value has ended: close what ends with it, then go to the next.
    while (true) {
      if (depth == base) return p;
      p = skipSpace(p);
      c = load<u8>(p);
      const opened: u32 = load<u8>(stack + depth);
      if (c == 0x2c) {
        p = skipSpace(p + 1);
        if (opened == 0x7b) p = scanKey(p);
        if (p == 0) return 0;
        break;
      }
      if (c != opened + 2) return fail(p, L.REASON_SYNTAX);
      p++;
      depth--;
    }
  }
}

/** The needed field whose key, quote and colon stand at `key` as they are mostly written. */
function quickField(key: usize): u32 {
  const head = load<u32>(key);
  const tail = load<u32>(key, 4);
  if ((tail & 0xffff) == 0x3a22) {
    if (head == 0x656e696c) return FIELD_LINE;
    if (head == 0x656d6974) return FIELD_TIME;
  }
  const rest = tail & 0xffffff;
  if (rest == 0x3a2265) {
    if (head == 0x74617473) return FIELD_STATE;
    if (head == 0x73756163) return FIELD_CAUSE;
  }
  if (rest == 0x3a226d && head == 0x72616c61) return FIELD_ALARM;
  return head == 0x2279656b && (tail & 0xff) == 0x3a ? FIELD_KEY : FIELD_NONE;
}

/** The needed field that a key of plain bytes names. */
function fieldOf(key: usize, length: usize): u32 {
  const word = load<u32>(key);
  if (length == 4) {
    if (word == 0x656e696c) return FIELD_LINE;
    if (word == 0x656d6974) return FIELD_TIME;
  } else if (length == 5) {
    const last: u32 = load<u8>(key, 4);
    if (word == 0x74617473 && last == 0x65) return FIELD_STATE;
    if (word == 0x72616c61 && last == 0x6d) return FIELD_ALARM;
    if (word == 0x73756163 && last == 0x65) return FIELD_CAUSE;
  } else if (length == 3 && (word & 0xffffff) == 0x79656b) {
    return FIELD_KEY;
  }
  return FIELD_NONE;
}

/** The needed field that a key with escapes names: only \uXXXX can spell a letter. */
function fieldOfEscaped(key: usize, end: usize): u32 {
  const plain = scratch + <usize>FIELDS * offsetof<Field>();
  let length: usize = 0;
  while (key < end) {
    if (length == 5) return FIELD_NONE;
    let c: u32 = load<u8>(key);
    if (c == BACKSLASH) {
      if (load<u8>(key, 1) != 0x75) return FIELD_NONE;
      c = hex4(key + 2);
      if (c > 0x7f) return FIELD_NONE;
      key += 6;
    } else {
      key++;
    }
    store<u8>(plain + length, <u8>c);
    length++;
  }
  return fieldOf(plain, length);
}

/** The value of four hexadecimal digits that are known to be such. */
export function hex4(p: usize): u32 {
  let value: u32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const c: u32 = load<u8>(p + i);
    value = (value << 4) | (c < 0x3a ? c - 0x30 : (c | 0x20) - 0x57);
  }
  return value;
}

function forgetFields(): void {
  for (let id: u32 = 0; id < FIELDS; id++) field(id).kind = ABSENT;
}

function keep(id: u32, kind: u32, start: usize, end: usize): void {
  const f = field(id);
  f.kind = kind;
  f.flags = flags;
  f.start = start;
  f.end = end;
}

/** Reads one value, p being at its first byte, into field `id`; the place behind it, or 0. */
function readValue(p: usize, id: u32, depth: u32): usize {
  const c: u32 = load<u8>(p);
  if (c == QUOTE) {
    const end = scanString(p + 1, id != FIELD_NONE);
    if (end == 0) return 0;
    if (id != FIELD_NONE) keep(id, STRING, p + 1, end);
    return end + 1;
  }
  if (c == 0x7b || c == 0x5b) {
    const end = scanContainer(p, depth);
    if (end != 0 && id != FIELD_NONE) keep(id, OTHER, p, end);
    return end;
  }
  const end = scanScalar(p);
  if (end == 0 || id == FIELD_NONE) return end;
  keep(id, c == 0x6e ? NULL : c == 0x74 || c == 0x66 ? OTHER : NUMBER, p, end);
  if (id == FIELD_TIME) plainTime = plainValue;
  return end;
}

/** Reads the object whose brace stands at p, `depth` containers being open; the place behind it, or 0. */
export function readObject(p: usize, depth: u32): usize {
  forgetFields();
  p = skipSpace(p + 1);
  if (load<u8>(p) == 0x7d) return p + 1;
  while (true) {
    if (load<u8>(p) != <u8>QUOTE) return fail(p, L.REASON_SYNTAX);
    const key = p + 1;
    let id = quickField(key);
    if (id != FIELD_NONE) {
      p = key + (id <= FIELD_TIME ? 5 : id == FIELD_KEY ? 4 : 6);
    } else {
      p = scanString(key, false);
      if (p == 0) return 0;
      id = (flags & HAS_ESCAPE) != 0 ? fieldOfEscaped(key, p) : fieldOf(key, p - key);
      p = skipSpace(p + 1);
      if (load<u8>(p) != 0x3a) return fail(p, L.REASON_SYNTAX);
    }
    p = readValue(skipSpace(p + 1), id, depth + 1);
    if (p == 0) return 0;
    p = skipSpace(p);
    const c: u32 = load<u8>(p);
    if (c == 0x7d) return p + 1;
    if (c != 0x2c) return fail(p, L.REASON_SYNTAX);
    p = skipSpace(p + 1);
  }
}
