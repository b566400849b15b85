// A manual reset of a line (SPEC section 5): its open episodes end at its last effective time, and
// its starts and what the detectors know are forgotten. Alarms and interruptions stay.

import * as L from './layout';
import { openDetectors, resetDetectors } from './detectors';
import { closeFindings, findingsFull, nextOrdinal, openFindings } from './findings';
import { endFlap, forgetStarts } from './flap';
import { change, closeLines, line, openLines } from './lines';

/** Resets line `index`. STOP_DONE, or STOP_FINDINGS: drain and call again. */
export function resetLine(index: u32): u32 {
  const record = line(index);
  if ((record.flags & L.FLAG_SEEN) == 0) return L.STOP_DONE;
  openFindings();
  if (findingsFull()) return L.STOP_FINDINGS;
  openLines();
  openDetectors();
  if ((record.flags & L.FLAG_EPISODE) != 0) {
    endFlap(record, index, record.effective, L.ENDED_BY_RESET);
  }
  forgetStarts(record);
  resetDetectors(record, index, record.effective);
  nextOrdinal();
  if ((record.flags & L.FLAG_CHANGED) == 0) change(index, record);
  closeFindings();
  closeLines();
  return L.STOP_DONE;
}
