// A line as it stood, with all that lies beside it, while it is read as if an end that waits had been
// stored: hold, settle, look, release. One line at a time; cost: a copy of its state there and back.

import * as L from './layout';
import { tailOf } from './hooks';
import { settlePending } from './interruption';
import { Line, startsOf } from './lines';
import { heads, headsStride, startsStride, tailsStride } from './memory';

const kept: usize = memory.data(L.LINE_STATE_BYTES_MAX, 8);

/** Keeps the state of a line with FLAG_PENDING and stores its end, as an event at t shows it. */
export function holdSettled(record: Line, index: u32, t: i64): void {
  const starts = kept + L.LINE_SIZE;
  memory.copy(kept, changetype<usize>(record), L.LINE_SIZE);
  memory.copy(starts, startsOf(index), startsStride);
  memory.copy(starts + startsStride, headsOf(index), headsStride);
  memory.copy(starts + startsStride + headsStride, tailOf(index), tailsStride);
  settlePending(record, index, t, false);
}

/** Brings back the state that `holdSettled` kept. */
export function release(record: Line, index: u32): void {
  const starts = kept + L.LINE_SIZE;
  memory.copy(changetype<usize>(record), kept, L.LINE_SIZE);
  memory.copy(startsOf(index), starts, startsStride);
  memory.copy(headsOf(index), starts + startsStride, headsStride);
  memory.copy(tailOf(index), starts + startsStride + headsStride, tailsStride);
}

function headsOf(index: u32): usize {
  return heads + <usize>index * headsStride;
}
