// The arithmetic of decay (assembly/decay.ts) against Math.pow, and its whole milliseconds.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decayed, exp2, msUntilBelow } from '../../assembly/decay.js';

const RUNS = { numRuns: 5_000, seed: 20061130 };

function bits(value: number): bigint {
  return new BigInt64Array(Float64Array.of(value).buffer)[0];
}

/** The distance of two float64 of one sign, in units in the last place. */
function ulps(a: number, b: number): number {
  return Math.abs(Number(bits(a) - bits(b)));
}

/** Numbers spread evenly over a range: `fc.double` gives mostly tiny ones. */
function spread(min: number, max: number): fc.Arbitrary<number> {
  return fc.nat(2 ** 31 - 1).map((n) => min + ((max - min) * n) / (2 ** 31 - 1));
}

describe('exp2', () => {
  it('is within 2 units in the last place of Math.pow', () => {
    let worst = 0;
    const property = fc.property(fc.oneof(spread(-1000, 0), spread(-3, 16)), (x) => {
      worst = Math.max(worst, ulps(exp2(x), Math.pow(2, x)));
      expect(ulps(exp2(x), Math.pow(2, x))).toBeLessThanOrEqual(2);
    });
    fc.assert(property, RUNS);
    expect(worst).toBeGreaterThan(0);
  });

  it('is exact at whole numbers, and 0 where nothing is left', () => {
    for (let k = -1022; k <= 1023; k++) expect(exp2(k)).toBe(Math.pow(2, k));
    for (const x of [-1081, -1e6, -1e300, -Infinity]) expect(exp2(x)).toBe(0);
  });

  it('falls from each ms to the next, at any half-life up to a year', () => {
    const times = fc.tuple(fc.nat(100_000_000), fc.integer({ min: 1, max: 365 * 86_400_000 }));
    const property = fc.property(times, ([ms, halfLifeMs]) => {
      const [now, next] = [decayed(3000, ms, halfLifeMs), decayed(3000, ms + 1, halfLifeMs)];
      expect(next < now || now === 0).toBe(true);
    });
    fc.assert(property, RUNS);
  });
});

describe('msUntilBelow', () => {
  it('is the first whole ms below the limit', () => {
    const property = fc.property(
      spread(0.5, 64_000),
      spread(0.5, 5000),
      fc.integer({ min: 1, max: 365 * 86_400_000 }),
      (value, limit, halfLifeMs) => {
        const ms = msUntilBelow(value, limit, halfLifeMs);
        expect(Number.isInteger(ms)).toBe(true);
        expect(decayed(value, ms, halfLifeMs)).toBeLessThan(limit);
        if (ms > 0) expect(decayed(value, ms - 1, halfLifeMs)).toBeGreaterThanOrEqual(limit);
      },
    );
    fc.assert(property, RUNS);
    expect(msUntilBelow(2000, 1000, 600_000)).toBe(600_001);
    expect(msUntilBelow(1000, 1000, 600_000)).toBe(1);
    expect(msUntilBelow(999, 1000, 600_000)).toBe(0);
  });
});
