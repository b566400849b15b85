// The detectors beside the primary one. Each has its file, which exports one function that hears
// the hooks, and its line in `tell`. Judging, reading and resetting of episodes is the same for all:
// a line's FLAG_OTHERS say which are open. Cost: one call a detector a hook that it hears;
// callers ask `detectorCount != 0` first, so that none costs one predictable branch.

import * as L from './layout';
import { Episode, writeEnd } from './episode';
import {
  Detector,
  HOOK_END,
  HOOK_ENDED,
  HOOK_ENDS_BY,
  HOOK_HEARS,
  HOOK_MOMENTARY,
  HOOK_START,
  NEVER,
  episodeOf as episodeAt,
  headOf,
  ringOf,
  tailOf,
} from './hooks';
import { Line } from './lines';
import { ctl, heads, headsStride, rules, tailsStride } from './memory';
import { endEpisode } from './others';
import { penalty } from './penalty';
import { classOf, rulesOf } from './rules';
import { openSamples, restartSamples, takeSample } from './samples';
import { transient } from './transient';
import { changesOf, sample, weighted } from './weighted';
import { window } from './window';

const CACHE_LINE: usize = 64;

/** How many detectors there are beside the primary one. */
export let detectorCount: u32 = 0;
/** Those that take samples, as bits: the weighted ones. */
export let sampling: u32 = 0;
/** Those that hear of a start, of an end, of a momentary interruption, as bits. */
let onStart: u32 = 0;
let onEnd: u32 = 0;
let onMomentary: u32 = 0;
/** By class, those that judge its lines, as bits. */
const judges: usize = memory.data(4 * L.RULE_SETS, 4);

/** Reads for a batch which detectors there are and what they hear. */
export function openDetectors(): void {
  detectorCount = <u32>ctl(L.CTL_DETECTORS);
  if (detectorCount == 0) return;
  openSamples();
  sampling = onStart = onEnd = onMomentary = 0;
  memory.fill(judges, 0, 4 * L.RULE_SETS);
  for (let d: u32 = 0; d < detectorCount; d++) {
    for (let c: u32 = 0; c < <u32>L.RULE_SETS; c++) {
      const one = ((changetype<Detector>(descriptorAt(d)).classes >> c) & 1) << d;
      store<u32>(judges + <usize>c * 4, load<u32>(judges + <usize>c * 4) | one);
    }
    const kind = <u32>changetype<Detector>(descriptorAt(d)).kind;
    if (kind == L.DETECTOR_ICINGA || kind == L.DETECTOR_NAGIOS) sampling |= 1 << d;
    const hears = <u32>tell(1 << d, HOOK_HEARS, changetype<Line>(0), 0, 0, 0);
    onStart |= ((hears >> HOOK_START) & 1) << d;
    onEnd |= ((hears >> HOOK_END) & 1) << d;
    onMomentary |= ((hears >> HOOK_MOMENTARY) & 1) << d;
  }
}

function descriptorAt(d: u32): usize {
  return rules + L.RULES_DETECTORS + <usize>d * L.DETECTOR_SIZE;
}

/** The detectors that judge a line, by its class, as bits. */
function judging(record: Line): u32 {
  return load<u32>(judges + <usize>classOf(record) * 4);
}

/** Tells some detectors, as bits, one after the other; returns what the last one answers. */
function tell(detectors: u32, hook: u32, record: Line, index: u32, t: i64, value: i64): i64 {
  let answer: i64 = 0;
  for (let left = detectors; left != 0; left &= left - 1) {
    answer = tellOne(descriptorAt(ctz(left)), hook, record, index, t, value);
  }
  return answer;
}

function tellOne(descriptor: usize, hook: u32, record: Line, index: u32, t: i64, value: i64): i64 {
  switch (<u32>changetype<Detector>(descriptor).kind) {
    case L.DETECTOR_WINDOW:
      return window(hook, descriptor, record, index, t, value);
    case L.DETECTOR_PENALTY:
      return penalty(hook, descriptor, record, index, t, value);
    case L.DETECTOR_ICINGA:
    case L.DETECTOR_NAGIOS:
      return weighted(hook, descriptor, record, index, t, value);
    default:
      return transient(hook, descriptor, record, index, t, value);
  }
}

/** The episode of detector `d` on line `index`. */
export function episodeOf(d: u32, index: u32): Episode {
  return episodeAt(descriptorAt(d), index);
}

/** The detectors beside the primary one that have an open episode on a line, as bits. */
export function openOf(record: Line): u32 {
  return (record.flags & L.FLAG_OTHERS) >> L.FLAG_OTHERS_SHIFT;
}

/** When the open episode of detector `d` ends if nothing more happens. */
export function endsAt(d: u32, record: Line, index: u32): i64 {
  return tell(1 << d, HOOK_ENDS_BY, record, index, NEVER, 0);
}

/** Ends the open episodes whose own condition has held by t, before an event at t is applied. */
export function judgeDetectors(record: Line, index: u32, t: i64): void {
  for (let left = openOf(record); left != 0; left &= left - 1) {
    const d = ctz(left);
    const ends = tell(1 << d, HOOK_ENDS_BY, record, index, t, 0);
    if (ends == NEVER) continue;
    endEpisode(descriptorAt(d), record, index, ends, L.ENDED_ITSELF);
    tell(1 << d, HOOK_ENDED, record, index, t, 0);
    if (((sampling >> d) & 1) != 0 && !anyChanges(index)) restartSamples(index);
  }
}

/** True when some weighted detector still looks back on a change of a line. */
function anyChanges(index: u32): bool {
  let changes: u32 = 0;
  for (let left = sampling; left != 0; left &= left - 1) {
    changes |= changesOf(descriptorAt(ctz(left)), index);
  }
  return changes != 0;
}

/** Under other rules: says anew which episodes are open. */
export function settleDetectors(record: Line, index: u32): void {
  record.flags &= ~L.FLAG_OTHERS;
  for (let d: u32 = 0; d < detectorCount; d++) {
    if (episodeOf(d, index).rule != 0) record.flags |= (1 << L.FLAG_OTHERS_SHIFT) << d;
  }
}

/** An interruption started at t: every open episode counts it. */
export function startDetectors(record: Line, index: u32, t: i64): void {
  for (let left = openOf(record); left != 0; left &= left - 1) episodeOf(ctz(left), index).count++;
  tell(onStart & judging(record), HOOK_START, record, index, t, 0);
}

/** An interruption of this corrected duration ended at t. */
export function endDetectors(record: Line, index: u32, t: i64, durationMs: i64): void {
  tell(onEnd & judging(record), HOOK_END, record, index, t, 0);
  if (durationMs >= rulesOf(record).outageMs) return;
  tell(onMomentary & judging(record), HOOK_MOMENTARY, record, index, t, durationMs);
}

/**
 * An event has been applied at t, after which the line is down or up; `before` = the effective time
 * before it, `started` = an interruption started.
 */
export function sampleDetectors(
  record: Line,
  index: u32,
  t: i64,
  down: bool,
  before: i64,
  started: bool,
): void {
  takeSample(index, before, t, started);
  for (let left = sampling & judging(record); left != 0; left &= left - 1) {
    sample(descriptorAt(ctz(left)), record, index, t, down);
  }
}

/** Writes the ends of the open episodes that read as ended at time c, changing nothing. */
export function readDetectors(record: Line, index: u32, c: i64): void {
  for (let left = openOf(record); left != 0; left &= left - 1) {
    const d = ctz(left);
    const ends = tell(1 << d, HOOK_ENDS_BY, record, index, c, 0);
    if (ends == NEVER) continue;
    writeEnd(index, episodeOf(d, index), L.OTHER_DETECTOR, ends, L.ENDED_ITSELF);
  }
}

/** Ends all open episodes of a line at a time, by a reset, and forgets what the detectors know. */
export function resetDetectors(record: Line, index: u32, at: i64): void {
  for (let left = openOf(record); left != 0; left &= left - 1) {
    endEpisode(descriptorAt(ctz(left)), record, index, at, L.ENDED_BY_RESET);
  }
  forgetDetectors(record, index);
}

/** Forgets what the detectors know of a line. */
export function forgetDetectors(record: Line, index: u32): void {
  record.flags &= ~L.FLAG_OTHERS;
  memory.fill(heads + <usize>index * headsStride, 0, headsStride);
  memory.fill(tailOf(index), 0, tailsStride);
}

/** Forgets what detectors know that do not judge the line's class: as if they were removed. */
export function forgetOthers(record: Line, index: u32): void {
  for (let d: u32 = 0; d < <u32>ctl(L.CTL_DETECTORS); d++) {
    const descriptor = descriptorAt(d);
    if (((changetype<Detector>(descriptor).classes >> classOf(record)) & 1) != 0) continue;
    record.flags &= ~((1 << L.FLAG_OTHERS_SHIFT) << d);
    memory.fill(headOf(descriptor, index), 0, headSize(changetype<Detector>(descriptor).kind));
    memory.fill(changetype<usize>(episodeOf(d, index)), 0, L.EPISODE_SIZE);
    memory.fill(ringOf(descriptor, index), 0, ringSize(d));
  }
}

function headSize(kind: u32): usize {
  switch (kind) {
    case L.DETECTOR_WINDOW:
      return L.WINDOW_SIZE;
    case L.DETECTOR_PENALTY:
      return L.PENALTY_SIZE;
    case L.DETECTOR_TRANSIENT:
      return L.TRANSIENT_SIZE;
    default:
      return L.WEIGHTED_SIZE;
  }
}

function ringSize(d: u32): usize {
  const next = d + 1 < <u32>ctl(L.CTL_DETECTORS);
  const end = next ? <usize>changetype<Detector>(descriptorAt(d + 1)).ring : tailsStride;
  return end - changetype<Detector>(descriptorAt(d)).ring;
}

/**
 * Asks for the memory that an event may need of the detectors beside a line: the heads, and the front
 * of the tail; the sum only keeps the loads (batch.ts).
 */
export function touchDetectors(index: u32): u32 {
  const tail = tailOf(index);
  let sum = load<u32>(tail) + load<u32>(tail + min<usize>(CACHE_LINE, tailsStride - CACHE_LINE));
  const from = heads + <usize>index * headsStride;
  for (let at: usize = 0; at < headsStride; at += CACHE_LINE) sum += load<u32>(from + at);
  return sum;
}
