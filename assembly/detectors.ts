// The detectors beside the primary one. Each has its file, which exports one function that hears
// the hooks, and its line in `tell`. Every state begins with an episode, open while its rule is not
// 0, so that judging, reading and resetting are the same for all. Cost: one call a detector a hook;
// callers ask `detectorCount != 0` first, so that none costs one predictable branch.

import * as L from './layout';
import { Episode, endEpisode, writeEnd } from './episode';
import {
  Detector,
  HOOK_END,
  HOOK_ENDED,
  HOOK_ENDS_BY,
  HOOK_HEARS,
  HOOK_MOMENTARY,
  HOOK_SAMPLE,
  HOOK_START,
  NEVER,
  ringOf,
} from './hooks';
import { Line } from './lines';
import { ctl, detectors, detectorsStride, rules } from './memory';
import { penalty } from './penalty';
import { classOf, rulesOf } from './rules';
import { transient } from './transient';
import { weighted } from './weighted';
import { window } from './window';

/** How many detectors there are beside the primary one. */
export let detectorCount: u32 = 0;
/** Bytes of their heads beside a line. */
let heads: usize = 0;

/** The detectors that hear a hook, as bits. */
const listeners: usize = memory.data(4 * HOOK_HEARS, 4);

/** Reads for a batch which detectors there are and what they hear. */
export function openDetectors(): void {
  detectorCount = <u32>ctl(L.CTL_DETECTORS);
  if (detectorCount == 0) return;
  heads = headsBytes();
  memory.fill(listeners, 0, 4 * HOOK_HEARS);
  for (let d: u32 = 0; d < detectorCount; d++) {
    const hears = <u32>tell(d, HOOK_HEARS, changetype<Line>(0), 0, 0, 0);
    for (let hook: u32 = 0; hook < HOOK_HEARS; hook++) {
      const at = listeners + <usize>hook * 4;
      store<u32>(at, load<u32>(at) | (((hears >> hook) & 1) << d));
    }
  }
}

function descriptorAt(d: u32): usize {
  return rules + L.RULES_DETECTORS + <usize>d * L.DETECTOR_SIZE;
}

function judges(d: u32, record: Line): bool {
  return ((changetype<Detector>(descriptorAt(d)).classes >> classOf(record)) & 1) != 0;
}

/** Where the state of detector `d` beside line `index` stands. */
function stateAt(d: u32, index: u32): usize {
  return detectors + <usize>index * detectorsStride + changetype<Detector>(descriptorAt(d)).offset;
}

function tell(d: u32, hook: u32, record: Line, index: u32, t: i64, value: i64): i64 {
  const descriptor = descriptorAt(d);
  const state = stateAt(d, index);
  switch (changetype<Detector>(descriptor).kind) {
    case L.DETECTOR_WINDOW:
      return window(hook, descriptor, state, record, index, t, value);
    case L.DETECTOR_PENALTY:
      return penalty(hook, descriptor, state, record, index, t, value);
    case L.DETECTOR_ICINGA:
    case L.DETECTOR_NAGIOS:
      return weighted(hook, descriptor, state, record, index, t, value);
    default:
      return transient(hook, descriptor, state, record, index, t, value);
  }
}

function tellAll(hook: u32, record: Line, index: u32, t: i64, value: i64): void {
  let left = load<u32>(listeners + <usize>hook * 4);
  for (; left != 0; left &= left - 1) {
    const d = ctz(left);
    if (judges(d, record)) tell(d, hook, record, index, t, value);
  }
}

/** The open episode of detector `d` on line `index`; its rule is 0 when none is open. */
export function episodeOf(d: u32, index: u32): Episode {
  return changetype<Episode>(stateAt(d, index));
}

/** When the open episode of detector `d` ends if nothing more happens. */
export function endsAt(d: u32, record: Line, index: u32): i64 {
  return tell(d, HOOK_ENDS_BY, record, index, NEVER, 0);
}

/** Ends the open episodes whose own condition has held by t, before an event at t is applied. */
export function judgeDetectors(record: Line, index: u32, t: i64): void {
  for (let d: u32 = 0; d < detectorCount; d++) {
    if (episodeOf(d, index).rule == 0) continue;
    const ends = tell(d, HOOK_ENDS_BY, record, index, t, 0);
    if (ends == NEVER) continue;
    endEpisode(stateAt(d, index), index, ends, L.ENDED_ITSELF);
    tell(d, HOOK_ENDED, record, index, t, 0);
  }
}

/** An interruption started at t. */
export function startDetectors(record: Line, index: u32, t: i64): void {
  tellAll(HOOK_START, record, index, t, 0);
}

/** An interruption of this corrected duration ended at t. */
export function endDetectors(record: Line, index: u32, t: i64, durationMs: i64): void {
  tellAll(HOOK_END, record, index, t, 0);
  if (durationMs < rulesOf(record).outageMs) tellAll(HOOK_MOMENTARY, record, index, t, durationMs);
}

/** An event has been applied at t, after which the line is down or up. */
export function sampleDetectors(record: Line, index: u32, t: i64, down: bool): void {
  tellAll(HOOK_SAMPLE, record, index, t, down ? 1 : 0);
}

/** Writes the ends of the open episodes that read as ended at time c, changing nothing. */
export function readDetectors(record: Line, index: u32, c: i64): void {
  for (let d: u32 = 0; d < detectorCount; d++) {
    const open = episodeOf(d, index);
    if (open.rule == 0) continue;
    const ends = tell(d, HOOK_ENDS_BY, record, index, c, 0);
    if (ends != NEVER) writeEnd(index, open, L.OTHER_DETECTOR, ends, L.ENDED_ITSELF);
  }
}

/** Ends all open episodes of a line at a time, by a reset, and forgets what the detectors know. */
export function resetDetectors(index: u32, at: i64): void {
  for (let d: u32 = 0; d < detectorCount; d++) {
    const open = episodeOf(d, index);
    if (open.rule != 0) writeEnd(index, open, L.OTHER_DETECTOR, at, L.ENDED_BY_RESET);
  }
  forgetDetectors(index);
}

/** Forgets what the detectors know of a line. */
export function forgetDetectors(index: u32): void {
  memory.fill(detectors + <usize>index * detectorsStride, 0, detectorsStride);
}

/** Forgets what detectors know that do not judge the line's class: as if they were removed. */
export function forgetOthers(record: Line, index: u32): void {
  for (let d: u32 = 0; d < <u32>ctl(L.CTL_DETECTORS); d++) {
    if (judges(d, record)) continue;
    const head = stateAt(d, index);
    memory.fill(head, 0, headSize(d));
    memory.fill(ringOf(descriptorAt(d), head), 0, ringSize(d));
  }
}

function headSize(d: u32): usize {
  const next = d + 1 < <u32>ctl(L.CTL_DETECTORS);
  const end = next ? <usize>changetype<Detector>(descriptorAt(d + 1)).offset : headsBytes();
  return end - changetype<Detector>(descriptorAt(d)).offset;
}

function ringSize(d: u32): usize {
  const next = d + 1 < <u32>ctl(L.CTL_DETECTORS);
  const end = next ? <usize>changetype<Detector>(descriptorAt(d + 1)).ring : detectorsStride;
  return end - changetype<Detector>(descriptorAt(d)).ring;
}

function headsBytes(): usize {
  return <usize>ctl(L.CTL_DETECTORS_HEADS);
}

/** Asks for the memory of the heads beside a line; the sum only keeps the loads (batch.ts). */
export function touchDetectors(index: u32): u32 {
  let sum: u32 = 0;
  const from = detectors + <usize>index * detectorsStride;
  for (let at: usize = 0; at < heads; at += 64) sum += load<u32>(from + at);
  sum += load<u32>(from + heads - 4);
  return sum;
}
