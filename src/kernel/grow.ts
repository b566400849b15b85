// A kernel's state moved into another kernel: to grow it, or from a snapshot. Sections are copied
// as they are (offsets only, no pointers); the slots of the dictionaries are made anew.

import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../config/errors.js';
import { type Capacities, Kernel, type KernelOptions } from './kernel.js';

/** A region this full is made twice as large when the kernel grows. */
export const GROW_AT = 0.9;

/** Where a section's used bytes stand. */
function sectionAt(kernel: Kernel, id: number): { start: number; bytes: number } {
  const at = (kernel.region(L.REGION_SECTIONS) + id * L.SECTION_SIZE) / 4;
  return { start: kernel.u32[at]!, bytes: kernel.u32[at + 1]! };
}

/** The state's sections as views of the kernel's memory, valid until its next call. */
export function sectionsOf(kernel: Kernel): Uint8Array[] {
  kernel.calls.describeSections();
  return Array.from({ length: L.SECTIONS }, (_, id) => {
    const { start, bytes } = sectionAt(kernel, id);
    return kernel.bytes.subarray(start, start + bytes);
  });
}

/** The names that each dictionary's sections hold: what must be known before they are written. */
export interface NameCounts {
  readonly count: number;
  readonly used: number;
}

/** Counts of the dictionaries, for `writeSections`. */
export function nameCounts(kernel: Kernel): NameCounts[] {
  kernel.calls.describeSections();
  return Array.from({ length: L.DICTIONARIES }, (_, id) => ({
    count: kernel.nameCount(id),
    used: sectionAt(kernel, L.SECTION_DICTIONARIES + 2 * id).bytes,
  }));
}

/**
 * Writes sections and state counters into a fresh kernel. Throws BAD_CONFIG when a limit is below the
 * state.
 */
export function writeSections(
  kernel: Kernel,
  sections: readonly Uint8Array[],
  names: readonly NameCounts[],
  state: Float64Array,
): void {
  const { alarms, aliases, lines } = kernel.options.capacities;
  checkFits('alarmsMax', state[L.CTL_ALARMS_USED - L.CTL_STATE], alarms);
  checkFits('aliases', state[L.CTL_ALIASES_USED - L.CTL_STATE], aliases);
  checkFits('linesMax', sections[L.SECTION_LINES].length / L.LINE_SIZE - 1, lines);
  kernel.control.set(state, L.CTL_STATE);
  names.forEach(({ count, used }, id) => {
    if (!kernel.calls.expectNames(id, count, used)) {
      throw belowState('namesMax, or keyBytesMax,', `${count} names in ${used} bytes`);
    }
  });
  kernel.control[L.CTL_CHANGED] = sections[L.SECTION_CHANGED]!.length / 4;
  kernel.control[L.CTL_FRESH] = sections[L.SECTION_FRESH]!.length / 4;
  kernel.calls.describeSections();
  sections.forEach((section, id) => {
    const { start, bytes } = sectionAt(kernel, id);
    if (bytes !== section.length) throw new RangeError(`kernel: section ${id} has another size`);
    copyUsed(section, kernel.bytes, start);
  });
  kernel.calls.completeRestore();
}

function checkFits(limit: string, used: number, capacity: number): void {
  if (used > capacity) throw belowState(`${limit} (${capacity})`, `${used}`);
}

function belowState(limit: string, used: string): FlaplineError {
  return new FlaplineError(
    'BAD_CONFIG',
    `${limit} is below what the state holds, ${used}: raise it`,
  );
}

const PAGE_BYTES = 4096;
const ZEROS = new Uint8Array(PAGE_BYTES);

/** Copies the pages that are not all zero: fresh memory is, and what is never touched costs nothing. */
function copyUsed(from: Uint8Array, to: Uint8Array, start: number): void {
  for (let at = 0; at < from.length;) {
    const end = Math.min(from.length, at + PAGE_BYTES - ((start + at) % PAGE_BYTES));
    const piece = from.subarray(at, end);
    if (Buffer.compare(piece, ZEROS.subarray(0, piece.length)) !== 0) to.set(piece, start + at);
    at = end;
  }
}

/** The state counters of a kernel's control block. */
export function stateOf(kernel: Kernel): Float64Array {
  return kernel.control.slice(L.CTL_STATE, L.CTL_STATE_END);
}

/** Copies what is at hand of a batch: inbox, frames, event columns, counts and cursors. */
function copyBatch(from: Kernel, to: Kernel): void {
  const { inboxBytes, frames, events } = from.options.capacities;
  const copy = (region: number, bytes: number): void => {
    const start = from.region(region);
    to.bytes.set(from.bytes.subarray(start, start + bytes), to.region(region));
  };
  copy(L.REGION_INBOX, inboxBytes + L.TEXT_PADDING);
  copy(L.REGION_FRAMES, frames * L.FRAME_ROW);
  copy(L.REGION_EVENTS, events * L.EVENT_ROW);
  copy(L.REGION_SCRATCH, L.SCRATCH_BYTES);
  for (let slot = L.CTL_INBOX_LENGTH; slot < L.CTL_BATCH_END; slot++) {
    to.control[slot] = from.control[slot]!;
  }
}

function size(used: number, now: number, most: number): number {
  if (now >= most) return now;
  return used >= now * GROW_AT ? Math.max(now + 1, Math.min(now * 2, most)) : now;
}

/** The sizes of a kernel in which every region that is 90 % full is twice as large. */
function largerCapacities(kernel: Kernel): Capacities {
  const { capacities, limits } = kernel.options;
  const [keys, alarms, causes] = nameCounts(kernel);
  const names = Math.max(alarms!.count, causes!.count);
  const nameBytes = Math.max(alarms!.used, causes!.used) + L.NAME_BYTES_MAX + 8;
  // The alarms that one event raises on all lines of its key find room together.
  const alarmsWanted = kernel.control[L.CTL_ALARMS_USED]! + kernel.control[L.CTL_FAN_OUT_MAX]!;
  return {
    ...capacities,
    lines: size(keys!.count, capacities.lines, limits.linesMax),
    keyBytes: size(keys!.used + L.NAME_BYTES_MAX + 8, capacities.keyBytes, limits.keyBytesMax),
    names: size(names, capacities.names, limits.namesMax),
    nameBytes: size(nameBytes, capacities.nameBytes, 0xffff_0000),
    alarms: size(alarmsWanted, capacities.alarms, limits.alarmsMax),
    aliases: size(kernel.control[L.CTL_ALIASES_USED]!, capacities.aliases, 0x1fff_ffff),
  };
}

/**
 * A larger kernel with the state of this one, and with the batch at hand. Findings and rejects must
 * have been taken before. The old instance is not to be called again.
 */
export function grow(kernel: Kernel): Kernel {
  const options: KernelOptions = {
    ...kernel.options,
    capacities: largerCapacities(kernel),
  };
  const larger = new Kernel(options);
  writeSections(larger, sectionsOf(kernel), nameCounts(kernel), stateOf(kernel));
  copyBatch(kernel, larger);
  return larger;
}
