// The text of a needed string: escapes resolved, UTF-8 checked. A lone surrogate or a byte sequence
// that is not UTF-8 makes the string unusable; so does a length outside its bounds.

import * as L from './layout';
import { check, scratch } from './memory';
import { HAS_ESCAPE, HAS_HIGH, hex4 } from './scan';
import { STRING, Slot, TEXT_BUFFER } from './slots';

/** Where the decoded text stands and its length in bytes. */
export let textAt: usize = 0;
export let textLength: u32 = 0;

/** Outcomes of `readText`. */
export const TEXT_GOOD: u32 = 0;
export const TEXT_BROKEN: u32 = 1;
export const TEXT_LONG: u32 = 2;

/** Resolves a string: sets `textAt`, `textLength` and returns TEXT_... */
export function readText(f: Slot): u32 {
  if (isDefined(KERNEL_CHECKED)) check(f.kind == STRING);
  textAt = f.start;
  textLength = <u32>(f.end - f.start);
  if ((f.flags & (HAS_ESCAPE | HAS_HIGH)) == 0) {
    return textLength > <u32>L.NAME_BYTES_MAX ? TEXT_LONG : TEXT_GOOD;
  }
  if ((f.flags & HAS_ESCAPE) != 0) return unescape(f.start, f.end);
  if (!isUtf8(f.start, f.end)) return TEXT_BROKEN;
  return textLength > <u32>L.NAME_BYTES_MAX ? TEXT_LONG : TEXT_GOOD;
}

function unescape(p: usize, end: usize): u32 {
  if (end - p > <usize>L.NAME_BYTES_MAX * 6) return TEXT_LONG;
  const buffer = scratch + TEXT_BUFFER;
  let to = buffer;
  while (p < end) {
    const c: u32 = load<u8>(p);
    if (c != 0x5c) {
      store<u8>(to++, <u8>c);
      p++;
      continue;
    }
    const e: u32 = load<u8>(p, 1);
    if (e != 0x75) {
      store<u8>(to++, shortEscape(e));
      p += 2;
      continue;
    }
    let code = hex4(p + 2);
    p += 6;
    if (code - 0xd800 < 0x800) {
      if (code >= 0xdc00 || p + 6 > end || load<u16>(p) != 0x755c) return TEXT_BROKEN;
      const low = hex4(p + 2) - 0xdc00;
      if (low >= 0x400) return TEXT_BROKEN;
      code = 0x10000 + ((code - 0xd800) << 10) + low;
      p += 6;
    }
    to = writeCode(to, code);
  }
  textAt = buffer;
  textLength = <u32>(to - buffer);
  store<u64>(to, 0);
  if (!isUtf8(buffer, to)) return TEXT_BROKEN;
  return textLength > <u32>L.NAME_BYTES_MAX ? TEXT_LONG : TEXT_GOOD;
}

function shortEscape(e: u32): u8 {
  if (e == 0x62) return 0x08;
  if (e == 0x66) return 0x0c;
  if (e == 0x6e) return 0x0a;
  if (e == 0x72) return 0x0d;
  if (e == 0x74) return 0x09;
  return <u8>e;
}

function writeCode(to: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(to, <u8>code);
    return to + 1;
  }
  if (code < 0x800) {
    store<u8>(to, <u8>(0xc0 | (code >> 6)));
    store<u8>(to, <u8>(0x80 | (code & 63)), 1);
    return to + 2;
  }
  if (code < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (code >> 12)));
    store<u8>(to, <u8>(0x80 | ((code >> 6) & 63)), 1);
    store<u8>(to, <u8>(0x80 | (code & 63)), 2);
    return to + 3;
  }
  store<u8>(to, <u8>(0xf0 | (code >> 18)));
  store<u8>(to, <u8>(0x80 | ((code >> 12) & 63)), 1);
  store<u8>(to, <u8>(0x80 | ((code >> 6) & 63)), 2);
  store<u8>(to, <u8>(0x80 | (code & 63)), 3);
  return to + 4;
}

function isTail(p: usize): bool {
  return (load<u8>(p) & 0xc0) == 0x80;
}

/** True for well-formed UTF-8: shortest forms only, no surrogates, up to U+10FFFF. */
function isUtf8(p: usize, end: usize): bool {
  while (p < end) {
    const c: u32 = load<u8>(p);
    const second: u32 = load<u8>(p, 1);
    if (c < 0x80) {
      p++;
    } else if (c < 0xe0) {
      if (c < 0xc2 || p + 2 > end || !isTail(p + 1)) return false;
      p += 2;
    } else if (c < 0xf0) {
      if (p + 3 > end || !isTail(p + 1) || !isTail(p + 2)) return false;
      if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second >= 0xa0)) return false;
      p += 3;
    } else {
      if (c > 0xf4 || p + 4 > end) return false;
      if (!isTail(p + 1) || !isTail(p + 2) || !isTail(p + 3)) return false;
      if ((c == 0xf0 && second < 0x90) || (c == 0xf4 && second >= 0x90)) return false;
      p += 4;
    }
  }
  return true;
}
