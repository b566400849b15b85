// Episodes of the detectors beside the primary one: the line's flags say which are open. Cost: a
// bit of the record where none is.

import * as L from './layout';
import { writeEnd, writeStart } from './episode';
import { Detector, episodeOf } from './hooks';
import { Line } from './lines';

function bitOf(descriptor: usize): u32 {
  return (1 << L.FLAG_OTHERS_SHIFT) << changetype<Detector>(descriptor).number;
}

/** True when a detector's episode is open. */
export function isOpen(descriptor: usize, record: Line): bool {
  return (record.flags & bitOf(descriptor)) != 0;
}

/** Opens a detector's episode at a time. */
export function beginEpisode(
  descriptor: usize,
  record: Line,
  index: u32,
  at: i64,
  since: i64,
  count: u32,
  rule: u32,
): void {
  const open = episodeOf(descriptor, index);
  open.at = at;
  open.since = since;
  open.count = count;
  open.rule = rule;
  record.flags |= bitOf(descriptor);
  writeStart(index, open, L.OTHER_DETECTOR);
}

/** Ends a detector's open episode, and writes its end; `by` is ENDED_... */
export function endEpisode(descriptor: usize, record: Line, index: u32, at: i64, by: u32): void {
  const open = episodeOf(descriptor, index);
  writeEnd(index, open, L.OTHER_DETECTOR, at, by);
  open.count = 0;
  open.rule = 0;
  record.flags &= ~bitOf(descriptor);
}
