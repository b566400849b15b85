// Lines of decoded events, named a block at a time. A look-up waits for the memory twice, at the slot
// and at the arena; asking for a whole block's slots, then for its entries, lets those waits overlap.

import * as L from './layout';
import { dictionary, hash, internHashed, touchEntry, touchSlot } from './dictionary';
import { ctl, events, inbox, rejects, scratch, setCtl } from './memory';

/** A name that waits: the text of a line, in the inbox. */
@unmanaged
class Waiting {
  hash: u32;
  /** From the inbox's start. */
  at: u32;
  /** 0 = the event is named already. */
  length: u32;
  /** Where the object begins, for a rejection. */
  position: f64;
}

const WAITING_OFFSET: usize = 2816;

let touched: u32 = 0;

function waiting(i: u32): Waiting {
  return changetype<Waiting>(scratch + WAITING_OFFSET + <usize>i * offsetof<Waiting>());
}

/** The i-th event of the block waits for the name of a line. */
export function waitForName(i: u32, text: usize, length: u32, position: i64): void {
  const w = waiting(i);
  w.hash = hash(text, length);
  w.at = <u32>(text - inbox);
  w.length = length;
  w.position = <f64>position;
}

/** The i-th event of the block has its line. */
export function isNamed(i: u32): void {
  waiting(i).length = 0;
}

/**
 * Names the events from `named` up to `count`; STOP_DONE, or STOP_GROW or STOP_REJECTS, after which
 * it is called again. Sets CTL_EVENTS_NAMED.
 */
export function nameEvents(named: u32, count: u32): u32 {
  const first = named;
  for (let i = first; i < count; i++)
    touched += touchSlot(L.DICTIONARY_KEYS, waiting(i - first).hash);
  for (let i = first; i < count; i++) {
    touched += touchEntry(L.DICTIONARY_KEYS, waiting(i - first).hash);
  }
  const capacity = <usize>ctl(L.CTL_EVENTS_CAPACITY);
  const targets = events + capacity * L.EVENT_TARGET;
  let stop: u32 = L.STOP_DONE;
  for (; named < count; named++) {
    const w = waiting(named - first);
    if (w.length == 0) continue;
    const index = internHashed(L.DICTIONARY_KEYS, inbox + w.at, w.length, w.hash);
    if (index == 0) {
      stop = mayGrow() ? L.STOP_GROW : refuse(w, events + capacity * L.EVENT_STATE, named);
      if (stop != L.STOP_DONE) break;
    }
    store<u32>(targets + <usize>named * 4, index);
  }
  const left = count - named;
  if (left > 0)
    memory.copy(
      changetype<usize>(waiting(0)),
      changetype<usize>(waiting(named - first)),
      left * offsetof<Waiting>(),
    );
  setCtl(L.CTL_EVENTS_NAMED, named);
  return stop;
}

/** True when the dictionary of lines and keys may become larger. */
export function mayGrow(): bool {
  const d = dictionary(L.DICTIONARY_KEYS);
  return d.count < <u32>ctl(L.CTL_LINES_MAX) && <f64>d.bytes < ctl(L.CTL_KEY_BYTES_MAX);
}

/** One line too many: the event is rejected. */
function refuse(w: Waiting, states: usize, event: u32): u32 {
  const n = <u32>ctl(L.CTL_REJECTS);
  if (n == L.REJECTS_CAPACITY) return L.STOP_REJECTS;
  store<f64>(rejects + L.REJECT_POSITION * L.REJECTS_CAPACITY + n * 8, w.position);
  store<u32>(rejects + L.REJECT_REASON * L.REJECTS_CAPACITY + n * 4, L.REASON_LINES_MAX);
  store<u32>(rejects + L.REJECT_AT * L.REJECTS_CAPACITY + n * 4, w.at);
  store<u32>(rejects + L.REJECT_FROM * L.REJECTS_CAPACITY + n * 4, w.at);
  store<u32>(rejects + L.REJECT_LINE * L.REJECTS_CAPACITY + n * 4, 0);
  store<u32>(rejects + L.REJECT_FRAME * L.REJECTS_CAPACITY + n * 4, 0);
  setCtl(L.CTL_REJECTS, n + 1);
  setCtl(L.CTL_REJECTED, ctl(L.CTL_REJECTED) + 1);
  store<u32>(states + <usize>event * 4, L.STATE_NONE);
  return L.STOP_DONE;
}
