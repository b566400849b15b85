// Weighted detector (SPEC section 2) in both forms, Icinga 2's and Nagios': the last 20 samples as
// bits (1 = the line's state changed), later ones weighing more. A quiet end uses the changes up;
// one by the value leaves them, as Icinga does. Values are sums of whole weights, and the host has
// made whole numbers of the limits (src/kernel/weights.ts). Cost a sample: one shift, six population
// counts.

import * as L from './layout';
import { HOOK_ENDED, HOOK_ENDS_BY, NEVER, headOf } from './hooks';
import { Line } from './lines';
import { beginEpisode, endEpisode, isOpen } from './others';
import { startsSince, timeOfSample } from './samples';

@unmanaged
class WeightedRules {
  kind: u8;
  number: u8;
  episode: u16;
  head: u16;
  ring: u16;
  classes: u32;
  id: u32;
  quietMs: i64;
  /** Of a change at the oldest place, and how much more at each later one. */
  weight: u32;
  step: u32;
  /** The smallest sums with which an episode begins, and is kept open. */
  begins: u32;
  stays: u32;
}

@unmanaged
class WeightedState {
  /** The samples at which the state changed, and flags above them. */
  changes: u32;
}

const CHANGES_MASK: u32 = (1 << L.SAMPLES) - 1;
const NEWEST: u32 = 1 << (L.SAMPLES - 1);
const KNOWN: u32 = L.WEIGHTED_KNOWN;
const DOWN: u32 = L.WEIGHTED_DOWN;

/** Hears what concerns the weighted detector, but for its samples. */
export function weighted(
  hook: u32,
  descriptor: usize,
  record: Line,
  index: u32,
  t: i64,
  _value: i64,
): i64 {
  if (hook == HOOK_ENDS_BY) {
    const ends = record.transition + changetype<WeightedRules>(descriptor).quietMs;
    return ends <= t ? ends : NEVER;
  }
  if (hook == HOOK_ENDED) {
    changetype<WeightedState>(headOf(descriptor, index)).changes &= ~CHANGES_MASK;
  }
  return 0;
}

/** The changes that a detector looks back on, as bits. */
export function changesOf(descriptor: usize, index: u32): u32 {
  return changetype<WeightedState>(headOf(descriptor, index)).changes & CHANGES_MASK;
}

/** Takes a sample of the line: it is down or up after an event at t. */
export function sample(descriptor: usize, record: Line, index: u32, t: i64, down: bool): void {
  const rules = changetype<WeightedRules>(descriptor);
  const state = changetype<WeightedState>(headOf(descriptor, index));
  judge(rules, shift(rules, state, down), record, index, t);
}

/** Takes a sample into the changes; returns them. */
function shift(rules: WeightedRules, state: WeightedState, down: bool): u32 {
  const before = state.changes;
  const unknown = rules.kind == L.DETECTOR_ICINGA && (before & KNOWN) == 0;
  const changed = unknown || ((before & DOWN) != 0) != down;
  const changes = ((before & CHANGES_MASK) >> 1) | (changed ? NEWEST : 0);
  state.changes = changes | KNOWN | (down ? DOWN : 0);
  return changes;
}

function judge(rules: WeightedRules, changes: u32, record: Line, index: u32, t: i64): void {
  const descriptor = changetype<usize>(rules);
  const sum = popcnt(changes) * rules.weight + places(changes) * rules.step;
  const stays = rules.stays;
  const begins = rules.begins;
  const open = isOpen(descriptor, record);
  // One branch for both, seldom taken: whether an episode is open is no use to a predictor.
  if (sum >= (open ? stays : begins) == open) return;
  if (open) {
    endEpisode(descriptor, record, index, t, L.ENDED_ITSELF);
    return;
  }
  if (changes == 0) return;
  // Without a transition within Q it would have ended before it began.
  if (record.transition < 0 || t >= record.transition + rules.quietMs) return;
  const oldest = ctz(changes);
  const since = timeOfSample(record, index, oldest);
  const starts = startsSince(index, oldest, since);
  beginEpisode(descriptor, record, index, t, since, starts, rules.id);
}

/** The sum of the places of the bits, the oldest bit 0: one binary digit of the place at a time. */
function places(changes: u32): u32 {
  return (
    popcnt(changes & 0xaaaaa) +
    2 * popcnt(changes & 0xccccc) +
    4 * popcnt(changes & 0x0f0f0) +
    8 * popcnt(changes & 0x0ff00) +
    16 * popcnt(changes & 0xf0000)
  );
}
