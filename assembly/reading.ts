// Reading: what the open state of all lines is at a time c, as findings that change nothing. Cost:
// one look at each line; a line whose end that waits has become final is read on a copy of its
// state.

import * as L from './layout';
import { openDetectors, readDetectors } from './detectors';
import { writeEnd } from './episode';
import { closeFindings, findingsFull, openFindings, setOrdinal } from './findings';
import { episode, openFlap, quietAt, readsEnded } from './flap';
import { holdSettled, release } from './held';
import { hasEndedAt, openInterruptions, readOpen } from './interruption';
import { Line, line } from './lines';
import { ctl, setCtl } from './memory';

/**
 * Reads the open state of all lines at time c into the tables of findings, without changing it:
 * interruptions still open or whose end waits, their repeat faults, episodes that read as ended.
 * STOP_FINDINGS: drain and call again.
 */
export function read(c: f64, lineCount: u32): u32 {
  openFindings();
  openFlap();
  openDetectors();
  openInterruptions();
  const wanted = L.FLAG_DOWN | L.FLAG_EPISODE | L.FLAG_OTHERS;
  for (let index = <u32>ctl(L.CTL_READ_CURSOR) + 1; index <= lineCount; index++) {
    const record = line(index);
    const open = record.flags & (L.FLAG_DOWN | L.FLAG_PENDING);
    if ((record.flags & wanted) == 0 && open == 0) continue;
    if (findingsFull()) {
      setCtl(L.CTL_READ_CURSOR, index - 1);
      closeFindings();
      return L.STOP_FINDINGS;
    }
    setOrdinal(record.storeId);
    if (hasEndedAt(record, index, <i64>c)) {
      readSettled(record, index, <i64>c);
    } else {
      if (open != 0) readOpen(record, index, <i64>c);
      if ((record.flags & L.FLAG_PENDING) == 0) readEpisodes(record, index, <i64>c);
    }
  }
  setCtl(L.CTL_READ_CURSOR, 0);
  closeFindings();
  return L.STOP_DONE;
}

function readEpisodes(record: Line, index: u32, c: i64): void {
  if ((record.flags & L.FLAG_EPISODE) != 0 && readsEnded(record, c)) {
    writeEnd(index, episode(index), L.PRIMARY_DETECTOR, quietAt(record), L.ENDED_ITSELF);
  }
  if ((record.flags & L.FLAG_OTHERS) != 0) readDetectors(record, index, c);
}

/**
 * Reads a line whose end that waits reads as one: as if it had been stored, which is then undone.
 */
function readSettled(record: Line, index: u32, c: i64): void {
  holdSettled(record, index, c);
  readEpisodes(record, index, c);
  release(record, index);
}
