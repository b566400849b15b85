// Seeded event files for the benches. Unnamed alarms, sorted by time, no late events, no two events
// of a line in one millisecond: what the DuckDB peer can judge to the same counts as we do.

import { closeSync, openSync, writeSync } from 'node:fs';
import { seeded } from './random.js';

/** What a workload holds. */
export interface Workload {
  readonly events: number;
  readonly lines: number;
  readonly bytes: number;
  /** Interruptions, those still open at the end included. */
  readonly interruptions: number;
}

const START_MS = 1_164_900_000_000;
const CHUNK_BYTES = 1 << 20;
const EVENT_BYTES_MAX = 160;

/** The name of line i of n. */
export function lineName(i: number): string {
  return `GD-DDN-${String(i).padStart(7, '0')}`;
}

/**
 * Writes `events` native events over `lines` lines to an NDJSON file. Every line toggles; the choice
 * of lines is skewed (the square of a uniform number), so that bad lines flap.
 */
export function writeWorkload(file: string, events: number, lines: number, seed: number): Workload {
  const random = seeded(seed);
  const down = new Uint8Array(lines);
  const last = new Float64Array(lines);
  const names = Array.from({ length: lines }, (_, i) => lineName(i));
  const seen = new Uint8Array(lines);
  const buffer = Buffer.alloc(CHUNK_BYTES + EVENT_BYTES_MAX);
  const descriptor = openSync(file, 'w');
  let used = 0;
  let bytes = 0;
  let time = START_MS;
  let interruptions = 0;
  for (let i = 0; i < events; i++) {
    const pick = random();
    const line = Math.floor(pick * pick * lines);
    time += Math.floor(random() * 10);
    if (last[line]! >= time) time = last[line]! + 1;
    last[line] = time;
    seen[line] = 1;
    down[line]! ^= 1;
    if (down[line]) interruptions++;
    const state = down[line] ? '"down","severity":"CRITICAL"' : '"up","severity":"CLEARED"';
    const text = `{"line":"${names[line]}","time":${time},"state":${state},"source":"nms-07"}\n`;
    used += buffer.write(text, used, 'latin1');
    if (used >= CHUNK_BYTES) {
      writeSync(descriptor, buffer, 0, used);
      bytes += used;
      used = 0;
    }
  }
  writeSync(descriptor, buffer, 0, used);
  closeSync(descriptor);
  const linesSeen = seen.reduce((sum, one) => sum + one, 0);
  return { events, lines: linesSeen, bytes: bytes + used, interruptions };
}
