// Window detector beside the primary one: the same rule on starts of its own, since each detector's
// episodes end by themselves. Cost: one shift of the kept starts and one comparison a rule a start.

import * as L from './layout';
import { beginEpisode } from './episode';
import { HOOK_ENDED, HOOK_ENDS_BY, HOOK_HEARS, HOOK_START, NEVER } from './hooks';
import { Line } from './lines';
import { flapRule } from './rules';

@unmanaged
class WindowRules {
  kind: u32;
  offset: u16;
  ring: u16;
  classes: u32;
  id: u32;
  quietMs: i64;
  kept: u32;
  flapRules: u32;
}

@unmanaged
class WindowState {
  at: i64;
  since: i64;
  count: u32;
  rule: u32;
  startsKept: u32;
}

/** Hears what concerns the window detector. */
export function window(
  hook: u32,
  descriptor: usize,
  at: usize,
  record: Line,
  index: u32,
  t: i64,
  _value: i64,
): i64 {
  const state = changetype<WindowState>(at);
  if (hook == HOOK_ENDS_BY) {
    const ends = record.transition + changetype<WindowRules>(descriptor).quietMs;
    return ends <= t ? ends : NEVER;
  }
  if (hook == HOOK_HEARS) return 1 << HOOK_START;
  if (hook == HOOK_ENDED) state.startsKept = 0;
  if (hook != HOOK_START) return 0;
  if (state.rule != 0) state.count++;
  else if (!judge(descriptor, at, index, t)) keep(descriptor, at, t);
  return 0;
}

/** Tries the rules in order at a start at t; true when one of them begins an episode. */
function judge(descriptor: usize, at: usize, index: u32, t: i64): bool {
  const state = changetype<WindowState>(at);
  for (let r: u32 = 0; r < changetype<WindowRules>(descriptor).flapRules; r++) {
    const rule = flapRule(descriptor + L.RULE_FLAP, r);
    const k = rule.starts;
    if (state.startsKept < k - 1) continue;
    const since = load<i64>(at + L.WINDOW_STARTS + <usize>(k - 2) * 8);
    if (t - since > rule.windowMs) continue;
    state.since = since;
    state.count = k;
    beginEpisode(at, index, t, rule.id);
    return true;
  }
  return false;
}

/** Puts a start before those kept, as many as the largest K. */
function keep(descriptor: usize, at: usize, t: i64): void {
  const state = changetype<WindowState>(at);
  const count = min(state.startsKept + 1, changetype<WindowRules>(descriptor).kept);
  const starts = at + L.WINDOW_STARTS;
  memory.copy(starts + 8, starts, <usize>(count - 1) * 8);
  store<i64>(starts, t);
  state.startsKept = count;
}
