// Active alarms: a list a line in one pool, and a bit for the commonest, the unnamed alarm of the
// line's own key. A line is down while it has any. Cost: one list step an active alarm of the line.

import * as L from './layout';
import { Line } from './lines';
import { alarms, check, ctl, setCtl } from './memory';

@unmanaged
class Alarm {
  key: u32;
  name: u32;
  next: u32;
  spare: u32;
}

/** Outcomes of `raise`. */
export const RAISED: u32 = 0;
export const ACTIVE: u32 = 1;
export const POOL_FULL: u32 = 2;
export const LINE_FULL: u32 = 3;

let used: u32 = 0;
let free: u32 = 0;
let active: u32 = 0;
let capacity: u32 = 0;
let perLineMax: u32 = 0;
let most: u32 = 0;

/** Reads the pool's counters for a batch. */
export function openAlarms(): void {
  used = <u32>ctl(L.CTL_ALARMS_USED);
  free = <u32>ctl(L.CTL_ALARMS_FREE);
  active = <u32>ctl(L.CTL_ALARMS_ACTIVE);
  capacity = <u32>ctl(L.CTL_ALARMS_CAPACITY);
  perLineMax = <u32>ctl(L.CTL_ALARMS_PER_LINE_MAX);
  most = <u32>ctl(L.CTL_ALARMS_MAX);
}

/** Writes the pool's counters back. */
export function closeAlarms(): void {
  setCtl(L.CTL_ALARMS_USED, used);
  setCtl(L.CTL_ALARMS_FREE, free);
  setCtl(L.CTL_ALARMS_ACTIVE, active);
}

function entry(index: u32): Alarm {
  check(index > 0 && index <= used);
  return changetype<Alarm>(alarms + <usize>index * L.ALARM_SIZE);
}

/** Raises the alarm (key, name) of a line whose own index is `index`. */
export function raise(record: Line, index: u32, key: u32, name: u32): u32 {
  if (name == 0 && key == index) {
    if ((record.flags & L.FLAG_PLAIN) != 0) return ACTIVE;
    record.flags |= L.FLAG_PLAIN;
    return RAISED;
  }
  let length: u32 = 0;
  for (let at = record.alarms; at != 0; at = entry(at).next) {
    if (entry(at).name == name && entry(at).key == key) return ACTIVE;
    length++;
  }
  if (length >= perLineMax) return LINE_FULL;
  let at = free;
  if (at != 0) {
    free = entry(at).next;
  } else {
    if (used == capacity) return capacity >= most ? LINE_FULL : POOL_FULL;
    at = ++used;
  }
  const alarm = entry(at);
  alarm.key = key;
  alarm.name = name;
  alarm.next = record.alarms;
  record.alarms = at;
  active++;
  return RAISED;
}

/** Clears the alarm (key, name), or every alarm of the key for `*`. True when any was active. */
export function clear(record: Line, index: u32, key: u32, name: u32): bool {
  let cleared = false;
  const all = name == L.ALARM_ALL;
  if (key == index && (all || name == 0) && (record.flags & L.FLAG_PLAIN) != 0) {
    record.flags &= ~L.FLAG_PLAIN;
    cleared = true;
  }
  let before: u32 = 0;
  let at = record.alarms;
  while (at != 0) {
    const alarm = entry(at);
    const next = alarm.next;
    if (alarm.key == key && (all || alarm.name == name)) {
      if (before == 0) record.alarms = next;
      else entry(before).next = next;
      alarm.next = free;
      free = at;
      active--;
      cleared = true;
      if (!all) break;
    } else {
      before = at;
    }
    at = next;
  }
  return cleared;
}

/** Clears every alarm of the line. */
export function clearAll(record: Line): void {
  record.flags &= ~L.FLAG_PLAIN;
  while (record.alarms != 0) {
    const at = record.alarms;
    record.alarms = entry(at).next;
    entry(at).next = free;
    free = at;
    active--;
  }
}

/** True while any alarm of the line is active. */
export function anyActive(record: Line): bool {
  return record.alarms != 0 || (record.flags & L.FLAG_PLAIN) != 0;
}
