// Interruptions and what follows from their ends: outages and repeat faults. Under mergeGap an end
// waits beside its line until a later event shows that nothing joins it. A start is written as a
// finding of its own only on request.

import * as L from './layout';
import { detectorCount, endDetectors, startDetectors } from './detectors';
import { newestRaise } from './alarms';
import { addRow, put32, put64 } from './findings';
import { judgeStart } from './flap';
import { NEVER } from './hooks';
import { Line } from './lines';
import { check, ctl, pending, pendingStride } from './memory';
import { rulesOf } from './rules';

/** An end that waits. */
@unmanaged
class Pending {
  end: i64;
  /** Position of its event. */
  last: i64;
}

let emitStarts: bool = false;
/** Durations of some class of lines are corrected. */
let corrects: bool = false;

/** Reads for a batch whether starts are findings too. */
export function openInterruptions(): void {
  emitStarts = ctl(L.CTL_EMIT_STARTS) != 0;
  corrects = ctl(L.CTL_CORRECTS) != 0;
}

/** The end that waits on line `index`, which has FLAG_PENDING. */
export function pendingOf(index: u32): Pending {
  if (isDefined(KERNEL_CHECKED)) check(pendingStride != 0);
  return changetype<Pending>(pending + <usize>index * pendingStride);
}

/** Duration in ms from which on an interruption of the line is an outage, as it is reported. */
export function outageAfterMs(record: Line): i64 {
  const rules = rulesOf(record);
  return rules.outageMs + rules.correctionMs;
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
  if (detectorCount != 0) startDetectors(record, index, t);
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

/** The line comes up at t: the interruption is stored, or its end waits for what may join it. */
export function endInterruption(record: Line, index: u32, t: i64, position: i64): void {
  record.flags &= ~L.FLAG_DOWN;
  if (rulesOf(record).mergeGapMs < 0) {
    storeEnd(record, index, t, position);
    return;
  }
  record.flags |= L.FLAG_PENDING;
  const waiting = pendingOf(index);
  waiting.end = t;
  waiting.last = position;
}

/**
 * Judges the end that waits, before an event with effective time t: it is stored once t lies behind
 * the gap; before that a raise joins, so that the line is down as if it had never come up.
 */
export function settlePending(record: Line, index: u32, t: i64, isRaise: bool): void {
  const waiting = pendingOf(index);
  if (isOver(record, waiting.end, t)) {
    record.flags &= ~L.FLAG_PENDING;
    storeEnd(record, index, waiting.end, waiting.last);
  } else if (isRaise) {
    record.flags = (record.flags & ~L.FLAG_PENDING) | L.FLAG_DOWN;
  }
}

/** True when nothing that happens at t can join an interruption that ended at `end`. */
function isOver(record: Line, end: i64, t: i64): bool {
  return t > end + rulesOf(record).mergeGapMs;
}

/** Stores the interruption of a line that ended at `end`. */
function storeEnd(record: Line, index: u32, end: i64, position: i64): void {
  const isOutage = end - record.start >= outageAfterMs(record);
  writeInterruption(record, index, end, position, isOutage);
  record.flags &= ~L.FLAG_UNCERTAIN;
  if (detectorCount != 0) {
    endDetectors(
      record,
      index,
      end,
      max<i64>(0, end - record.start - rulesOf(record).correctionMs),
    );
  }
  record.transition = end;
  if (!isOutage) return;
  if (isRepeat(record)) writeRepeat(record, index);
  record.outageEnd = end;
}

/** Writes the interruption of a line; end -1 = still open. */
function writeInterruption(record: Line, index: u32, end: i64, last: i64, isOutage: bool): void {
  const uncertain = (record.flags & L.FLAG_UNCERTAIN) != 0;
  const row = addRow(L.KIND_INTERRUPTION, index);
  put64(L.KIND_INTERRUPTION, L.FOUND_FROM, row, record.start);
  put64(L.KIND_INTERRUPTION, L.FOUND_UNTIL, row, end);
  // Never written, the column is zero.
  if (corrects) put64(L.KIND_INTERRUPTION, L.FOUND_AT, row, rulesOf(record).correctionMs);
  put64(L.KIND_INTERRUPTION, L.FOUND_FIRST, row, record.first);
  put64(L.KIND_INTERRUPTION, L.FOUND_LAST, row, last);
  put32(L.KIND_INTERRUPTION, L.FOUND_N, row, record.n);
  put32(L.KIND_INTERRUPTION, L.FOUND_CAUSE, row, record.cause);
  put32(L.KIND_INTERRUPTION, L.FOUND_ALARM, row, record.alarm);
  const bits = (uncertain ? L.FOUND_UNCERTAIN : 0) | (isOutage ? L.FOUND_OUTAGE : 0);
  put32(L.KIND_INTERRUPTION, L.FOUND_RULE, row, bits);
}

/** True when the line's interruption, were it an outage, follows the previous outage closely. */
function isRepeat(record: Line): bool {
  return record.outageEnd >= 0 && record.start - record.outageEnd <= rulesOf(record).repeatMs;
}

/** Writes the repeat fault that the line's outage is. */
function writeRepeat(record: Line, index: u32): void {
  const row = addRow(L.KIND_REPEAT, index);
  put64(L.KIND_REPEAT, L.FOUND_FROM, row, record.start);
  put64(L.KIND_REPEAT, L.FOUND_UNTIL, row, record.outageEnd);
}

/**
 * The last time at which the alarms of a line are not yet stale; NEVER when they cannot become so.
 */
export function staleFrom(record: Line): i64 {
  const after = rulesOf(record).staleAfterMs;
  if (after < 0 || (record.flags & L.FLAG_DOWN) == 0) return NEVER;
  return newestRaise(record) + after;
}

/**
 * Reads an interruption that is open at time c, or whose end waits undecided: itself, and a repeat
 * fault when it is an outage. What is stale counts as long as it was known to last, and is
 * uncertain.
 */
export function readOpen(record: Line, index: u32, c: i64): void {
  const known = min(c, staleFrom(record));
  const isOutage = known - record.start >= outageAfterMs(record);
  const flags = record.flags;
  if (known < c) record.flags |= L.FLAG_UNCERTAIN;
  writeInterruption(record, index, -1, -1, isOutage);
  record.flags = flags;
  if (isOutage && isRepeat(record)) writeRepeat(record, index);
}

/** True when an end waits on a line and reads as one at time c. */
export function hasEndedAt(record: Line, index: u32, c: i64): bool {
  return (record.flags & L.FLAG_PENDING) != 0 && isOver(record, pendingOf(index).end, c);
}
