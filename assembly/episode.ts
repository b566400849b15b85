// An episode of flapping, of whichever detector: as it stands while it is open, and the findings
// that its start and its end are. Cost: a row each.

import * as L from './layout';
import { addRow, put32, put64 } from './findings';

@unmanaged
export class Episode {
  at: i64;
  since: i64;
  /** Interruption starts from since on. */
  count: u32;
  /** The id that findings name rule and detector by. */
  rule: u32;
}

/** Writes the start of an episode of line `index` as a finding; `whose` is ..._DETECTOR. */
export function writeStart(index: u32, open: Episode, whose: u32): void {
  const row = addRow(L.KIND_FLAP_START, index);
  put64(L.KIND_FLAP_START, L.FOUND_AT, row, open.at);
  put64(L.KIND_FLAP_START, L.FOUND_FROM, row, open.since);
  put32(L.KIND_FLAP_START, L.FOUND_RULE, row, open.rule);
  put32(L.KIND_FLAP_START, L.FOUND_ALARM, row, whose);
}

/**
 * Writes the end of an episode of line `index` as a finding; `whose` is ..._DETECTOR, `by`
 * ENDED_...
 */
export function writeEnd(index: u32, open: Episode, whose: u32, at: i64, by: u32): void {
  const row = addRow(L.KIND_FLAP_END, index);
  put64(L.KIND_FLAP_END, L.FOUND_UNTIL, row, at);
  put64(L.KIND_FLAP_END, L.FOUND_AT, row, open.at);
  put64(L.KIND_FLAP_END, L.FOUND_FROM, row, open.since);
  put32(L.KIND_FLAP_END, L.FOUND_N, row, open.count);
  put32(L.KIND_FLAP_END, L.FOUND_RULE, row, open.rule);
  put32(L.KIND_FLAP_END, L.FOUND_CAUSE, row, by);
  put32(L.KIND_FLAP_END, L.FOUND_ALARM, row, whose);
}
