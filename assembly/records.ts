// The records of one object that was read: itself, or those that stand in it where the mapping says
// (a list of events, the members of an object). One wrong record leaves the others as they are.

import * as L from './layout';
import * as M from './mapping-layout';
import { isIgnoredNative, makeMapped } from './mapped';
import { ctl, mapping, setCtl } from './memory';
import { makeRoom, rejectObject } from './naming';
import { NEEDS_ROOM, makeNative } from './native';
import { flags, newlines, scanString, scanValue, setNewlines, skipSpace } from './scan';
import { OTHER, STRING, fillSlot, forgetSlots, isNothing, slot } from './slots';
import { walkObject } from './walk';

/** Records read of this object so far, and those read before a stop. */
let read: u32 = 0;
let done: u32 = 0;

/**
 * Makes the events of the object at p, read last; STOP_DONE, or a stop after which it is read
 * again.
 */
export function readRecords(p: usize): u32 {
  if (load<u32>(mapping, M.HEADER_VARIANTS) == 0) return readNative();
  const count = load<u32>(mapping, M.HEADER_RECORDS);
  if (count == 0) return settle(makeMapped(), 0);
  done = <u32>ctl(L.CTL_RECORD_CURSOR);
  read = 0;
  // What is read a second time counts no newlines.
  const newlinesRead = newlines;
  const stop = readForms(p, count);
  setNewlines(newlinesRead);
  setCtl(L.CTL_RECORD_CURSOR, stop == L.STOP_DONE ? 0 : read);
  return stop;
}

function readNative(): u32 {
  if (isIgnoredNative()) {
    setCtl(L.CTL_IGNORED, ctl(L.CTL_IGNORED) + 1);
    return L.STOP_DONE;
  }
  return settle(makeNative(), 0);
}

/** What a maker said: a stop, or the rejection of the record that stands at `from`. */
function settle(reason: u32, from: usize): u32 {
  if (reason == NEEDS_ROOM) return L.STOP_GROW;
  if (reason != 0) rejectObject(reason, from);
  return L.STOP_DONE;
}

/** Reads every place where records may stand; an object without any is counted as skipped. */
function readForms(p: usize, count: u32): u32 {
  let some = false;
  let record = mapping + load<u32>(mapping, M.HEADER_RECORDS_AT);
  for (let i: u32 = 0; i < count; i++, record += M.RECORD_SIZE) {
    const id = load<u32>(record, M.RECORD_SLOT);
    if (id == <u32>M.NO_SLOT) {
      if (!some) return readOne(p, record);
      continue;
    }
    const s = slot(id);
    if (isNothing(s)) continue;
    some = true;
    const stop = readForm(s.start, s.kind == OTHER, record);
    if (stop != L.STOP_DONE) return stop;
  }
  return some ? L.STOP_DONE : skipOne();
}

/** Reads the records of one place in the object, whose value stands at `start`. */
function readForm(start: usize, isContainer: bool, record: usize): u32 {
  const form = load<u32>(record, M.RECORD_FORM);
  if (form == M.FORM_OBJECT) return isContainer ? readOne(start, record) : skipOne();
  const open: u32 = form == M.FORM_ARRAY ? 0x5b : 0x7b;
  if (!isContainer || load<u8>(start) != <u8>open) return skipOne();
  let p = skipSpace(start + 1);
  while (load<u8>(p) != <u8>(open + 2)) {
    forgetRecord();
    if (form == M.FORM_MEMBERS) p = takeKey(p, load<u32>(record, M.RECORD_KEY_SLOT));
    const stop = readOne(p, record);
    if (stop != L.STOP_DONE) return stop;
    p = skipSpace(scanValue(p, 0));
    if (load<u8>(p) == 0x2c) p = skipSpace(p + 1);
  }
  return L.STOP_DONE;
}

function forgetRecord(): void {
  forgetSlots(load<u32>(mapping, M.HEADER_ROOT_SLOTS), load<u32>(mapping, M.HEADER_SLOTS));
}

/** The value behind the key at p, which goes into a slot. The text is known to be good. */
function takeKey(p: usize, id: u32): usize {
  const start = p + 1;
  const end = scanString(start, true);
  if (id < <u32>M.SLOTS_MAX) fillSlot(id, STRING, flags, start, end);
  return skipSpace(skipSpace(end + 1) + 1);
}

/** True when a record was read before a stop. */
function isDone(): bool {
  if (read >= done) return false;
  read++;
  return true;
}

/** A record that is none. */
function skipOne(): u32 {
  if (isDone()) return L.STOP_DONE;
  setCtl(L.CTL_SKIPPED, ctl(L.CTL_SKIPPED) + 1);
  read++;
  return L.STOP_DONE;
}

/** Makes an event of the record at p, unless that was done before a stop. */
function readOne(p: usize, record: usize): u32 {
  if (load<u8>(p) != 0x7b) return skipOne();
  if (isDone()) return L.STOP_DONE;
  const stop = makeRoom();
  if (stop != L.STOP_DONE) return stop;
  if (load<u32>(record, M.RECORD_FORM) != M.FORM_MEMBERS) forgetRecord();
  walkObject(p, 0, mapping + load<u32>(record, M.RECORD_NODE));
  const outcome = settle(makeMapped(), p);
  if (outcome == L.STOP_DONE) read++;
  return outcome;
}
