// The preset napalm-logs on the messages of upstream's own tests, held against what they mean.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeShared, linesOf, sharedPath } from '../shared.js';
import { CHECKS, itemsOf, presetWords } from './checks.js';
import { EXPECTED_CASES } from './napalm-expected.js';

interface Case {
  os: string;
  event: string;
  case: string;
  expected: { timestamp: number };
}

/** From here on a timestamp of upstream's is in ms: as seconds it would be after the year 5000. */
const MS_FROM = 1e11;

describeShared('napalm-logs', () => {
  const cases = linesOf(readFileSync(sharedPath('data', 'napalm-logs-decode', 'cases.jsonl'))).map(
    (line) => JSON.parse(line) as Case,
  );
  const words = presetWords('napalm-logs');

  it('has an expectation of every case', () => {
    const names = cases.map((one) => `${one.os} ${one.event} ${one.case}`);
    expect(names).toEqual(EXPECTED_CASES.map(([name]) => name));
    expect(names).toHaveLength(74);
  });

  describe.each(Object.entries(CHECKS))('by %s', (_, check) => {
    it.each(EXPECTED_CASES.map((one, i) => [one[0], i] as const))('%s', (_name, i) => {
      const { expected } = cases[i]!;
      const [, state, line, alarm, cause] = EXPECTED_CASES[i]!;
      const { timestamp } = expected;
      const time = timestamp < MS_FROM ? timestamp * 1000 : timestamp;
      const names = {
        ...(alarm !== undefined && { alarm }),
        ...(cause !== undefined && { cause }),
      };
      const events = state === null ? [] : [{ line: line!, time, state, ...names }];
      const bytes = Buffer.from(JSON.stringify(expected));
      check(words, bytes, itemsOf(bytes, events, state === null ? 1 : 0));
    });
  });
});
