// The published formula of a kernel's memory is its memory, page for page; the default rules cost at
// most 128 bytes a line beside the bytes of its name.

import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { ALL_RULES } from '../../bench/kernel-rules.js';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { DEFAULT_RULES, type Rules } from '../../src/config/rules.js';
import { type Capacities, DEFAULT_CAPACITIES, Kernel } from '../../src/kernel/kernel.js';
import { bytesPerLine, kernelBytes, totalBytes } from '../../src/kernel/size.js';
import { BUILDS } from './run.js';

const PAGE = 65_536;
const SIZES: readonly Partial<Capacities>[] = [
  {},
  { lines: 1, keyBytes: 300, names: 1, nameBytes: 300, alarms: 1, aliases: 1, frames: 1 },
  { lines: 100_003, keyBytes: 100_003 * 24, alarms: 77_777, aliases: 55_555 },
  { names: 50_001, nameBytes: 1_234_567, inboxBytes: 65_537, events: 999, findings: 12_345 },
];
const RULES: readonly (readonly [string, Rules])[] = [
  ['the default rules', DEFAULT_RULES],
  ['many starts', { ...DEFAULT_RULES, flap: [{ starts: 64, windowMs: 1_000 }] }],
  ['every rule', ALL_RULES],
  ['staleness and mergeGap', { ...DEFAULT_RULES, staleAfterMs: 1_000, mergeGapMs: 1_000 }],
  [
    'ignored names',
    { ...DEFAULT_RULES, ignore: { alarms: ['LOS', 'AIS'], causes: ['works'], severities: [] } },
  ],
];

describe.each(BUILDS)('kernelBytes, $build build', ({ checked }) => {
  it.each(SIZES.flatMap((size) => RULES.map(([what, rules]) => ({ what, size, rules }))))(
    'gives the memory of $size under $what to the page',
    ({ size, rules }) => {
      const capacities = { ...DEFAULT_CAPACITIES, ...size };
      const ruleIds = {
        flap: rules.flap.map((_, i) => i + 1),
        detectors: rules.detectors.map(() => [100]),
      };
      const options = { rules, ruleIds, capacities, limits: DEFAULT_LIMITS, checked };
      const kernel = new Kernel({ ...options, emitStarts: false, zone: [] });
      const end = kernel.region(L.REGION_CONTROL) + totalBytes(kernelBytes(capacities, rules));
      expect(kernel.bytes.length).toBe(Math.ceil(end / PAGE) * PAGE);
    },
  );
});

describe('bytesPerLine', () => {
  it.each([48_840, 65_536, 100_000, 1_000_000, 10_000_000])(
    'is at most 128 for %d lines by the default rules',
    (lines) => {
      const bytes = bytesPerLine({ ...DEFAULT_CAPACITIES, lines }, DEFAULT_RULES);
      expect(bytes).toBeLessThanOrEqual(128);
      expect(bytes).toBeGreaterThan(100);
    },
  );
});
