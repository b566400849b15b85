// Window detector beside the primary one: the same rule on starts of its own, since each detector's
// episodes end by themselves. Cost: one shift of the kept starts and one comparison a rule a start.

import * as L from './layout';
import { HOOK_ENDED, HOOK_ENDS_BY, HOOK_HEARS, HOOK_START, NEVER, headOf, ringOf } from './hooks';
import { Line } from './lines';
import { beginEpisode, isOpen } from './others';
import { flapRule } from './rules';

@unmanaged
class WindowRules {
  kind: u8;
  number: u8;
  episode: u16;
  head: u16;
  ring: u16;
  classes: u32;
  id: u32;
  quietMs: i64;
  kept: u32;
  flapRules: u32;
}

@unmanaged
class WindowState {
  startsKept: u32;
}

/** Hears what concerns the window detector. */
export function window(
  hook: u32,
  descriptor: usize,
  record: Line,
  index: u32,
  t: i64,
  _value: i64,
): i64 {
  const state = changetype<WindowState>(headOf(descriptor, index));
  if (hook == HOOK_ENDS_BY) {
    const ends = record.transition + changetype<WindowRules>(descriptor).quietMs;
    return ends <= t ? ends : NEVER;
  }
  if (hook == HOOK_HEARS) return 1 << HOOK_START;
  if (hook == HOOK_ENDED) state.startsKept = 0;
  if (hook != HOOK_START) return 0;
  if (isOpen(descriptor, record)) return 0;
  const starts = ringOf(descriptor, index);
  if (judge(descriptor, state, starts, record, index, t)) return 0;
  keep(descriptor, state, starts, t);
  return 0;
}

/** Tries the rules in order at a start at t; true when one of them begins an episode. */
function judge(
  descriptor: usize,
  state: WindowState,
  starts: usize,
  record: Line,
  index: u32,
  t: i64,
): bool {
  for (let r: u32 = 0; r < changetype<WindowRules>(descriptor).flapRules; r++) {
    const rule = flapRule(descriptor + L.RULE_FLAP, r);
    const k = rule.starts;
    if (state.startsKept < k - 1) continue;
    const since = load<i64>(starts + <usize>(k - 2) * 8);
    if (t - since > rule.windowMs) continue;
    beginEpisode(descriptor, record, index, t, since, k, rule.id);
    return true;
  }
  return false;
}

/** Puts a start before those kept, as many as the largest K. */
function keep(descriptor: usize, state: WindowState, starts: usize, t: i64): void {
  const count = min(state.startsKept + 1, changetype<WindowRules>(descriptor).kept);
  for (let at = starts + <usize>(count - 1) * 8; at > starts; at -= 8) {
    store<i64>(at, load<i64>(at - 8));
  }
  store<i64>(starts, t);
  state.startsKept = count;
}
