// How many bytes a kernel takes, as a formula over its capacities: the same sum as layOut and
// placeDictionaries (assembly/memory.ts, dictionary.ts), which a test holds it against. Untouched
// pages cost nothing: what a kernel really uses grows with the lines it has.

import * as L from '../../assembly/layout.js';
import { MAPPING_REGION_BYTES } from '../../assembly/mapping-layout.js';
import type { Rules } from '../config/rules.js';
import type { Capacities } from './kernel.js';
import { placeDetectors } from './detector-places.js';
import { historyStride, ignoredList, pendingStride } from './optional.js';
import { startsStride } from './rules.js';

/** Bytes of a kernel's memory by what they are for. */
export interface KernelBytes {
  /**
   * Records, starts, places in the lists of changed and fresh lines; detectors and mergeGap add.
   */
  readonly lines: number;
  /** Hash slots and directory of lines and keys. */
  readonly keys: number;
  /** Names of lines and keys. */
  readonly keyNames: number;
  /** Staleness and chatter add to it. */
  readonly alarms: number;
  readonly aliases: number;
  /** Alarms' and causes' names, with slots and directory. */
  readonly names: number;
  /** Inbox, events, findings and all else that does not depend on what is kept. */
  readonly batch: number;
}

const ALIGNMENT = 64;
/** A place in the list of changed lines, and in that of fresh ones. */
const CHANGED_BYTES = 4;
const FRESH_BYTES = 4;
/** Slots more than three for two names. */
const SLOTS_SPARE = 8;

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Hash slots and directory of a dictionary: three slots for two names. */
function indexBytes(names: number): number {
  const slots = Math.floor((names * 3) / 2) + SLOTS_SPARE;
  return aligned(slots * L.SLOT_SIZE) + aligned((names + 1) * L.DIRECTORY_SIZE);
}

/** Bytes of a kernel with these capacities under these rules, from its control block on. */
export function kernelBytes(capacities: Capacities, rules: Rules): KernelBytes {
  const { lines, keyBytes, names, nameBytes, alarms, aliases } = capacities;
  const { headsStride, tailsStride } = placeDetectors(rules);
  const besideLine = [
    L.LINE_SIZE,
    startsStride(rules),
    headsStride,
    tailsStride,
    pendingStride(rules, false),
    CHANGED_BYTES,
    FRESH_BYTES,
  ];
  return {
    lines: tables(lines + 1, besideLine),
    keys: indexBytes(lines),
    keyNames: aligned(keyBytes + L.TEXT_PADDING),
    alarms: tables(alarms + 1, [L.ALARM_SIZE, historyStride(rules)]),
    aliases: tables(aliases + 1, [L.ALIAS_SIZE]),
    names: 2 * (indexBytes(names) + aligned(nameBytes + L.TEXT_PADDING)),
    batch: batchBytes(capacities, rules),
  };
}

/** Tables of so many rows, each with its bytes a row. */
function tables(rows: number, strides: readonly number[]): number {
  return strides.reduce((sum, stride) => sum + aligned(rows * stride), 0);
}

function batchBytes(capacities: Capacities, rules: Rules): number {
  const { frames, inboxBytes, events, findings, names } = capacities;
  const ignored = ignoredList(rules).length;
  return [
    L.CTL_SLOTS * 8,
    L.SCRATCH_BYTES,
    MAPPING_REGION_BYTES,
    L.ZONE_ENTRIES_MAX * 16,
    L.RULES_BYTES,
    L.SECTIONS * L.SECTION_SIZE,
    frames * L.FRAME_ROW,
    inboxBytes + L.TEXT_PADDING,
    events * L.EVENT_ROW,
    L.REJECTS_CAPACITY * L.REJECT_ROW,
    findings * L.FOUND_ROW * L.KINDS,
    L.OPEN_CAPACITY * L.OPEN_ROW,
    L.OPEN_CAPACITY * L.OPEN_EPISODE_ROW,
    rules.chatter ? L.CHATTER_CAPACITY * L.CHATTER_ROW : 0,
    ignored,
    ignored === 0 ? 0 : 2 * (names + 1),
  ].reduce((sum, bytes) => sum + aligned(bytes), 0);
}

/** The sum of all shares. */
export function totalBytes(bytes: KernelBytes): number {
  return Object.values(bytes).reduce((sum, share) => sum + share, 0);
}

/** Bytes a line, all but the bytes of its name: hash slots included. */
export function bytesPerLine(capacities: Capacities, rules: Rules): number {
  const { lines, keys } = kernelBytes(capacities, rules);
  return (lines + keys) / capacities.lines;
}
