// Aliases: equipment names ports, customers buy circuits. A key leads to a list of lines, in the
// file's order; a key without aliases is the line itself.

import * as L from './layout';
import { extra, intern, setExtra } from './dictionary';
import { line } from './lines';
import { aliases, ctl, inbox, setCtl } from './memory';

/** Adds an alias: the inbox holds the key (keyLength bytes) and behind it the line's name. */
export function addAlias(keyLength: u32, lineLength: u32): u32 {
  const used = <u32>ctl(L.CTL_ALIASES_USED);
  if (used == <u32>ctl(L.CTL_ALIASES_CAPACITY)) return L.ALIAS_NO_ROOM;
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
  const at = used + 1;
  setCtl(L.CTL_ALIASES_USED, at);
  store<u32>(aliases + <usize>at * L.ALIAS_SIZE, target);
  if (last == 0) setExtra(L.DICTIONARY_KEYS, key, at);
  else store<u32>(aliases + <usize>last * L.ALIAS_SIZE, at, L.ALIAS_NEXT);
  line(key).flags |= L.FLAG_ALIASED;
  if (<f64>fanOut > ctl(L.CTL_FAN_OUT_MAX)) setCtl(L.CTL_FAN_OUT_MAX, fanOut);
  return L.ALIAS_ADDED;
}
