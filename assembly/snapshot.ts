// A snapshot is the state's sections one after the other: what is used of each, offsets only, no
// pointers, so that it can be restored into other capacities. The host writes header and file.

import * as L from './layout';
import { dictionary, rebuildSlots } from './dictionary';
import {
  aliases,
  alarms,
  changedList,
  ctl,
  freshList,
  heads,
  headsStride,
  histories,
  historyStride,
  lines,
  pending,
  pendingStride,
  sections,
  starts,
  startsStride,
  tails,
  tailsStride,
} from './memory';

function setSection(id: u32, start: usize, bytes: usize): void {
  store<u32>(sections + <usize>id * L.SECTION_SIZE, <u32>start);
  store<u32>(sections + <usize>id * L.SECTION_SIZE, <u32>bytes, 4);
}

/** Fills REGION_SECTIONS with where each section stands and how many bytes of it are used. */
export function describeSections(): void {
  const rows = <usize>dictionary(L.DICTIONARY_KEYS).count + 1;
  setSection(L.SECTION_LINES, lines, rows * L.LINE_SIZE);
  setSection(L.SECTION_STARTS, starts, rows * startsStride);
  setSection(L.SECTION_ALARMS, alarms, (<usize>ctl(L.CTL_ALARMS_USED) + 1) * L.ALARM_SIZE);
  setSection(L.SECTION_ALIASES, aliases, (<usize>ctl(L.CTL_ALIASES_USED) + 1) * L.ALIAS_SIZE);
  setSection(L.SECTION_CHANGED, changedList, <usize>ctl(L.CTL_CHANGED) * 4);
  setSection(L.SECTION_FRESH, freshList, <usize>ctl(L.CTL_FRESH) * 4);
  setSection(L.SECTION_HEADS, heads, rows * headsStride);
  setSection(L.SECTION_TAILS, tails, rows * tailsStride);
  setSection(L.SECTION_PENDING, pending, rows * pendingStride);
  const alarmRows = <usize>ctl(L.CTL_ALARMS_USED) + 1;
  setSection(L.SECTION_HISTORIES, histories, alarmRows * historyStride);
  for (let id: u32 = 0; id < <u32>L.DICTIONARIES; id++) {
    const d = dictionary(id);
    setSection(L.SECTION_DICTIONARIES + 2 * id, d.arena, d.used);
    const bytes = (<usize>d.count + 1) * L.DIRECTORY_SIZE;
    setSection(L.SECTION_DICTIONARIES + 2 * id + 1, d.directory, bytes);
  }
}

/** How many names a dictionary holds. */
export function nameCount(id: u32): u32 {
  return dictionary(id).count;
}

/**
 * Makes room for a dictionary of `count` names in `used` bytes, before its sections are written.
 */
export function expectNames(id: u32, count: u32, used: u32): bool {
  const d = dictionary(id);
  if (count > d.capacity || used > d.bytes) return false;
  d.count = count;
  d.used = used;
  return true;
}

/** After all sections are written: makes the slots of the dictionaries. */
export function completeRestore(): void {
  for (let id: u32 = 0; id < <u32>L.DICTIONARIES; id++) rebuildSlots(id);
}
