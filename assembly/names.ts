// Names for the host: where a name's bytes stand, and the ids that the store gave. Columns leave
// the kernel with the store's ids, so that nothing has to be translated outside.

import * as L from './layout';
import { dictionary, extra, intern, setExtra } from './dictionary';
import { line } from './lines';
import { check, ctl, findings, inbox } from './memory';

/** Address of the entry {index u32, length u16, bytes} of a name. */
export function nameAt(id: u32, index: u32): usize {
  const d = dictionary(id);
  check(index > 0 && index <= d.count);
  return d.arena + load<u32>(d.directory + <usize>index * L.DIRECTORY_SIZE, L.DIRECTORY_ENTRY);
}

/** Index of the name of `length` bytes at the inbox's front; 0 when there is no room for it. */
export function internInbox(id: u32, length: u32): u32 {
  return intern(id, inbox, length);
}

/** Notes the store's id of a line, an alarm or a cause. */
export function setStoreId(id: u32, index: u32, storeId: u32): void {
  if (id == L.DICTIONARY_KEYS) line(index).storeId = storeId;
  else setExtra(id, index, storeId);
}

/** Replaces indices by the store's ids in the rows of one kind of finding. */
export function resolve(kind: u32): void {
  const capacity = <usize>ctl(L.CTL_FINDINGS_CAPACITY);
  const rows = <usize>ctl(L.CTL_FOUND + kind);
  const table = findings + capacity * (L.FOUND_ROW * kind);
  for (let row: usize = 0; row < rows; row++) {
    const at = table + capacity * L.FOUND_LINE + row * 4;
    store<u32>(at, line(load<u32>(at)).storeId);
  }
  if (kind != L.KIND_INTERRUPTION) return;
  for (let row: usize = 0; row < rows; row++) {
    const cause = table + capacity * L.FOUND_CAUSE + row * 4;
    store<u32>(cause, extra(L.DICTIONARY_CAUSES, load<u32>(cause)));
    const alarm = table + capacity * L.FOUND_ALARM + row * 4;
    store<u32>(alarm, extra(L.DICTIONARY_ALARMS, load<u32>(alarm)));
  }
}
