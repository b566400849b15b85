// Every decoder of mappings gives what the naive twin gives: on random mappings and messages, sent
// as they are or damaged.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKS } from './checks.js';
import { type MappedText, damagedTexts, mappedTexts } from './generate.js';
import { twinDecode } from './twin.js';
import type { MappedItem } from './values.js';

const RUNS = 1_000;
/** Shrinking a failure ends here. */
const TIME_MAX_MS = 45_000;
/** At least this share of runs must give an event, or the streams prove nothing. */
const EVENTS_SHARE_MIN = 0.1;

const OTHERS = Object.entries(CHECKS).filter(([name]) => name !== 'the twin');
const OPTIONS = [{}, { timeZone: 'Asia/Shanghai' }];

describe.each(OTHERS)('the twin and %s', (_, check) => {
  it.each([
    ['sent', mappedTexts],
    ['damaged', damagedTexts],
  ])('agree on messages %s', (_form, texts: fc.Arbitrary<MappedText>) => {
    const seen: Record<MappedItem['kind'], number> = {
      event: 0,
      skipped: 0,
      'wrong-event': 0,
      text: 0,
    };
    let runs = 0;
    fc.assert(
      fc.property(texts, fc.nat(1), ({ words, bytes }, option) => {
        const options = OPTIONS[option]!;
        const expected = twinDecode(words, bytes, options);
        check(words, bytes, expected, options);
        runs += 1;
        for (const kind of new Set(expected.map((item) => item.kind))) seen[kind] += 1;
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: TIME_MAX_MS },
    );
    expect(seen.event / runs).toBeGreaterThan(EVENTS_SHARE_MIN);
    expect(Math.min(seen.skipped, seen['wrong-event'])).toBeGreaterThan(0);
  });
});
