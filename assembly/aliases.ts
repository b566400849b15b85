// Aliases: equipment names ports, customers buy circuits. A key leads to a list of lines, in the
// file's order; a key without aliases is the line itself.

import * as L from './layout';
import { anyActive, clear, closeAlarms, openAlarms } from './alarms';
import { extra, intern, setExtra } from './dictionary';
import { openDetectors } from './detectors';
import { closeFindings, findingsFull, nextOrdinal, openFindings } from './findings';
import { endInterruption, openInterruptions } from './interruption';
import { change, closeLines, line, openLines } from './lines';
import { aliases, check, ctl, inbox, setCtl } from './memory';

/** Adds an alias: the inbox holds the key (keyLength bytes) and behind it the line's name. */
export function addAlias(keyLength: u32, lineLength: u32): u32 {
  const used = <u32>ctl(L.CTL_ALIASES_USED);
  const free = <u32>ctl(L.CTL_ALIASES_FREE);
  if (free == 0 && used == <u32>ctl(L.CTL_ALIASES_CAPACITY)) return L.ALIAS_NO_ROOM;
  const name = inbox + keyLength;
  const key = intern(L.DICTIONARY_KEYS, inbox, keyLength);
  if (key == 0) return L.ALIAS_NO_ROOM;
  const target = intern(L.DICTIONARY_KEYS, name, lineLength);
  if (target == 0) return L.ALIAS_NO_ROOM;
  let last: u32 = 0;
  let fanOut = 1;
  for (let at = extra(L.DICTIONARY_KEYS, key); at != 0;) {
    const alias = aliases + <usize>at * L.ALIAS_SIZE;
    if (load<u32>(alias) == target) return L.ALIAS_KNOWN;
    last = at;
    fanOut++;
    at = load<u32>(alias, L.ALIAS_NEXT);
  }
  const at = free != 0 ? free : used + 1;
  const alias = aliases + <usize>at * L.ALIAS_SIZE;
  if (free != 0) setCtl(L.CTL_ALIASES_FREE, load<u32>(alias, L.ALIAS_NEXT));
  else setCtl(L.CTL_ALIASES_USED, at);
  store<u32>(alias, target);
  store<u32>(alias, 0, L.ALIAS_NEXT);
  if (last == 0) setExtra(L.DICTIONARY_KEYS, key, at);
  else store<u32>(aliases + <usize>last * L.ALIAS_SIZE, at, L.ALIAS_NEXT);
  line(key).flags |= L.FLAG_ALIASED;
  if (<f64>fanOut > ctl(L.CTL_FAN_OUT_MAX)) setCtl(L.CTL_FAN_OUT_MAX, fanOut);
  return L.ALIAS_ADDED;
}

/**
 * Ends an alias: the inbox holds the key (keyLength bytes) and behind it the line's name. The alarms
 * of the key on that line are cleared at the line's last effective time; an interruption that this
 * ends is uncertain, and `position` is that of its end in the log. A key that gets its first alias is
 * no line of its own any more: that ends as (key, key), whether or not the alias has been added yet.
 * ALIAS_FINDINGS: drain, then call again.
 */
export function endAlias(keyLength: u32, lineLength: u32, position: f64): u32 {
  if (isDefined(KERNEL_CHECKED)) check(ctl(L.CTL_ALIAS_CURSOR) == 0);
  const key = intern(L.DICTIONARY_KEYS, inbox, keyLength);
  const target = intern(L.DICTIONARY_KEYS, inbox + keyLength, lineLength);
  if (key == 0 || target == 0) return L.ALIAS_UNKNOWN;
  openFindings();
  if (findingsFull()) return L.ALIAS_FINDINGS;
  if (!unlink(key, target) && key != target) return L.ALIAS_UNKNOWN;
  openAlarms();
  openLines();
  openDetectors();
  openInterruptions();
  nextOrdinal();
  clearKey(target, key, <i64>position);
  closeLines();
  closeAlarms();
  closeFindings();
  return L.ALIAS_ENDED;
}

/** Takes a line out of a key's list; false when it is not in it. */
function unlink(key: u32, target: u32): bool {
  let before: u32 = 0;
  let at = extra(L.DICTIONARY_KEYS, key);
  while (at != 0 && load<u32>(aliases + <usize>at * L.ALIAS_SIZE) != target) {
    before = at;
    at = load<u32>(aliases + <usize>at * L.ALIAS_SIZE, L.ALIAS_NEXT);
  }
  if (at == 0) return false;
  const alias = aliases + <usize>at * L.ALIAS_SIZE;
  const next = load<u32>(alias, L.ALIAS_NEXT);
  if (before != 0) store<u32>(aliases + <usize>before * L.ALIAS_SIZE, next, L.ALIAS_NEXT);
  else setExtra(L.DICTIONARY_KEYS, key, next);
  if (before == 0 && next == 0) line(key).flags &= ~L.FLAG_ALIASED;
  store<u32>(alias, 0);
  store<u32>(alias, <u32>ctl(L.CTL_ALIASES_FREE), L.ALIAS_NEXT);
  setCtl(L.CTL_ALIASES_FREE, at);
  return true;
}

function clearKey(index: u32, key: u32, position: i64): void {
  const record = line(index);
  if (!clear(record, index, key, L.ALARM_ALL)) return;
  if ((record.flags & L.FLAG_CHANGED) == 0) change(index, record);
  if (anyActive(record)) return;
  record.flags |= L.FLAG_UNCERTAIN;
  endInterruption(record, index, record.effective, position);
}
