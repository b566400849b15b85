// Rows of what is rejected. Their samples stand in the inbox: the host takes them before it is
// moved.

import * as L from './layout';
import { check, ctl, rejects, setCtl } from './memory';

/** In the column of frames: the event came as columns, or its text is gone. */
export const NO_TEXT: u32 = 0xffffffff;

let count: u32 = 0;

/** Reads the count of rows for a batch. */
export function openRejects(): void {
  count = <u32>ctl(L.CTL_REJECTS);
}

/** True when any row waits to be taken. */
export function anyRejects(): bool {
  return count > 0;
}

/** True when no row is left: the host must take them first. */
export function rejectsFull(): bool {
  return count >= <u32>L.REJECTS_CAPACITY;
}

/**
 * Adds a row; there must be room. `at`, `from` = the place of the error and of the object, from the
 * inbox's start; `line` = newlines before the error.
 */
export function addReject(
  position: i64,
  reason: u32,
  at: usize,
  from: usize,
  line: u32,
  frame: u32,
): void {
  if (isDefined(KERNEL_CHECKED)) check(!rejectsFull());
  const n = <usize>count;
  const row = rejects;
  store<f64>(row + L.REJECT_POSITION * L.REJECTS_CAPACITY + n * 8, <f64>position);
  store<u32>(row + L.REJECT_REASON * L.REJECTS_CAPACITY + n * 4, reason);
  store<u32>(row + L.REJECT_AT * L.REJECTS_CAPACITY + n * 4, <u32>at);
  store<u32>(row + L.REJECT_FROM * L.REJECTS_CAPACITY + n * 4, <u32>from);
  store<u32>(row + L.REJECT_LINE * L.REJECTS_CAPACITY + n * 4, line + 1);
  store<u32>(row + L.REJECT_FRAME * L.REJECTS_CAPACITY + n * 4, frame);
  count++;
  setCtl(L.CTL_REJECTS, count);
  setCtl(L.CTL_REJECTED, ctl(L.CTL_REJECTED) + 1);
}

/** Notes in the row added last how far its event is ahead of its record. */
export function noteAhead(ms: i64): void {
  const n = <usize>ctl(L.CTL_REJECTS) - 1;
  store<f64>(rejects + L.REJECT_AHEAD * L.REJECTS_CAPACITY + n * 8, <f64>ms);
}
