// The kernel's decoder against the reference decoder, on what honest producers send, on damaged
// bytes and on texts made to be awkward: as one stream cut anywhere, and as records.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { decode, eventsOf } from '../judge/decode.js';
import { damagedJsonTexts, damagedRecords, honestRecords, inPieces } from '../judge/generate.js';
import { jsonTexts } from '../judge/generate.js';
import { Decoder, expectDecoded } from './decoding.js';
import { BUILDS, onBothBuilds } from './run.js';

const RUNS = { numRuns: 600, seed: 20061130 };
const WIDE = { inboxBytes: 1 << 17 };

const TEXTS = [
  ['honest records', honestRecords.map(({ bytes }) => bytes)],
  ['damaged records', damagedRecords],
  ['JSON values', jsonTexts],
  ['damaged JSON values', damagedJsonTexts],
  ['any bytes', fc.uint8Array({ maxLength: 40 })],
  ['brackets and quotes', fc.string({ unit: fc.constantFrom(...'{}[],:" \n\\') }).map(bytesOf)],
  [
    'almost events',
    fc.array(fc.constantFrom(...almostParts())).map((all) => bytesOf(all.join(''))),
  ],
] as const satisfies readonly (readonly [string, fc.Arbitrary<Uint8Array>])[];
const CASES = onBothBuilds(TEXTS.map(([texts, arbitrary]) => ({ texts, arbitrary })));

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}

function almostParts(): string[] {
  const good = '{"line":"A","time":1,"state":"down"}';
  const wrong = ['{"line":"A"}', '{}', good.replace('down', 'x'), good.replace('1', '[1]')];
  return [good, good, '[', ']', ',', '\n', ' ', '\r\n', ...wrong, '"', '{', '}', 'null', '\ufeff'];
}

describe('honest records decode to exactly their events', () => {
  it.each(BUILDS)('$build', ({ checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE });
    const property = fc.property(honestRecords, ({ bytes, events }) => {
      for (const rows of [decoder.stream([bytes]), decoder.frames([bytes])]) {
        expect(rows.rejects).toEqual([]);
        const position: unknown = expect.any(Number);
        expect(rows.events).toEqual(events.map((event) => Object.assign({ position }, event)));
      }
    });
    fc.assert(property, RUNS);
  });
});

describe('the decoder reads as the judge does', () => {
  it.each(CASES)('$texts as one stream ($build)', ({ arbitrary, checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE });
    const property = fc.property(inPieces(arbitrary), ({ bytes, pieces }) => {
      expectDecoded(decoder.stream(pieces), decode(bytes, { file: true }), 'byte');
    });
    fc.assert(property, RUNS);
  });

  it.each(CASES)('$texts as a record ($build)', ({ arbitrary, checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE });
    const property = fc.property(arbitrary, (bytes) => {
      expectDecoded(decoder.frames([bytes]), decode(bytes), 0);
    });
    fc.assert(property, RUNS);
  });

  it.each(BUILDS)('many records at once, each by itself ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked, capacities: { ...WIDE, frames: 30, events: 7 } });
    const records = fc.array(fc.option(fc.oneof(damagedRecords, fc.constant(new Uint8Array()))));
    const property = fc.property(records, (values) => {
      const rows = decoder.frames(values);
      values.forEach((value, offset) => {
        const events = rows.events.filter(({ position }) => position === offset);
        const rejects = rows.rejects.filter(({ position }) => position === offset);
        if (value) expectDecoded({ events, rejects }, decode(value), offset);
        else expect(rejects.map(({ reason }) => reason)).toEqual([L.REASON_NULL_VALUE]);
      });
      const offsets = [...rows.events, ...rows.rejects].map(({ position }) => position);
      expect(offsets.every((offset) => offset < values.length)).toBe(true);
      const inOrder = rows.rejects.map(({ position }) => position);
      expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
    });
    fc.assert(property, { ...RUNS, numRuns: 200 });
  });

  it.each(BUILDS)('records run together into a file ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE });
    const records = fc.array(damagedRecords, { maxLength: 12 });
    const property = fc.property(
      records,
      fc.constantFrom('\n', '', ' ', '\ufeff'),
      (all, between) => {
        const bytes = Buffer.concat(all.flatMap((record) => [record, Buffer.from(between)]));
        const items = decode(bytes, { file: true });
        expectDecoded(decoder.stream([bytes]), items, 'byte');
        expect(eventsOf(items).length).toBeLessThanOrEqual(all.length * 16);
      },
    );
    fc.assert(property, { ...RUNS, numRuns: 200 });
  });
});

/** An object with a member's text put in, among others. */
const withMember = (text: string): string => `{"line":"A",${text},"time":1,"state":"down"}`;

describe('places of rejects', () => {
  it.each(BUILDS)('the line number is that of the place ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE });
    const property = fc.property(inPieces(damagedRecords), ({ bytes, pieces }) => {
      for (const { position, at, from, lineNumber } of decoder.stream(pieces).rejects) {
        const before = bytes.subarray(0, position + at - from);
        expect(lineNumber).toBe(1 + before.filter((byte) => byte === 10).length);
      }
    });
    fc.assert(property, { ...RUNS, numRuns: 300 });
  });

  it.each(BUILDS)('each syntax error has its reason ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked });
    const cases: [string, number][] = [
      [withMember('"x":01'), L.REASON_SYNTAX],
      [withMember('"x":-'), L.REASON_NUMBER],
      [withMember('"x":1.'), L.REASON_NUMBER],
      [withMember('"x":1e+'), L.REASON_NUMBER],
      [withMember('"x":"\\x"'), L.REASON_ESCAPE],
      [withMember('"x":"\\u12g4"'), L.REASON_ESCAPE],
      [withMember('"x":"\u0001"'), L.REASON_CONTROL],
      [withMember('"x":"\n"'), L.REASON_CONTROL],
      [withMember('"x":tru'), L.REASON_SYNTAX],
      [withMember('"x"'), L.REASON_SYNTAX],
      [withMember('x'), L.REASON_SYNTAX],
      ['{"line":"A"', L.REASON_TRUNCATED],
      ['[', L.REASON_TRUNCATED],
      ['12', L.REASON_TOP_LEVEL],
      ['[[]]', L.REASON_NESTED_ARRAY],
      [withMember('"x":0').repeat(2), L.REASON_SEPARATOR],
    ];
    for (const [text, reason] of cases) {
      const { rejects } = decoder.stream([bytesOf(text)]);
      expect(rejects[0].reason, text).toBe(reason);
      expect(decoder.frames([bytesOf(text)]).rejects[0].reason, text).toBe(reason);
    }
  });
});
