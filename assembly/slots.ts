// What was captured of one record: where each value that the mapping asks for stands in the text.

import * as M from './mapping-layout';
import { scratch } from './memory';

export const ABSENT: u32 = 0;
export const STRING: u32 = 1;
export const NUMBER: u32 = 2;
export const NULL: u32 = 3;
/** true or false. */
export const WORD: u32 = 4;
/** An object or an array. */
export const OTHER: u32 = 5;

/** The text between start and end: a string's without its quotes. Flags as in scan.ts. */
@unmanaged
export class Slot {
  kind: u32;
  flags: u32;
  start: usize;
  end: usize;
}

/** Slot `id` of the record read last, below SLOTS_MAX. */
export function slot(id: u32): Slot {
  return changetype<Slot>(scratch + <usize>id * offsetof<Slot>());
}

/** True when the record has no such value, or null. */
export function isNothing(s: Slot): bool {
  return s.kind == ABSENT || s.kind == NULL;
}

/** Fills a slot. */
export function fillSlot(id: u32, kind: u32, flags: u32, start: usize, end: usize): void {
  const s = slot(id);
  s.kind = kind;
  s.flags = flags;
  s.start = start;
  s.end = end;
}

/** Forgets the slots from `from` up to `until`. */
export function forgetSlots(from: u32, until: u32): void {
  for (let id = from; id < until; id++) slot(id).kind = ABSENT;
}

/**
 * In the scratch region, behind the slots: the bytes of a name that is put together or unescaped.
 */
export const TEXT_BUFFER: usize = <usize>M.SLOTS_MAX * 16;
