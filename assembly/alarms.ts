// Alarms: a list a line in one pool, and a bit for the commonest, the unnamed alarm of the line's
// own key. A line is down while any is active. With chatter on, cleared alarms stay in their list;
// with chatter or staleness on, the unnamed alarm has an entry too. Cost: one list step an alarm of
// the line.

import * as L from './layout';
import { countRaise, forgetRaises, history, keepsChatter, keepsRaises, noteRaise } from './history';
import { Line } from './lines';
import { alarms, check, ctl, setCtl } from './memory';

@unmanaged
class Alarm {
  key: u32;
  name: u32;
  next: u32;
  flags: u32;
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
let hasHistory: bool = false;
let hasChatter: bool = false;
/** Alarms kept for their chatter; at most half of the pool's limit. */
let kept: u32 = 0;
let uncounted: f64 = 0;

/** Reads the pool's counters for a batch. */
export function openAlarms(): void {
  used = <u32>ctl(L.CTL_ALARMS_USED);
  free = <u32>ctl(L.CTL_ALARMS_FREE);
  active = <u32>ctl(L.CTL_ALARMS_ACTIVE);
  capacity = <u32>ctl(L.CTL_ALARMS_CAPACITY);
  perLineMax = <u32>ctl(L.CTL_ALARMS_PER_LINE_MAX);
  most = <u32>ctl(L.CTL_ALARMS_MAX);
  hasHistory = keepsRaises();
  hasChatter = keepsChatter();
  kept = <u32>ctl(L.CTL_CHATTER_KEPT);
  uncounted = ctl(L.CTL_CHATTER_UNCOUNTED);
}

/** Writes the pool's counters back. */
export function closeAlarms(): void {
  setCtl(L.CTL_ALARMS_USED, used);
  setCtl(L.CTL_ALARMS_FREE, free);
  setCtl(L.CTL_ALARMS_ACTIVE, active);
  setCtl(L.CTL_CHATTER_KEPT, kept);
  setCtl(L.CTL_CHATTER_UNCOUNTED, uncounted);
}

/** Alarms that can be raised before the pool must grow; it does not matter once it may not. */
export function alarmsLeft(): u32 {
  return capacity >= most ? u32.MAX_VALUE : capacity - used;
}

function entry(index: u32): Alarm {
  if (isDefined(KERNEL_CHECKED)) check(index > 0 && index <= used);
  return changetype<Alarm>(alarms + <usize>index * L.ALARM_SIZE);
}

/** The alarm with an index, between batches. */
export function alarmAt(index: u32): Alarm {
  return changetype<Alarm>(alarms + <usize>index * L.ALARM_SIZE);
}

/** Raises the alarm (key, name) of a line whose own index is `index`, at the effective time t. */
export function raise(record: Line, index: u32, key: u32, name: u32, t: i64): u32 {
  const plain = name == 0 && key == index;
  if (plain) {
    const held = (record.flags & L.FLAG_PLAIN) != 0;
    if (!hasHistory) {
      record.flags |= L.FLAG_PLAIN;
      return held ? ACTIVE : RAISED;
    }
    if (held) return raiseHeld(record, index, t);
  }
  return raiseListed(record, index, key, name, t);
}

/**
 * The unnamed alarm is active since before histories were kept: it gets an entry, if there is room.
 */
function raiseHeld(record: Line, index: u32, t: i64): u32 {
  const outcome = raiseListed(record, index, index, 0, t);
  if (outcome == POOL_FULL) return POOL_FULL;
  if (outcome == RAISED) record.flags &= ~L.FLAG_PLAIN;
  return ACTIVE;
}

function raiseListed(record: Line, index: u32, key: u32, name: u32, t: i64): u32 {
  let length: u32 = 0;
  for (let at = record.alarms; at != 0; at = entry(at).next) {
    const alarm = entry(at);
    if (alarm.name == name && alarm.key == key) {
      const cleared = (alarm.flags & L.ALARM_CLEARED) != 0;
      if (cleared) {
        alarm.flags &= ~L.ALARM_CLEARED;
        active++;
      }
      if (hasHistory) remember(record, index, at, t);
      return cleared ? RAISED : ACTIVE;
    }
    if ((alarm.flags & L.ALARM_CLEARED) == 0) length++;
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
  alarm.flags = 0;
  record.alarms = at;
  active++;
  forgetRaises(at);
  if (hasHistory) remember(record, index, at, t);
  return RAISED;
}

/** Notes a raise; with chatter on the alarm is kept from now on, while its line may keep more. */
function remember(record: Line, index: u32, at: u32, t: i64): void {
  const alarm = entry(at);
  if (hasChatter && (alarm.flags & L.ALARM_KEPT) == 0 && kept < most / 2 && mayKeep(record)) {
    alarm.flags |= L.ALARM_KEPT;
    kept++;
  }
  if ((alarm.flags & L.ALARM_KEPT) != 0) {
    countRaise(at, index, t);
  } else {
    noteRaise(at, t);
    if (hasChatter) uncounted += 1;
  }
}

function mayKeep(record: Line): bool {
  let count: u32 = 0;
  for (let at = record.alarms; at != 0; at = entry(at).next) {
    if ((entry(at).flags & L.ALARM_KEPT) != 0) count++;
  }
  return count < <u32>L.CHATTER_ALARMS_PER_LINE_MAX;
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
    const found = alarm.key == key && (all || alarm.name == name);
    if (found && (alarm.flags & L.ALARM_CLEARED) == 0) {
      active--;
      cleared = true;
      if ((alarm.flags & L.ALARM_KEPT) != 0) {
        alarm.flags |= L.ALARM_CLEARED;
        before = at;
      } else {
        remove(record, before, at);
      }
      if (!all) break;
    } else {
      before = at;
    }
    at = next;
  }
  return cleared;
}

/** Takes the entry behind `before` (0 = the first) out of its line's list. */
function remove(record: Line, before: u32, at: u32): void {
  const alarm = entry(at);
  if (before == 0) record.alarms = alarm.next;
  else entry(before).next = alarm.next;
  alarm.next = free;
  free = at;
}

/** Clears every alarm of the line. */
export function clearAll(record: Line): void {
  record.flags &= ~L.FLAG_PLAIN;
  let before: u32 = 0;
  for (let at = record.alarms; at != 0;) {
    const alarm = entry(at);
    const next = alarm.next;
    if ((alarm.flags & L.ALARM_CLEARED) == 0) active--;
    if ((alarm.flags & L.ALARM_KEPT) != 0) {
      alarm.flags |= L.ALARM_CLEARED;
      before = at;
    } else {
      remove(record, before, at);
    }
    at = next;
  }
}

/** True while any alarm of the line is active. */
export function anyActive(record: Line): bool {
  if ((record.flags & L.FLAG_PLAIN) != 0) return true;
  if (!hasChatter) return record.alarms != 0;
  for (let at = record.alarms; at != 0; at = entry(at).next) {
    if ((entry(at).flags & L.ALARM_CLEARED) == 0) return true;
  }
  return false;
}

/** True while the alarm (key, name) is active, or for `*` any of the key. */
export function isActive(record: Line, index: u32, key: u32, name: u32): bool {
  const all = name == L.ALARM_ALL;
  const plain = key == index && (all || name == 0);
  if (plain && (record.flags & L.FLAG_PLAIN) != 0) return true;
  for (let at = record.alarms; at != 0; at = entry(at).next) {
    const alarm = entry(at);
    const found = alarm.key == key && (all || alarm.name == name);
    if (found && (alarm.flags & L.ALARM_CLEARED) == 0) return true;
  }
  return false;
}

/**
 * The newest raise among the active alarms of a line that is down. Of an alarm raised before raises
 * were kept only this is known: not before the interruption's start.
 */
export function newestRaise(record: Line): i64 {
  let newest = record.start;
  for (let at = record.alarms; at != 0; at = alarmAt(at).next) {
    if ((alarmAt(at).flags & L.ALARM_CLEARED) == 0) newest = max(newest, history(at).raised);
  }
  return newest;
}

/**
 * Under rules that keep less: alarms of a line that are kept for their chatter only are dropped,
 * and without histories the unnamed alarm is a bit again. Between `openAlarms` and `closeAlarms`.
 */
export function settleAlarms(record: Line, index: u32): void {
  let before: u32 = 0;
  for (let at = record.alarms; at != 0;) {
    const alarm = entry(at);
    const next = alarm.next;
    const cleared = (alarm.flags & L.ALARM_CLEARED) != 0;
    const plain = alarm.name == 0 && alarm.key == index;
    if (!hasChatter) {
      if ((alarm.flags & L.ALARM_KEPT) != 0) kept--;
      alarm.flags &= ~L.ALARM_KEPT;
    }
    if (!hasChatter && cleared) {
      remove(record, before, at);
    } else if (!hasHistory && plain) {
      remove(record, before, at);
      record.flags |= L.FLAG_PLAIN;
      active--;
    } else {
      before = at;
    }
    at = next;
  }
}
