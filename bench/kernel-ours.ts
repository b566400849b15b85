// Child of the kernel bench: one piece of work in the kernel, by its first argument: `detect` applies
// event columns, `decode` turns NDJSON into event columns, `fold` does both. The clock runs inside the
// calls only: reading files, filling the columns and hashing the output are not timed.

import { closeSync, openSync, readSync } from 'node:fs';
import * as L from '../assembly/layout.js';
import { DEFAULT_RULES, type Rules } from '../src/config/rules.js';
import { sectionsOf } from '../src/kernel/grow.js';
import { type Kernel } from '../src/kernel/kernel.js';
import { BLOCK_ROWS, type Block, BlockReader } from './kernel-columns.js';
import { makeKernel, putBlock, putText } from './kernel-feed.js';
import { WordHash } from './kernel-hash.js';
import { type Step, type WorkReport, answerSteps } from './steps.js';

const PIECE_BYTES = 512 * 1024;
const NS_PER_MS = 1e6;

/** A kind of finding and the columns that it uses: wide ones, then narrow ones. */
type Columns = readonly [kind: number, wide: readonly number[], narrow: readonly number[]];

const FOUND: readonly Columns[] = [
  [
    L.KIND_INTERRUPTION,
    [L.FOUND_FROM, L.FOUND_UNTIL, L.FOUND_AT, L.FOUND_FIRST, L.FOUND_LAST],
    [L.FOUND_LINE, L.FOUND_N, L.FOUND_CAUSE, L.FOUND_ALARM, L.FOUND_RULE, L.FOUND_ORDINAL],
  ],
  [
    L.KIND_FLAP_START,
    [L.FOUND_AT, L.FOUND_FROM],
    [L.FOUND_LINE, L.FOUND_RULE, L.FOUND_ALARM, L.FOUND_ORDINAL],
  ],
  [
    L.KIND_FLAP_END,
    [L.FOUND_UNTIL, L.FOUND_AT, L.FOUND_FROM],
    [L.FOUND_LINE, L.FOUND_N, L.FOUND_CAUSE, L.FOUND_ALARM, L.FOUND_RULE, L.FOUND_ORDINAL],
  ],
  [L.KIND_REPEAT, [L.FOUND_FROM, L.FOUND_UNTIL], [L.FOUND_LINE, L.FOUND_ORDINAL]],
];

function hashColumn(hash: WordHash, kernel: Kernel, at: number, bytes: number): void {
  hash.words(kernel.u32, at / 4, bytes / 4);
}

/** Hashes the findings and empties their tables. */
function drain(kernel: Kernel, hash: WordHash): void {
  for (const [kind, wide, narrow] of FOUND) {
    const rows = kernel.foundCount(kind);
    for (const c of wide) hashColumn(hash, kernel, kernel.foundColumn(kind, c), rows * 8);
    for (const c of narrow) hashColumn(hash, kernel, kernel.foundColumn(kind, c), rows * 4);
  }
  for (let kind = 0; kind < L.KINDS; kind++) kernel.control[L.CTL_FOUND + kind] = 0;
}

/** Hashes the records of all lines, their starts and the counters. */
function hashState(kernel: Kernel, hash: WordHash, lines: number): void {
  const sections = sectionsOf(kernel);
  const stride = kernel.control[L.CTL_STARTS_STRIDE];
  hashColumn(hash, kernel, sections[L.SECTION_LINES].byteOffset, (lines + 1) * L.LINE_SIZE);
  hashColumn(hash, kernel, sections[L.SECTION_STARTS].byteOffset, (lines + 1) * stride);
  for (const slot of [L.CTL_EVENTS_APPLIED, L.CTL_LATE, L.CTL_DUPLICATES]) {
    hash.word(kernel.control[slot]);
  }
}

/** Applies the events at hand; the time that the calls took. */
function applyEvents(kernel: Kernel, hash: WordHash): number {
  let ms = 0;
  for (;;) {
    const begun = performance.now();
    const stop = kernel.calls.detect();
    ms += performance.now() - begun;
    if (stop === L.STOP_DONE) return ms;
    if (stop !== L.STOP_FINDINGS) throw new Error(`detect stopped with ${stop}`);
    drain(kernel, hash);
  }
}

/** Feeds one block; the time that the kernel's calls took. */
type FeedBlock = (kernel: Kernel, hash: WordHash, block: Block) => number;

/** Rounds over a file of event columns. */
function columnRounds(
  [file, ...numbers]: readonly string[],
  rules: Rules,
  feed: FeedBlock,
): (word: Step) => WorkReport {
  const [lines, warmBlocks, leadBlocks, timedBlocks] = numbers.map(Number);
  const kernel = makeKernel(lines, rules);
  const blocks = new BlockReader(file);
  const hash = new WordHash();
  const feedBlocks = (count: number): number => {
    let ms = 0;
    for (let i = 0; i < count; i++) ms += feed(kernel, hash, blocks.read());
    return ms;
  };
  let untimed = warmBlocks - timedBlocks;
  return (word) => {
    if (word === 'state') {
      drain(kernel, hash);
      hashState(kernel, hash, lines);
      return { ns: 0, events: 0, hash: hash.text() };
    }
    // What the other side left in the caches is not part of a round.
    feedBlocks(untimed);
    untimed = leadBlocks;
    const ms = feedBlocks(timedBlocks);
    return { ns: ms * NS_PER_MS, events: timedBlocks * BLOCK_ROWS, hash: hash.text() };
  };
}

/** Rounds over an NDJSON file, each from its first byte to its last. */
function decodeRounds([file, lines]: readonly string[]): (word: Step) => WorkReport {
  const kernel = makeKernel(Number(lines), DEFAULT_RULES);
  return () => {
    const hash = new WordHash();
    let events = 0;
    const ms = decodeFile(kernel, file, (rows) => {
      hashColumn(hash, kernel, kernel.eventColumn(L.EVENT_TIME), rows * 8);
      hashColumn(hash, kernel, kernel.eventColumn(L.EVENT_POSITION), rows * 8);
      hashColumn(hash, kernel, kernel.eventColumn(L.EVENT_TARGET), rows * 4);
      hashColumn(hash, kernel, kernel.eventColumn(L.EVENT_STATE), rows * 4);
      events += rows;
    });
    if (kernel.control[L.CTL_REJECTED] > 0) throw new Error('events were rejected');
    return { ns: ms * NS_PER_MS, events, hash: hash.text() };
  };
}

/** Decodes a file into columns, taken whenever they are full; the time that the calls took. */
function decodeFile(kernel: Kernel, file: string, take: (rows: number) => void): number {
  const { control, calls } = kernel;
  const descriptor = openSync(file, 'r');
  let ms = 0;
  const decodeAll = (final: number): void => {
    for (;;) {
      const begun = performance.now();
      const stop = calls.decodeStream(final);
      ms += performance.now() - begun;
      if (stop === L.STOP_DONE) return;
      if (stop !== L.STOP_EVENTS) throw new Error(`decode stopped with ${stop}`);
      take(control[L.CTL_EVENTS]);
      control[L.CTL_EVENTS] = 0;
    }
  };
  for (;;) {
    const room = kernel.inbox.subarray(control[L.CTL_INBOX_LENGTH]);
    const bytes = readSync(descriptor, room, 0, Math.min(PIECE_BYTES, room.length), null);
    control[L.CTL_INBOX_LENGTH] += bytes;
    decodeAll(bytes === 0 ? 1 : 0);
    if (bytes === 0) break;
  }
  take(control[L.CTL_EVENTS]);
  control[L.CTL_EVENTS] = 0;
  calls.resetDecoder();
  closeSync(descriptor);
  return ms;
}

const applyColumns: FeedBlock = (kernel, hash, block) => {
  putBlock(kernel, block);
  return applyEvents(kernel, hash);
};

/** Text to findings: the block's events are written as NDJSON first, outside the clock. */
const foldText: FeedBlock = (kernel, hash, block) => {
  putText(kernel, block);
  const begun = performance.now();
  const stop = kernel.calls.decodeStream(0);
  const ms = performance.now() - begun;
  if (stop !== L.STOP_DONE) throw new Error(`decode stopped with ${stop}`);
  return ms + applyEvents(kernel, hash);
};

function sideOf([name, ...args]: readonly string[]): (word: Step) => WorkReport {
  if (name === 'detect') return columnRounds(args, DEFAULT_RULES, applyColumns);
  if (name === 'decode') return decodeRounds(args);
  return columnRounds(args, JSON.parse(args[5]) as Rules, foldText);
}

answerSteps(sideOf(process.argv.slice(2)));
