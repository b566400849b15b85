// Penalty detector (SPEC section 2; RFC 2439): a value that starts and ends raise and time halves.
// It is kept as it was at the line's last transition, so that no event between them rounds it.
// Cost: one exp2 a transition, one more an event while an episode is open and the value may be
// below R.

import { beginEpisode } from './episode';
import { HOOK_END, HOOK_ENDS_BY, HOOK_HEARS, HOOK_START, NEVER } from './hooks';
import * as L from './layout';
import { Line } from './lines';
import { decayed, msUntilBelow } from './decay';

@unmanaged
class PenaltyRules {
  kind: u32;
  offset: u16;
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
  at: i64;
  since: i64;
  /** Starts from `since` on, before an episode opens too; 0 = since is not set. */
  count: u32;
  rule: u32;
  value: f64;
  updated: i64;
}

/** Hears what concerns the penalty detector. */
export function penalty(
  hook: u32,
  descriptor: usize,
  at: usize,
  record: Line,
  index: u32,
  t: i64,
  _value: i64,
): i64 {
  const rules = changetype<PenaltyRules>(descriptor);
  if (hook == HOOK_ENDS_BY) return endsBy(rules, changetype<PenaltyState>(at), record, t);
  if (hook == HOOK_HEARS) return (1 << HOOK_START) | (1 << HOOK_END);
  if (hook == HOOK_START) start(rules, at, index, t);
  if (hook == HOOK_END) end(rules, at, record, index, t);
  return 0;
}

function endsBy(rules: PenaltyRules, state: PenaltyState, record: Line, t: i64): i64 {
  const down = (record.flags & L.FLAG_DOWN) != 0;
  const halfLifeMs = down ? rules.halfLifeDownMs : rules.halfLifeUpMs;
  const elapsedMs = <f64>(t - state.updated);
  // Within a half-life no more than half is lost: the common case needs no exp2.
  if (elapsedMs <= halfLifeMs && state.value * 0.5 >= rules.reuse) return NEVER;
  if (decayed(state.value, elapsedMs, halfLifeMs) >= rules.reuse) return NEVER;
  return state.updated + <i64>msUntilBelow(state.value, rules.reuse, halfLifeMs);
}

/** Adds to what time has left; forgets since when that was below R. */
function add(rules: PenaltyRules, state: PenaltyState, t: i64, halfLifeMs: f64, by: f64): void {
  const left = decayed(state.value, <f64>(t - state.updated), halfLifeMs);
  if (left < rules.reuse) state.count = 0;
  state.value = min(left + by, rules.ceiling);
  state.updated = t;
}

function start(rules: PenaltyRules, at: usize, index: u32, t: i64): void {
  const state = changetype<PenaltyState>(at);
  add(rules, state, t, rules.halfLifeUpMs, rules.down);
  if (state.count > 0) {
    state.count++;
  } else if (state.value >= rules.reuse) {
    state.since = t;
    state.count = 1;
  }
  if (state.rule == 0 && state.value >= rules.suppress) beginEpisode(at, index, t, rules.id);
}

function end(rules: PenaltyRules, at: usize, record: Line, index: u32, t: i64): void {
  const state = changetype<PenaltyState>(at);
  add(rules, state, t, rules.halfLifeDownMs, rules.up);
  if (state.rule != 0 || state.value < rules.suppress) return;
  // Only this end has brought it above R: the interruption that ended is the evidence.
  if (state.count == 0) {
    state.since = record.start;
    state.count = 1;
  }
  beginEpisode(at, index, t, rules.id);
}
