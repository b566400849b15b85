// What is kept of an alarm beside its entry: when it was last raised (staleness) and how its raises
// follow one another (chatter). The region is empty when both are off. Cost: one cache line a
// raise.

import * as L from './layout';
import { check, ctl, histories, historyStride, setCtl } from './memory';

@unmanaged
export class History {
  /** Effective time of the last raise. */
  raised: i64;
  /** That of the raise before it. */
  before: i64;
  /** Sum of 1/r over the run lengths r between raises. */
  inverse: f64;
  /** Last raise that was the third within CHATTER_MS. */
  chatteredAt: i64;
  /** The alarm's line. */
  line: u32;
  /** Raises; every one but the first ends a run. */
  count: u32;
  /** Raises that were the third within CHATTER_MS. */
  chattered: u32;
  /** The next alarm whose chatter the host has yet to take; 0 = it has taken this one's. */
  next: u32;
}

const SECOND_MS: i64 = 1000;
const WITHIN_MS: i64 = L.CHATTER_MS;

let changed: u32 = 0;

/** Reads the head of the changed ones for a batch. */
export function openHistories(): void {
  changed = <u32>ctl(L.CTL_CHATTER_CHANGED);
}

/** Writes it back. */
export function closeHistories(): void {
  setCtl(L.CTL_CHATTER_CHANGED, changed);
}

/** True when the last raise of each alarm is kept. */
export function keepsRaises(): bool {
  return historyStride != 0;
}

/** True when alarms are kept for their chatter. */
export function keepsChatter(): bool {
  return historyStride == L.HISTORY_SIZE;
}

/** The history of an alarm; without chatter it ends after `raised`. */
export function history(alarm: u32): History {
  if (isDefined(KERNEL_CHECKED)) check(historyStride != 0);
  return changetype<History>(histories + <usize>alarm * historyStride);
}

/** An alarm's entry is used anew. */
export function forgetRaises(alarm: u32): void {
  if (historyStride != 0) memory.fill(changetype<usize>(history(alarm)), 0, historyStride);
}

/** The alarm is raised at the effective time t, active or not. */
export function noteRaise(alarm: u32, t: i64): void {
  history(alarm).raised = t;
}

/** The same for an alarm of line `line` that is kept for its chatter. */
export function countRaise(alarm: u32, line: u32, t: i64): void {
  const kept = history(alarm);
  const last = kept.raised;
  if (kept.count > 0) {
    const seconds = max<i64>((t - last) / SECOND_MS, 1);
    kept.inverse += 1.0 / <f64>seconds;
  }
  kept.count++;
  if (kept.count >= <u32>L.CHATTER_RAISES && t - kept.before <= WITHIN_MS) {
    kept.chattered++;
    kept.chatteredAt = t;
  }
  kept.before = last;
  kept.raised = t;
  kept.line = line;
  if (kept.next != 0) return;
  kept.next = changed == 0 ? <u32>L.CHATTER_LAST : changed;
  changed = alarm;
}
