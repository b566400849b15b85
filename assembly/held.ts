// A line as it stood, with all that lies beside it, while it is read as if an end that waits had been
// stored: hold, settle, look, release. One line at a time; cost: a copy of its state there and back.

import * as L from './layout';
import { settlePending } from './interruption';
import { Line, startsOf } from './lines';
import { detectors, detectorsStride, startsStride } from './memory';

const kept: usize = memory.data(L.LINE_STATE_BYTES_MAX, 8);

/** Keeps the state of a line with FLAG_PENDING and stores its end, as an event at t shows it. */
export function holdSettled(record: Line, index: u32, t: i64): void {
  const starts = kept + L.LINE_SIZE;
  memory.copy(kept, changetype<usize>(record), L.LINE_SIZE);
  memory.copy(starts, startsOf(index), startsStride);
  memory.copy(starts + startsStride, stateOf(index), detectorsStride);
  settlePending(record, index, t, false);
}

/** Brings back the state that `holdSettled` kept. */
export function release(record: Line, index: u32): void {
  const starts = kept + L.LINE_SIZE;
  memory.copy(changetype<usize>(record), kept, L.LINE_SIZE);
  memory.copy(startsOf(index), starts, startsStride);
  memory.copy(stateOf(index), starts + startsStride, detectorsStride);
}

function stateOf(index: u32): usize {
  return detectors + <usize>index * detectorsStride;
}
