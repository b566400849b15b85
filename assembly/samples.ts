// The samples of a line (SPEC section 2): every event gives one. All weighted detectors of the line
// share when they were taken and at which of them an interruption started. Cost a sample: one shift;
// the times of two are written at once, since the one before is the line's last effective time. A start
// that leaves the samples is still counted while a later one of them was taken at the same instant: it
// is looked at only while some two of them were.

import * as L from './layout';
import { tailOf } from './hooks';
import { Line } from './lines';
import { ctl, heads, headsStride } from './memory';

const STARTS_MASK: u32 = (1 << L.SAMPLES) - 1;
const NEWEST: u32 = 1 << (L.SAMPLES - 1);

let offset: usize = 0;
/** Where the times stand in a tail. */
let times: usize = 0;

/** Reads for a batch where samples are kept, if any detector takes them. */
export function openSamples(): void {
  offset = <usize>max<f64>(ctl(L.CTL_SAMPLES), 0);
  times = <usize>ctl(L.CTL_TIMES);
}

function samplesAt(index: u32): usize {
  return heads + <usize>index * headsStride + offset;
}

/** The place `steps` behind that of the newest sample, steps <= SAMPLES. */
function placeAfter(samples: u32, steps: u32): usize {
  const place = ((samples >> L.SAMPLES_CURSOR_SHIFT) & L.SAMPLES_CURSOR_MASK) + steps;
  return <usize>(place < <u32>L.SAMPLES ? place : place - L.SAMPLES);
}

/** Takes a sample at t, `before` the time of the one before, with a start of an interruption or not. */
export function takeSample(index: u32, before: i64, t: i64, started: bool): void {
  const at = samplesAt(index);
  const samples = load<u32>(at);
  const place = placeAfter(samples, 1);
  const apart = samples >> L.SAMPLES_APART_SHIFT;
  if ((samples & 1) != 0 && apart < <u32>L.SAMPLES - 1) leave(tailOf(index) + times, place);
  const starts = ((samples & STARTS_MASK) >> 1) | (started ? NEWEST : 0);
  const after = t == before ? 0 : min<u32>(apart + 1, L.SAMPLES);
  store<u32>(
    at,
    starts | ((<u32>place) << L.SAMPLES_CURSOR_SHIFT) | (after << L.SAMPLES_APART_SHIFT),
  );
  if ((place & 1) == 0) return;
  const two = tailOf(index) + times + (place - 1) * 8;
  store<i64>(two, before);
  store<i64>(two, t, 8);
}

/** The oldest sample, at which an interruption started, makes way. */
function leave(ring: usize, place: usize): void {
  const t = load<i64>(ring + place * 8);
  const before = load<i64>(ring, L.SAMPLES_GONE) == t ? load<u32>(ring, L.SAMPLES_GONE_STARTS) : 0;
  store<i64>(ring, t, L.SAMPLES_GONE);
  store<u32>(ring, before + 1, L.SAMPLES_GONE_STARTS);
}

/**
 * No detector looks back on a sample taken so far: the next one begins the times anew, so that a line
 * that is quiet again and again needs only their front.
 */
export function restartSamples(index: u32): void {
  const at = samplesAt(index);
  store<u32>(at, (load<u32>(at) >> L.SAMPLES_APART_SHIFT) << L.SAMPLES_APART_SHIFT);
}

/** When the sample was taken that stands at bit `bit`. */
export function timeOfSample(record: Line, index: u32, bit: u32): i64 {
  const samples = load<u32>(samplesAt(index));
  const place = placeAfter(samples, 1 + bit);
  const waits = bit == L.SAMPLES - 1 && (place & 1) == 0;
  return waits ? record.effective : load<i64>(tailOf(index) + times + place * 8);
}

/**
 * How many interruptions started since `since`, when the sample at bit `bit` was taken: those that
 * have left the samples only where some two samples, or the oldest and the one before it, were at one
 * instant.
 */
export function startsSince(index: u32, bit: u32, since: i64): u32 {
  const samples = load<u32>(samplesAt(index));
  const kept = popcnt((samples & STARTS_MASK) >> bit);
  if (samples >> L.SAMPLES_APART_SHIFT == L.SAMPLES) return kept;
  const ring = tailOf(index) + times;
  return load<i64>(ring, L.SAMPLES_GONE) == since
    ? kept + load<u32>(ring, L.SAMPLES_GONE_STARTS)
    : kept;
}
