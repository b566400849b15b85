// Penalty detector (SPEC section 2; RFC 2439): a value that starts and ends raise and time halves.
// It is kept as it was at the line's last transition, so that no event between them rounds it.
// Cost: one exp2 a transition unless nothing is left, one more an event while an episode is open
// and the value may be below R.

import { HOOK_END, HOOK_ENDED, HOOK_ENDS_BY, HOOK_HEARS, HOOK_START, NEVER, headOf } from './hooks';
import * as L from './layout';
import { Line } from './lines';
import { beginEpisode, isOpen } from './others';
import { decayed, msUntilBelow } from './decay';

@unmanaged
class PenaltyRules {
  kind: u8;
  number: u8;
  episode: u16;
  head: u16;
  ring: u16;
  classes: u32;
  id: u32;
  halfLifeUpMs: f64;
  halfLifeDownMs: f64;
  down: f64;
  up: f64;
  suppress: f64;
  reuse: f64;
  ceiling: f64;
}

@unmanaged
class PenaltyState {
  /** At the line's last transition. */
  value: f64;
  since: i64;
  /** Starts from `since` on, before an episode opens too; 0 = since is not set. */
  starts: u32;
}

/** Hears what concerns the penalty detector. */
export function penalty(
  hook: u32,
  descriptor: usize,
  record: Line,
  index: u32,
  t: i64,
  _value: i64,
): i64 {
  const rules = changetype<PenaltyRules>(descriptor);
  const state = changetype<PenaltyState>(headOf(descriptor, index));
  if (hook == HOOK_START || hook == HOOK_END) {
    move(rules, state, record, index, t, hook == HOOK_START);
    return 0;
  }
  if (hook == HOOK_ENDS_BY) return endsBy(rules, state, record, t);
  if (hook == HOOK_ENDED) state.starts = 0;
  else if (hook == HOOK_HEARS) return (1 << HOOK_START) | (1 << HOOK_END);
  return 0;
}

function endsBy(rules: PenaltyRules, state: PenaltyState, record: Line, t: i64): i64 {
  const down = (record.flags & L.FLAG_DOWN) != 0;
  const halfLifeMs = down ? rules.halfLifeDownMs : rules.halfLifeUpMs;
  const elapsedMs = <f64>(t - record.transition);
  // Within a half-life no more than half is lost: the common case needs no exp2.
  if (elapsedMs <= halfLifeMs && state.value * 0.5 >= rules.reuse) return NEVER;
  if (decayed(state.value, elapsedMs, halfLifeMs) >= rules.reuse) return NEVER;
  return record.transition + <i64>msUntilBelow(state.value, rules.reuse, halfLifeMs);
}

/** An interruption started or ended: adds to what time has left of the value. */
function move(
  rules: PenaltyRules,
  state: PenaltyState,
  record: Line,
  index: u32,
  t: i64,
  started: bool,
): void {
  const halfLifeMs = started ? rules.halfLifeUpMs : rules.halfLifeDownMs;
  const left = decayed(state.value, <f64>(t - record.transition), halfLifeMs);
  const value = min(left + (started ? rules.down : rules.up), rules.ceiling);
  // Below R it was forgotten since when the value is not.
  let starts = left < rules.reuse ? 0 : state.starts;
  if (started) {
    if (starts == 0 && value >= rules.reuse) state.since = t;
    if (starts > 0 || value >= rules.reuse) starts++;
  }
  state.value = value;
  state.starts = starts;
  if (value < rules.suppress || isOpen(changetype<usize>(rules), record)) return;
  begin(rules, state, record, index, t);
}

function begin(rules: PenaltyRules, state: PenaltyState, record: Line, index: u32, t: i64): void {
  // Only this end has brought it above R: the interruption that ended is the evidence.
  if (state.starts == 0) {
    state.since = record.start;
    state.starts = 1;
  }
  const descriptor = changetype<usize>(rules);
  beginEpisode(descriptor, record, index, t, state.since, state.starts, rules.id);
}
