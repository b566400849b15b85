// Interruptions and what follows from their ends: outages and repeat faults. A start is written as a
// finding of its own only on request.

import * as L from './layout';
import { addRow, put32, put64 } from './findings';
import { judgeStart } from './flap';
import { Line } from './lines';
import { ctl } from './memory';

let outageMs: i64 = 0;
let repeatMs: i64 = 0;
let emitStarts: bool = false;

/** Reads the rules for a batch. */
export function openInterruptions(): void {
  outageMs = <i64>ctl(L.CTL_OUTAGE_MS);
  repeatMs = <i64>ctl(L.CTL_REPEAT_MS);
  emitStarts = ctl(L.CTL_EMIT_STARTS) != 0;
}

/** The line goes down at t. */
export function startInterruption(
  record: Line,
  index: u32,
  t: i64,
  alarm: u32,
  cause: u32,
  position: i64,
): void {
  judgeStart(record, index, t);
  record.flags |= L.FLAG_DOWN;
  record.start = t;
  record.transition = t;
  record.first = position;
  record.alarm = alarm;
  record.cause = cause;
  record.n++;
  if (!emitStarts) return;
  const row = addRow(L.KIND_START, index);
  put64(L.KIND_START, L.FOUND_FROM, row, t);
  put32(L.KIND_START, L.FOUND_N, row, record.n);
}

/** The line comes up at t. */
export function endInterruption(record: Line, index: u32, t: i64, position: i64): void {
  record.flags &= ~L.FLAG_DOWN;
  record.transition = t;
  writeInterruption(record, index, t, position);
  if (t - record.start < outageMs) return;
  if (isRepeat(record)) writeRepeat(record, index);
  record.outageEnd = t;
}

/** Writes the interruption of a line; end -1 = still open. */
export function writeInterruption(record: Line, index: u32, end: i64, last: i64): void {
  const row = addRow(L.KIND_INTERRUPTION, index);
  put64(L.KIND_INTERRUPTION, L.FOUND_FROM, row, record.start);
  put64(L.KIND_INTERRUPTION, L.FOUND_UNTIL, row, end);
  put64(L.KIND_INTERRUPTION, L.FOUND_FIRST, row, record.first);
  put64(L.KIND_INTERRUPTION, L.FOUND_LAST, row, last);
  put32(L.KIND_INTERRUPTION, L.FOUND_N, row, record.n);
  put32(L.KIND_INTERRUPTION, L.FOUND_CAUSE, row, record.cause);
  put32(L.KIND_INTERRUPTION, L.FOUND_ALARM, row, record.alarm);
}

/** True when the line's interruption, were it an outage, follows the previous outage closely. */
function isRepeat(record: Line): bool {
  return record.outageEnd >= 0 && record.start - record.outageEnd <= repeatMs;
}

/** Writes the repeat fault that the line's outage is. */
function writeRepeat(record: Line, index: u32): void {
  const row = addRow(L.KIND_REPEAT, index);
  put64(L.KIND_REPEAT, L.FOUND_FROM, row, record.start);
  put64(L.KIND_REPEAT, L.FOUND_UNTIL, row, record.outageEnd);
}

/** Reads an open interruption at time c: itself, and a repeat fault when it has become an outage. */
export function readOpen(record: Line, index: u32, c: i64): void {
  writeInterruption(record, index, -1, -1);
  if (c - record.start >= outageMs && isRepeat(record)) writeRepeat(record, index);
}
