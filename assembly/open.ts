// The open state of changed lines as columns, for the store: what a reading at a later time needs.

import * as L from './layout';
import { extra } from './dictionary';
import { episode } from './flap';
import { line } from './lines';
import { changedList, ctl, open, setCtl } from './memory';

const ROWS: usize = L.OPEN_CAPACITY;

function put32(column: u32, row: u32, value: u32): void {
  store<u32>(open + ROWS * column + <usize>row * 4, value);
}

function put64(column: u32, row: u32, value: i64): void {
  store<i64>(open + ROWS * column + <usize>row * 8, value);
}

function put8(column: u32, row: u32, value: bool): void {
  store<u8>(open + ROWS * column + row, <u8>value);
}

/** Takes up to OPEN_CAPACITY changed lines, ids as the store's; returns how many. 0: none is left. */
export function takeChanged(): u32 {
  const count = <u32>ctl(L.CTL_CHANGED);
  const rows = min(count, L.OPEN_CAPACITY);
  for (let row: u32 = 0; row < rows; row++) {
    writeRow(row, load<u32>(changedList + <usize>(count - rows + row) * 4));
  }
  setCtl(L.CTL_CHANGED, count - rows);
  return rows;
}

function writeRow(row: u32, index: u32): void {
  const record = line(index);
  record.flags &= ~L.FLAG_CHANGED;
  const flags = record.flags;
  put32(L.OPEN_LINE, row, record.storeId);
  put32(L.OPEN_N, row, record.n);
  put64(L.OPEN_EFFECTIVE, row, record.effective);
  put64(L.OPEN_TRANSITION, row, record.transition);
  put64(L.OPEN_START, row, record.start);
  put64(L.OPEN_OUTAGE_END, row, record.outageEnd);
  put64(L.OPEN_FIRST, row, record.first);
  put32(L.OPEN_CAUSE, row, extra(L.DICTIONARY_CAUSES, record.cause));
  put32(L.OPEN_ALARM, row, extra(L.DICTIONARY_ALARMS, record.alarm));
  put8(L.OPEN_DOWN, row, (flags & L.FLAG_DOWN) != 0);
  put8(L.OPEN_UNKNOWN, row, (flags & L.FLAG_UNKNOWN) != 0);
  const flapping = (flags & L.FLAG_EPISODE) != 0;
  put8(L.OPEN_EPISODE, row, flapping);
  if (!flapping) return;
  const current = episode(index);
  put64(L.OPEN_AT, row, current.at);
  put64(L.OPEN_SINCE, row, current.since);
  put32(L.OPEN_COUNT, row, current.count);
  put32(L.OPEN_RULE, row, current.rule);
}
