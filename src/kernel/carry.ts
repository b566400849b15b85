// A state carried over to other rules (SPEC section 5): starts kept so far, open episodes with
// their start and rule, classes by their names. A detector is known again by its name and kind; one
// that is gone, or that no longer judges a line's class, leaves nothing.

import * as L from '../../assembly/layout.js';
import type { Detector, Rules } from '../config/rules.js';
import {
  type DetectorPlace,
  type DetectorPlaces,
  type Part,
  placeDetectors,
} from './detector-places.js';
import type { Kernel } from './kernel.js';
import { restride } from './optional.js';
import { startsKept, startsStride } from './rules.js';

/**
 * Bytes of the state beside `rows` lines under other rules: `from` of them each, kept as many fit.
 */
export function carryStarts(starts: Uint8Array, from: Rules, to: Rules): Uint8Array {
  const [before, after] = [startsStride(from), startsStride(to)];
  if (before === after) return starts;
  const rows = starts.length / before;
  const carried = new Uint8Array(rows * after);
  copyColumn(starts, before, 0, carried, after, 0, Math.min(before, after));
  return carried;
}

/** Ends that wait, and what is kept of alarms, as the other kernel has room for them. */
export function carryBeside(sections: Uint8Array[], from: Kernel, to: Kernel): void {
  const carry = (section: number, rows: number, stride: number): void => {
    const [before, after] = [from.control[stride]!, to.control[stride]!];
    sections[section] = restride(sections[section]!, rows, before, after);
  };
  const lines = sections[L.SECTION_LINES]!.length / L.LINE_SIZE;
  const alarms = sections[L.SECTION_ALARMS]!.length / L.ALARM_SIZE;
  carry(L.SECTION_PENDING, lines, L.CTL_PENDING_STRIDE);
  carry(L.SECTION_HISTORIES, alarms, L.CTL_HISTORY_STRIDE);
}

/**
 * Gives lines the index that their class has now, 0 when it is gone; clips the starts they keep.
 */
export function carryLines(lines: Uint8Array, from: Rules, to: Rules): void {
  const classes = [0, ...from.classes.map(({ name }) => classIndex(to, name))];
  const most = startsKept(to);
  const words = new Uint32Array(lines.buffer, lines.byteOffset, lines.length / 4);
  for (let at = L.LINE_FLAGS / 4; at < words.length; at += L.LINE_SIZE / 4) {
    const flags = words[at]!;
    const kept = Math.min((flags >>> L.FLAG_STARTS_SHIFT) & 0xff, most);
    const index = classes[(flags >>> L.FLAG_CLASS_SHIFT) & L.FLAG_CLASS_MASK]!;
    const others = flags & ~((0xff << L.FLAG_STARTS_SHIFT) | CLASS_BITS);
    words[at] = others | (kept << L.FLAG_STARTS_SHIFT) | (index << L.FLAG_CLASS_SHIFT);
  }
}

const CLASS_BITS = L.FLAG_CLASS_MASK << L.FLAG_CLASS_SHIFT;

function classIndex(rules: Rules, name: string): number {
  return rules.classes.findIndex((each) => each.name === name) + 1;
}

/** Bytes beside each line: the heads of all detectors, or their tails. */
export interface DetectorStates {
  readonly heads: Uint8Array;
  readonly tails: Uint8Array;
}

/**
 * The states of the detectors under other rules, or as they stand in this layout, not in `layout`;
 * `lines` are the records with their classes of now.
 */
export function carryDetectors(
  { heads, tails }: DetectorStates,
  lines: Uint8Array,
  from: Rules,
  to: Rules,
  layout = L.LAYOUT_VERSION,
): DetectorStates {
  const [before, after] = [placeDetectors(from, layout), placeDetectors(to)];
  const rows = lines.length / L.LINE_SIZE;
  const carried = {
    heads: new Uint8Array(rows * after.headsStride),
    tails: new Uint8Array(rows * after.tailsStride),
  };
  const copyHead = ({ at, bytes }: Part, into: Part): void =>
    copyColumn(heads, before.headsStride, at, carried.heads, after.headsStride, into.at, bytes);
  const copyTail = (part: Part, into: Part): void => {
    const bytes = Math.min(part.bytes, into.bytes);
    const { tailsStride } = after;
    copyColumn(tails, before.tailsStride, part.at, carried.tails, tailsStride, into.at, bytes);
  };
  if (before.samples && after.samples) {
    copyHead(before.samples, after.samples);
    copyTail(before.times, after.times);
  }
  to.detectors.forEach((detector, d) => {
    const known = from.detectors.findIndex((each) => isSame(each, detector));
    if (known < 0) return;
    const [was, place] = [before.places[known]!, after.places[d]!];
    copyHead(was.head, place.head);
    copyTail(was.episode, place.episode);
    copyTail(was.ring, place.ring);
    if (detector.kind === 'window') clipWindow(carried.heads, after.headsStride, place);
    if (detector.classes.length > 0) forgetOthers(carried, lines, after, d, to);
  });
  return carried;
}

/** True when what one knows means the same to the other. */
function isSame(one: Detector, other: Detector): boolean {
  if (one.name !== other.name || one.kind !== other.kind) return false;
  if (one.kind === 'weighted' && other.kind === 'weighted') return one.form === other.form;
  // Slices of another length count other things.
  if (one.kind === 'transient' && other.kind === 'transient')
    return one.windowMs === other.windowMs;
  return true;
}

function copyColumn(
  from: Uint8Array,
  fromStride: number,
  fromOffset: number,
  to: Uint8Array,
  toStride: number,
  toOffset: number,
  bytes: number,
): void {
  const rows = to.length / toStride;
  for (let row = 0; row < rows; row++) {
    const at = row * fromStride + fromOffset;
    to.set(from.subarray(at, at + bytes), row * toStride + toOffset);
  }
}

/** No line keeps more starts than the window detector has room for. */
function clipWindow(heads: Uint8Array, stride: number, { head, ring }: DetectorPlace): void {
  const most = ring.bytes / 8;
  const words = new Uint32Array(heads.buffer, heads.byteOffset, heads.length / 4);
  for (let at = (head.at + L.WINDOW_STARTS_KEPT) / 4; at < words.length; at += stride / 4) {
    words[at] = Math.min(words[at]!, most);
  }
}

function empty(states: Uint8Array, from: number, { at, bytes }: Part): void {
  states.fill(0, from + at, from + at + bytes);
}

/** Empties the state of detector `d` beside the lines whose class it does not judge. */
function forgetOthers(
  { heads, tails }: DetectorStates,
  lines: Uint8Array,
  { places, headsStride, tailsStride }: DetectorPlaces,
  d: number,
  rules: Rules,
): void {
  const { head, episode, ring } = places[d]!;
  const { classes } = rules.detectors[d]!;
  const flags = new Uint32Array(lines.buffer, lines.byteOffset, lines.length / 4);
  for (let row = 0; row < lines.length / L.LINE_SIZE; row++) {
    const word = flags[(row * L.LINE_SIZE + L.LINE_FLAGS) / 4]!;
    const index = (word >>> L.FLAG_CLASS_SHIFT) & L.FLAG_CLASS_MASK;
    const name = rules.classes[index - 1]?.name;
    if (name !== undefined && classes.includes(name)) continue;
    empty(heads, row * headsStride, head);
    empty(tails, row * tailsStride, episode);
    empty(tails, row * tailsStride, ring);
  }
}
