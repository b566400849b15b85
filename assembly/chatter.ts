// The chatter of changed alarms as columns, for the store: raises, run lengths, chattering
// (SPEC section 2). Run between batches; cost: one row an alarm raised since the last call.

import * as L from './layout';
import { alarmAt } from './alarms';
import { extra } from './dictionary';
import { history } from './history';
import { line } from './lines';
import { chatter, ctl, setCtl } from './memory';

const ROWS: usize = L.CHATTER_CAPACITY;

function put32(column: u32, row: u32, value: u32): void {
  store<u32>(chatter + ROWS * column + <usize>row * 4, value);
}

function put64(column: u32, row: u32, value: i64): void {
  store<i64>(chatter + ROWS * column + <usize>row * 8, value);
}

/** Takes up to CHATTER_CAPACITY changed alarms, newest first; returns how many. 0: none is left. */
export function takeChatter(): u32 {
  let at = <u32>ctl(L.CTL_CHATTER_CHANGED);
  let row: u32 = 0;
  while (at != 0 && row < <u32>L.CHATTER_CAPACITY) {
    const kept = history(at);
    writeRow(row++, at);
    at = kept.next == <u32>L.CHATTER_LAST ? 0 : kept.next;
    kept.next = 0;
  }
  setCtl(L.CTL_CHATTER_CHANGED, at);
  return row;
}

function writeRow(row: u32, at: u32): void {
  const kept = history(at);
  const alarm = alarmAt(at);
  put64(L.CHATTER_RAISED, row, kept.raised);
  put64(L.CHATTER_AT, row, kept.chatteredAt);
  store<f64>(chatter + ROWS * L.CHATTER_INVERSE + <usize>row * 8, kept.inverse);
  put32(L.CHATTER_LINE, row, line(kept.line).storeId);
  put32(L.CHATTER_KEY, row, alarm.key == kept.line ? 0 : alarm.key);
  put32(L.CHATTER_ALARM, row, extra(L.DICTIONARY_ALARMS, alarm.name));
  put32(L.CHATTER_COUNT, row, kept.count);
  put32(L.CHATTER_CHATTERED, row, kept.chattered);
}
