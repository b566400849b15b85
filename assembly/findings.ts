// Findings as columns, one table a kind. A table that cannot take what one event may cause stops
// the batch; the host drains the tables and sets their counts to zero.

import * as L from './layout';
import { check, ctl, findings, setCtl } from './memory';

let capacity: u32 = 0;
/** Ordinal of the event at hand, over all batches since the kernel was made. */
let ordinal: u32 = 0;
let full: bool = false;
/** Rows of one kind that one event may cause, less one. */
let spare: u32 = 0;
/** Rows of each kind during a batch; the control block has them between batches. */
const counts: usize = memory.data(4 * L.KINDS, 4);

/** Reads the tables' counts for a batch. */
export function openFindings(): void {
  capacity = <u32>ctl(L.CTL_FINDINGS_CAPACITY);
  full = false;
  const detectorCount = <u32>ctl(L.CTL_DETECTORS);
  spare = detectorCount == 0 ? 0 : L.FINDINGS_PER_DETECTOR * (1 + detectorCount) - 1;
  for (let kind: u32 = 0; kind < <u32>L.KINDS; kind++) {
    const n = <u32>ctl(L.CTL_FOUND + kind);
    store<u32>(counts + <usize>kind * 4, n);
    if (n + spare >= capacity) full = true;
  }
}

/** Writes the tables' counts back. */
export function closeFindings(): void {
  for (let kind: u32 = 0; kind < <u32>L.KINDS; kind++) {
    setCtl(L.CTL_FOUND + kind, load<u32>(counts + <usize>kind * 4));
  }
}

/** The next event begins. */
export function nextOrdinal(): void {
  ordinal++;
}

/** Findings that are read, not caused, have the line's store id for an ordinal. */
export function setOrdinal(storeId: u32): void {
  ordinal = storeId;
}

/** True when a table has no room left for what one event may cause. */
export function findingsFull(): bool {
  return full;
}

/** Events for whose rows every table still has room. */
export function roomLeft(): u32 {
  return (capacity - fullest()) / (spare + 1);
}

/** Rows of a kind that were added since the tables were opened, or forgotten. */
export function rowsOf(kind: u32): u32 {
  return load<u32>(counts + <usize>kind * 4);
}

/** Forgets the rows of all tables; without closeFindings the host's counts stay as they are. */
export function forgetRows(): void {
  memory.fill(counts, 0, 4 * L.KINDS);
}

/** True when any table has a row. */
export function anyFindings(): bool {
  return fullest() > 0;
}

function fullest(): u32 {
  let most: u32 = 0;
  for (let kind: u32 = 0; kind < <u32>L.KINDS; kind++) {
    most = max(most, load<u32>(counts + <usize>kind * 4));
  }
  return most;
}

/** Takes the next row of a kind's table; the columns are written by `put...`. */
export function addRow(kind: u32, line: u32): u32 {
  const n = load<u32>(counts + <usize>kind * 4);
  if (isDefined(KERNEL_CHECKED)) check(n < capacity);
  store<u32>(counts + <usize>kind * 4, n + 1);
  if (n + 1 + spare >= capacity) full = true;
  put32(kind, L.FOUND_LINE, n, line);
  put32(kind, L.FOUND_ORDINAL, n, ordinal);
  return n;
}

function column(kind: u32, offset: u32): usize {
  return findings + <usize>capacity * (L.FOUND_ROW * kind + offset);
}

/** Writes a 32-bit column of a row. */
export function put32(kind: u32, offset: u32, row: u32, value: u32): void {
  store<u32>(column(kind, offset) + <usize>row * 4, value);
}

/** Writes a 64-bit column of a row. */
export function put64(kind: u32, offset: u32, row: u32, value: i64): void {
  store<i64>(column(kind, offset) + <usize>row * 8, value);
}

/** Reads a 32-bit column of a row. */
export function get32(kind: u32, offset: u32, row: u32): u32 {
  return load<u32>(column(kind, offset) + <usize>row * 4);
}

/** Reads a 64-bit column of a row. */
export function get64(kind: u32, offset: u32, row: u32): i64 {
  return load<i64>(column(kind, offset) + <usize>row * 8);
}
