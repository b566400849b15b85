// Decoded events on their way into the columns. Their lines are named a block at a time: a look-up
// waits for the memory twice, at the slot and at the arena; asking for a whole block's slots, then
// for its entries, lets those waits overlap. Names get their indices in the order of the events.

import * as L from './layout';
import { dictionary, hash, internHashed, touchNames } from './dictionary';
import { ctl, events, inbox, scratch, setCtl } from './memory';
import { addReject, noteAhead, openRejects, rejectsFull } from './rejects';

/**
 * An event that waits for its names. Its texts stand in the inbox or in the block's own room, both
 * at a fixed distance from the scratch region, so that a larger kernel finds them there too.
 */
@unmanaged
class Waiting {
  /** From the scratch region's start. */
  line: u32;
  lineLength: u32;
  lineHash: u32;
  /** The alarmed key named beside the line; length 0 = none. */
  key: u32;
  keyLength: u32;
  keyHash: u32;
  /** For a rejection: where the object stands in the inbox, and newlines before it. */
  from: u32;
  newlines: u32;
}

/** In the scratch region: the block's rows, then room for a line and a key of each. */
const ROWS: u32 = L.SCRATCH_WAITING;
const TEXTS: u32 = L.SCRATCH_WAITING_TEXTS;
const TEXT_SIZE: u32 = L.WAITING_TEXT_BYTES;

let count: u32 = 0;
let named: u32 = 0;
let capacity: u32 = 0;
let position: i64 = 0;
let from: u32 = 0;
let newlines: u32 = 0;
let frame: u32 = 0;
let touched: u32 = 0;
/** The latest time that an event of the text at hand may have (SPEC section 5, maxSkew). */
let latestMs: i64 = i64.MAX_VALUE;

function waiting(i: u32): Waiting {
  return changetype<Waiting>(scratch + ROWS + <usize>i * offsetof<Waiting>());
}

/** Reads the counts of events for a batch. */
export function openEvents(): void {
  openRejects();
  count = <u32>ctl(L.CTL_EVENTS);
  named = min(count, <u32>ctl(L.CTL_EVENTS_NAMED));
  capacity = <u32>ctl(L.CTL_EVENTS_CAPACITY);
}

/** Writes the counts back. */
export function closeEvents(): void {
  setCtl(L.CTL_EVENTS, count);
  setCtl(L.CTL_EVENTS_NAMED, named);
}

/** The record's own time, 0 or less = it has none: an event may be ahead of it by maxSkew. */
export function setRecordTime(recordMs: f64): void {
  const skewMs = ctl(L.CTL_MAX_SKEW_MS);
  latestMs = recordMs > 0 && skewMs >= 0 ? <i64>(recordMs + skewMs) : i64.MAX_VALUE;
}

/** The object at hand: its position, its place in the inbox, newlines before it, its frame. */
export function beginObject(at: i64, inInbox: u32, newlinesBefore: u32, ofFrame: u32): void {
  position = at;
  from = inInbox;
  newlines = newlinesBefore;
  frame = ofFrame;
}

/** Makes room for one event and one rejection; STOP_DONE when there is. */
export function makeRoom(): u32 {
  if (count - named < <u32>L.NAMING_BLOCK && count < capacity && !rejectsFull()) {
    return L.STOP_DONE;
  }
  return makeRoomNow();
}

function makeRoomNow(): u32 {
  if (rejectsFull()) return L.STOP_REJECTS;
  const stop = nameEvents();
  if (stop != L.STOP_DONE) return stop;
  // Naming may have refused as many as there were rows left.
  if (rejectsFull()) return L.STOP_REJECTS;
  return count == capacity ? L.STOP_EVENTS : L.STOP_DONE;
}

/** Where the next event's line, or key, may be put together: NAME_BYTES_MAX bytes and more. */
export function textRoom(ofKey: bool): usize {
  const at = scratch + TEXTS + (count - named) * TEXT_SIZE;
  return ofKey ? at + TEXT_SIZE / 2 : at;
}

/**
 * Adds an event; its texts must stand until `nameEvents`. There must be room (`makeRoom`). One too
 * far ahead of its record is rejected: it only names its line.
 */
export function addEvent(
  line: usize,
  lineLength: u32,
  key: usize,
  keyLength: u32,
  alarm: u32,
  cause: u32,
  state: u32,
  time: i64,
): void {
  const ahead = time > latestMs;
  if (ahead) {
    rejectObject(L.REASON_SKEW, 0);
    noteAhead(time - latestMs + <i64>ctl(L.CTL_MAX_SKEW_MS));
  }
  const w = waiting(count - named);
  w.line = <u32>(line - scratch);
  w.lineLength = lineLength;
  w.lineHash = hash(line, lineLength);
  w.keyLength = keyLength;
  w.from = from;
  w.newlines = newlines;
  if (keyLength != 0) {
    w.key = <u32>(key - scratch);
    w.keyHash = hash(key, keyLength);
  }
  const c = <usize>capacity;
  const n = <usize>count;
  count++;
  store<i64>(events + c * L.EVENT_TIME + n * 8, time);
  store<i64>(events + c * L.EVENT_POSITION + n * 8, position);
  store<u32>(events + c * L.EVENT_KEY + n * 4, 0);
  store<u32>(events + c * L.EVENT_ALARM + n * 4, ahead ? 0 : alarm);
  store<u32>(events + c * L.EVENT_CAUSE + n * 4, ahead ? 0 : cause);
  store<u32>(events + c * L.EVENT_STATE + n * 4, ahead ? <u32>L.STATE_REJECTED : state);
}

/** Rejects what stands at `at` of the object at hand, 0 = all of it; an event is added besides. */
export function rejectObject(reason: u32, at: usize): void {
  const place: u32 = at == 0 ? from : <u32>(at - inbox);
  addReject(position, reason, place, from, newlines, frame);
}

/** Names the events that wait; STOP_GROW or STOP_REJECTS: make room and call again. */
export function nameEvents(): u32 {
  const first = named;
  const waits = count - first;
  const hashes = changetype<usize>(waiting(0)) + offsetof<Waiting>('lineHash');
  touched += touchNames(L.DICTIONARY_KEYS, hashes, waits, offsetof<Waiting>());
  const targets = events + <usize>capacity * L.EVENT_TARGET;
  let stop: u32 = L.STOP_DONE;
  for (; named < count; named++) {
    const w = waiting(named - first);
    const target = internHashed(L.DICTIONARY_KEYS, scratch + w.line, w.lineLength, w.lineHash);
    if (target == 0) {
      stop = mayGrow() ? L.STOP_GROW : refuse(w, L.STATE_NONE);
      if (stop != L.STOP_DONE) break;
    }
    store<u32>(targets + <usize>named * 4, target);
    if (w.keyLength == 0 || target == 0) continue;
    const key = internHashed(L.DICTIONARY_KEYS, scratch + w.key, w.keyLength, w.keyHash);
    if (key == 0) {
      stop = mayGrow() ? L.STOP_GROW : refuse(w, L.STATE_REJECTED);
      if (stop != L.STOP_DONE) break;
    }
    store<u32>(events + <usize>capacity * L.EVENT_KEY + <usize>named * 4, key);
  }
  keepRest(named - first, count - named);
  return stop;
}

/** Moves what still waits to the block's front, texts of its own included. */
function keepRest(done: u32, left: u32): void {
  if (done == 0 || left == 0) return;
  const texts = scratch + TEXTS;
  const moved = done * TEXT_SIZE;
  memory.copy(texts, texts + moved, left * TEXT_SIZE);
  const rows = scratch + ROWS;
  const size: u32 = offsetof<Waiting>();
  memory.copy(rows, rows + done * size, left * size);
  for (let i: u32 = 0; i < left; i++) {
    const w = waiting(i);
    if (isOwn(w.line)) w.line -= moved;
    if (isOwn(w.key)) w.key -= moved;
  }
}

/** True for a text in the block's own room. */
function isOwn(text: u32): bool {
  return text - TEXTS < TEXT_SIZE * <u32>L.NAMING_BLOCK;
}

/** True when the dictionary of lines and keys may become larger. */
function mayGrow(): bool {
  const d = dictionary(L.DICTIONARY_KEYS);
  if (d.count == d.capacity) return d.capacity < <u32>ctl(L.CTL_LINES_MAX);
  return <f64>d.bytes < ctl(L.CTL_KEY_BYTES_MAX);
}

/** One line or key too many: the event is rejected. */
function refuse(w: Waiting, state: u32): u32 {
  const stateAt = events + <usize>capacity * L.EVENT_STATE + <usize>named * 4;
  // One that was rejected already has its row.
  if (load<u32>(stateAt) != L.STATE_REJECTED) {
    if (rejectsFull()) return L.STOP_REJECTS;
    const at = load<i64>(events + <usize>capacity * L.EVENT_POSITION + <usize>named * 8);
    addReject(at, L.REASON_LINES_MAX, w.from, w.from, w.newlines, frame);
  }
  store<u32>(stateAt, state);
  return L.STOP_DONE;
}
