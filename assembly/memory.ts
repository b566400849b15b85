// Lays the regions out, once, behind the static data. Sizes are computed in 64 bits and refused
// when they do not fit 4 GiB. Untouched pages cost nothing, so nothing is cleared: fresh memory is
// zero.

import * as L from './layout';
import { MAPPING_REGION_BYTES } from './mapping-layout';

/** 4 GiB less one page: the last address must fit 32 bits. */
const MEMORY_BYTES_MAX: u64 = 0xffff0000;
const PAGE: u64 = 65536;

export let control: usize = 0;
export let scratch: usize = 0;
export let mapping: usize = 0;
export let zone: usize = 0;
export let sections: usize = 0;
export let frames: usize = 0;
export let inbox: usize = 0;
export let events: usize = 0;
export let rejects: usize = 0;
export let findings: usize = 0;
export let open: usize = 0;
export let openEpisodes: usize = 0;
export let rules: usize = 0;
export let changedList: usize = 0;
export let freshList: usize = 0;
export let lines: usize = 0;
export let starts: usize = 0;
export let startsStride: usize = 0;
/** State of the detectors beside the primary one; no bytes when there are none. */
export let heads: usize = 0;
export let headsStride: usize = 0;
export let tails: usize = 0;
export let tailsStride: usize = 0;
export let alarms: usize = 0;
export let aliases: usize = 0;
export let pending: usize = 0;
export let pendingStride: usize = 0;
export let histories: usize = 0;
export let historyStride: usize = 0;
export let chatter: usize = 0;
/** Ignored names as the host wrote them, then a byte for each alarm and each cause. */
export let ignored: usize = 0;
export let ignoredNames: usize = 0;

let top: u64 = 0;

/** The next region of `bytes` bytes, aligned to a cache line. */
function take(bytes: u64): usize {
  const at = (top + 63) & ~63;
  top = at + bytes;
  return <usize>at;
}

/** Takes a region that the dictionaries need, from where the last one ended. */
export function takeRegion(bytes: u64): usize {
  return take(bytes);
}

/** Reads slot `slot` of the control block. */
export function ctl(slot: u32): f64 {
  return load<f64>(control + ((<usize>slot) << 3));
}

/** Writes slot `slot` of the control block. */
export function setCtl(slot: u32, value: f64): void {
  store<f64>(control + ((<usize>slot) << 3), value);
}

/** The control block comes first, so that the host can write the capacities before `layOut`. */
export function placeControl(): usize {
  if (control == 0) {
    top = <u64>__heap_base;
    control = take(<u64>L.CTL_SLOTS * 8);
    const pages = <i32>((top + PAGE - 1) / PAGE) - memory.size();
    if (pages > 0) memory.grow(pages);
  }
  return control;
}

/** Places every region but the dictionaries, by the capacities in the control block. */
export function layOut(): void {
  const lineRows = <u64>ctl(L.CTL_LINES_CAPACITY) + 1;
  const eventRows = <u64>ctl(L.CTL_EVENTS_CAPACITY);
  const findingRows = <u64>ctl(L.CTL_FINDINGS_CAPACITY);
  startsStride = <usize>ctl(L.CTL_STARTS_STRIDE);
  headsStride = <usize>ctl(L.CTL_HEADS_STRIDE);
  tailsStride = <usize>ctl(L.CTL_TAILS_STRIDE);
  scratch = take(L.SCRATCH_BYTES);
  mapping = take(MAPPING_REGION_BYTES);
  zone = take(<u64>L.ZONE_ENTRIES_MAX * 16);
  rules = take(L.RULES_BYTES);
  sections = take(<u64>L.SECTIONS * L.SECTION_SIZE);
  frames = take(<u64>ctl(L.CTL_FRAMES_CAPACITY) * L.FRAME_ROW);
  inbox = take(<u64>ctl(L.CTL_INBOX_CAPACITY) + L.TEXT_PADDING);
  events = take(eventRows * L.EVENT_ROW);
  rejects = take(<u64>L.REJECTS_CAPACITY * L.REJECT_ROW);
  findings = take(findingRows * L.FOUND_ROW * L.KINDS);
  open = take(<u64>L.OPEN_CAPACITY * L.OPEN_ROW);
  openEpisodes = take(<u64>L.OPEN_CAPACITY * L.OPEN_EPISODE_ROW);
  changedList = take(lineRows * 4);
  freshList = take(lineRows * 4);
  lines = take(lineRows * L.LINE_SIZE);
  starts = take(lineRows * <u64>startsStride);
  heads = take(lineRows * <u64>headsStride);
  tails = take(lineRows * <u64>tailsStride);
  alarms = take((<u64>ctl(L.CTL_ALARMS_CAPACITY) + 1) * L.ALARM_SIZE);
  aliases = take((<u64>ctl(L.CTL_ALIASES_CAPACITY) + 1) * L.ALIAS_SIZE);
  layOutOptions(lineRows);
}

/** Regions that are empty when what they are for is off. */
function layOutOptions(lineRows: u64): void {
  pendingStride = <usize>ctl(L.CTL_PENDING_STRIDE);
  historyStride = <usize>ctl(L.CTL_HISTORY_STRIDE);
  const ignoredBytes = <u64>ctl(L.CTL_IGNORED_BYTES);
  const nameRows = <u64>ctl(L.CTL_NAMES_CAPACITY) + 1;
  pending = take(lineRows * <u64>pendingStride);
  histories = take((<u64>ctl(L.CTL_ALARMS_CAPACITY) + 1) * <u64>historyStride);
  chatter = take(historyStride == L.HISTORY_SIZE ? <u64>L.CHATTER_CAPACITY * L.CHATTER_ROW : 0);
  ignored = take(ignoredBytes);
  ignoredNames = take(ignoredBytes == 0 ? 0 : 2 * nameRows);
}

/**
 * Grows the memory to what was taken. False when it does not fit 4 GiB or the machine has no more.
 */
export function commitMemory(): bool {
  if (top > MEMORY_BYTES_MAX) return false;
  const pages = <i32>((top + PAGE - 1) / PAGE) - memory.size();
  return pages <= 0 || memory.grow(pages) >= 0;
}

/**
 * An assertion of the checked build. Callers ask `isDefined(KERNEL_CHECKED)` themselves: the
 * release build would otherwise still load what the condition reads.
 */
export function check(holds: bool): void {
  assert(holds);
}
