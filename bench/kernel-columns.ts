// Event columns in a file, prepared once and read by both sides of the kernel bench: blocks of
// BLOCK_ROWS events, each {time i64}, then {target u32}, then {state u32}. First every line reports up
// once, as after a resync, so that all of them are live; then the events of workload.ts, at the rate a
// line has in SPEC section 1, whatever the number of lines.

import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { DEFAULT_CAPACITIES } from '../src/kernel/kernel.js';
import { seeded } from './random.js';
import { MEAN_GAP_MS, START_MS, drawEvents } from './workload.js';

/** Events of a block: what the kernel takes at a time by default. */
export const BLOCK_ROWS = DEFAULT_CAPACITIES.events;
const ROW_BYTES = 16;
const BLOCK_BYTES = BLOCK_ROWS * ROW_BYTES;
/** Lines whose share of the network's interruptions MEAN_GAP_MS is. */
const NETWORK_LINES = 48_840;
const WORD = 2 ** 32;

/** What a file of event columns is for: a round that warms up, then timed ones. */
export interface Rounds {
  readonly lines: number;
  readonly rounds: number;
  /** Blocks of a round: those that only fill the caches, then those that are timed. */
  readonly leadBlocks: number;
  readonly timedBlocks: number;
}

/** A file of event columns. */
export interface ColumnsFile extends Rounds {
  readonly file: string;
  /** Blocks of the round that warms up: every line once, then drawn events. */
  readonly warmBlocks: number;
}

/** Drawn events that warm up: until the engine has compiled what it runs often. */
const WARM_EVENTS = 400_000;

/** Writes the columns of all rounds. */
export function writeColumns(file: string, size: Rounds, seed: number): ColumnsFile {
  const { lines, rounds, leadBlocks, timedBlocks } = size;
  const warmBlocks = Math.ceil((lines + WARM_EVENTS) / BLOCK_ROWS) + timedBlocks;
  const events = (warmBlocks + rounds * (leadBlocks + timedBlocks)) * BLOCK_ROWS;
  const out = new BlockWriter(file);
  for (let index = 1; index <= lines; index++) out.add(START_MS, index, false);
  // Bad lines stand anywhere among the records, as they do when names come in no order.
  const index = shuffled(lines, seed);
  const meanGapMs = (MEAN_GAP_MS * NETWORK_LINES) / lines;
  drawEvents({ events: events - lines, lines, seed, meanGapMs }, (line, timeMs, isDown) =>
    out.add(timeMs, index[line], isDown),
  );
  out.close();
  return { ...size, file, warmBlocks };
}

/** The indices 1 .. lines in a seeded order. */
function shuffled(lines: number, seed: number): Uint32Array {
  const random = seeded(seed);
  const order = Uint32Array.from({ length: lines }, (_, i) => i + 1);
  for (let i = lines - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const one = order[i];
    order[i] = order[j];
    order[j] = one;
  }
  return order;
}

class BlockWriter {
  private readonly descriptor: number;
  private readonly words = new Uint32Array(BLOCK_BYTES / 4);
  private rows = 0;

  constructor(file: string) {
    this.descriptor = openSync(file, 'w');
  }

  add(timeMs: number, target: number, isDown: boolean): void {
    const { words, rows } = this;
    words[2 * rows] = timeMs;
    words[2 * rows + 1] = timeMs / WORD;
    words[2 * BLOCK_ROWS + rows] = target;
    words[3 * BLOCK_ROWS + rows] = isDown ? 1 : 0;
    if (++this.rows === BLOCK_ROWS) this.flush();
  }

  /** All blocks are whole. */
  close(): void {
    closeSync(this.descriptor);
  }

  private flush(): void {
    writeSync(this.descriptor, this.words);
    this.rows = 0;
  }
}

/** A block as it is read: valid until the next one. */
export interface Block {
  readonly firstEvent: number;
  readonly times: Uint8Array;
  readonly targets: Uint8Array;
  readonly states: Uint8Array;
}

/** Reads blocks of a file, one after the other. */
export class BlockReader {
  private readonly descriptor: number;
  private readonly bytes = new Uint8Array(BLOCK_BYTES);
  private next = 0;

  constructor(file: string) {
    this.descriptor = openSync(file, 'r');
  }

  /** The next block. Throws at the file's end. */
  read(): Block {
    const { bytes, next } = this;
    const read = readSync(this.descriptor, bytes, 0, BLOCK_BYTES, next * BLOCK_BYTES);
    if (read < BLOCK_BYTES) throw new Error('kernel bench: the columns have no more blocks');
    this.next++;
    return {
      firstEvent: next * BLOCK_ROWS,
      times: bytes.subarray(0, BLOCK_ROWS * 8),
      targets: bytes.subarray(BLOCK_ROWS * 8, BLOCK_ROWS * 12),
      states: bytes.subarray(BLOCK_ROWS * 12, BLOCK_ROWS * 16),
    };
  }
}
