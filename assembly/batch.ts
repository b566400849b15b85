// Second stage, the hot loop: event columns to findings and open state. What a line becomes depends
// on its own events alone, in the order of the columns.

import * as L from './layout';
import {
  ACTIVE,
  LINE_FULL,
  POOL_FULL,
  alarmsLeft,
  anyActive,
  clear,
  closeAlarms,
  isActive,
  openAlarms,
  raise,
} from './alarms';
import {
  detectorCount,
  judgeDetectors,
  openDetectors,
  sampleDetectors,
  sampling,
  touchDetectors,
} from './detectors';
import { extra } from './dictionary';
import {
  addRow,
  anyFindings,
  roomLeft,
  closeFindings,
  findingsFull,
  nextOrdinal,
  openFindings,
  put32,
  put64,
} from './findings';
import { judgeQuiet, openFlap } from './flap';
import { closeHistories, keepsRaises, openHistories } from './history';
import { NEVER } from './hooks';
import { ignoresAny, isIgnored, openIgnored } from './ignore';
import {
  endInterruption,
  openInterruptions,
  settlePending,
  staleFrom,
  startInterruption,
} from './interruption';
import { Line, change, closeLines, line, openLines, see, startsOf } from './lines';
import { aliases, ctl, events, lines, setCtl } from './memory';
import { NO_TEXT, addReject, openRejects, rejectsFull } from './rejects';

/**
 * Events whose lines are touched together: a power of two, and their lines fit a first-level cache.
 */
const TOUCH_BLOCK: u32 = 32;
let touched: u32 = 0;

let applied: f64 = 0;
let late: f64 = 0;
let duplicates: f64 = 0;
let firstMs: i64 = 0;
let effectiveMs: i64 = 0;
let ignoredEvents: f64 = 0;
let ignoring: bool = false;
let hasRaises: bool = false;
/** Events of this state on are looked at before they are applied: rejected ones, or all. */
let looksFrom: u32 = 0;
/** Since when the alarms of the line at hand are stale; NEVER where they cannot be. */
let stale: i64 = NEVER;
/** Flags of lines of which something may have ended before an event. */
const MAY_END: u32 = L.FLAG_UNKNOWN | L.FLAG_PENDING | L.FLAG_EPISODE | L.FLAG_OTHERS;

function open(): void {
  openRejects();
  openHistories();
  openIgnored();
  openAlarms();
  openLines();
  openFindings();
  openFlap();
  openDetectors();
  openInterruptions();
  applied = ctl(L.CTL_EVENTS_APPLIED);
  late = ctl(L.CTL_LATE);
  duplicates = ctl(L.CTL_DUPLICATES);
  firstMs = <i64>ctl(L.CTL_FIRST_MS);
  effectiveMs = <i64>ctl(L.CTL_EFFECTIVE_MS);
  ignoredEvents = ctl(L.CTL_IGNORED);
  ignoring = ignoresAny();
  hasRaises = keepsRaises();
  looksFrom = ignoring || hasRaises ? 0 : <u32>L.STATE_REJECTED;
  stale = NEVER;
}

function close(cursor: u32, stop: u32): u32 {
  closeAlarms();
  closeHistories();
  closeFindings();
  closeLines();
  setCtl(L.CTL_EVENTS_APPLIED, applied);
  setCtl(L.CTL_LATE, late);
  setCtl(L.CTL_DUPLICATES, duplicates);
  setCtl(L.CTL_FIRST_MS, <f64>firstMs);
  setCtl(L.CTL_EFFECTIVE_MS, <f64>effectiveMs);
  setCtl(L.CTL_IGNORED, ignoredEvents);
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
    if ((i & (TOUCH_BLOCK - 1)) == 0) touchLines(targets, states, i, min(i + TOUCH_BLOCK, count));
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
 * Asks for the memory of the lines of a block of events, all at once, so that the waits overlap.
 * The sum only keeps the compiler from dropping the loads.
 */
function touchLines(targets: usize, states: usize, from: u32, until: u32): void {
  let sum: u32 = 0;
  for (let i = <usize>from; i < <usize>until; i++) {
    const index = load<u32>(targets + i * 4);
    sum += load<u32>(lines + <usize>index * L.LINE_SIZE + L.LINE_FLAGS);
    // Only a raise looks at the starts before it; a clear asks for line 0's, without a branch.
    sum += load<u32>(startsOf(index * (load<u32>(states + i * 4) & 1)));
  }
  if (detectorCount != 0) {
    for (let i = <usize>from; i < <usize>until; i++) {
      sum += touchDetectors(load<u32>(targets + i * 4));
    }
  }
  touched += sum;
}

/** Applies one event to every line that its key carries, in the order of the aliases. */
function fanOut(key: u32, name: u32, cause: u32, state: u32, time: i64, at: i64): u32 {
  let cursor = <u32>ctl(L.CTL_ALIAS_CURSOR);
  if (cursor == 0) {
    // The findings of one event leave together, as far as a table can hold them.
    const lineCount = <u32>ctl(L.CTL_FAN_OUT_MAX);
    if (anyFindings() && roomLeft() < lineCount) return L.STOP_FINDINGS;
    if (alarmsLeft() < lineCount) return L.STOP_GROW;
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
  if (state >= looksFrom && isLeftOut(index, key, name, cause, state)) return 0;
  const record = line(index);
  if ((record.flags & L.FLAG_SEEN) == 0) see(index, record);
  const before = record.effective;
  const t = max(time, before);
  let changes: bool;
  // The raise comes first: it is the one step that may have to stop, before anything has changed.
  if (state == L.STATE_DOWN) {
    const outcome = raise(record, index, key, name, t);
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
  if ((record.flags & MAY_END) != 0 || hasRaises) judgeBefore(record, index, before, t, state);
  let started = false;
  if (changes) {
    if (state == L.STATE_DOWN) {
      if ((record.flags & L.FLAG_DOWN) == 0) {
        startInterruption(record, index, t, name, cause, at);
        started = true;
      } else if (record.cause == 0) {
        record.cause = cause;
      }
    } else if (!anyActive(record)) {
      if (t > stale) record.flags |= L.FLAG_UNCERTAIN;
      endInterruption(record, index, t, at);
    }
  }
  if (sampling != 0) sampleDetectors(record, index, t, anyActive(record), before, started);
  if ((record.flags & L.FLAG_CHANGED) == 0) change(index, record);
  return 0;
}

/**
 * True when an event is not to be applied: it was rejected, or is ignored. The clear of an alarm
 * that is active is never ignored, or the alarm could not end. Notes since when the line's alarms
 * are stale, while a raise has not yet made them fresh again.
 */
function isLeftOut(index: u32, key: u32, name: u32, cause: u32, state: u32): bool {
  if (state == L.STATE_NONE) return true;
  const record = line(index);
  if (state == L.STATE_REJECTED) {
    if ((record.flags & L.FLAG_SEEN) == 0) see(index, record);
    record.flags |= L.FLAG_UNKNOWN;
    if ((record.flags & L.FLAG_CHANGED) == 0) change(index, record);
    return true;
  }
  if (hasRaises) stale = staleFrom(record);
  if (!ignoring || !isIgnored(name, cause)) return false;
  if (state == L.STATE_UP && isActive(record, index, key, name)) return false;
  ignoredEvents += 1;
  return true;
}

/**
 * The line was unknown up to this event: since a rejected one, counted from its last effective time
 * (or the first data), or since its alarms became stale.
 */
function endUnknown(record: Line, index: u32, before: i64, until: i64): void {
  const rejected = (record.flags & L.FLAG_UNKNOWN) != 0;
  record.flags &= ~L.FLAG_UNKNOWN;
  const from = rejected ? before : max(before, stale);
  if (!rejected && from == until) return;
  const row = addRow(L.KIND_UNKNOWN, index);
  put64(L.KIND_UNKNOWN, L.FOUND_FROM, row, from);
  put64(L.KIND_UNKNOWN, L.FOUND_UNTIL, row, until);
  put32(L.KIND_UNKNOWN, L.FOUND_RULE, row, rejected ? L.UNKNOWN_REJECTED : L.UNKNOWN_STALE);
}

/**
 * What has ended by t, before the event at t is applied: a time unknown, an end that waits,
 * episodes.
 */
function judgeBefore(record: Line, index: u32, before: i64, t: i64, state: u32): void {
  if ((record.flags & L.FLAG_UNKNOWN) != 0 || t > stale) endUnknown(record, index, before, t);
  if ((record.flags & L.FLAG_PENDING) != 0) {
    settlePending(record, index, t, state == L.STATE_DOWN);
    // While an end waits, it is not yet decided whether it is a transition.
    if ((record.flags & L.FLAG_PENDING) != 0) return;
  }
  if ((record.flags & L.FLAG_EPISODE) != 0) judgeQuiet(record, index, t);
  if ((record.flags & L.FLAG_OTHERS) != 0) judgeDetectors(record, index, t);
}

/**
 * Rejects a raise that would be one active alarm too many: the line is unknown to its next event.
 */
function refuse(record: Line, index: u32, position: i64): u32 {
  if (rejectsFull()) return L.STOP_REJECTS;
  addReject(position, L.REASON_ALARMS_MAX, 0, 0, 0, NO_TEXT);
  record.flags |= L.FLAG_UNKNOWN;
  if ((record.flags & L.FLAG_CHANGED) == 0) change(index, record);
  return 0;
}
