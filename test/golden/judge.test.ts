// The judges themselves: the reference parser against JSON.parse, and the reference decoder against
// the rules of SPEC section 3 one by one.

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, eventsOf, type Decoded, type DecodeOptions } from '../judge/decode.js';
import { damagedJsonTexts, damagedRecords, jsonTexts } from '../judge/generate.js';
import { DEPTH_MAX, parseJson, plainValue } from '../judge/json.js';
import { timeOfNumber, timeOfText } from '../judge/time.js';

const RUNS = { numRuns: 1500, seed: 20061130 };
const LOSSY = new TextDecoder('utf-8', { ignoreBOM: true });

type Parsed = { value: unknown } | null;

function parsedBy(parse: () => unknown): Parsed {
  try {
    return { value: parse() };
  } catch {
    return null;
  }
}

function expectAsJsonParse(bytes: Uint8Array): void {
  const ours = parsedBy(() => plainValue(parseJson(bytes)));
  const theirs = parsedBy(() => JSON.parse(LOSSY.decode(bytes)) as unknown);
  if (isDeepStrictEqual(ours, theirs)) return;
  expect({ text: LOSSY.decode(bytes), ours }).toEqual({ text: LOSSY.decode(bytes), ours: theirs });
  throw new Error(`not the value of JSON.parse: ${LOSSY.decode(bytes)}`);
}

describe('the reference parser', () => {
  it.each([
    ['any JSON', jsonTexts],
    ['damaged JSON', damagedJsonTexts],
    ['damaged records', damagedRecords],
    ['any bytes', fc.uint8Array({ maxLength: 12 })],
    ['any values', fc.json().map((text) => Buffer.from(text))],
  ])('accepts and reads as JSON.parse does: %s', (_, texts) => {
    fc.assert(fc.property(texts, expectAsJsonParse), RUNS);
  });

  it('accepts and reads as JSON.parse does: numbers and escapes', () => {
    const characters = fc.constantFrom(...'0123-+.eE19 u"\\dD8cC0/n'.split(''));
    const texts = fc.array(characters, { maxLength: 10 }).map((all) => all.join(''));
    const property = fc.property(texts, (text) => {
      expectAsJsonParse(Buffer.from(text));
      expectAsJsonParse(Buffer.from(`"${text}"`));
    });
    fc.assert(property, { ...RUNS, numRuns: 5000 });
  });

  it('goes no deeper than its limit', () => {
    const [open, close] = ['['.repeat(DEPTH_MAX), ']'.repeat(DEPTH_MAX)];
    expect(parseJson(Buffer.from(open + close)).kind).toBe('array');
    expect(() => parseJson(Buffer.from(`${open}[]${close}`))).toThrow(`depth at byte ${DEPTH_MAX}`);
  });
});

describe('times', () => {
  it.each([
    ['0', 0],
    ['-0.999', 0],
    ['-1', null],
    ['1164900000000.9998', 1_164_900_000_000],
    ['1164900000000.9999999999999999', 1_164_900_000_001],
    ['-0.99999999999999999', null],
    ['0.99999999999999999', 1],
    ['1.1649e12', 1_164_900_000_000],
    ['11649E+8', 1_164_900_000_000],
    ['1164900000000999e-3', 1_164_900_000_000],
    ['9007199254740991.4', 9_007_199_254_740_991],
    ['9007199254740991.5', null],
    ['9007199254740990.5', 9_007_199_254_740_990],
    ['9007199254740992', null],
    ['1e16', null],
    ['1e-400', 0],
    ['0e99999999999999999999', 0],
    ['1e99999999999999999999', null],
    ['-1e-99999999999999999999', 0],
    [`0.${'0'.repeat(20)}12e23`, 120],
  ])('as the number %s', (text, time) => {
    expect(timeOfNumber(text)).toBe(time);
  });

  it.each([
    ['2006-11-30T23:20:00+08:00', 1_164_900_000_000],
    ['2006-11-30t15:20:00.0019z', 1_164_900_000_001],
    ['2006-11-30 15:20:00.5-00:00', 1_164_900_000_500],
    ['2006-11-30T15:19:60Z', 1_164_900_000_000],
    ['2016-12-31T23:59:60.25Z', 1_483_228_800_250],
    ['2000-02-29T00:00:00Z', 951_782_400_000],
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:30:00-00:30', 0],
    ['1969-12-31T23:59:59.9999Z', null],
    ['0099-01-01T00:00:00Z', null],
    ['1900-02-29T00:00:00Z', null],
    ['2100-02-29T00:00:00Z', null],
    ['2006-02-29T00:00:00Z', null],
    ['2006-04-31T00:00:00Z', null],
    ['2006-00-01T00:00:00Z', null],
    ['2006-13-01T00:00:00Z', null],
    ['2006-11-00T00:00:00Z', null],
    ['2006-11-30T24:00:00Z', null],
    ['2006-11-30T23:60:00Z', null],
    ['2006-11-30T23:20:61Z', null],
    ['2006-11-30T23:20:00+24:00', null],
    ['2006-11-30T23:20:00+08:60', null],
    ['2006-11-30T23:20:00+0800', null],
    ['2006-11-30T23:20:00.Z', null],
    ['2006-11-30T23:20:00,5Z', null],
    ['2006-11-30T23:20Z', null],
    ['2006-11-30  23:20:00Z', null],
    ['2006-11-30T23:20:00Z\n', null],
    ['2006-11-30', null],
    ['1164900000000', null],
  ])('as the text %j', (text, time) => {
    expect(timeOfText(text)).toBe(time);
    expect(timeOfText(text, 'Asia/Shanghai')).toBe(time);
  });

  it('without an offset need a time zone', () => {
    expect(timeOfText('2006-11-30T23:20:00')).toBe(null);
    expect(timeOfText('2006-11-30T23:20:00', 'Asia/Shanghai')).toBe(1_164_900_000_000);
  });

  it.each([
    ['2024-07-01T12:00:00.25', '2024-07-01T10:00:00.250Z'],
    ['2024-10-27T02:30:00', '2024-10-27T00:30:00.000Z'],
    ['2024-03-31T02:30:00', '2024-03-31T01:30:00.000Z'],
  ])('follow summer time: %s', (local, utc) => {
    expect(timeOfText(local, 'Europe/Berlin')).toBe(Date.parse(utc));
  });
});

/** Decoded items in short: "L" for an accepted event's line, else what is wrong. */
function inShort(bytes: Uint8Array, options?: DecodeOptions): string[] {
  return decode(bytes, options).map((item: Decoded) => {
    if (item.kind === 'event') return item.event.line;
    if (item.kind === 'text') return item.reason;
    return item.wrong.join('+') + (item.line === undefined ? '' : ` of ${item.line}`);
  });
}

/** Decodes a text without its marks "~", which stand where the rejects are to be. */
function expectItems(marked: string, expected: readonly string[], options?: DecodeOptions): void {
  const bytes = Buffer.from(marked.replaceAll('~', ''));
  expect(inShort(bytes, options)).toEqual(expected);
  const parts = marked.split('~').slice(0, -1);
  const marks = parts.map((_, i) => Buffer.byteLength(parts.slice(0, i + 1).join('')));
  const rejects = decode(bytes, options).filter(({ kind }) => kind !== 'event');
  expect(rejects.map(({ at }) => at)).toEqual(marks);
}

/** An event's text with other members before it; `more` overrides what it names. */
function eventText(line: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({ line, time: 1, state: 'down', ...more });
}

const WRONG_TYPES = { alarm: 1, cause: {}, key: [] };
const [A, B, C] = ['A', 'B', 'C'].map((line) => eventText(line));

describe('the reference decoder', () => {
  it.each([
    ['nothing', '', []],
    ['only white space', ' \t\r\n', []],
    ['several', `${A} ${B}\r\n[${A},\n${B}]\t[] ${C}\n`, ['A', 'B', 'A', 'B', 'C']],
    ['without white space between', `${A}~${B} ${C}\n${C}`, ['A', 'text', 'C']],
    ['another value', `~12 ${A}\n${A} ~"x\n${B}`, ['not-an-object', 'A', 'not-an-object', 'B']],
    ['an array in an array', `[${A}, ~[${B}], ${C}]\n${C}`, ['A', 'not-an-object', 'C']],
    ['another value in an array', `[${A}, ~null]\n${C}`, ['A', 'not-an-object', 'C']],
    ['a broken array', `[${A},\n{"line":~}\n~,${B}\n${C}~]`, ['A', 'text', 'text', 'C', 'text']],
    ['a comma too many', `[${A},~]\n${C}`, ['A', 'text', 'C']],
    ['the end inside', `${A}\n{"line":"x~`, ['A', 'text']],
    ['an open array', `[${A}~`, ['A', 'text']],
    ['an array that only opens', `[~`, ['text']],
    ['a newline in a string', `{"line":"A~\n${B}`, ['text', 'B']],
    ['a break before a newline', `{"a":0~1}\n${B}`, ['text', 'B']],
    ['a bracket at top level', `~]\n${B}`, ['text', 'B']],
    ['a byte order mark in a record', `~\ufeff${A}`, ['text']],
    ['wrong events', `[~{}, ${A}]`, ['line+time+state', 'A']],
    ['no such state', `~${eventText('A', { state: 'DOWN' })}`, ['state of A']],
    ['wrong types', `~${eventText('A', WRONG_TYPES)}`, ['alarm+cause+key of A']],
    ['an empty line', `~${eventText('')}`, ['line']],
    ['an empty key', `~${eventText('A', { key: '' })}`, ['key of A']],
    ['a name too long', `~${eventText('线'.repeat(86))}`, ['line']],
    ['the longest name', eventText('x'.repeat(256)), ['x'.repeat(256)]],
    ['a lone surrogate', '~{"line":"A\\ud800","time":1,"state":"up"}', ['line']],
    ['one elsewhere', '{"line":"A","time":1,"state":"up","x\\udc00":"\\ud800"}', ['A']],
    ['equal keys', '{"line":1,"time":1,"line":"B","state":"up","l\\u0069ne":"A"}', ['A']],
    ['a wrong last one', '~{"line":"A","time":1,"state":"up","time":null}', ['time of A']],
  ])('%s', (_, text, expected) => {
    expectItems(text, expected);
  });

  it('skips a byte order mark at a file’s start', () => {
    expectItems(`\ufeff${A}`, ['A'], { file: true });
    expectItems(`${A}\n~\ufeff${B}`, ['A', 'text'], { file: true });
  });

  it.each([
    ['line', '{"line":"A\xff","time":1,"state":"up"}'],
    ['alarm of A', '{"line":"A","time":1,"state":"up","alarm":"\xc0\x80"}'],
    ['A', '{"\xed\xa0\x80":"\xff","line":"A","time":1,"state":"up"}'],
    ['text', '{"line":"A",\xff"time":1,"state":"up"}'],
  ])('judges invalid UTF-8 by its place: %s', (expected, text) => {
    expect(inShort(Buffer.from(text, 'latin1'))).toEqual([expected]);
  });

  it('limits the depth, the array around included', () => {
    const inside = '['.repeat(998);
    const [deep, deeper] = [']', '~[]]'].map((end) => `{"x":[${inside}${end}`);
    const rest = `${']'.repeat(998)},${A.slice(1)}`;
    expectItems(deep + rest, ['A']);
    expectItems(`${deeper}${rest}\n${B}`, ['depth', 'B']);
    expectItems(`[${deep.replace('[[', '[')}${rest.slice(1)}]`, ['A']);
    expectItems(`[${deep.replace('[]', '~[]')}${rest}]`, ['depth']);
  });

  it('gives alarm, cause and key only where they are', () => {
    const text = eventText('A', { alarm: '', cause: null, key: null, severity: 'x' });
    expect(eventsOf(decode(Buffer.from(text)))).toEqual([{ line: 'A', time: 1, state: 'down' }]);
    const full = { alarm: '*', cause: 'c', key: 'k' };
    const bytes = Buffer.from(` ${eventText('A', full)}`);
    expect(decode(bytes)).toEqual([
      { kind: 'event', at: 1, end: bytes.length, event: { ...JSON.parse(A), ...full } },
    ]);
  });
});
