// Transient accumulation (SPEC section 2): momentary interruptions counted, and their durations
// summed, over the last 32 slices of time, cut from the epoch on. Fires at the end that brings a
// sum to its limit, once until both are below again. Cost: O(1) an end, amortized over the slices
// passed.

import * as L from './layout';
import { addRow, put32, put64 } from './findings';
import { HOOK_HEARS, HOOK_MOMENTARY, headOf, ringOf } from './hooks';
import { Line } from './lines';

@unmanaged
class TransientRules {
  kind: u8;
  number: u8;
  episode: u16;
  head: u16;
  ring: u16;
  classes: u32;
  id: u32;
  sliceMs: i64;
  durationMsMax: i64;
  countMax: u32;
}

@unmanaged
class TransientState {
  /** Number of the newest slice. */
  slice: i64;
  durationMs: i64;
  /** With FIRED. */
  count: u32;
  /** Of the newest slice. */
  nowCount: u32;
  nowDurationMs: u32;
}

const FIRED: u32 = L.TRANSIENT_FIRED;

/** Hears what concerns transient accumulation. */
export function transient(
  hook: u32,
  descriptor: usize,
  _record: Line,
  index: u32,
  t: i64,
  value: i64,
): i64 {
  if (hook == HOOK_HEARS) return 1 << HOOK_MOMENTARY;
  if (hook != HOOK_MOMENTARY) return 0;
  const rules = changetype<TransientRules>(descriptor);
  const state = changetype<TransientState>(headOf(descriptor, index));
  // Exact for t < 2^53, and several times faster than a division of integers.
  const slice = <i64>(<f64>t / <f64>rules.sliceMs);
  if (slice != state.slice) advance(ringOf(descriptor, index), state, slice);
  if (!reached(rules, state)) state.count &= ~FIRED;
  state.nowCount++;
  state.nowDurationMs += <u32>value;
  state.count++;
  state.durationMs += value;
  if ((state.count & FIRED) != 0 || !reached(rules, state)) return 0;
  const row = addRow(L.KIND_TRANSIENT, index);
  put64(L.KIND_TRANSIENT, L.FOUND_AT, row, t);
  put64(L.KIND_TRANSIENT, L.FOUND_FROM, row, state.durationMs);
  put32(L.KIND_TRANSIENT, L.FOUND_N, row, state.count);
  put32(L.KIND_TRANSIENT, L.FOUND_RULE, row, rules.id);
  state.count |= FIRED;
  return 0;
}

function reached(rules: TransientRules, state: TransientState): bool {
  return (state.count & ~FIRED) >= rules.countMax || state.durationMs >= rules.durationMsMax;
}

function slotOf(ring: usize, slice: i64): usize {
  return ring + (<usize>slice & (L.TRANSIENT_SLICES - 1)) * 8;
}

/** A loop of our own: the engine's fill is a call out of WASM, and many times dearer. */
function empty(ring: usize): void {
  const end = ring + L.TRANSIENT_RING_SIZE;
  for (let at = ring; at < end; at += 16) v128.store(at, i64x2.splat(0));
}

/**
 * Makes `slice` the newest one: the one before goes into the ring, and those that are overtaken
 * leave it. Where all there is stands in the slice before, the ring holds nothing and is not read.
 */
function advance(ring: usize, state: TransientState, slice: i64): void {
  const before = state.slice;
  const count = state.count & ~FIRED;
  const ringIsEmpty = count == state.nowCount;
  const steps = slice - before;
  state.slice = slice;
  if (steps >= L.TRANSIENT_SLICES) {
    if (!ringIsEmpty) empty(ring);
    state.count -= count;
    state.durationMs = 0;
  } else if (count != 0) {
    for (let i = ringIsEmpty ? slice + 1 : before + 1; i <= slice; i++) {
      const passed = slotOf(ring, i);
      state.count -= load<u32>(passed);
      state.durationMs -= load<u32>(passed, 4);
      store<u64>(passed, 0);
    }
    store<u32>(slotOf(ring, before), state.nowCount);
    store<u32>(slotOf(ring, before), state.nowDurationMs, 4);
  }
  state.nowCount = 0;
  state.nowDurationMs = 0;
}
