// Events of SPEC section 3's own form: {line, time, state, alarm?, cause?, key?}.

import * as L from './layout';
import * as M from './mapping-layout';
import { intern, dictionary } from './dictionary';
import { ctl } from './memory';
import { addEvent, textRoom } from './naming';
import { HAS_ESCAPE, IS_PLAIN } from './scan';
import { ABSENT, NUMBER, STRING, Slot, isNothing, slot } from './slots';
import { TEXT_GOOD, TEXT_LONG, readText, textAt, textLength } from './text';
import { TIME_OFFSET, TIME_RANGE, readStamp, readTime } from './time';

/** Beside the reasons: a dictionary has no room left, grow and read the object again. */
export const NEEDS_ROOM: u32 = 0xffffffff;

/** Outcomes of naming above every index. */
const NO_ROOM: u32 = 0xffffffff;
const BAD: u32 = 0xfffffffe;
const FULL: u32 = 0xfffffffd;

/** Index of an alarm or a cause; NO_ROOM when its dictionary must grow; FULL when it may not. */
export function nameIndex(id: u32, text: usize, length: u32): u32 {
  const index = intern(id, text, length);
  if (index != 0) return index;
  return dictionary(id).count >= <u32>ctl(L.CTL_NAMES_MAX) ? FULL : NO_ROOM;
}

/** The reason of an outcome of naming, 0 = it is an index. */
export function nameReason(index: u32, bad: u32): u32 {
  if (index < FULL) return 0;
  if (index == NO_ROOM) return NEEDS_ROOM;
  return index == BAD ? bad : L.REASON_NAMES_MAX;
}

/** Index of an optional name, 0 when it is absent, null or empty. */
function optionalName(id: u32, slotId: u32): u32 {
  const s = slot(slotId);
  if (isNothing(s)) return 0;
  if (s.kind != STRING || readText(s) != TEXT_GOOD) return BAD;
  return textLength == 0 ? 0 : nameIndex(id, textAt, textLength);
}

/** The state; any other text is STATE_REJECTED. */
function readState(): u32 {
  const s = slot(M.NATIVE_STATE);
  if (s.kind != STRING || readText(s) != TEXT_GOOD) return L.STATE_REJECTED;
  return stateOf(textAt, textLength);
}

/** The state that a text names. */
function stateOf(text: usize, length: u32): u32 {
  const word = load<u32>(text);
  // Without branches: which of the two comes is not to be foreseen.
  const down = select<u32>(word ^ 0x6e776f64, 1, length == 4);
  const up = select<u32>((word & 0xffff) ^ 0x7075, 1, length == 2);
  const other = select<u32>(L.STATE_UP, L.STATE_REJECTED, up == 0);
  return select<u32>(L.STATE_DOWN, other, down == 0);
}

/** The reason of a time that could not be read. */
export function timeReason(outcome: i64): u32 {
  if (outcome == TIME_RANGE) return L.REASON_TIME_RANGE;
  return outcome == TIME_OFFSET ? L.REASON_TIME_OFFSET : L.REASON_TIME_FORMAT;
}

function lineReason(): u32 {
  const s = slot(M.NATIVE_LINE);
  if (s.kind == ABSENT) return L.REASON_LINE_MISSING;
  if (s.kind != STRING) return L.REASON_LINE_TYPE;
  const outcome = readText(s);
  if (outcome == TEXT_LONG) return L.REASON_LINE_LENGTH;
  if (outcome != TEXT_GOOD) return L.REASON_LINE_TEXT;
  return textLength == 0 ? L.REASON_LINE_LENGTH : 0;
}

/** A text that stands until the block is named: resolved escapes are copied to room of its own. */
function standing(s: Slot, ofKey: bool): usize {
  if ((s.flags & HAS_ESCAPE) == 0) return textAt;
  const room = textRoom(ofKey);
  memory.copy(room, textAt, <usize>textLength + 8);
  return room;
}

/** Kind and flags of a slot at once. */
function sort(id: u32): u64 {
  return load<u64>(changetype<usize>(slot(id)));
}

/** The commonest event: a plain line, a plain number of ms, no names. False: it is another one. */
function makePlain(): bool {
  const s = slot(M.NATIVE_LINE);
  const length = <u32>(s.end - s.start);
  if (sort(M.NATIVE_LINE) != STRING || length - 1 >= <u32>L.NAME_BYTES_MAX) return false;
  if (sort(M.NATIVE_TIME) != (((<u64>IS_PLAIN) << 32) | NUMBER)) return false;
  const names = slot(M.NATIVE_ALARM).kind | slot(M.NATIVE_CAUSE).kind | slot(M.NATIVE_KEY).kind;
  if (names != ABSENT) return false;
  if (sort(M.NATIVE_STATE) != STRING) return false;
  const word = slot(M.NATIVE_STATE);
  const state = stateOf(word.start, <u32>(word.end - word.start));
  if (state == L.STATE_REJECTED) return false;
  addEvent(s.start, length, 0, 0, 0, 0, state, readTime(slot(M.NATIVE_TIME)));
  return true;
}

/**
 * Makes an event of the object read last: 0, or the reason why it is wrong. One that names its line
 * is added all the same, as STATE_REJECTED. NEEDS_ROOM: nothing was done.
 */
export function makeNative(): u32 {
  if (makePlain()) return 0;
  const reason = lineReason();
  if (reason != 0) return reason;
  const line = standing(slot(M.NATIVE_LINE), false);
  const lineLength = textLength;
  let key: usize = 0;
  let keyLength: u32 = 0;
  const keySlot = slot(M.NATIVE_KEY);
  if (!isNothing(keySlot)) {
    if (keySlot.kind != STRING || readText(keySlot) != TEXT_GOOD || textLength == 0) {
      return wrong(line, lineLength, 0, 0, L.REASON_KEY);
    }
    key = standing(keySlot, true);
    keyLength = textLength;
  }
  const state = readState();
  let wrongBy: u32 = 0;
  let time: i64 = 0;
  if (state == L.STATE_REJECTED) {
    wrongBy = slot(M.NATIVE_STATE).kind == ABSENT ? L.REASON_STATE_MISSING : L.REASON_STATE;
  } else {
    time = eventTime();
    if (time < 0) wrongBy = eventTimeReason(time);
  }
  if (wrongBy != 0) return wrong(line, lineLength, key, keyLength, wrongBy);
  const alarm = optionalName(L.DICTIONARY_ALARMS, M.NATIVE_ALARM);
  wrongBy = nameReason(alarm, L.REASON_ALARM);
  if (wrongBy != 0) return wrong(line, lineLength, key, keyLength, wrongBy);
  const cause = optionalName(L.DICTIONARY_CAUSES, M.NATIVE_CAUSE);
  wrongBy = nameReason(cause, L.REASON_CAUSE);
  if (wrongBy != 0) return wrong(line, lineLength, key, keyLength, wrongBy);
  addEvent(line, lineLength, key, keyLength, alarm, cause, state, time);
  return 0;
}

function wrong(line: usize, lineLength: u32, key: usize, keyLength: u32, reason: u32): u32 {
  if (reason != NEEDS_ROOM) {
    addEvent(line, lineLength, key, keyLength, 0, 0, L.STATE_REJECTED, 0);
  }
  return reason;
}

/** Outcomes of `eventTime` beside those of time.ts. */
const TIME_ABSENT: i64 = -8;
const TIME_TYPE: i64 = -9;

function eventTime(): i64 {
  const s = slot(M.NATIVE_TIME);
  if (s.kind == NUMBER) return readTime(s);
  if (s.kind == ABSENT) return TIME_ABSENT;
  if (s.kind != STRING) return TIME_TYPE;
  return readText(s) == TEXT_GOOD ? readStamp(textAt, textAt + textLength) : -2;
}

function eventTimeReason(outcome: i64): u32 {
  if (outcome == TIME_ABSENT) return L.REASON_TIME_MISSING;
  return outcome == TIME_TYPE ? L.REASON_TIME_TYPE : timeReason(outcome);
}
