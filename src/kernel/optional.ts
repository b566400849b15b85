// What only some rules need of a kernel's memory: room for ends that wait (mergeGap), for when
// alarms were raised (staleness, chatter), for the names that are ignored. Off by default, and then
// empty.

import * as L from '../../assembly/layout.js';
import { type Rules, ruleSets } from '../config/rules.js';
import type { Kernel } from './kernel.js';

/** Bytes beside each line; `waiting` = an end waits that former rules made wait. */
export function pendingStride(rules: Rules, waiting: boolean): number {
  const joins = ruleSets(rules).some(({ mergeGapMs }) => mergeGapMs !== null);
  return joins || waiting ? L.PENDING_SIZE : 0;
}

/** True when the end of an interruption waits on any line. */
export function hasWaitingEnds(lines: Uint8Array): boolean {
  const words = new Uint32Array(lines.buffer, lines.byteOffset, lines.length / 4);
  for (let at = L.LINE_FLAGS / 4; at < words.length; at += L.LINE_SIZE / 4) {
    if ((words[at]! & L.FLAG_PENDING) !== 0) return true;
  }
  return false;
}

/** Bytes beside each alarm. */
export function historyStride(rules: Rules): number {
  if (rules.chatter) return L.HISTORY_SIZE;
  const ages = ruleSets(rules).some(({ staleAfterMs }) => staleAfterMs !== null);
  return ages ? L.HISTORY_RAISED_SIZE : 0;
}

/** The names that are ignored, each {dictionary u32, length u32, bytes}, aligned to 4. */
export function ignoredList({ ignore }: Rules): Uint8Array {
  const entries = [
    ...ignore.alarms.map((name) => listed(L.DICTIONARY_ALARMS, name)),
    ...ignore.causes.map((name) => listed(L.DICTIONARY_CAUSES, name)),
  ];
  return Buffer.concat(entries);
}

function listed(dictionary: number, name: string): Uint8Array {
  const text = Buffer.from(name);
  const entry = Buffer.alloc(8 + Math.ceil(text.length / 4) * 4);
  entry.writeUInt32LE(dictionary, 0);
  entry.writeUInt32LE(text.length, 4);
  text.copy(entry, 8);
  return entry;
}

/** Writes the list of ignored names into a kernel that was made with room for it. */
export function writeIgnored(kernel: Kernel): void {
  kernel.bytes.set(ignoredList(kernel.options.rules), kernel.region(L.REGION_IGNORED));
}

/** Rows of `from` bytes as rows of `to` bytes: what is new is zero, what has no room is dropped. */
export function restride(table: Uint8Array, rows: number, from: number, to: number): Uint8Array {
  if (from === to) return table;
  const out = new Uint8Array(rows * to);
  const kept = Math.min(from, to);
  for (let row = 0; row < rows; row++) {
    out.set(table.subarray(row * from, row * from + kept), row * to);
  }
  return out;
}
