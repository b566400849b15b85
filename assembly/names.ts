// Names for the host: where a name's bytes stand, and the ids that the store gave. Columns leave
// the kernel with the store's ids, so that nothing has to be translated outside.

import * as L from './layout';
import { forgetOthers } from './detectors';
import { dictionary, extra, intern, setExtra } from './dictionary';
import { change, closeLines, line, openLines } from './lines';
import { check, ctl, findings, inbox } from './memory';

/** Address of the entry {index u32, length u16, bytes} of a name. */
export function nameAt(id: u32, index: u32): usize {
  const d = dictionary(id);
  if (isDefined(KERNEL_CHECKED)) check(index > 0 && index <= d.count);
  return d.arena + load<u32>(d.directory + <usize>index * L.DIRECTORY_SIZE, L.DIRECTORY_ENTRY);
}

/** Index of the name of `length` bytes at the inbox's front; 0 when there is no room for it. */
export function internInbox(id: u32, length: u32): u32 {
  return intern(id, inbox, length);
}

/**
 * Puts the line named at the inbox's front into a class, the index of its rule set. False when
 * there is no room for the name: grow, then call again.
 */
export function setClass(length: u32, classIndex: u32): bool {
  if (isDefined(KERNEL_CHECKED)) check(classIndex < <u32>L.RULE_SETS);
  const index = intern(L.DICTIONARY_KEYS, inbox, length);
  if (index == 0) return false;
  const record = line(index);
  const before = record.flags;
  record.flags &= ~(L.FLAG_CLASS_MASK << L.FLAG_CLASS_SHIFT);
  record.flags |= classIndex << L.FLAG_CLASS_SHIFT;
  if (record.flags == before) return true;
  forgetOthers(record, index);
  if ((before & L.FLAG_SEEN) == 0) return true;
  openLines();
  if ((before & L.FLAG_CHANGED) == 0) change(index, record);
  closeLines();
  return true;
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
  resolveNames(L.DICTIONARY_CAUSES, table + capacity * L.FOUND_CAUSE, rows);
  resolveNames(L.DICTIONARY_ALARMS, table + capacity * L.FOUND_ALARM, rows);
}

/** Replaces a column of indices; where no name was read it is all zero and stays so. */
function resolveNames(id: u32, column: usize, rows: usize): void {
  if (dictionary(id).count == 0) return;
  for (let at = column; at < column + rows * 4; at += 4) {
    store<u32>(at, extra(id, load<u32>(at)));
  }
}
