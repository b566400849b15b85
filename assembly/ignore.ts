// Ignored alarms and causes: events that name one change nothing of the line, not even its
// effective time. Names are held against the host's list once, when they are new; after that a byte
// says it. Cost when nothing is ignored: one branch an event; otherwise two bytes read.

import * as L from './layout';
import { dictionary } from './dictionary';
import { nameAt } from './names';
import { ctl, ignored, ignoredNames } from './memory';

/** An entry of the list: {dictionary u32, length u32, bytes}, aligned to 4. */
const LISTED_LENGTH: usize = 4;
const LISTED_BYTES: usize = 8;

let listBytes: usize = 0;
let nameRows: usize = 0;
/** Names held against the list so far; a restored or larger kernel begins anew. */
let alarmsMarked: u32 = 0;
let causesMarked: u32 = 0;

/** Marks the names that are new, before a batch. */
export function openIgnored(): void {
  listBytes = <usize>ctl(L.CTL_IGNORED_BYTES);
  if (listBytes == 0) return;
  nameRows = <usize>ctl(L.CTL_NAMES_CAPACITY) + 1;
  alarmsMarked = mark(L.DICTIONARY_ALARMS, alarmsMarked, ignoredNames);
  causesMarked = mark(L.DICTIONARY_CAUSES, causesMarked, ignoredNames + nameRows);
}

function mark(id: u32, marked: u32, marks: usize): u32 {
  const count = dictionary(id).count;
  for (let index = marked + 1; index <= count; index++) {
    if (isListed(id, nameAt(id, index))) store<u8>(marks + index, 1);
  }
  return count;
}

function isListed(id: u32, name: usize): bool {
  const length = <u32>load<u16>(name, L.ENTRY_LENGTH);
  const end = ignored + listBytes;
  for (let at = ignored; at < end;) {
    const listed = load<u32>(at, LISTED_LENGTH);
    if (
      load<u32>(at) == id &&
      listed == length &&
      memory.compare(at + LISTED_BYTES, name + L.ENTRY_BYTES, length) == 0
    ) {
      return true;
    }
    at += LISTED_BYTES + ((<usize>listed + 3) & ~3);
  }
  return false;
}

/** True when anything is ignored. */
export function ignoresAny(): bool {
  return listBytes != 0;
}

/** True when the alarm or the cause is on the list. */
export function isIgnored(alarm: u32, cause: u32): bool {
  return (load<u8>(ignoredNames + alarm) | load<u8>(ignoredNames + nameRows + cause)) != 0;
}
