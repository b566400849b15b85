// The lexical half of a strict JSON reader over bytes that end in a zero byte: white space,
// strings, numbers, words and whole values that nobody needs. Nothing passes that JSON.parse would
// not let pass. Strings and numbers are read 16 bytes at a time. The first byte that cannot be
// right is the error's place: when that is the text's end, more bytes may still make it good.

import * as L from './layout';
import { scratch } from './memory';

/** A string holds escapes, or bytes above 127; a number is nothing but 1 to 15 digits. */
export const HAS_ESCAPE: u32 = 1;
export const HAS_HIGH: u32 = 2;
export const IS_PLAIN: u32 = 4;

export const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;

export let errorAt: usize = 0;
export let errorReason: u32 = 0;
/** Newlines passed in white space; inside strings there can be none. */
export let newlines: u32 = 0;
/** HAS_ESCAPE, HAS_HIGH or IS_PLAIN of the value scanned last. */
export let flags: u32 = 0;

/** Sets the count of newlines, to read a text again from an earlier place. */
export function setNewlines(count: u32): void {
  newlines = count;
}

/** Notes an error; the 0 it returns stands for "no place". */
export function fail(at: usize, reason: u32): usize {
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

/** Of the 16 bytes at p, as bits: those at which the scan of a string stops. */
export function stringStop(p: usize): u32 {
  const v = v128.load(p);
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))),
      // Below 0x20, in two instructions where lt_u takes four.
      i8x16.eq(i8x16.min_u(v, i8x16.splat(0x1f)), v),
    ),
  );
}

/** Of the 16 bytes at p, as bits: those above 127. */
export function highBytes(p: usize): u32 {
  return i8x16.bitmask(v128.load(p));
}

/**
 * The place of the closing quote of a string that begins at p (behind its quote), or 0. Sets
 * `flags`; HAS_HIGH only for a string whose text is needed.
 */
export function scanString(p: usize, needed: bool): usize {
  flags = 0;
  while (true) {
    const stop = stringStop(p);
    const high = needed ? highBytes(p) : 0;
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

/** Digits of the number at p when it is nothing but 1 to 15 of them, else 0. */
export function plainDigits(p: usize): u32 {
  const v = i8x16.sub(v128.load(p), i8x16.splat(0x30));
  const digits = i8x16.eq(i8x16.min_u(v, i8x16.splat(9)), v);
  const count: u32 = ctz(~i8x16.bitmask(digits));
  if (count - 1 >= 15 || (count != 1 && load<u8>(p) == 0x30)) return 0;
  const next: u32 = load<u8>(p + count);
  return next != 0x2e && (next | 0x20) != 0x65 ? count : 0;
}

/** The place behind a number that begins at p, or 0. Sets `flags`. */
export function scanNumber(p: usize): usize {
  const count = plainDigits(p);
  if (count == 0) return scanAnyNumber(p);
  flags = IS_PLAIN;
  return p + count;
}

function scanAnyNumber(p: usize): usize {
  flags = 0;
  if (load<u8>(p) == 0x2d) p++;
  const first: u32 = <u32>load<u8>(p) - 0x30;
  if (first > 9) return fail(p, L.REASON_NUMBER);
  p = first == 0 ? p + 1 : scanDigits(p);
  let next: u32 = load<u8>(p);
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
export function scanScalar(p: usize): usize {
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
  const stack = scratch + L.SCRATCH_CONTAINERS;
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

/** The value of four hexadecimal digits that are known to be such. */
export function hex4(p: usize): u32 {
  let value: u32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const c: u32 = load<u8>(p + i);
    value = (value << 4) | (c < 0x3a ? c - 0x30 : (c | 0x20) - 0x57);
  }
  return value;
}

/** The place behind any value that begins at p, `depth` containers being open, or 0. */
export function scanValue(p: usize, depth: u32): usize {
  const c: u32 = load<u8>(p);
  if (c == QUOTE) {
    const end = scanString(p + 1, false);
    return end == 0 ? 0 : end + 1;
  }
  return c == 0x7b || c == 0x5b ? scanContainer(p, depth) : scanScalar(p);
}
