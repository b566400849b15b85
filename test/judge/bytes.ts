// Damage to bytes, and cuts of a byte string into pieces: what a line, a disk or a reader's buffer may
// do to an honest text.

import { pick, several, type Choose } from './choose.js';

/** Bytes that mean something to JSON or to UTF-8, and some that never may stand. */
const TELLING = Buffer.from('{}[]":,\\/\n\r\t 0-+.eEtfnu\u0000\u001f\u007f', 'latin1');
const BROKEN_UTF8 = [0x80, 0xbf, 0xc0, 0xc3, 0xe4, 0xed, 0xf4, 0xff];
const EDITS_MAX = 4;
const SLICE_MAX = 16;

type Edit = (bytes: Uint8Array, choose: Choose) => Uint8Array;

const EDITS: readonly Edit[] = [
  function change(bytes, choose) {
    return splice(bytes, choose(bytes.length), 1, [telling(choose)]);
  },
  function flipBit(bytes, choose) {
    const at = choose(bytes.length);
    return splice(bytes, at, 1, [bytes[at] ^ (1 << choose(8))]);
  },
  function remove(bytes, choose) {
    return splice(bytes, choose(bytes.length), 1 + choose(SLICE_MAX), []);
  },
  function insert(bytes, choose) {
    return splice(bytes, choose(bytes.length + 1), 0, several(choose, 1, 3, telling));
  },
  function duplicate(bytes, choose) {
    const from = choose(bytes.length);
    const slice = bytes.subarray(from, from + 1 + choose(SLICE_MAX));
    return splice(bytes, choose(bytes.length + 1), 0, slice);
  },
  function overwrite(bytes, choose) {
    const from = choose(bytes.length);
    const slice = bytes.subarray(from, from + 1 + choose(SLICE_MAX));
    return splice(bytes, choose(bytes.length), slice.length, slice);
  },
  function truncate(bytes, choose) {
    return bytes.slice(0, choose(bytes.length));
  },
];

/** The bytes after one to four edits, mostly one; the input is left as it is. */
export function mutate(bytes: Uint8Array, choose: Choose): Uint8Array {
  let mutated = bytes;
  for (let left = 1 + choose(1 + choose(EDITS_MAX)); left > 0 && mutated.length > 0; left--) {
    mutated = pick(choose, EDITS)(mutated, choose);
  }
  return mutated;
}

/** The beginning of one and the end of another. */
export function crossOver(one: Uint8Array, other: Uint8Array, choose: Choose): Uint8Array {
  const end = other.subarray(choose(other.length + 1));
  return splice(one, choose(one.length + 1), one.length, end);
}

/** The same bytes in pieces of random sizes, some of them empty or of one byte. */
export function splitBytes(bytes: Uint8Array, choose: Choose): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const sizeMax = pick(choose, [bytes.length, 1, 3, 64, 1000]);
  let from = 0;
  while (from < bytes.length) {
    const size = sizeMax - choose(sizeMax + 1);
    pieces.push(bytes.subarray(from, from + size));
    from += size;
    if (size === 0) pieces.push(bytes.subarray(from, ++from));
  }
  return pieces;
}

function telling(choose: Choose): number {
  return choose(4) === 3 ? pick(choose, BROKEN_UTF8) : TELLING[choose(TELLING.length)];
}

function splice(
  bytes: Uint8Array,
  at: number,
  removed: number,
  inserted: ArrayLike<number>,
): Uint8Array {
  const rest = bytes.subarray(at + removed);
  const spliced = new Uint8Array(at + inserted.length + rest.length);
  spliced.set(bytes.subarray(0, at));
  spliced.set(inserted, at);
  spliced.set(rest, at + inserted.length);
  return spliced;
}
