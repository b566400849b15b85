// A line raised to what the store holds, where the log that would tell is gone (SPEC section 5).
// Its alarms are not known: a line that is down gets the one alarm that started its interruption.

import * as L from './layout';
import { POOL_FULL, clearAll, closeAlarms, openAlarms, raise } from './alarms';
import { forgetDetectors } from './detectors';
import { closeHistories, openHistories } from './history';
import { change, closeLines, line, openLines, see } from './lines';

/**
 * Sets flags and alarms of line `index`; the host then writes the times, and of one that is down
 * and `pending` the end that waits (REGION_PENDING). `raisedMs` = when its alarms were last raised.
 * What the detectors beside the primary one knew is gone with the log. The line is unknown until
 * its next event. False when the pool of alarms is full: grow, then call again.
 */
export function raiseLine(
  index: u32,
  alarm: u32,
  down: bool,
  episode: bool,
  pending: bool,
  raisedMs: f64,
): bool {
  openAlarms();
  openHistories();
  openLines();
  const record = line(index);
  if ((record.flags & L.FLAG_SEEN) == 0) see(index, record);
  clearAll(record);
  forgetDetectors(record, index);
  const isDown = down && !pending;
  const raised = !isDown || raise(record, index, index, alarm, <i64>raisedMs) != POOL_FULL;
  if (raised) {
    record.flags &= ~(L.FLAG_DOWN | L.FLAG_PENDING | L.FLAG_UNCERTAIN);
    record.flags &= ~(L.FLAG_EPISODE | (0xff << L.FLAG_STARTS_SHIFT));
    record.flags |= L.FLAG_UNKNOWN;
    if (isDown) record.flags |= L.FLAG_DOWN;
    if (pending) record.flags |= L.FLAG_PENDING;
    if (episode) record.flags |= L.FLAG_EPISODE;
    if ((record.flags & L.FLAG_CHANGED) == 0) change(index, record);
  }
  closeAlarms();
  closeHistories();
  closeLines();
  return raised;
}
