// The walker: reads one object by the table of a mapping and keeps where the values it asks for
// stand. Producers write the same keys in the same order, so behind each member it expects the one
// that came there last: then a key costs one 16-byte comparison. What it expects, and the keys it
// has learnt to skip, change how fast it is and never what it gives.

import * as L from './layout';
import * as M from './mapping-layout';
import { NEVER, behindKey, find, forgetBelow, matches } from './members';
import { mapping } from './memory';
import {
  HAS_HIGH,
  IS_PLAIN,
  QUOTE,
  fail,
  flags,
  highBytes,
  plainDigits,
  scanScalar,
  scanString,
  scanValue,
  skipSpace,
  stringStop,
} from './scan';
import { NULL, NUMBER, OTHER, STRING, WORD, fillSlot } from './slots';

/** Values that came with another length than usual before no length is usual any more. */
const UNUSUAL_MAX: u32 = 16;

/**
 * Reads the object whose brace stands at p by node `node`, `depth` containers being open around it;
 * the place behind it, or 0.
 */
export function walkObject(p: usize, depth: u32, node: usize): usize {
  p = skipSpace(p + 1);
  if (load<u8>(p) == 0x7d) return p + 1;
  let expected = node + M.NODE_GUESS;
  while (true) {
    let member = mapping + load<u32>(expected);
    if (matches(p, member)) {
      p += load<u32>(member, M.MEMBER_LENGTH);
      if (load<u8>(p) <= 0x20) p = skipSpace(p);
    } else {
      member = find(p, node);
      if (member == 0) return 0;
      p = behindKey;
      store<u32>(expected, <u32>(member - mapping));
    }
    expected = member == mapping + NEVER ? node + M.NODE_GUESS : member + M.MEMBER_NEXT;
    p = readMember(p, depth + 1, member);
    if (p == 0) return 0;
    let c: u32 = load<u8>(p);
    if (c <= 0x20) {
      p = skipSpace(p);
      c = load<u8>(p);
    }
    if (c != 0x2c) return c == 0x7d ? p + 1 : fail(p, L.REASON_SYNTAX);
    p++;
    if (load<u8>(p) <= 0x20) p = skipSpace(p);
  }
}

/** Reads the value at p as the member wants it; the place behind it, or 0. */
function readMember(p: usize, depth: u32, member: usize): usize {
  const action = load<u32>(member, M.MEMBER_ACTION);
  const target = load<u32>(member, M.MEMBER_TARGET);
  const c: u32 = load<u8>(p);
  if (action > <u32>M.ACTION_TAKE) return enter(p, depth, member, c);
  if (c == QUOTE) return readString(p + 1, member, action, target);
  if (action == 0) return scanValue(p, depth);
  const digits = plainDigits(p);
  if (digits == 0) return takeOther(p, depth, target, c);
  const end = behind(p, digits, member);
  fillSlot(target, NUMBER, IS_PLAIN, p, end);
  return end;
}

/** Reads a value whose members are asked for, or itself too. */
function enter(p: usize, depth: u32, member: usize, c: u32): usize {
  const taken = load<u32>(member, M.MEMBER_SLOT);
  // A key that is taken has been put into its slot, and those below forgotten, by `find`.
  if (load<u32>(member, M.MEMBER_KEY_SLOT) == <u32>M.NO_SLOT) forgetBelow(member);
  if (c == 0x7b) {
    const end = walkObject(p, depth, mapping + load<u32>(member, M.MEMBER_TARGET));
    if (end != 0 && taken < <u32>M.SLOTS_MAX) fillSlot(taken, OTHER, 0, p, end);
    return end;
  }
  if (taken >= <u32>M.SLOTS_MAX) return scanValue(p, depth);
  if (c != QUOTE) return takeOther(p, depth, taken, c);
  const end = scanString(p + 1, true);
  if (end == 0) return 0;
  fillSlot(taken, STRING, flags, p + 1, end);
  return end + 1;
}

/**
 * `p + length` where the length is mostly the usual one: then the processor goes on from there
 * before it has found the value's end.
 */
function behind(p: usize, length: u32, member: usize): usize {
  const usual: u32 = load<u8>(member, M.MEMBER_USUAL);
  if (length == usual) return p + usual;
  const unusual: u32 = load<u8>(member, M.MEMBER_UNUSUAL);
  if (unusual < UNUSUAL_MAX) {
    store<u8>(member, <u8>length, M.MEMBER_USUAL);
    store<u8>(member, <u8>(unusual + 1), M.MEMBER_UNUSUAL);
  } else if (unusual == UNUSUAL_MAX) {
    store<u8>(member, 0xff, M.MEMBER_USUAL);
    store<u8>(member, <u8>(UNUSUAL_MAX + 1), M.MEMBER_UNUSUAL);
  }
  return p + length;
}

/** The place behind a string that begins at p, quick for one of less than 16 bytes, or 0. */
function readString(p: usize, member: usize, action: u32, target: u32): usize {
  const stop = stringStop(p);
  const length: u32 = ctz(stop);
  let end: usize;
  let holds: u32 = 0;
  if (stop != 0 && load<u8>(p + length) == <u8>QUOTE) {
    end = behind(p, length, member);
    if (action == 0) return end + 1;
    if ((highBytes(p) & ((1 << length) - 1)) != 0) holds = HAS_HIGH;
  } else {
    end = scanString(p, action != 0);
    if (end == 0) return 0;
    holds = flags;
  }
  if (action != 0) fillSlot(target, STRING, holds, p, end);
  return end + 1;
}

/** Takes a value that is no string and no plain number. */
function takeOther(p: usize, depth: u32, target: u32, c: u32): usize {
  if (c == 0x7b || c == 0x5b) {
    const end = scanValue(p, depth);
    if (end != 0) fillSlot(target, OTHER, 0, p, end);
    return end;
  }
  const end = scanScalar(p);
  if (end == 0) return 0;
  const kind = c == 0x6e ? NULL : c == 0x74 || c == 0x66 ? WORD : NUMBER;
  fillSlot(target, kind, flags, p, end);
  return end;
}
