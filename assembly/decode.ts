// First stage: text to event columns. The inbox holds either frames (Kafka records, each a whole
// text) or a piece of one endless stream (a file), whose unread end is kept for the next call. The
// unit is one object: after an error reading goes on behind the next newline, or at the next frame.

import * as L from './layout';
import * as M from './mapping-layout';
import { check, ctl, frames, inbox, mapping, setCtl } from './memory';
import {
  beginObject,
  closeEvents,
  makeRoom,
  nameEvents,
  openEvents,
  rejectObject,
  setRecordTime,
} from './naming';
import { readRecords } from './records';
import { anyRejects, rejectsFull } from './rejects';
import { errorAt, errorReason, newlines, setNewlines, skipSpace } from './scan';
import { forgetSlots } from './slots';
import { walkObject } from './walk';

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
let frameIndex: u32 = 0;
let isFrame: bool = false;
let position: i64 = 0;
let root: usize = 0;
let slotCount: u32 = 0;

/** Forgets the text at hand: the next call begins a new stream or new frames. */
export function resetDecoder(): void {
  for (let slot = L.CTL_PLACE; slot <= L.CTL_STREAM_STARTED; slot++) setCtl(slot, 0);
  setCtl(L.CTL_INBOX_LENGTH, 0);
  setCtl(L.CTL_STREAM_POSITION, 0);
  setCtl(L.CTL_STREAM_LINES, 0);
  setCtl(L.CTL_FRAMES, 0);
  setCtl(L.CTL_RECORD_CURSOR, 0);
}

/** Takes up where the last call ended; STOP_DONE, or what names that still wait ask for. */
function begin(): u32 {
  openEvents();
  place = <u32>ctl(L.CTL_PLACE);
  cursor = inbox + <usize>ctl(L.CTL_TEXT_CURSOR);
  setNewlines(<u32>ctl(L.CTL_STREAM_LINES));
  root = mapping + load<u32>(mapping, M.HEADER_ROOT);
  slotCount = load<u32>(mapping, M.HEADER_SLOTS);
  return nameEvents();
}

function finish(stop: u32): u32 {
  closeEvents();
  setCtl(L.CTL_PLACE, place);
  setCtl(L.CTL_TEXT_CURSOR, <f64>(cursor - inbox));
  setCtl(L.CTL_STREAM_LINES, newlines);
  return stop;
}

/** Rejects a text at `at`; what is wrong began at `from`. */
function rejectText(reason: u32, at: usize, from: usize, lines: u32): void {
  beginObject(position, <u32>(from - inbox), lines, frameIndex);
  rejectObject(reason, at);
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
  rejectText(reason, at, from, newlines);
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
    const room = makeRoom();
    if (room != L.STOP_DONE) return room;
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
    if (isDefined(KERNEL_CHECKED)) check(newlines >= before && p >= inbox && p <= end);
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
  forgetSlots(0, slotCount);
  const behind = walkObject(p, place == TOP ? 0 : 1, root);
  if (behind == 0) {
    if (errorAt >= end) {
      setNewlines(before);
      return AT_END;
    }
    cursor = errorAt;
    breakText(errorReason, errorAt, p);
    return L.STOP_DONE;
  }
  beginObject(position, <u32>(p - inbox), before, frameIndex);
  const outcome = readRecords(p);
  if (outcome != L.STOP_DONE) {
    setNewlines(before);
    return outcome;
  }
  cursor = behind;
  place = place == TOP ? BEHIND : ARRAY_BEHIND;
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
    if (rejectsFull()) return false;
    setNewlines(newlines + newlinesIn(cursor, end));
    rejectText(L.REASON_TRUNCATED, end, cursor, newlines);
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
  setRecordTime(-1);
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
  const left = nameEvents();
  if (left != L.STOP_DONE) return finish(left);
  if (final) {
    position = first + <i64>(cursor - inbox);
    if (!endText(end)) return finish(L.STOP_REJECTS);
    cursor = end;
  } else if (cursor == inbox && length == <usize>ctl(L.CTL_INBOX_CAPACITY)) {
    if (rejectsFull()) return finish(L.STOP_REJECTS);
    position = first;
    breakText(L.REASON_TOO_LONG, end, inbox);
    setNewlines(newlines + newlinesIn(inbox, end));
    cursor = end;
  }
  // The samples of rejections stand in the inbox: they are taken before its end is moved.
  if (anyRejects()) return finish(L.STOP_REJECTS);
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
    setRecordTime(load<f64>(frames + L.FRAME_TIME * capacity + frame * 8));
    const length = load<i32>(frames + L.FRAME_LENGTH * capacity + frame * 4);
    const start = inbox + load<u32>(frames + L.FRAME_START * capacity + frame * 4);
    if (length < 0) {
      if (rejectsFull()) return finish(L.STOP_REJECTS);
      setNewlines(0);
      rejectText(L.REASON_NULL_VALUE, start, start, 0);
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
  const left = nameEvents();
  if (left != L.STOP_DONE) return finish(left);
  setCtl(L.CTL_FRAME_CURSOR, 0);
  setCtl(L.CTL_FRAMES, 0);
  cursor = inbox;
  place = TOP;
  setNewlines(0);
  return finish(L.STOP_DONE);
}
