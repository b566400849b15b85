// The window detector (SPEC section 2, primary): an episode begins at a start t when, for a rule
// (K, W), the K-th last start s satisfies t - s <= W; it ends when the line has had no transition
// for Q. Cost: one shift of the kept starts and one comparison a rule at each start.

import * as L from './layout';
import { Episode, writeEnd, writeStart } from './episode';
import { Line, startsOf } from './lines';
import { ctl } from './memory';
import { flapRule, rulesOf } from './rules';

/** As many starts as the largest K of any class looks back on. */
let keptMax: u32 = 1;

/** Reads the rules for a batch. */
export function openFlap(): void {
  keptMax = <u32>ctl(L.CTL_STARTS_KEPT);
}

/** The open episode of line `index`. */
export function episode(index: u32): Episode {
  return changetype<Episode>(startsOf(index));
}

/** Ends the open episode if the line was quiet for Q before the effective time t. */
export function judgeQuiet(record: Line, index: u32, t: i64): void {
  const at = quietAt(record);
  if (t < at) return;
  endFlap(record, index, at, L.ENDED_ITSELF);
}

/** Ends the open episode of a line and forgets its starts; `by` is ENDED_... */
export function endFlap(record: Line, index: u32, at: i64, by: u32): void {
  writeEnd(index, episode(index), L.PRIMARY_DETECTOR, at, by);
  forgetStarts(record);
}

/** Forgets the starts of a line, or its open episode. */
export function forgetStarts(record: Line): void {
  record.flags &= ~(L.FLAG_EPISODE | (0xff << L.FLAG_STARTS_SHIFT));
}

/** True when the open episode of a line reads as ended at time c. */
export function readsEnded(record: Line, c: i64): bool {
  return c >= quietAt(record);
}

/** The instant at which the open episode ends if nothing more happens. */
export function quietAt(record: Line): i64 {
  return record.transition + rulesOf(record).quietMs;
}

/**
 * Judges a start at t: counts it in the open episode, or keeps it and tries the rules in order. The
 * start before it still stands in the record; those before that in the line's place for starts.
 */
export function judgeStart(record: Line, index: u32, t: i64): void {
  if ((record.flags & L.FLAG_EPISODE) != 0) {
    episode(index).count++;
    return;
  }
  const kept = startsOf(index);
  const count = (record.flags >> L.FLAG_STARTS_SHIFT) & 0xff;
  const rules = rulesOf(record);
  const flap = changetype<usize>(rules) + L.RULE_FLAP;
  for (let r: u32 = 0; r < rules.flapRules; r++) {
    const rule = flapRule(flap, r);
    const k = rule.starts;
    if (count < k - 1) continue;
    const since = k == 2 ? record.start : load<i64>(kept + <usize>(k - 3) * 8);
    if (t - since > rule.windowMs) continue;
    begin(record, index, t, since, k, rule.id);
    return;
  }
  const after = count < keptMax ? count + 1 : keptMax;
  for (let i = <i32>after - 2; i > 0; i--) {
    store<i64>(kept + <usize>i * 8, load<i64>(kept + <usize>(i - 1) * 8));
  }
  if (after > 1) store<i64>(kept, record.start);
  record.flags = (record.flags & ~(0xff << L.FLAG_STARTS_SHIFT)) | (after << L.FLAG_STARTS_SHIFT);
}

function begin(record: Line, index: u32, t: i64, since: i64, count: u32, ruleId: u32): void {
  record.flags |= L.FLAG_EPISODE;
  const open = episode(index);
  open.at = t;
  open.since = since;
  open.count = count;
  open.rule = ruleId;
  writeStart(index, open, L.PRIMARY_DETECTOR);
}
