// Seeded event files for the benches, of the shape of SPEC section 1: the network's usual rate, lines
// of very different quality, interruptions of some seconds and a few outages. Unnamed alarms, sorted
// by time, no late events, no two events of a line in one millisecond: what the DuckDB peer can judge
// to the same counts as we do.

import { closeSync, openSync, writeSync } from 'node:fs';
import { seeded } from './random.js';

/** What was drawn. */
export interface Drawn {
  readonly lines: number;
  /** Interruptions, those still open at the end included. */
  readonly interruptions: number;
}

/** What a workload's file holds. */
export interface Workload extends Drawn {
  readonly events: number;
  readonly bytes: number;
}

/** What is to be drawn. */
export interface Shape {
  readonly events: number;
  readonly lines: number;
  readonly seed: number;
  /** Mean time between two interruptions of the network; by default the rate of SPEC section 1. */
  readonly meanGapMs?: number;
}

/** Takes one event of line 0 .. lines - 1. */
export type TakeEvent = (line: number, timeMs: number, isDown: boolean) => void;

/** Before the first event. */
export const START_MS = 1_164_900_000_000;
/** 510,000 interruptions a month of 30 days (SPEC section 1). */
export const MEAN_GAP_MS = (30 * 86_400_000) / 510_000;
/** Durations are lognormal around 8 s: about 2 % are outages. */
const MEDIAN_MS = 8_000;
const SIGMA = 1;
/** Of the events, the interruptions that are still open at the end. */
const OPEN_SHARE = 0.002;
/** At most this share of the lines. */
const OPEN_LINES_SHARE = 0.25;
const CHUNK_BYTES = 1 << 20;
const EVENT_BYTES_MAX = 160;

/** The name of line i. */
export function lineName(i: number): string {
  return `GD-DDN-${String(i).padStart(7, '0')}`;
}

/** Ends of interruptions, earliest first: a binary heap of time * lines + line, time from START_MS. */
class Ends {
  private readonly heap: number[] = [];

  get earliest(): number {
    return this.heap.length > 0 ? this.heap[0] : Infinity;
  }

  push(key: number): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(key);
    for (let up = (at - 1) >> 1; at > 0 && heap[up] > key; up = (at - 1) >> 1) {
      heap[at] = heap[up];
      heap[up] = key;
      at = up;
    }
  }

  pop(): number {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
      if (heap[child] >= last) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

/** A standard normal number from two uniform ones (Box and Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Draws the events in order of their times. */
export function drawEvents(shape: Shape, take: TakeEvent): Drawn {
  const { events, lines, seed, meanGapMs = MEAN_GAP_MS } = shape;
  const random = seeded(seed);
  // 0 = up; the time of the last event of each line, to keep its events apart.
  const down = new Uint8Array(lines);
  const last = new Float64Array(lines);
  const seen = new Uint8Array(lines);
  const ends = new Ends();
  let start = START_MS;
  let drawn = 0;
  let interruptions = 0;
  const nextStart = (): void => {
    start += Math.max(1, Math.round(-Math.log(1 - random()) * meanGapMs));
  };
  nextStart();
  // The last of them are starts only: their lines are still down at the end.
  const open = Math.floor(Math.min(events * OPEN_SHARE, lines * OPEN_LINES_SHARE));
  const lastEnd = events - open;
  while (drawn < events) {
    if (ends.earliest < (start - START_MS) * lines && drawn < lastEnd) {
      const key = ends.pop();
      const line = key % lines;
      last[line] = START_MS + Math.floor(key / lines);
      down[line] = 0;
      drawn++;
      take(line, last[line], false);
      continue;
    }
    // The square of a uniform number: bad lines are interrupted far more often than good ones.
    const pick = random();
    const line = Math.floor(pick * pick * lines);
    if (down[line] === 0 && last[line] < start) {
      down[line] = 1;
      seen[line] = 1;
      interruptions++;
      const duration = Math.max(1, Math.round(MEDIAN_MS * Math.exp(SIGMA * normal(random))));
      ends.push((start - START_MS + duration) * lines + line);
      drawn++;
      take(line, start, true);
    }
    nextStart();
  }
  return { lines: seen.reduce((sum, one) => sum + one, 0), interruptions };
}

/** Writes `events` native events over up to `lines` lines to an NDJSON file. */
export function writeWorkload(file: string, events: number, lines: number, seed: number): Workload {
  const names = Array.from({ length: lines }, (_, i) => lineName(i));
  const out = new EventFile(file);
  const drawn = drawEvents({ events, lines, seed }, (line, timeMs, isDown) =>
    out.write(names[line], timeMs, isDown),
  );
  return { ...drawn, events, bytes: out.close() };
}

/** A file of events, written in large pieces. */
class EventFile {
  private readonly descriptor: number;
  private readonly buffer = Buffer.alloc(CHUNK_BYTES + EVENT_BYTES_MAX);
  private used = 0;
  private bytes = 0;

  constructor(file: string) {
    this.descriptor = openSync(file, 'w');
  }

  write(line: string, time: number, isDown: boolean): void {
    const state = isDown ? '"down","severity":"CRITICAL"' : '"up","severity":"CLEARED"';
    const text = `{"line":"${line}","time":${time},"state":${state},"source":"nms-07"}\n`;
    this.used += this.buffer.write(text, this.used, 'latin1');
    if (this.used >= CHUNK_BYTES) this.flush();
  }

  /** Returns the file's size in bytes. */
  close(): number {
    this.flush();
    closeSync(this.descriptor);
    return this.bytes;
  }

  private flush(): void {
    writeSync(this.descriptor, this.buffer, 0, this.used);
    this.bytes += this.used;
    this.used = 0;
  }
}
