// Event times as the kernel reads them: numbers exactly as JSON.parse, RFC 3339 as Date and the judge
// read it, local times by the table of a zone.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import type { ZoneEntry } from '../../src/kernel/kernel.js';
import { timeOfText } from '../judge/time.js';
import { Decoder } from './decoding.js';
import { BUILDS } from './run.js';

const RUNS = { numRuns: 300, seed: 20061130 };
const WIDE = { inboxBytes: 1 << 17, events: 500 };
const TIME_LIMIT = 2 ** 53;

/** What JSON.parse and Math.trunc make of a number, or null out of range. */
function truncated(text: string): number | null {
  const value = Math.trunc(JSON.parse(text) as number);
  return value >= 0 && value < TIME_LIMIT ? Math.abs(value) : null;
}

/** The times that the kernel reads from JSON texts of `time`; null = rejected. */
function timesOf(decoder: Decoder, texts: readonly string[]): (number | null)[] {
  const objects = texts.map((text) => `{"line":"L","state":"up","time":${text}}\n`);
  const { events } = decoder.stream([Buffer.from(objects.join(''))]);
  expect(events.length).toBe(texts.length);
  return events.map(({ state, time }) => (state === 'rejected' ? null : time));
}

/** Compares lists without a message a value: the first that differs is named. */
function expectTimes(
  texts: readonly string[],
  got: readonly (number | null)[],
  wanted: (text: string) => number | null,
): void {
  texts.forEach((text, i) => {
    if (got[i] !== wanted(text)) expect(`${text} is ${got[i]}`).toBe(`${text} is ${wanted(text)}`);
  });
}

const digits = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength });
const nines = fc
  .tuple(fc.constantFrom('', '0', '4', '5', '9'), fc.nat(30))
  .map(([first, count]) => {
    return `${first}${'9'.repeat(count)}`;
  });
const whole = fc.oneof(
  digits(1, 20).map((all) => all.replace(/^0+(?=\d)/, '')),
  fc.tuple(fc.nat(53), fc.integer({ min: -3, max: 3 })).map(([power, add]) => {
    return String(Math.max(0, 2 ** power + add));
  }),
  fc.constantFrom('9007199254740991', '9007199254740992', '9007199254740990', '0'),
);
const fraction = fc.oneof(
  fc.constant(''),
  digits(1, 25).map((all) => `.${all}`),
  fc.tuple(nines, digits(0, 4)).map(([all, more]) => `.${all}${more}0`),
);
const exponent = fc.oneof(
  fc.constant(''),
  fc
    .tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), fc.nat(30))
    .map((all) => all.join('')),
  fc.constantFrom('e00', 'E-0001', 'e400', 'e-400', 'e99999999999999999999'),
);
const numbers = fc.tuple(fc.constantFrom('', '', '', '-'), whole, fraction, exponent);
const numberTexts = numbers.map((parts) => parts.join(''));
/** Doubles of any size in decimal places that cut between two of them. */
const halfway = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 53n }), fc.integer({ min: 1, max: 60 }), fc.nat(2))
  .map(([number, places, add]) => {
    const scaled = (number + 1n) * 10n ** BigInt(places) * 2n ** 60n;
    const power = BigInt(Math.max(0, number.toString(2).length - 1));
    const cut = scaled - (10n ** BigInt(places) * 2n ** 60n * 2n ** power) / 2n ** 53n;
    const text = String(cut / 2n ** 60n + BigInt(add) - 1n).padStart(places + 1, '0');
    return `${text.slice(0, -places)}.${text.slice(-places)}`;
  });

const EDGES = `
  0 -0 0.0 -0.0e7 0e99 -0.9 -0.99999999999999999999 -1 -1e-9 1e15 1e16 99e14 0.99999999999999994
  0.99999999999999995 0.999999999999999944488848768742172978 0.99999999999999994448884876874217297
  0.999999999999999944488848768742172979 4503599627370495.9999 4503599627370495.75
  4503599627370495.7499999999999 4503599627370496.5 4503599627370497.5 4503599627370497.4999999999
  9007199254740990.5 9007199254740990.50000000000000001 9007199254740991.4999 9007199254740991.5
  9007199254740992 90071992547409915e-1 9.0071992547409905e15 1164900000000.99987
  1164900000000.99988 1164900000000.999877929687500000 1164900000000.9998779296875
  1164900000000.99987792968749999999 999999999999999 1e+00000000000000000012
  1E-99999999999999999999 0e99999999999999999999 123456789012345 1234567890123456
  12345678901234567 123456789012345.6e0`
  .trim()
  .split(/\s+/);

describe('numbers are those of JSON.parse, cut to whole ms', () => {
  it.each(BUILDS)('of any form ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE });
    const lists = fc.array(fc.oneof(numberTexts, halfway), { minLength: 1, maxLength: 150 });
    const property = fc.property(lists, (texts) => {
      expectTimes(texts, timesOf(decoder, texts), truncated);
    });
    fc.assert(property, RUNS);
  });

  it.each(BUILDS)('at the edges ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE });
    const zeros = '0'.repeat(1200);
    const texts = [...EDGES, `0.${zeros}1e1200`, `1${zeros}`, `1${zeros}e-1188`];
    texts.push(`0.${zeros}1164900000000e1213`, `1164900000000${zeros}e-1200`);
    expectTimes(texts, timesOf(decoder, texts), truncated);
  });
});

const two = (value: number): string => String(value).padStart(2, '0');
const dates = fc
  .tuple(fc.constantFrom(1970, 1972, 1999, 2000, 2006, 2100, 2400, 9999), fc.nat(14), fc.nat(33))
  .map(([year, month, day]) => `${year}-${two(month)}-${two(day)}`);
const clocks = fc.tuple(fc.nat(25), fc.nat(61), fc.nat(62)).map((all) => all.map(two).join(':'));
const fractions = fc.oneof(
  fc.constantFrom('', '', '.', '.0', ',5', '.999'),
  digits(1, 12).map((all) => `.${all}`),
);
const offsets = fc.oneof(
  fc.constantFrom('Z', 'z', '+00:00', '-00:00', '+08:00', '-05:00', '', '+0800', '+8:00', ' Z'),
  fc.tuple(fc.constantFrom('+', '-'), fc.nat(25), fc.nat(61)).map(([sign, hours, minutes]) => {
    return `${sign}${two(hours)}:${two(minutes)}`;
  }),
);
const separators = fc.constantFrom('T', 'T', 't', ' ', '_', '');
const stamps = fc.tuple(dates, separators, clocks, fractions, offsets).map((all) => all.join(''));
const oddStamps = fc
  .tuple(stamps, fc.nat(30), fc.constantFrom('', '0', '-', 'x', ' '))
  .map(([stamp, at, put]) => stamp.slice(0, at) + put + stamp.slice(at + 1));

describe('RFC 3339', () => {
  it.each(BUILDS)('as the judge reads it ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE });
    const lists = fc.array(fc.oneof(stamps, stamps, oddStamps), { minLength: 1, maxLength: 150 });
    const property = fc.property(lists, (texts) => {
      const got = timesOf(
        decoder,
        texts.map((text) => JSON.stringify(text)),
      );
      expectTimes(texts, got, (text) => timeOfText(text));
    });
    fc.assert(property, RUNS);
  });

  it.each(BUILDS)('every day of four centuries as Date reads it ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE });
    const day = 86_400_000;
    const days = Array.from({ length: 146_097 / 3 }, (_, i) => Date.UTC(1970, 0, 1) + i * 3 * day);
    for (let from = 0; from < days.length; from += 5000) {
      const times = days.slice(from, from + 5000).map((time, i) => time + ((i * 7919) % day));
      const texts = times.map((time) => JSON.stringify(new Date(time).toISOString()));
      expect(timesOf(decoder, texts)).toEqual(times);
    }
  });

  it.each(BUILDS)('is rejected with the reason that holds ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked });
    const cases: [string, number][] = [
      ['"2006-11-30T23:20:00"', L.REASON_TIME_OFFSET],
      ['"2006-11-31T23:20:00Z"', L.REASON_TIME_FORMAT],
      ['"1164900000000"', L.REASON_TIME_FORMAT],
      ['"1969-12-31T23:59:59Z"', L.REASON_TIME_RANGE],
      ['9007199254740992', L.REASON_TIME_RANGE],
      ['-1', L.REASON_TIME_RANGE],
      ['null', L.REASON_TIME_TYPE],
      ['true', L.REASON_TIME_TYPE],
      ['[1]', L.REASON_TIME_TYPE],
      ['"2006-11-30T23:20:00\\ud800"', L.REASON_TIME_FORMAT],
    ];
    for (const [text, reason] of cases) {
      const object = `{"line":"L","state":"up","time":${text}}`;
      expect(decoder.stream([Buffer.from(object)]).rejects[0].reason, text).toBe(reason);
    }
  });
});

/**
 * The table of Berlin's summer times: an offset holds from the later of the two local clocks on, so
 * that a time that comes twice is the first one, and one in a gap has the offset before it.
 */
function berlin(fromYear: number, toYear: number): ZoneEntry[] {
  const hour = 3_600_000;
  const lastSunday = (year: number, month: number): number => {
    const last = new Date(Date.UTC(year, month + 1, 0));
    return last.getTime() - last.getUTCDay() * 24 * hour + hour;
  };
  const entries: ZoneEntry[] = [{ fromLocalMs: 0, offsetMs: hour }];
  for (let year = fromYear; year <= toYear; year++) {
    entries.push({ fromLocalMs: lastSunday(year, 2) + 2 * hour, offsetMs: 2 * hour });
    entries.push({ fromLocalMs: lastSunday(year, 9) + 2 * hour, offsetMs: hour });
  }
  return entries;
}

describe('local times', () => {
  const shanghai = [{ fromLocalMs: 0, offsetMs: 8 * 3_600_000 }];

  it.each(BUILDS)('of a zone with one offset ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked, zone: shanghai });
    const texts = ['"2006-11-30T23:20:00"', '"1970-01-01 08:00:00.0019"', '"1970-01-01T07:59:59"'];
    expect(timesOf(decoder, texts)).toEqual([1_164_900_000_000, 1, null]);
    expect(timesOf(decoder, ['"2006-11-30T23:20:00Z"'])).toEqual([1_164_928_800_000]);
  });

  it.each(BUILDS)('follow summer time ($build)', ({ checked }) => {
    const decoder = new Decoder({ checked, capacities: WIDE, zone: berlin(1996, 2030) });
    const changes = fc.constantFrom(
      ...berlin(1997, 2029)
        .slice(1)
        .map((each) => each.fromLocalMs),
    );
    const local = fc.oneof(
      fc.tuple(changes, fc.integer({ min: -7_300_000, max: 7_300_000 })).map(([at, d]) => at + d),
      fc.integer({ min: Date.UTC(1997, 0, 1), max: Date.UTC(2029, 11, 31) }),
    );
    const property = fc.property(fc.array(local, { minLength: 1, maxLength: 50 }), (times) => {
      const texts = times.map((time) => new Date(time).toISOString().slice(0, -1));
      const got = timesOf(
        decoder,
        texts.map((text) => JSON.stringify(text)),
      );
      expectTimes(texts, got, (text) => timeOfText(text, 'Europe/Berlin'));
    });
    fc.assert(property, { ...RUNS, numRuns: 100 });
  });
});
