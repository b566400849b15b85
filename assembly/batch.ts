// Second stage, the hot loop: event columns to findings and open state. What a line becomes depends
// on its own events alone, in the order of the columns.

import * as L from './layout';
import {
  ACTIVE,
  LINE_FULL,
  POOL_FULL,
  anyActive,
  clear,
  closeAlarms,
  openAlarms,
  raise,
} from './alarms';
import { extra } from './dictionary';
import {
  addRow,
  anyFindings,
  roomLeft,
  closeFindings,
  findingsFull,
  nextOrdinal,
  openFindings,
  put64,
  setOrdinal,
} from './findings';
import { judgeQuiet, openFlap, quietAt, readsEnded, writeEnd } from './flap';
import { endInterruption, openInterruptions, readOpen, startInterruption } from './interruption';
import { Line, change, closeLines, line, openLines, see, startsOf } from './lines';
import { aliases, ctl, events, lines, rejects, setCtl } from './memory';

/** Events whose lines are touched together: a power of two, and their lines fit a first-level cache. */
const TOUCH_BLOCK: u32 = 32;
let touched: u32 = 0;

let applied: f64 = 0;
let late: f64 = 0;
let duplicates: f64 = 0;
let firstMs: i64 = 0;
let effectiveMs: i64 = 0;

function open(): void {
  openAlarms();
  openLines();
  openFindings();
  openFlap();
  openInterruptions();
  applied = ctl(L.CTL_EVENTS_APPLIED);
  late = ctl(L.CTL_LATE);
  duplicates = ctl(L.CTL_DUPLICATES);
  firstMs = <i64>ctl(L.CTL_FIRST_MS);
  effectiveMs = <i64>ctl(L.CTL_EFFECTIVE_MS);
}

function close(cursor: u32, stop: u32): u32 {
  closeAlarms();
  closeFindings();
  closeLines();
  setCtl(L.CTL_EVENTS_APPLIED, applied);
  setCtl(L.CTL_LATE, late);
  setCtl(L.CTL_DUPLICATES, duplicates);
  setCtl(L.CTL_FIRST_MS, <f64>firstMs);
  setCtl(L.CTL_EFFECTIVE_MS, <f64>effectiveMs);
  setCtl(L.CTL_EVENT_CURSOR, cursor);
  return stop;
}

/**
 * Applies the events from CTL_EVENT_CURSOR on. STOP_DONE: all are applied, the columns are empty.
 * STOP_FINDINGS, STOP_GROW, STOP_REJECTS: make room and call again.
 */
export function detect(): u32 {
  open();
  const capacity = <usize>ctl(L.CTL_EVENTS_CAPACITY);
  const count = <u32>ctl(L.CTL_EVENTS);
  const times = events + capacity * L.EVENT_TIME;
  const positions = events + capacity * L.EVENT_POSITION;
  const targets = events + capacity * L.EVENT_TARGET;
  const keys = events + capacity * L.EVENT_KEY;
  const names = events + capacity * L.EVENT_ALARM;
  const causes = events + capacity * L.EVENT_CAUSE;
  const states = events + capacity * L.EVENT_STATE;
  for (let i = <u32>ctl(L.CTL_EVENT_CURSOR); i < count; i++) {
    const target = load<u32>(targets + <usize>i * 4);
    const key = load<u32>(keys + <usize>i * 4);
    const name = load<u32>(names + <usize>i * 4);
    const cause = load<u32>(causes + <usize>i * 4);
    const state = load<u32>(states + <usize>i * 4);
    const time = load<i64>(times + <usize>i * 8);
    const at = load<i64>(positions + <usize>i * 8);
    if ((i & (TOUCH_BLOCK - 1)) == 0) touchLines(targets, i, min(i + TOUCH_BLOCK, count));
    let stop: u32 = 0;
    if (key == 0 && target != 0 && (line(target).flags & L.FLAG_ALIASED) != 0) {
      stop = fanOut(target, name, cause, state, time, at);
    } else if (findingsFull()) {
      stop = L.STOP_FINDINGS;
    } else {
      stop = apply(target, key == 0 ? target : key, name, cause, state, time, at);
    }
    if (stop != 0) return close(i, stop);
    nextOrdinal();
  }
  setCtl(L.CTL_EVENTS, 0);
  return close(0, L.STOP_DONE);
}

/**
 * Asks for the memory of the lines of a block of events, all at once, so that the waits overlap. The
 * sum only keeps the compiler from dropping the loads.
 */
function touchLines(targets: usize, from: u32, until: u32): void {
  for (let i = from; i < until; i++) {
    const index = load<u32>(targets + <usize>i * 4);
    touched += load<u32>(lines + <usize>index * L.LINE_SIZE + L.LINE_FLAGS);
    touched += load<u32>(startsOf(index));
  }
}

/** Applies one event to every line that its key carries, in the order of the aliases. */
function fanOut(key: u32, name: u32, cause: u32, state: u32, time: i64, at: i64): u32 {
  let cursor = <u32>ctl(L.CTL_ALIAS_CURSOR);
  if (cursor == 0) {
    // The findings of one event leave together, as far as a table can hold them.
    if (anyFindings() && roomLeft() < <u32>ctl(L.CTL_FAN_OUT_MAX)) return L.STOP_FINDINGS;
    cursor = extra(L.DICTIONARY_KEYS, key);
  }
  let stop: u32 = 0;
  while (cursor != 0) {
    const alias = aliases + <usize>cursor * L.ALIAS_SIZE;
    stop = findingsFull()
      ? L.STOP_FINDINGS
      : apply(load<u32>(alias), key, name, cause, state, time, at);
    if (stop != 0) break;
    cursor = load<u32>(alias, L.ALIAS_NEXT);
  }
  setCtl(L.CTL_ALIAS_CURSOR, cursor);
  return stop;
}

function apply(index: u32, key: u32, name: u32, cause: u32, state: u32, time: i64, at: i64): u32 {
  if (state == L.STATE_NONE) return 0;
  const record = line(index);
  if ((record.flags & L.FLAG_SEEN) == 0) see(index, record);
  if (state == L.STATE_REJECTED) {
    record.flags |= L.FLAG_UNKNOWN;
    if ((record.flags & L.FLAG_CHANGED) == 0) change(index, record);
    return 0;
  }
  const before = record.effective;
  const t = max(time, before);
  let changes: bool;
  // The raise comes first: it is the one step that may have to stop, before anything has changed.
  if (state == L.STATE_DOWN) {
    const outcome = raise(record, index, key, name);
    if (outcome == POOL_FULL) return L.STOP_GROW;
    if (outcome == LINE_FULL) return refuse(record, index, at);
    changes = outcome != ACTIVE;
  } else {
    changes = clear(record, index, key, name);
  }
  applied += 1;
  if (time < before) late += 1;
  if (!changes) duplicates += 1;
  if (t > effectiveMs) effectiveMs = t;
  if (t < firstMs || firstMs < 0) firstMs = t;
  record.effective = t;
  if ((record.flags & L.FLAG_UNKNOWN) != 0) endUnknown(record, index, before, t);
  if ((record.flags & L.FLAG_EPISODE) != 0) judgeQuiet(record, index, t);
  if (changes) {
    if (state == L.STATE_DOWN) {
      if ((record.flags & L.FLAG_DOWN) == 0) {
        startInterruption(record, index, t, name, cause, at);
      } else if (record.cause == 0) {
        record.cause = cause;
      }
    } else if (!anyActive(record)) {
      endInterruption(record, index, t, at);
    }
  }
  if ((record.flags & L.FLAG_CHANGED) == 0) change(index, record);
  return 0;
}

/** The line is known again: it was unknown from its last effective time, or from the first data. */
function endUnknown(record: Line, index: u32, from: i64, until: i64): void {
  record.flags &= ~L.FLAG_UNKNOWN;
  const row = addRow(L.KIND_UNKNOWN, index);
  put64(L.KIND_UNKNOWN, L.FOUND_FROM, row, from);
  put64(L.KIND_UNKNOWN, L.FOUND_UNTIL, row, until);
}

/** Rejects a raise that would be one active alarm too many: the line is unknown to its next event. */
function refuse(record: Line, index: u32, position: i64): u32 {
  const n = <u32>ctl(L.CTL_REJECTS);
  if (n == L.REJECTS_CAPACITY) return L.STOP_REJECTS;
  store<f64>(rejects + L.REJECT_POSITION * L.REJECTS_CAPACITY + n * 8, <f64>position);
  store<u32>(rejects + L.REJECT_REASON * L.REJECTS_CAPACITY + n * 4, L.REASON_ALARMS_MAX);
  store<u32>(rejects + L.REJECT_FRAME * L.REJECTS_CAPACITY + n * 4, 0xffffffff);
  setCtl(L.CTL_REJECTS, n + 1);
  setCtl(L.CTL_REJECTED, ctl(L.CTL_REJECTED) + 1);
  record.flags |= L.FLAG_UNKNOWN;
  if ((record.flags & L.FLAG_CHANGED) == 0) change(index, record);
  return 0;
}

/**
 * Reads the open state of all lines at time c into the tables of findings, without changing it:
 * interruptions still open, their repeat faults, episodes that read as ended. STOP_FINDINGS: drain
 * and call again.
 */
export function read(c: f64, lineCount: u32): u32 {
  openFindings();
  openFlap();
  openInterruptions();
  for (let index = <u32>ctl(L.CTL_READ_CURSOR) + 1; index <= lineCount; index++) {
    const record = line(index);
    if ((record.flags & (L.FLAG_DOWN | L.FLAG_EPISODE)) == 0) continue;
    if (findingsFull()) {
      setCtl(L.CTL_READ_CURSOR, index - 1);
      closeFindings();
      return L.STOP_FINDINGS;
    }
    setOrdinal(record.storeId);
    if ((record.flags & L.FLAG_DOWN) != 0) readOpen(record, index, <i64>c);
    if ((record.flags & L.FLAG_EPISODE) != 0 && readsEnded(record, <i64>c)) {
      writeEnd(index, quietAt(record));
    }
  }
  setCtl(L.CTL_READ_CURSOR, 0);
  closeFindings();
  return L.STOP_DONE;
}
