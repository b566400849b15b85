// The members of an object by the table of a mapping: which of them has its key at a place. What is
// expected is compared first; else it is looked up among the node's members, then among the keys that
// were learnt to be skipped. Cost: one 16-byte comparison a key that comes as expected, and as many as
// the node has members for one that does not.

import * as L from './layout';
import * as M from './mapping-layout';
import { mapping, scratch } from './memory';
import { HAS_ESCAPE, QUOTE, fail, flags, hex4, scanString, skipSpace } from './scan';
import { STRING, TEXT_BUFFER, fillSlot, forgetSlots } from './slots';

const LEARNT_NODE: usize = M.MEMBER_TARGET;

/** A member that no text has: what skips a key that is not known. */
export const NEVER: usize = M.MAPPING_NEVER;
const LEARNT: usize = M.MAPPING_LEARNT;

let learnt: u32 = 0;
/** The place behind the key and colon that `find` read. */
export let behindKey: usize = 0;

/** Makes the table in the region ready: call once after it was written. */
export function openMapping(): void {
  learnt = 0;
  memory.fill(mapping + NEVER, 0, M.MEMBER_SIZE * (M.LEARNT_MAX + 1));
  store<u32>(mapping + NEVER, NO_TEXT, M.MEMBER_NEED);
  prepareNode(load<u32>(mapping, M.HEADER_ROOT), 0);
  const records = load<u32>(mapping, M.HEADER_RECORDS);
  const at = mapping + load<u32>(mapping, M.HEADER_RECORDS_AT);
  for (let i: u32 = 0; i < records; i++) {
    prepareNode(load<u32>(at + <usize>i * M.RECORD_SIZE, M.RECORD_NODE), 0);
  }
}

/** Sets what the walker keeps of a node and those below. */
function prepareNode(offset: u32, depth: u32): void {
  const node = mapping + offset;
  const count = load<u32>(node, M.NODE_MEMBERS);
  const any = load<u32>(node, M.NODE_ANY);
  let at = load<u32>(node, M.NODE_MEMBERS_AT);
  store<u32>(node, <u32>NEVER, M.NODE_GUESS);
  for (let i: u32 = 0; i < count; i++, at += M.MEMBER_SIZE) prepareMember(at, depth);
  if (any == 0) return;
  prepareMember(any, depth);
  store<u32>(mapping + any, NO_TEXT, M.MEMBER_NEED);
}

function prepareMember(offset: u32, depth: u32): void {
  const member = mapping + offset;
  store<u32>(member, <u32>NEVER, M.MEMBER_NEXT);
  store<u16>(member, 0, M.MEMBER_USUAL);
  setNeed(member, load<u32>(member, M.MEMBER_LENGTH));
  if (load<u32>(member, M.MEMBER_ACTION) == M.ACTION_TAKE) return;
  if (depth < <u32>M.MAPPING_DEPTH_MAX) prepareNode(load<u32>(member, M.MEMBER_TARGET), depth + 1);
}

/** MEMBER_NEED that no text gives: the 17th bit without the 16 before it. */
const NO_TEXT: u32 = 1 << 16;

function setNeed(member: usize, length: u32): void {
  store<u32>(member, length < 32 ? (1 << length) - 1 : -1, M.MEMBER_NEED);
}

/** True when the text at p begins with the member's key, quotes and colon. */
export function matches(p: usize, member: usize): bool {
  const need = load<u32>(member, M.MEMBER_NEED);
  let equal = i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(member)));
  if (need > 0x10000)
    equal |= i8x16.bitmask(i8x16.eq(v128.load(p, 16), v128.load(member, 16))) << 16;
  return (equal & need) == need;
}

/** The member whose key stands at p, or one that is skipped; 0 = error. Sets `behindKey`. */
export function find(p: usize, node: usize): usize {
  if (load<u8>(p) != <u8>QUOTE) return fail(p, L.REASON_SYNTAX);
  const quick = findQuick(p, node);
  if (quick != 0) {
    behindKey = skipSpace(p + load<u32>(quick, M.MEMBER_LENGTH));
    return quick;
  }
  const start = p + 1;
  const end = scanString(start, true);
  if (end == 0) return 0;
  const escapes = flags;
  p = skipSpace(end + 1);
  if (load<u8>(p) != 0x3a) return fail(p, L.REASON_SYNTAX);
  behindKey = skipSpace(p + 1);
  const known =
    (escapes & HAS_ESCAPE) != 0 ? findEscaped(start, end, node) : findPlain(start, end, node);
  if (known != 0) return known;
  const any = load<u32>(node, M.NODE_ANY);
  if (any != 0) {
    const member = mapping + any;
    forgetBelow(member);
    const key = load<u32>(member, M.MEMBER_KEY_SLOT);
    if (key < <u32>M.SLOTS_MAX) fillSlot(key, STRING, escapes, start, end);
    return member;
  }
  return p == end + 1 && escapes == 0 ? learn(start, end, node) : mapping + NEVER;
}

/** The member of a node, or the key learnt in it, whose pattern stands at p, or 0. */
function findQuick(p: usize, node: usize): usize {
  const count = load<u32>(node, M.NODE_MEMBERS);
  let member = mapping + load<u32>(node, M.NODE_MEMBERS_AT);
  for (let i: u32 = 0; i < count; i++, member += M.MEMBER_SIZE) {
    if (matches(p, member)) return member;
  }
  member = mapping + LEARNT;
  for (let i: u32 = 0; i < learnt; i++, member += M.MEMBER_SIZE) {
    if (load<u32>(member, LEARNT_NODE) == <u32>(node - mapping) && matches(p, member))
      return member;
  }
  return 0;
}

/** The member of a node with a key of plain bytes, or 0. */
function findPlain(start: usize, end: usize, node: usize): usize {
  const count = load<u32>(node, M.NODE_MEMBERS);
  let member = mapping + load<u32>(node, M.NODE_MEMBERS_AT);
  for (let i: u32 = 0; i < count; i++, member += M.MEMBER_SIZE) {
    const length = end - start;
    if (<usize>load<u32>(member, M.MEMBER_LENGTH) != length + 3) continue;
    if (memory.compare(member + 1, start, length) == 0) return member;
  }
  return 0;
}

/** The same for a key with escapes: only \uXXXX can spell what a mapped key is made of. */
function findEscaped(at: usize, end: usize, node: usize): usize {
  const plain = scratch + TEXT_BUFFER;
  let to = plain;
  while (at < end) {
    if (to - plain == <usize>M.MAPPED_KEY_MAX) return 0;
    let c: u32 = load<u8>(at);
    if (c == 0x5c) {
      const e: u32 = load<u8>(at, 1);
      if (e == 0x75) c = hex4(at + 2);
      else if (e == 0x2f) c = e;
      else return 0;
      if (c > 0x7f) return 0;
      at += e == 0x75 ? 6 : 2;
    } else {
      at++;
    }
    store<u8>(to++, <u8>c);
  }
  return findPlain(plain, to, node);
}

/** Remembers a key that is not needed, while there is room; the member that skips it. */
function learn(start: usize, end: usize, node: usize): usize {
  const length = <u32>(end - start);
  if (learnt == <u32>M.LEARNT_MAX || length > <u32>M.MAPPED_KEY_MAX) return mapping + NEVER;
  const member = mapping + LEARNT + <usize>learnt * M.MEMBER_SIZE;
  learnt++;
  memory.copy(member, start - 1, length + 2);
  store<u8>(member + length + 2, 0x3a);
  store<u32>(member, length + 3, M.MEMBER_LENGTH);
  store<u32>(member, 0, M.MEMBER_ACTION);
  store<u32>(member, <u32>(node - mapping), LEARNT_NODE);
  store<u32>(member, <u32>NEVER, M.MEMBER_NEXT);
  setNeed(member, length + 3);
  return member;
}

/** Of equal keys the last counts, with all that stood in the one before it. */
export function forgetBelow(member: usize): void {
  const from: u32 = load<u8>(member, M.MEMBER_CLEAR_FROM);
  forgetSlots(from, from + load<u8>(member, M.MEMBER_CLEAR));
}
