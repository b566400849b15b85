// The kernel bench at smoke size: it runs, all sides put out the same, and it says so in its RESULT
// line. Without a C++ compiler or simdjson's header it shows as skipped.

import { describe, expect, it } from 'vitest';
import { drawCurves } from '../../bench/kernel-curve.js';
import { WordHash } from '../../bench/kernel-hash.js';
import { missingForNative } from '../../bench/kernel-native.js';
import { EXIT } from '../../src/config/errors.js';
import { bench, resultOf } from './bench.js';

/** What the smoke size may take on a busy machine; it took 20 to 50 s on two cores. */
const SMOKE_MS = 240_000;
/** Judged in .ci/run, where the bench runs alone. */
const RATIOS = [
  'detect_vs_native_48840',
  'detect_vs_native_1m',
  'detect_vs_native_prefetch_1m',
  'decode_vs_simdjson_map',
  'decode_vs_simdjson_open',
  'decode_vs_json_parse',
  'all_detectors_cost',
];
const missing = missingForNative();

describe(`npm run bench -- kernel${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it.skipIf(missing !== null)(
    'puts out what the native side puts out, and its exit code tells the gates',
    () => {
      const outcome = bench('kernel', '--smoke');
      const { status, stdout, stderr } = outcome;
      const result = resultOf(outcome);
      expect(result).toMatchObject({ bench: 'kernel', smoke: true, lines_10m_events_per_s: null });
      for (const ratio of RATIOS) expect(result[ratio], ratio).toBeGreaterThan(0);
      expect(result['bytes_per_line']).toBeLessThanOrEqual(128);
      for (const hash of ['hash_detect', 'hash_decode']) {
        expect(result[hash]).toMatch(/^[0-9a-f]{16}$/);
        expect(stdout).toContain(`hash ${String(result[hash])} on all sides`);
      }
      // Other test files run beside this one: the ratios are measured, but not judged, here.
      if (status !== EXIT.ok) expect(stderr).toMatch(/^gate missed: /);
      expect([EXIT.ok, 1]).toContain(status);
    },
    SMOKE_MS,
  );
});

function hashOf(...words: number[]): string {
  const hash = new WordHash();
  hash.words(Uint32Array.from(words), 0, words.length);
  return hash.text();
}

describe('the hash of both sides', () => {
  it('depends on every word and on their order', () => {
    const texts = [hashOf(1, 2), hashOf(2, 1), hashOf(1, 3), hashOf(1), hashOf(0xffff_ffff, 2)];
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('is the same word by word', () => {
    const words = Uint32Array.from([1, 0x8000_0000, 0xffff_ffff, 7]);
    const whole = new WordHash();
    whole.words(words, 0, words.length);
    const single = new WordHash();
    for (const word of words) single.word(word);
    expect(single.text()).toBe(whole.text());
  });
});

describe('the curve', () => {
  it('is an SVG with a point for each number of lines, and text as text', () => {
    const svg = drawCurves('events/s & <lines>', 'one core', [
      {
        name: 'kernel',
        colour: '#c2410c',
        points: [
          [1_000, 3e7],
          [48_840, 2e7],
          [1_000_000, 1.1e7],
        ],
      },
    ]);
    expect(svg.match(/<circle /g)).toHaveLength(3);
    expect(svg).toContain('events/s &amp; &lt;lines>');
    expect(svg).toContain('>48,840<');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
