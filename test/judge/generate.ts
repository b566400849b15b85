// What the judges generate, by name: fast-check arbitraries for properties, and records for long fuzz
// loops, which the same seed repeats. Each is made by the generator of the same name.

import type fc from 'fast-check';
import { crossOver, mutate, splitBytes } from './bytes.js';
import { drawn, pick, rarely, seededChoose, type Choose } from './choose.js';
import { honestRecord, renderAny, type HonestRecord } from './render.js';

/** A record's value that an honest producer may send, and the events in it. */
export const honestRecords: fc.Arbitrary<HonestRecord> = drawn(honestRecord);

/** A record's value, as it was sent or damaged. */
export const damagedRecords: fc.Arbitrary<Uint8Array> = drawn(fuzzRecord);

/** Any JSON value's text. */
export const jsonTexts: fc.Arbitrary<Uint8Array> = drawn(anyJson);

/** Any JSON value's text after some damage. */
export const damagedJsonTexts: fc.Arbitrary<Uint8Array> = drawn((choose) =>
  mutate(anyJson(choose), choose),
);

/** The bytes that an arbitrary gives, with a random cut of them into pieces. */
export function inPieces(
  whole: fc.Arbitrary<Uint8Array>,
): fc.Arbitrary<{ bytes: Uint8Array; pieces: Uint8Array[] }> {
  return whole.chain((bytes) => drawn((choose) => ({ bytes, pieces: splitBytes(bytes, choose) })));
}

/** A record's value for fuzz loops: honest, damaged, or two records run together. */
export function fuzzRecord(choose: Choose): Uint8Array {
  const { bytes } = honestRecord(choose);
  const form = choose(4);
  if (form === 0) return bytes;
  const broken = form === 3 ? crossOver(bytes, honestRecord(choose).bytes, choose) : bytes;
  return mutate(broken, choose);
}

/** The i-th record of a fuzz loop that was started with `seed`: any failure can be made again. */
export function fuzzRecordAt(seed: number, i: number): Uint8Array {
  return fuzzRecord(seededChoose(Math.imul(seed, 0x9e3779b1) ^ i));
}

function anyJson(choose: Choose): Uint8Array {
  const space = (): string => (rarely(choose, 4) ? pick(choose, [' ', '\n', '\r\n', '\t']) : '');
  return Buffer.from(`${space()}${renderAny(choose, 4)}${space()}`, 'utf8');
}
