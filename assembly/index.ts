// The ABI: what the host calls. Everything else that crosses lies in the regions of layout.ts.
// No 64-bit integer is an argument: times are float64 or lie in memory.

import * as L from './layout';
import { intern, placeDictionaries } from './dictionary';
import {
  changedList,
  chatter,
  commitMemory,
  events,
  findings,
  frames,
  freshList,
  heads,
  ignored,
  inbox,
  layOut,
  lines,
  mapping,
  open,
  openEpisodes,
  pending,
  placeControl,
  rejects,
  rules,
  scratch,
  sections,
  setCtl,
  tails,
  zone,
} from './memory';

export { addAlias, endAlias } from './aliases';
export { detect } from './batch';
export { takeChatter } from './chatter';
export { decodeFrames, decodeStream, resetDecoder } from './decode';
export { internInbox, nameAt, resolve, setClass, setStoreId } from './names';
export { takeChanged } from './open';
export { raiseLine } from './raise';
export { resetLine } from './reset';
export { read } from './reading';
export { openMapping } from './members';
export { settle } from './settle';
export { completeRestore, describeSections, expectNames, nameCount } from './snapshot';

/** The layout that this kernel was compiled with. */
export function layoutVersion(): u32 {
  return L.LAYOUT_VERSION;
}

/** Places the control block, so that the host can write the capacities; returns its address. */
export function prepare(): usize {
  return placeControl();
}

/** Lays the memory out by the capacities. False when they do not fit. */
export function init(): bool {
  layOut();
  placeDictionaries();
  if (!commitMemory()) return false;
  setCtl(L.CTL_FIRST_MS, -1);
  setCtl(L.CTL_EFFECTIVE_MS, -1);
  store<u8>(scratch, 0x2a);
  return intern(L.DICTIONARY_ALARMS, scratch, 1) == L.ALARM_ALL;
}

/** Address of a region. */
export function region(id: u32): usize {
  switch (id) {
    case L.REGION_CONTROL:
      return placeControl();
    case L.REGION_INBOX:
      return inbox;
    case L.REGION_FRAMES:
      return frames;
    case L.REGION_EVENTS:
      return events;
    case L.REGION_REJECTS:
      return rejects;
    case L.REGION_FINDINGS:
      return findings;
    case L.REGION_OPEN:
      return open;
    case L.REGION_CHANGED:
      return changedList;
    case L.REGION_FRESH:
      return freshList;
    case L.REGION_ZONE:
      return zone;
    case L.REGION_SECTIONS:
      return sections;
    case L.REGION_RULES:
      return rules;
    case L.REGION_LINES:
      return lines;
    case L.REGION_HEADS:
      return heads;
    case L.REGION_TAILS:
      return tails;
    case L.REGION_OPEN_EPISODES:
      return openEpisodes;
    case L.REGION_CHATTER:
      return chatter;
    case L.REGION_IGNORED:
      return ignored;
    case L.REGION_PENDING:
      return pending;
    case L.REGION_MAPPING:
      return mapping;
    default:
      return scratch;
  }
}
