// A template of which a part is missing makes no name, whatever its other parts hold: a text that is
// broken or too long is not needed then (SPEC section 3). With every part there it is wrong.

import { expect, it } from 'vitest';
import { CHECKS } from './checks.js';
import { twinDecode } from './twin.js';

const WORDS = JSON.stringify({
  variants: [{ line: '{line}', cause: '{a}{b}', state: 'down', time: 'time' }],
});
const messages = [
  String.raw`{"line":"l","time":1700000000000,"a":"\ud800"}`,
  String.raw`{"line":"l","time":1700000000000,"a":"\ud800","b":"x"}`,
  `{"line":"l","time":1700000000000,"a":"${'x'.repeat(300)}"}`,
  `{"line":"l","time":1700000000000,"a":"${'x'.repeat(300)}","b":"x"}`,
];

it.each(Object.entries(CHECKS))('a part that is missing, by %s', (_, check) => {
  const bytes = Buffer.from(messages.join('\n'));
  const expected = twinDecode(WORDS, bytes, {});
  expect(expected.map(({ kind }) => kind)).toEqual([
    'event',
    'wrong-event',
    'event',
    'wrong-event',
  ]);
  check(WORDS, bytes, expected, {});
});
