// A state under other rules (SPEC section 5): what they no longer keep is dropped, and lines whose
// open state is read by rules are reported anew. Run once a change of the rules, over all lines.

import * as L from './layout';
import { closeAlarms, openAlarms, settleAlarms } from './alarms';
import { openDetectors, settleDetectors } from './detectors';
import { keepsChatter } from './history';
import { change, closeLines, line, openLines } from './lines';
import { setCtl } from './memory';

/** Settles lines 1 to `lines`; `all` = other detectors than the primary one come or go. */
export function settle(lines: u32, all: bool): void {
  const wanted = all ? L.FLAG_SEEN : L.FLAG_DOWN | L.FLAG_PENDING | L.FLAG_EPISODE;
  openAlarms();
  openLines();
  openDetectors();
  for (let index: u32 = 1; index <= lines; index++) {
    const record = line(index);
    settleAlarms(record, index);
    settleDetectors(record, index);
    const isOpen = (record.flags & L.FLAG_SEEN) != 0 && (record.flags & wanted) != 0;
    if (isOpen && (record.flags & L.FLAG_CHANGED) == 0) change(index, record);
  }
  closeLines();
  closeAlarms();
  if (!keepsChatter()) setCtl(L.CTL_CHATTER_CHANGED, 0);
}
