// First stage: text to event columns. The inbox holds either frames (Kafka records, each a whole
// text) or a piece of one endless stream (a file), whose unread end is kept for the next call. The
// unit is one object: after an error reading goes on behind the next newline, or at the next frame.

import * as L from './layout';
import {
  ABSENT,
  FIELD_ALARM,
  FIELD_CAUSE,
  FIELD_KEY,
  FIELD_LINE,
  FIELD_STATE,
  FIELD_TIME,
  HAS_ESCAPE,
  NULL,
  NUMBER,
  STRING,
  errorAt,
  errorReason,
  field,
  newlines,
  readObject,
  setNewlines,
  skipSpace,
} from './json';
import { TEXT_GOOD, TEXT_LONG, readText, textAt, textLength } from './text';
import { TIME_OFFSET, TIME_RANGE, readTime, readStamp } from './time';
import { dictionary, intern } from './dictionary';
import { isNamed, mayGrow, nameEvents, waitForName } from './naming';
import { check, ctl, events, frames, inbox, rejects, setCtl } from './memory';

/** Where the text stands between two values. */
const TOP: u32 = 0;
const ARRAY_FIRST: u32 = 1;
const ARRAY_BEHIND: u32 = 2;
const ARRAY_NEXT: u32 = 3;
/** Behind an object at top level: white space must follow. */
const BEHIND: u32 = 4;
/** Behind an error: nothing counts up to the next newline. */
const SKIPPING: u32 = 5;

let place: u32 = TOP;
let cursor: usize = 0;
let eventsCount: u32 = 0;
let eventsNamed: u32 = 0;
let eventsCapacity: u32 = 0;
let rejectsCount: u32 = 0;
let frameIndex: u32 = 0;
/** The line of the event at hand: its index, or 0 and where its name stands in the inbox. */
let target: u32 = 0;
let lineAt: usize = 0;
let lineLength: u32 = 0;
let isFrame: bool = false;
let position: i64 = 0;

/** Forgets the text at hand: the next call begins a new stream or new frames. */
export function resetDecoder(): void {
  for (let slot = L.CTL_PLACE; slot <= L.CTL_STREAM_STARTED; slot++) setCtl(slot, 0);
  setCtl(L.CTL_INBOX_LENGTH, 0);
  setCtl(L.CTL_STREAM_POSITION, 0);
  setCtl(L.CTL_STREAM_LINES, 0);
  setCtl(L.CTL_FRAMES, 0);
}

/** Takes up where the last call ended; STOP_DONE, or what names that still wait ask for. */
function begin(): u32 {
  eventsCount = <u32>ctl(L.CTL_EVENTS);
  eventsNamed = min(eventsCount, <u32>ctl(L.CTL_EVENTS_NAMED));
  eventsCapacity = <u32>ctl(L.CTL_EVENTS_CAPACITY);
  rejectsCount = <u32>ctl(L.CTL_REJECTS);
  place = <u32>ctl(L.CTL_PLACE);
  cursor = inbox + <usize>ctl(L.CTL_TEXT_CURSOR);
  setNewlines(<u32>ctl(L.CTL_STREAM_LINES));
  return nameWaiting();
}

/** Names the events that wait; STOP_DONE when all have their lines. */
function nameWaiting(): u32 {
  setCtl(L.CTL_REJECTS, rejectsCount);
  const stop = nameEvents(eventsNamed, eventsCount);
  eventsNamed = <u32>ctl(L.CTL_EVENTS_NAMED);
  rejectsCount = <u32>ctl(L.CTL_REJECTS);
  return stop;
}

function finish(stop: u32): u32 {
  setCtl(L.CTL_EVENTS, eventsCount);
  setCtl(L.CTL_EVENTS_NAMED, eventsNamed);
  setCtl(L.CTL_REJECTS, rejectsCount);
  setCtl(L.CTL_PLACE, place);
  setCtl(L.CTL_TEXT_CURSOR, <f64>(cursor - inbox));
  setCtl(L.CTL_STREAM_LINES, newlines);
  return stop;
}

function reject(reason: u32, at: usize, from: usize, lines: u32): void {
  const row = rejects;
  const n = rejectsCount++;
  store<f64>(row + L.REJECT_POSITION * L.REJECTS_CAPACITY + n * 8, <f64>position);
  store<u32>(row + L.REJECT_REASON * L.REJECTS_CAPACITY + n * 4, reason);
  store<u32>(row + L.REJECT_AT * L.REJECTS_CAPACITY + n * 4, <u32>(at - inbox));
  store<u32>(row + L.REJECT_FROM * L.REJECTS_CAPACITY + n * 4, <u32>(from - inbox));
  store<u32>(row + L.REJECT_LINE * L.REJECTS_CAPACITY + n * 4, lines + 1);
  store<u32>(row + L.REJECT_FRAME * L.REJECTS_CAPACITY + n * 4, frameIndex);
  setCtl(L.CTL_REJECTED, ctl(L.CTL_REJECTED) + 1);
}

function writeEvent(key: u32, alarm: u32, cause: u32, state: u32, time: i64): void {
  const n = eventsCount++;
  if (target == 0) waitForName(n - eventsNamed, lineAt, lineLength, position);
  else isNamed(n - eventsNamed);
  const c = eventsCapacity;
  store<i64>(events + L.EVENT_TIME * c + n * 8, time);
  store<i64>(events + L.EVENT_POSITION * c + n * 8, position);
  store<u32>(events + L.EVENT_TARGET * c + n * 4, target);
  store<u32>(events + L.EVENT_KEY * c + n * 4, key);
  store<u32>(events + L.EVENT_ALARM * c + n * 4, alarm);
  store<u32>(events + L.EVENT_CAUSE * c + n * 4, cause);
  store<u32>(events + L.EVENT_STATE * c + n * 4, state);
}

/** Outcome of naming: an index, or one of these above every index. */
const NO_ROOM: u32 = 0xffffffff;
const BAD: u32 = 0xfffffffe;
const FULL: u32 = 0xfffffffd;
/** No row is left for a rejection. */
const NO_ROW: u32 = 0xfffffffc;

/** Index of the text read last; NO_ROOM when the dictionary must grow; FULL when it may not. */
function nameOf(id: u32): u32 {
  const index = intern(id, textAt, textLength);
  if (index != 0) return index;
  if (id == L.DICTIONARY_KEYS) return mayGrow() ? NO_ROOM : FULL;
  return dictionary(id).count >= <u32>ctl(L.CTL_NAMES_MAX) ? FULL : NO_ROOM;
}

/** Index of an optional name, 0 when it is absent, null or empty; BAD when it is no good text. */
function optionalName(id: u32, fieldId: u32): u32 {
  const f = field(fieldId);
  if (f.kind == ABSENT || f.kind == NULL) return 0;
  if (f.kind != STRING || readText(f) != TEXT_GOOD) return BAD;
  return textLength == 0 ? 0 : nameOf(id);
}

/** The state, or STATE_REJECTED for any other text. */
function readState(): u32 {
  const f = field(FIELD_STATE);
  if (f.kind != STRING || readText(f) != TEXT_GOOD) return L.STATE_REJECTED;
  if (textLength == 4 && load<u32>(textAt) == 0x6e776f64) return L.STATE_DOWN;
  if (textLength == 2 && load<u16>(textAt) == 0x7075) return L.STATE_UP;
  return L.STATE_REJECTED;
}

function timeReason(outcome: i64): u32 {
  if (outcome == TIME_RANGE) return L.REASON_TIME_RANGE;
  return outcome == TIME_OFFSET ? L.REASON_TIME_OFFSET : L.REASON_TIME_FORMAT;
}

/** The reason why the line of the object read last names none, or 0. */
function lineReason(): u32 {
  const f = field(FIELD_LINE);
  if (f.kind == ABSENT) return L.REASON_LINE_MISSING;
  if (f.kind != STRING) return L.REASON_LINE_TYPE;
  const outcome = readText(f);
  if (outcome == TEXT_LONG) return L.REASON_LINE_LENGTH;
  if (outcome != TEXT_GOOD) return L.REASON_LINE_TEXT;
  return textLength == 0 ? L.REASON_LINE_LENGTH : 0;
}

/**
 * Makes an event of the object read last. 0 when it is one, the reason when it is none, NO_ROOM when
 * a dictionary must grow first. An event that is wrong but names its line leaves STATE_REJECTED.
 */
function makeEvent(): u32 {
  let reason = lineReason();
  if (reason != 0) return reason;
  const keyField = field(FIELD_KEY);
  const keyed = keyField.kind != ABSENT && keyField.kind != NULL;
  if (keyed || (field(FIELD_LINE).flags & HAS_ESCAPE) != 0) {
    // Named at once, since the next text overwrites a resolved one; names keep the events' order.
    const stop = nameWaiting();
    if (stop != L.STOP_DONE) return stop == L.STOP_GROW ? NO_ROOM : NO_ROW;
    target = nameOf(L.DICTIONARY_KEYS);
    if (target == NO_ROOM) return NO_ROOM;
    if (target == FULL) return L.REASON_LINES_MAX;
  } else {
    target = 0;
    lineAt = textAt;
    lineLength = textLength;
  }
  let key: u32 = 0;
  let time: i64 = 0;
  if (keyed) {
    if (keyField.kind != STRING || readText(keyField) != TEXT_GOOD || textLength == 0) {
      return wrong(0, L.REASON_KEY);
    }
    key = nameOf(L.DICTIONARY_KEYS);
    if (key == NO_ROOM) return NO_ROOM;
    if (key == FULL) return wrong(0, L.REASON_LINES_MAX);
  }
  const state = readState();
  if (state == L.STATE_REJECTED) {
    reason = field(FIELD_STATE).kind == ABSENT ? L.REASON_STATE_MISSING : L.REASON_STATE;
    return wrong(key, reason);
  }
  const timeField = field(FIELD_TIME);
  if (timeField.kind == ABSENT) return wrong(key, L.REASON_TIME_MISSING);
  if (timeField.kind == NUMBER) {
    time = readTime(timeField);
  } else if (timeField.kind != STRING) {
    return wrong(key, L.REASON_TIME_TYPE);
  } else if (readText(timeField) != TEXT_GOOD) {
    return wrong(key, L.REASON_TIME_FORMAT);
  } else {
    time = readStamp(textAt, textAt + textLength);
  }
  if (time < 0) return wrong(key, timeReason(time));
  const alarm = optionalName(L.DICTIONARY_ALARMS, FIELD_ALARM);
  if (alarm == NO_ROOM) return NO_ROOM;
  if (alarm >= FULL) return wrong(key, alarm == BAD ? L.REASON_ALARM : L.REASON_NAMES_MAX);
  const cause = optionalName(L.DICTIONARY_CAUSES, FIELD_CAUSE);
  if (cause == NO_ROOM) return NO_ROOM;
  if (cause >= FULL) return wrong(key, cause == BAD ? L.REASON_CAUSE : L.REASON_NAMES_MAX);
  writeEvent(key, alarm, cause, state, time);
  return 0;
}

function wrong(key: u32, reason: u32): u32 {
  writeEvent(key, 0, 0, L.STATE_REJECTED, 0);
  return reason;
}

/** The place behind the next newline at or behind p, or `end`. Sets `place` when it is found. */
function skipLine(p: usize, end: usize): usize {
  while (p < end) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(p), i8x16.splat(0x0a)));
    if (found == 0) {
      p += 16;
      continue;
    }
    p += ctz(found);
    if (p >= end) break;
    setNewlines(newlines + 1);
    place = TOP;
    return p + 1;
  }
  return end;
}

function breakText(reason: u32, at: usize, from: usize): void {
  reject(reason, at, from, newlines);
  place = SKIPPING;
}

/** Outcome of reading values beside STOP_...: the text's end is reached. */
const AT_END: u32 = 100;

/**
 * Reads from `cursor` up to `end`, where a zero byte stands. AT_END: all is read but what begins at
 * `cursor`, which more bytes may complete. `first` = position of `inbox` in the stream.
 */
function readValues(end: usize, first: i64): u32 {
  let p = cursor;
  while (true) {
    cursor = p;
    if (place == SKIPPING) {
      p = skipLine(p, end);
      if (place == SKIPPING) {
        cursor = end;
        return AT_END;
      }
      continue;
    }
    const before = newlines;
    const from = p;
    p = skipSpace(p);
    if (p > from && place == BEHIND) place = TOP;
    cursor = p;
    if (p >= end) return AT_END;
    if (eventsCount - eventsNamed == L.NAMING_BLOCK) {
      const stop = nameWaiting();
      if (stop != L.STOP_DONE) return stop;
    }
    if (rejectsCount == L.REJECTS_CAPACITY) return L.STOP_REJECTS;
    if (eventsCount == eventsCapacity) {
      const stop = nameWaiting();
      return stop != L.STOP_DONE ? stop : L.STOP_EVENTS;
    }
    if (!isFrame) position = first + <i64>(p - inbox);
    const c: u32 = load<u8>(p);
    if (c == 0x7b && (place == TOP || place == ARRAY_FIRST || place == ARRAY_NEXT)) {
      const stop = readOne(p, end);
      if (stop == AT_END) return AT_END;
      if (stop != L.STOP_DONE) {
        cursor = p;
        return stop;
      }
      p = cursor;
    } else if (c == 0x5b && place == TOP) {
      place = ARRAY_FIRST;
      p++;
    } else if (c == 0x5d && (place == ARRAY_FIRST || place == ARRAY_BEHIND)) {
      place = BEHIND;
      p++;
    } else if (c == 0x2c && place == ARRAY_BEHIND) {
      place = ARRAY_NEXT;
      p++;
    } else {
      breakText(placeReason(c), p, p);
    }
    check(newlines >= before && p >= inbox && p <= end);
  }
}

function placeReason(c: u32): u32 {
  if (place == BEHIND) return L.REASON_SEPARATOR;
  if (c == 0x5b && place != ARRAY_BEHIND) return L.REASON_NESTED_ARRAY;
  return place == TOP ? L.REASON_TOP_LEVEL : L.REASON_SYNTAX;
}

/** Reads the object at p: `cursor` moves behind it, or to the place of its error. */
function readOne(p: usize, end: usize): u32 {
  const before = newlines;
  const depth: u32 = place == TOP ? 0 : 1;
  const behind = readObject(p, depth);
  if (behind == 0) {
    if (errorAt >= end) {
      setNewlines(before);
      return AT_END;
    }
    cursor = errorAt;
    breakText(errorReason, errorAt, p);
    return L.STOP_DONE;
  }
  const reason = makeEvent();
  if (reason >= NO_ROW) {
    setNewlines(before);
    return reason == NO_ROW ? L.STOP_REJECTS : L.STOP_GROW;
  }
  cursor = behind;
  place = place == TOP ? BEHIND : ARRAY_BEHIND;
  if (reason != 0) reject(reason, p, p, before);
  return L.STOP_DONE;
}

function newlinesIn(from: usize, until: usize): u32 {
  let count: u32 = 0;
  for (let p = from; p < until; p++) if (load<u8>(p) == 0x0a) count++;
  return count;
}

/** Ends a text: what is left of it is an error. False when there is no room to say so. */
function endText(end: usize): bool {
  if (place != SKIPPING && (cursor < end || (place != TOP && place != BEHIND))) {
    if (rejectsCount == L.REJECTS_CAPACITY) return false;
    setNewlines(newlines + newlinesIn(cursor, end));
    reject(L.REASON_TRUNCATED, end, cursor, newlines);
  }
  place = TOP;
  return true;
}

/**
 * Reads the stream's piece in the inbox (CTL_INBOX_LENGTH bytes); `final` ends the stream. On
 * STOP_DONE the unread end has moved to the inbox's front and CTL_INBOX_LENGTH is its length.
 */
export function decodeStream(final: bool): u32 {
  const waited = begin();
  if (waited != L.STOP_DONE) return finish(waited);
  isFrame = false;
  frameIndex = 0;
  const length = <usize>ctl(L.CTL_INBOX_LENGTH);
  const end = inbox + length;
  memory.fill(end, 0, L.TEXT_PADDING);
  if (ctl(L.CTL_STREAM_STARTED) == 0) {
    if (length < 3 && !final) return finish(L.STOP_DONE);
    setCtl(L.CTL_STREAM_STARTED, 1);
    if (length >= 3 && (load<u32>(inbox) & 0xffffff) == 0xbfbbef) cursor = inbox + 3;
  }
  const first = <i64>ctl(L.CTL_STREAM_POSITION);
  const stop = readValues(end, first);
  if (stop != AT_END) return finish(stop);
  const left = nameWaiting();
  if (left != L.STOP_DONE) return finish(left);
  if (final) {
    position = first + <i64>(cursor - inbox);
    if (!endText(end)) return finish(L.STOP_REJECTS);
    cursor = end;
  } else if (cursor == inbox && length == <usize>ctl(L.CTL_INBOX_CAPACITY)) {
    if (rejectsCount == L.REJECTS_CAPACITY) return finish(L.STOP_REJECTS);
    position = first;
    breakText(L.REASON_TOO_LONG, end, inbox);
    setNewlines(newlines + newlinesIn(inbox, end));
    cursor = end;
  }
  // The samples of rejections stand in the inbox: they are taken before its end is moved.
  if (rejectsCount > 0) return finish(L.STOP_REJECTS);
  setCtl(L.CTL_STREAM_POSITION, <f64>(first + <i64>(cursor - inbox)));
  memory.copy(inbox, cursor, end - cursor);
  setCtl(L.CTL_INBOX_LENGTH, <f64>(end - cursor));
  cursor = inbox;
  return finish(L.STOP_DONE);
}

/** Reads the CTL_FRAMES frames of the inbox, each a whole text behind which a zero byte stands. */
export function decodeFrames(): u32 {
  const waited = begin();
  if (waited != L.STOP_DONE) return finish(waited);
  isFrame = true;
  const count = <u32>ctl(L.CTL_FRAMES);
  const capacity = <u32>ctl(L.CTL_FRAMES_CAPACITY);
  for (let frame = <u32>ctl(L.CTL_FRAME_CURSOR); frame < count; frame++) {
    setCtl(L.CTL_FRAME_CURSOR, frame);
    frameIndex = frame;
    position = <i64>load<f64>(frames + L.FRAME_OFFSET * capacity + frame * 8);
    const length = load<i32>(frames + L.FRAME_LENGTH * capacity + frame * 4);
    const start = inbox + load<u32>(frames + L.FRAME_START * capacity + frame * 4);
    if (length < 0) {
      if (rejectsCount == L.REJECTS_CAPACITY) return finish(L.STOP_REJECTS);
      setNewlines(0);
      reject(L.REASON_NULL_VALUE, start, start, 0);
      continue;
    }
    if (ctl(L.CTL_FRAME_OPEN) == 0) {
      cursor = start;
      place = TOP;
      setNewlines(0);
      setCtl(L.CTL_FRAME_OPEN, 1);
    }
    const end = start + length;
    const stop = readValues(end, 0);
    if (stop != AT_END) return finish(stop);
    if (!endText(end)) return finish(L.STOP_REJECTS);
    setCtl(L.CTL_FRAME_OPEN, 0);
  }
  setCtl(L.CTL_FRAME_CURSOR, count);
  const left = nameWaiting();
  if (left != L.STOP_DONE) return finish(left);
  setCtl(L.CTL_FRAME_CURSOR, 0);
  setCtl(L.CTL_FRAMES, 0);
  cursor = inbox;
  place = TOP;
  setNewlines(0);
  return finish(L.STOP_DONE);
}
