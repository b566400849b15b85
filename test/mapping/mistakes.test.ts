// Every mistake in a mapping file is told with its place and what to do; limits have their own
// errors.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as M from '../../assembly/mapping-layout.js';
import { compileMapping } from '../../src/mapping/compile.js';
import { PRESETS, readFormat } from '../../src/mapping/format.js';
import { CHECKS, itemsOf } from './checks.js';

const GOOD = ['  - line: "{a}"', '    state: down', '    time: t'];

/** A mapping whose one variant has other lines. */
function withLines(...lines: string[]): string {
  const keys = new Set(lines.map((line) => line.trim().split(':')[0]));
  const others = GOOD.slice(1).filter((line) => !keys.has(line.trim().split(':')[0]!));
  return ['variants:', GOOD[0], ...others, ...lines].join('\n');
}

function complaintOf(words: string): string {
  try {
    compileMapping(words, 'm.yaml', true);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

const many = (count: number, make: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => make(i));

const MISTAKES: readonly (readonly [string, string, RegExp])[] = [
  ['no YAML', 'variants: [', /^m\.yaml:1:12: not YAML/],
  ['nothing', '', /^m\.yaml:1:1: 'variants' must be given here/],
  ['a key twice', withLines('    time: t', '    time: u'), /m\.yaml:\d:5: not YAML: .*unique/],
  [
    'an unknown key',
    withLines('    when:', '      a: x', '    lines: a'),
    /m\.yaml:7:5: 'lines' is not known here: use name, when, line/,
  ],
  [
    'a missing line',
    'variants:\n  - state: down\n    time: t',
    /m\.yaml:2:5: 'line' must be given here/,
  ],
  [
    'another state',
    withLines('    state: broken'),
    /m\.yaml:4:12: 'state' must be down, up, or path/,
  ],
  [
    'an unknown outcome',
    withLines('    state:', '      a: { otherwise: maybe }'),
    /m\.yaml:5:23: 'otherwise' must be one of down, up/,
  ],
  [
    'an unknown test',
    withLines('    state:', '      a: { raise: x }'),
    /m\.yaml:5:12: 'raise' is not known here: use down, up/,
  ],
  [
    'an unknown unit',
    withLines('    time: { t: minutes }'),
    /m\.yaml:4:16: 't' must be one of auto, s, ms/,
  ],
  ['a fraction', withLines('    when: { a: 1.5 }'), /m\.yaml:5:16: 'a' must be a value/],
  ['a null in a list', withLines('    when: { a: [x, ~] }'), /m\.yaml:5:20: '1' must be a text/],
  [
    'both not and present',
    withLines('    when: { a: { not: x, present: true } }'),
    /m\.yaml:5:16: 'a' must have either/,
  ],
  [
    'a broken path',
    withLines('    when: { a..b: x }'),
    /m\.yaml:5:13: 'a\.\.b' is no path: write a\.b\.c/,
  ],
  [
    'a long key',
    withLines(`    time: ${'k'.repeat(M.MAPPED_KEY_MAX + 1)}`),
    /m\.yaml:4:11: the key 'k+' cannot be mapped: 1 to 29/,
  ],
  ['a key of no ASCII', withLines('    time: é'), /cannot be mapped/],
  ['a lone star', withLines('    time: "*"'), /m\.yaml:4:11: \* alone is the key of a record/],
  ['an open brace', withLines('    alarm: "a{b"'), /m\.yaml:5:12: 'a\{b': a \{ is not closed/],
  ['a closing brace', withLines('    alarm: "a}b"'), /a \} without \{/],
  ['an open bracket', withLines('    alarm: "[a"'), /a \[ is not closed/],
  ['an empty option', withLines('    alarm: "[]"'), /a \] must close/],
  [
    'an option that goes on',
    withLines('    alarm: "[{a}b]"'),
    /m\.yaml:5:12: .* must end in its \{path\}/,
  ],
  [
    'a value for two states',
    withLines('    state:', '      a: { down: x, up: x }'),
    /m\.yaml:5:10: 'x' is given twice/,
  ],
  ['a record path', `records: ["a.*.b"]\n${withLines()}`, /m\.yaml:1:11: .* only the last part/],
  ['a record twice', `records: [a, a]\n${withLines()}`, /m\.yaml:1:14: 'a' is given twice/],
  ['$ not last', `records: [$, a]\n${withLines()}`, /m\.yaml:1:11: '\$' must come last/],
  [
    'a variant never reached',
    `${withLines()}\n${GOOD.join('\n')}`,
    /m\.yaml:2:5: reads every record/,
  ],
  [
    'too deep',
    withLines(`    time: ${many(M.MAPPING_DEPTH_MAX + 1, () => 'a').join('.')}`),
    /enters more than 16 objects: let a record begin/,
  ],
  [
    'too many values',
    withLines(`    alarm: "${many(M.SLOTS_MAX, (i) => `{v${i}}`).join('')}"`),
    /takes 34 different values, and a mapping may take 32/,
  ],
  [
    'too long a value',
    withLines(`    when: { a: ${'v'.repeat(257)} }`),
    /a value is longer than 256 bytes/,
  ],
  [
    'too many records',
    `records: [${many(17, (i) => `r${i}`).join(', ')}]\n${withLines()}`,
    /at most 16/,
  ],
  [
    'too large',
    withLines('    state:', `      a: { down: [${many(3_500, (i) => `value-${i}`).join(', ')}] }`),
    /needs more than 65536 bytes: name fewer/,
  ],
];

describe('a mistake in a mapping', () => {
  it.each(MISTAKES)('%s', (_name, words, complaint) => {
    expect(complaintOf(words)).toMatch(complaint);
  });

  it('is told with all the others', () => {
    const words = withLines('    when: { a..b: x }', '    alarm: "{"', '    cause: "}"');
    const places = complaintOf(words)
      .split('\n')
      .map((line) => line.split(': ')[0]);
    expect(places).toEqual(['m.yaml:5:13', 'm.yaml:6:12', 'm.yaml:7:12']);
  });

  it('that is none compiles', () => {
    expect(complaintOf(withLines())).toBe('');
  });
});

function nativeView(severity: boolean): DataView {
  return new DataView(readFormat('native', severity).table.buffer);
}

describe('formats', () => {
  it.each(PRESETS)('preset %s fits its table, with severities and without', (name) => {
    for (const severity of [true, false]) {
      const { table } = readFormat(name, severity);
      expect(table.length).toBeLessThanOrEqual(M.MAPPING_BYTES_MAX);
      const view = new DataView(table.buffer, table.byteOffset);
      const row = view.getUint32(M.HEADER_VARIANTS_AT, true);
      const template = view.getUint32(row + M.VARIANT_SEVERITY, true);
      expect(template !== 0).toBe(severity && name !== 'napalm-logs');
    }
  });

  it('native takes its members in the order of their slots', () => {
    expect(nativeView(false).getUint32(M.HEADER_SLOTS, true)).toBe(M.NATIVE_SEVERITY);
    expect(nativeView(true).getUint32(M.HEADER_SLOTS, true)).toBe(M.NATIVE_SLOTS);
    expect(nativeView(true).getUint32(M.HEADER_VARIANTS, true)).toBe(0);
  });

  it.each([
    ['vess', /format 'vess' is unknown: use native, ves, 3gpp, napalm-logs/],
    ['./nosuch.yaml', /nosuch\.yaml: cannot be read/],
  ])('%s is no format', (format, complaint) => {
    expect(() => readFormat(format, false)).toThrow(complaint);
  });
});

describe("the README's example", () => {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const words = /```yaml\n(records: [^]*?)```/.exec(readme)![1]!;
  const labels = { alertname: 'LinkDown', instance: 'r1', interface: 'eth0', severity: 'major' };
  const startsAt = '2023-11-14T22:13:20.000Z';
  const message = {
    groupLabels: { reason: 'LOS' },
    alerts: [
      { status: 'firing', labels, startsAt, endsAt: '0001-01-01T00:00:00Z' },
      { status: 'firing', labels: { ...labels, severity: 'info' }, startsAt },
      {
        status: 'resolved',
        labels: { ...labels, interface: undefined },
        startsAt,
        endsAt: '2023-11-14T22:13:21Z',
      },
    ],
  };

  it.each(Object.entries(CHECKS))('reads alerts by %s', (_, check) => {
    const time = Date.parse(startsAt);
    const names = { alarm: 'LinkDown' };
    const bytes = Buffer.from(JSON.stringify(message));
    const raised = { line: 'r1/eth0', ...names, cause: 'LOS', time, state: 'down' as const };
    const cleared = { line: 'r1', ...names, time: time + 1_000, state: 'up' as const };
    check(words, bytes, itemsOf(bytes, [raised, cleared], 1));
  });
});
