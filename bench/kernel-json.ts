// Child of the kernel bench: NDJSON to event columns with JSON.parse and a Map, as JavaScript would do
// it. The clock covers cutting lines, parsing, naming and writing the columns; reading the file and
// hashing the columns are not timed.

import { closeSync, openSync, readSync } from 'node:fs';
import { BLOCK_ROWS as ROWS } from './kernel-columns.js';
import { WordHash } from './kernel-hash.js';
import { type WorkReport, answerSteps } from './steps.js';

const PIECE_BYTES = 512 * 1024;
const NEWLINE = 10;
const WORD = 2 ** 32;
const NS_PER_MS = 1e6;

interface NativeEvent {
  readonly line: string;
  readonly time: number;
  readonly state: string;
}

const names = new Map<string, number>();
const times = new Float64Array(ROWS);
const positions = new Float64Array(ROWS);
const targets = new Uint32Array(ROWS);
const states = new Uint32Array(ROWS);
let rows = 0;
let clockMs = 0;
let begunMs = 0;

/** Decodes the whole lines of a piece; `take` has the columns whenever they are full. */
function decodePiece(piece: Buffer, position: number, take: () => void): number {
  let from = 0;
  for (;;) {
    const newline = piece.indexOf(NEWLINE, from);
    if (newline < 0) return from;
    const event = JSON.parse(piece.toString('utf8', from, newline)) as NativeEvent;
    if (rows === ROWS) take();
    let index = names.get(event.line);
    if (index === undefined) {
      index = names.size + 1;
      names.set(event.line, index);
    }
    times[rows] = event.time;
    positions[rows] = position + from;
    targets[rows] = index;
    states[rows] = event.state === 'down' ? 1 : event.state === 'up' ? 0 : 2;
    rows++;
    from = newline + 1;
  }
}

function hashDoubles(hash: WordHash, column: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    hash.word(column[row] | 0);
    hash.word(Math.trunc(column[row] / WORD));
  }
}

function decodeFile(file: string): WorkReport {
  const hash = new WordHash();
  let events = 0;
  const take = (): void => {
    clockMs += performance.now() - begunMs;
    hashDoubles(hash, times);
    hashDoubles(hash, positions);
    hash.words(targets, 0, rows);
    hash.words(states, 0, rows);
    events += rows;
    rows = 0;
    begunMs = performance.now();
  };
  clockMs = 0;
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.alloc(PIECE_BYTES);
  for (let position = 0; ;) {
    const bytes = readSync(descriptor, buffer, 0, PIECE_BYTES, position);
    if (bytes === 0) break;
    begunMs = performance.now();
    position += decodePiece(buffer.subarray(0, bytes), position, take);
    clockMs += performance.now() - begunMs;
  }
  begunMs = performance.now();
  take();
  closeSync(descriptor);
  return { ns: clockMs * NS_PER_MS, events, hash: hash.text() };
}

const [file] = process.argv.slice(2) as [string];
answerSteps(() => decodeFile(file));
