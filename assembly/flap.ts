// The window detector (SPEC section 2, primary): an episode begins at a start t when, for a rule
// (K, W), the K-th last start s satisfies t - s <= W; it ends when the line has had no transition
// for Q. Cost: one shift of the kept starts and one comparison a rule at each start.

import * as L from './layout';
import { addRow, put32, put64 } from './findings';
import { Line, startsOf } from './lines';
import { ctl } from './memory';

@unmanaged
class Episode {
  at: i64;
  since: i64;
  count: u32;
  rule: u32;
}

/** A rule (K, W) as the start's path reads it: no conversion a start. */
@unmanaged
class Rule {
  windowMs: i64;
  starts: u32;
  id: u32;
}

const ruleTable: usize = memory.data(16 * L.FLAP_RULES_MAX, 8);

function rule(r: u32): Rule {
  return changetype<Rule>(ruleTable + <usize>r * 16);
}

let rules: u32 = 0;
let quietMs: i64 = 0;
let keptMax: u32 = 0;

/** Reads the rules for a batch. */
export function openFlap(): void {
  rules = <u32>ctl(L.CTL_FLAP_RULES);
  quietMs = <i64>ctl(L.CTL_QUIET_MS);
  keptMax = 1;
  for (let r: u32 = 0; r < rules; r++) {
    const slot = L.CTL_FLAP_RULE + L.CTL_FLAP_RULE_SLOTS * r;
    rule(r).starts = <u32>ctl(slot);
    keptMax = max(keptMax, rule(r).starts);
    rule(r).windowMs = <i64>ctl(slot + 1);
    rule(r).id = <u32>ctl(slot + 2);
  }
}

/** The open episode of line `index`. */
export function episode(index: u32): Episode {
  return changetype<Episode>(startsOf(index));
}

/** Ends the open episode if the line was quiet for Q before the effective time t. */
export function judgeQuiet(record: Line, index: u32, t: i64): void {
  const at = record.transition + quietMs;
  if (t < at) return;
  writeEnd(index, at);
  record.flags &= ~(L.FLAG_EPISODE | (0xff << L.FLAG_STARTS_SHIFT));
}

/** Writes the end of the open episode of line `index` as a finding. */
export function writeEnd(index: u32, at: i64): void {
  const open = episode(index);
  const row = addRow(L.KIND_FLAP_END, index);
  put64(L.KIND_FLAP_END, L.FOUND_UNTIL, row, at);
  put64(L.KIND_FLAP_END, L.FOUND_AT, row, open.at);
  put64(L.KIND_FLAP_END, L.FOUND_FROM, row, open.since);
  put32(L.KIND_FLAP_END, L.FOUND_N, row, open.count);
  put32(L.KIND_FLAP_END, L.FOUND_RULE, row, open.rule);
}

/** True when the open episode of a line reads as ended at time c. */
export function readsEnded(record: Line, c: i64): bool {
  return c >= record.transition + quietMs;
}

/** The instant at which the open episode ends if nothing more happens. */
export function quietAt(record: Line): i64 {
  return record.transition + quietMs;
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
  for (let r: u32 = 0; r < rules; r++) {
    const k = rule(r).starts;
    if (count < k - 1) continue;
    const since = k == 2 ? record.start : load<i64>(kept + <usize>(k - 3) * 8);
    if (t - since > rule(r).windowMs) continue;
    begin(record, index, t, since, k, rule(r).id);
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
  const row = addRow(L.KIND_FLAP_START, index);
  put64(L.KIND_FLAP_START, L.FOUND_AT, row, t);
  put64(L.KIND_FLAP_START, L.FOUND_FROM, row, since);
  put32(L.KIND_FLAP_START, L.FOUND_RULE, row, ruleId);
}
