// The time of an event: a JSON number, exactly as JSON.parse and Math.trunc would read it, or an
// RFC 3339 text. Result in epoch ms, 0 <= t < 2^53, or one of the TIME_... outcomes below zero.

import * as L from './layout';
import * as M from './mapping-layout';
import { ctl, zone } from './memory';
import { IS_PLAIN } from './scan';
import { Slot } from './slots';

export const TIME_RANGE: i64 = -1;
export const TIME_FORMAT: i64 = -2;
export const TIME_OFFSET: i64 = -3;

const LIMIT: i64 = 1 << 53;
const DAY_MS: i64 = 86400000;

/** Reads a number in ms. */
export function readTime(f: Slot): i64 {
  if ((f.flags & IS_PLAIN) == 0) return readNumber(f.start, f.end);
  const count = f.end - f.start;
  if (count <= 8) return readDigits(f.start, count);
  return readDigits(f.start, count - 8) * 100000000 + readDigits(f.end - 8, 8);
}

const ZEROS: u64 = ((<u64>0x30303030) << 32) | 0x30303030;
const PAIRS: u64 = ((<u64>0x00ff00ff) << 32) | 0x00ff00ff;
const FOURS: u64 = ((<u64>0x0000ffff) << 32) | 0x0000ffff;

/** The value of 1 to 8 digits at p, all at once: pairs, then fours, then the eight. */
function readDigits(p: usize, count: usize): i64 {
  let v = (load<u64>(p) ^ ZEROS) << (64 - 8 * <u64>count);
  v = (v * 10 + (v >> 8)) & PAIRS;
  v = (v * 100 + (v >> 16)) & FOURS;
  return <i64>((v * 10000 + (v >> 32)) & 0xffffffff);
}

/**
 * Reads a number in a unit of mapping-layout.ts: exact in its decimal digits, so that microseconds
 * of today lose nothing, and cut to whole ms.
 */
export function readScaled(p: usize, end: usize, unit: u32): i64 {
  let shift: i64 = unit == M.UNIT_S ? 3 : unit == M.UNIT_US ? -3 : unit == M.UNIT_NS ? -6 : 0;
  if (unit == M.UNIT_AUTO) {
    const whole = readDecimal(p, end, 0);
    if (whole < 0) return whole;
    shift = whole < 100000000000 ? 3 : whole < 100000000000000 ? 0 : whole < NS_FROM ? -3 : -6;
  }
  const time = readDecimal(p, end, shift);
  return time < LIMIT ? time : TIME_RANGE;
}

/** From here on a number reads as nanoseconds: 1e17. */
const NS_FROM: i64 = 100000000000 * 1000000;

/** trunc(number * 10^shift) exactly, TIME_RANGE when it is negative or 9e18 or more. */
function readDecimal(p: usize, end: usize, shift: i64): i64 {
  const negative = load<u8>(p) == 0x2d;
  if (negative) p++;
  let whole = p;
  while (whole < end && <u32>load<u8>(whole) - 0x30 < 10) whole++;
  let stop = whole;
  if (stop < end && load<u8>(stop) == 0x2e) {
    stop++;
    while (stop < end && <u32>load<u8>(stop) - 0x30 < 10) stop++;
  }
  let point = <i64>(whole - p) + readExponent(stop, end) + shift;
  let value: u64 = 0;
  let some = false;
  for (; p < stop || point > 0; p++) {
    if (p == whole && p < stop) continue;
    const digit: u64 = p < stop ? <u64>load<u8>(p) - 0x30 : 0;
    if (digit != 0) some = true;
    if (point > 0) {
      if (value >= DECIMAL_LIMIT) return TIME_RANGE;
      value = value * 10 + digit;
      if (!some && p >= stop) break;
    }
    point--;
  }
  return negative && value != 0 ? TIME_RANGE : <i64>value;
}

/** One more digit still fits 63 bits. */
const DECIMAL_LIMIT: u64 = 900000000000 * 1000000;

/**
 * trunc(nearest double) of a decimal number without going through a double. Its integer part I is
 * exact in 64 bits; the nearest double reaches I + 1 exactly when the fraction is at least
 * 1 - 2^-j, where 2^-j is half the spacing of doubles just below I + 1.
 */
function readNumber(p: usize, end: usize): i64 {
  const negative = load<u8>(p) == 0x2d;
  if (negative) p++;
  const digits = p;
  let point: i64 = 0;
  while (p < end && <u32>load<u8>(p) - 0x30 < 10) p++;
  point = <i64>(p - digits);
  const wholeEnd = p;
  if (p < end && load<u8>(p) == 0x2e) {
    p++;
    while (p < end && <u32>load<u8>(p) - 0x30 < 10) p++;
  }
  const digitsEnd = p;
  point += readExponent(p, end);
  // Walk the digits as 0.d1 d2 d3 ... * 10^point, leading zeros dropped.
  let at = digits;
  while (at < digitsEnd && (load<u8>(at) == 0x30 || load<u8>(at) == 0x2e)) {
    if (load<u8>(at) == 0x30) point--;
    at++;
  }
  if (at == digitsEnd) return 0;
  if (point > 16) return TIME_RANGE;
  let whole: i64 = 0;
  for (let i: i64 = 0; i < point; i++) {
    if (at == wholeEnd && at < digitsEnd) at++;
    whole *= 10;
    if (at < digitsEnd) {
      whole += <i64>load<u8>(at) - 0x30;
      at++;
    }
  }
  if (whole >= LIMIT) return TIME_RANGE;
  if (roundsUp(whole, at, wholeEnd, digitsEnd, point)) whole++;
  if (whole >= LIMIT || (negative && whole != 0)) return TIME_RANGE;
  return whole;
}

/** The exponent behind the digits, held within what a text of 4 GiB can need. */
function readExponent(p: usize, end: usize): i64 {
  if (p >= end) return 0;
  p++;
  const sign: u32 = load<u8>(p);
  if (sign == 0x2b || sign == 0x2d) p++;
  let value: i64 = 0;
  for (; p < end; p++) {
    if (value < 1 << 40) value = value * 10 + <i64>load<u8>(p) - 0x30;
  }
  return sign == 0x2d ? -value : value;
}

/** True when the fraction whose digits begin at `at` carries the nearest double up to whole + 1. */
function roundsUp(whole: i64, at: usize, wholeEnd: usize, end: usize, point: i64): bool {
  if (point < 0) return false;
  // Spacing below I + 1 is 2^(k - 52) with 2^k <= I; half of it is 2^-j with j = 53 - k.
  const k: u64 = whole == 0 ? <u64>-1 : 63 - clz(<u64>whole);
  const j: u64 = 53 - k;
  if (j == 1) return halfUp(whole, at, wholeEnd, end);
  const one: u64 = (<u64>1) << j;
  let rest: u64 = one - 1;
  while (rest != 0) {
    if (at == wholeEnd) at++;
    const digit: u64 = at < end ? <u64>load<u8>(at) - 0x30 : 0;
    rest *= 10;
    const bound = rest >> j;
    rest &= one - 1;
    if (digit != bound) return digit > bound;
    at++;
  }
  return true;
}

/** From 2^52 on doubles are whole numbers: nearest, and a tie goes to the even one. */
function halfUp(whole: i64, at: usize, wholeEnd: usize, end: usize): bool {
  if (at == wholeEnd) at++;
  if (at >= end) return false;
  const digit: u32 = <u32>load<u8>(at) - 0x30;
  if (digit != 5) return digit > 5;
  for (at++; at < end; at++) {
    if (at != wholeEnd && load<u8>(at) != 0x30) return true;
  }
  return (whole & 1) == 1;
}

/** A number of exactly `count` digits at p, or a large one. */
function digitsAt(p: usize, count: u32): i32 {
  let value: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const c: u32 = <u32>load<u8>(p + i) - 0x30;
    if (c > 9) return 1000000;
    value = value * 10 + <i32>c;
  }
  return value;
}

/** Days from 1970-01-01 in the Gregorian calendar. */
function daysFromCivil(year: i32, month: i32, day: i32): i64 {
  const y = month <= 2 ? year - 1 : year;
  const era = (y >= 0 ? y : y - 399) / 400;
  const ofEra = y - era * 400;
  const ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return <i64>era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468;
}

function daysInMonth(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/**
 * Reads YYYY-MM-DDThh:mm:ss[.fraction][Z|+hh:mm]; second 60 reads as second 0 of the next minute.
 */
export function readStamp(p: usize, end: usize): i64 {
  if (end - p < 19) return TIME_FORMAT;
  const year = digitsAt(p, 4);
  const month = digitsAt(p + 5, 2);
  const day = digitsAt(p + 8, 2);
  const hour = digitsAt(p + 11, 2);
  const minute = digitsAt(p + 14, 2);
  const second = digitsAt(p + 17, 2);
  const t: u32 = load<u8>(p, 10);
  if (load<u8>(p, 4) != 0x2d || load<u8>(p, 7) != 0x2d) return TIME_FORMAT;
  if (t != 0x54 && t != 0x74 && t != 0x20) return TIME_FORMAT;
  if (load<u8>(p, 13) != 0x3a || load<u8>(p, 16) != 0x3a) return TIME_FORMAT;
  if (year > 9999 || month < 1 || month > 12 || hour > 23 || minute > 59) return TIME_FORMAT;
  if (second > 60 || day < 1 || day > daysInMonth(year, month)) return TIME_FORMAT;
  p += 19;
  let ms: i64 = 0;
  if (p < end && load<u8>(p) == 0x2e) {
    const fraction = ++p;
    let scale: i64 = 100;
    for (; p < end && <u32>load<u8>(p) - 0x30 < 10; p++) {
      ms += (<i64>load<u8>(p) - 0x30) * scale;
      scale /= 10;
    }
    if (p == fraction) return TIME_FORMAT;
  }
  // Second 60 is read as second 0 of the next minute: its fraction stays.
  const clock = <i64>hour * 3600000 + <i64>minute * 60000 + <i64>second * 1000 + ms;
  const local = daysFromCivil(year, month, day) * DAY_MS + clock;
  if (p == end) return localTime(local);
  const offset = readOffset(p, end);
  if (offset == i64.MIN_VALUE) return TIME_FORMAT;
  const at = local - offset;
  return at >= 0 && at < LIMIT ? at : TIME_RANGE;
}

/** The offset from UTC in ms, or the smallest integer when it is none. */
function readOffset(p: usize, end: usize): i64 {
  const c: u32 = load<u8>(p);
  if ((c | 0x20) == 0x7a) return p + 1 == end ? 0 : i64.MIN_VALUE;
  if ((c != 0x2b && c != 0x2d) || end - p != 6 || load<u8>(p, 3) != 0x3a) return i64.MIN_VALUE;
  const hours = digitsAt(p + 1, 2);
  const minutes = digitsAt(p + 4, 2);
  if (hours > 23 || minutes > 59) return i64.MIN_VALUE;
  const offset = <i64>(hours * 60 + minutes) * 60000;
  return c == 0x2d ? -offset : offset;
}

/** A local time by the table of the configured zone: {local ms from which it holds, offset ms}. */
function localTime(local: i64): i64 {
  let entries = <i32>ctl(L.CTL_ZONE_ENTRIES);
  if (entries == 0) return TIME_OFFSET;
  let at: i32 = 0;
  while (entries > 1) {
    const half = entries >> 1;
    if (load<i64>(zone + <usize>(at + half) * 16) <= local) at += half;
    entries -= half;
  }
  const time = local - load<i64>(zone + <usize>at * 16, 8);
  return time >= 0 && time < LIMIT ? time : TIME_RANGE;
}
