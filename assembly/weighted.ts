// Weighted detector (SPEC section 2) in both forms, Icinga 2's and Nagios': the last 20 samples as
// bits (1 = the line's state changed), later ones weighing more. A quiet end uses the changes up;
// one by the value leaves them, as Icinga does. Cost a sample: one shift, six population counts.

import * as L from './layout';
import { beginEpisode, endEpisode } from './episode';
import {
  HOOK_ENDED,
  HOOK_ENDS_BY,
  HOOK_HEARS,
  HOOK_SAMPLE,
  HOOK_START,
  NEVER,
  ringOf,
} from './hooks';
import { Line } from './lines';

@unmanaged
class WeightedRules {
  kind: u32;
  offset: u16;
  ring: u16;
  classes: u32;
  id: u32;
  quietMs: i64;
  high: f64;
  low: f64;
}

@unmanaged
class WeightedState {
  at: i64;
  since: i64;
  count: u32;
  rule: u32;
  /** In percent, after the last sample. */
  value: f64;
  changes: u32;
  /** The samples at which an interruption started. */
  starts: u32;
  flags: u32;
}

/** A sample has been seen: before the first, Icinga's state is unknown and Nagios' is up. */
const KNOWN: u32 = 1;
const DOWN: u32 = 2;
/** An interruption started with the event whose sample comes next. */
const STARTED: u32 = 4;
/** Bits 8 to 12: place of the newest sample in the ring of times. */
const CURSOR_SHIFT: u32 = 8;
const NEWEST: u32 = 1 << (L.WEIGHTED_SAMPLES - 1);

/** Hears what concerns the weighted detector. */
export function weighted(
  hook: u32,
  descriptor: usize,
  at: usize,
  record: Line,
  index: u32,
  t: i64,
  value: i64,
): i64 {
  const state = changetype<WeightedState>(at);
  const rules = changetype<WeightedRules>(descriptor);
  if (hook == HOOK_ENDS_BY) {
    const ends = record.transition + rules.quietMs;
    return ends <= t ? ends : NEVER;
  }
  if (hook == HOOK_HEARS) return (1 << HOOK_START) | (1 << HOOK_SAMPLE);
  if (hook == HOOK_ENDED) {
    state.changes = 0;
    state.starts = 0;
    state.value = 0;
  } else if (hook == HOOK_START) {
    state.flags |= STARTED;
    if (state.rule != 0) state.count++;
  } else if (hook == HOOK_SAMPLE) {
    shift(rules, at, t, value != 0);
    judge(rules, at, record, index, t);
  }
  return 0;
}

/** Takes a sample into the ring. */
function shift(rules: WeightedRules, at: usize, t: i64, down: bool): void {
  const state = changetype<WeightedState>(at);
  const flags = state.flags;
  const unknown = rules.kind == <u32>L.DETECTOR_ICINGA && (flags & KNOWN) == 0;
  const changed = unknown || ((flags & DOWN) != 0) != down;
  const cursor = ((flags >> CURSOR_SHIFT) + 1) % L.WEIGHTED_SAMPLES;
  state.changes >>= 1;
  state.starts >>= 1;
  if (changed) {
    state.changes |= NEWEST;
    store<i64>(ringOf(changetype<usize>(rules), at) + <usize>cursor * 8, t);
  }
  if ((flags & STARTED) != 0) state.starts |= NEWEST;
  state.flags = KNOWN | (down ? DOWN : 0) | (cursor << CURSOR_SHIFT);
  state.value = valueOf(rules.kind, state.changes);
}

function judge(rules: WeightedRules, at: usize, record: Line, index: u32, t: i64): void {
  const state = changetype<WeightedState>(at);
  if (state.rule != 0) {
    if (state.value <= rules.low) endEpisode(at, index, t, L.ENDED_ITSELF);
    return;
  }
  const icinga = rules.kind == <u32>L.DETECTOR_ICINGA;
  const flaps = icinga ? state.value > rules.high : state.value >= rules.high;
  // Without a transition within Q it would have ended before it began.
  const quiet = record.transition < 0 || t >= record.transition + rules.quietMs;
  if (!flaps || quiet || state.changes == 0) return;
  const oldest = ctz(state.changes);
  const place = ((state.flags >> CURSOR_SHIFT) + 1 + oldest) % L.WEIGHTED_SAMPLES;
  state.since = load<i64>(ringOf(changetype<usize>(rules), at) + <usize>place * 8);
  state.count = popcnt(state.starts >> oldest);
  beginEpisode(at, index, t, rules.id);
}

/**
 * The value in percent of changes as bits, the oldest bit 0: 100/20 times the sum of the weights,
 * 0.8 + 0.02 i (Icinga 2) or 0.75 + 0.5/19 i (Nagios). Whole numbers and one division: exact to
 * rounding.
 */
function valueOf(kind: u32, changes: u32): f64 {
  const count = <f64>popcnt(changes);
  // The sum of the places i of the bits, one binary digit of i at a time.
  const places = <f64>(
    (popcnt(changes & 0xaaaaa) +
      2 * popcnt(changes & 0xccccc) +
      4 * popcnt(changes & 0x0f0f0) +
      8 * popcnt(changes & 0x0ff00) +
      16 * popcnt(changes & 0xf0000))
  );
  if (kind == <u32>L.DETECTOR_ICINGA) return (40 * count + places) / 10;
  return (285 * count + 10 * places) / 76;
}
