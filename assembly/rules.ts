// The rules as the kernel reads them: a rule set a class of lines, written by the host after init.
// A line's class bits lead to its set; class 0 is that of lines without a class. Cost: one shift
// and one load where a rule is asked, no conversion.

import * as L from './layout';
import { Line } from './lines';
import { rules } from './memory';

@unmanaged
export class RuleSet {
  quietMs: i64;
  outageMs: i64;
  repeatMs: i64;
  /** -1 = off. */
  mergeGapMs: i64;
  correctionMs: i64;
  /** -1 = off. */
  staleAfterMs: i64;
  /** How many flap rules stand at RULE_FLAP. */
  flapRules: u32;
}

/** A rule (K, W) and the id that findings name it by. */
@unmanaged
export class FlapRule {
  windowMs: i64;
  starts: u32;
  id: u32;
}

/** The class of a line: the index of its rule set. */
export function classOf(record: Line): u32 {
  return (record.flags >> L.FLAG_CLASS_SHIFT) & L.FLAG_CLASS_MASK;
}

/** The rules of a line. */
export function rulesOf(record: Line): RuleSet {
  return changetype<RuleSet>(rules + <usize>classOf(record) * L.RULE_SET_SIZE);
}

/** Flap rule `r` of those that stand at `at`. */
export function flapRule(at: usize, r: u32): FlapRule {
  return changetype<FlapRule>(at + <usize>r * L.FLAP_SIZE);
}
