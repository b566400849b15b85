// The record of a line: 64 bytes, one cache line, all that the common path touches. Beside it, in a
// region of its own, the last starts or the open episode.

import * as L from './layout';
import { check, freshList, lines, setCtl, ctl, starts, startsStride, changedList } from './memory';

@unmanaged
export class Line {
  /** Last effective time, -1 before the first event. */
  effective: i64;
  /** Last transition, -1 before the first. */
  transition: i64;
  /** Start of the open interruption, or of the last one. */
  start: i64;
  /** End of the last outage, -1 before the first. */
  outageEnd: i64;
  /** Position of the event that started the interruption. */
  first: i64;
  /** Ordinal of the last interruption. */
  n: u32;
  flags: u32;
  /** Head of the list of active alarms. */
  alarms: u32;
  cause: u32;
  /** The store's id, written by the host. */
  storeId: u32;
  /** The alarm that started the interruption. */
  alarm: u32;
}

/** The record of line `index`. */
export function line(index: u32): Line {
  if (isDefined(KERNEL_CHECKED)) check(index > 0 && <f64>index <= ctl(L.CTL_LINES_CAPACITY));
  return changetype<Line>(lines + <usize>index * L.LINE_SIZE);
}

/** Where the starts, or the open episode, of line `index` stand. */
export function startsOf(index: u32): usize {
  return starts + <usize>index * startsStride;
}

let fresh: u32 = 0;
let changed: u32 = 0;

/** Reads the counts of fresh and changed lines for a batch. */
export function openLines(): void {
  fresh = <u32>ctl(L.CTL_FRESH);
  changed = <u32>ctl(L.CTL_CHANGED);
}

/** Writes the counts back. */
export function closeLines(): void {
  setCtl(L.CTL_LINES_SEEN, ctl(L.CTL_LINES_SEEN) + (<f64>fresh - ctl(L.CTL_FRESH)));
  setCtl(L.CTL_FRESH, fresh);
  setCtl(L.CTL_CHANGED, changed);
}

/** Gives a line its place in the order of first appearance. */
export function see(index: u32, record: Line): void {
  record.flags |= L.FLAG_SEEN;
  record.effective = -1;
  record.transition = -1;
  record.outageEnd = -1;
  store<u32>(freshList + <usize>fresh * 4, index);
  fresh++;
  // Until the host writes the store's id: the order of first appearance.
  record.storeId = <u32>(ctl(L.CTL_LINES_SEEN) - ctl(L.CTL_FRESH)) + fresh;
}

/** Puts a line among those whose open state the host has yet to take. */
export function change(index: u32, record: Line): void {
  record.flags |= L.FLAG_CHANGED;
  store<u32>(changedList + <usize>changed * 4, index);
  changed++;
}
