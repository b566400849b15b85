// The weighted detector in Nagios' form against its formula, written down here as Nagios states it: 21
// states, initially up, 20 transitions between them, the x-th weighing 0.75 + (x-1) * 0.5/19, the sum
// in percent of 20; flapping from high on, until low is reached. And the edges of both forms.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILDS } from '../kernel/run.js';
import { OneLine, TESTED } from './one-line.js';

const STATES = 21;

/** Nagios' percent state change of the last 21 states, oldest first. */
function percentChange(states: readonly boolean[]): number {
  let curved = 0;
  for (let x = 1; x < STATES; x++) {
    if (states[x] !== states[x - 1]) curved += 0.75 + ((x - 1) * 0.5) / 19;
  }
  return (curved / (STATES - 1)) * 100;
}

function changesOf(states: readonly boolean[]): boolean[] {
  return states.slice(1).map((state, i) => state !== states[i]);
}

const weightedBy = (form: 'icinga' | 'nagios', high: number, low: number, quietMs = 86_400_000) =>
  ({ ...TESTED, kind: 'weighted', form, high, low, quietMs }) as const;

describe('Nagios’ form', () => {
  it.each(BUILDS)('is its formula, at 20/30 and at 5/20 ($build)', async ({ checked }) => {
    const property = fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 60, size: 'max' }),
      fc.constantFrom([30, 20] as const, [20, 5] as const),
      async (downs, [high, low]) => {
        const line = new OneLine(weightedBy('nagios', high, low), checked);
        const states = Array.from({ length: STATES }, () => false);
        let flapping = false;
        for (const [i, down] of downs.entries()) {
          states.shift();
          states.push(down);
          await line.event(1000 * i, down ? 'down' : 'up');
          const value = percentChange(states);
          expect(line.changes).toEqual(changesOf(states));
          flapping = flapping ? value > low : value >= high;
          expect(line.flapping).toBe(flapping);
        }
      },
    );
    await fc.assert(property, { numRuns: 100, seed: 20061130 });
  });

  it.each(BUILDS)('starts at exactly high and stops at exactly low ($build)', async (build) => {
    // One change weighs 5 * 1.25 = 6.25 as the newest, 5 * 0.75 = 3.75 as the oldest.
    const line = new OneLine(weightedBy('nagios', 6.25, 3.75), build.checked);
    await line.event(0, 'up');
    await line.event(1, 'down');
    expect(line.of('flap-start')).toMatchObject([{ at: 1, since: 1 }]);
    for (let i = 2; i <= 19; i++) await line.event(i, 'down');
    expect(line.flapping).toBe(true);
    await line.event(20, 'down');
    expect(line.of('flap-end')).toMatchObject([{ at: 20, start: 1, since: 1, interruptions: 1 }]);
  });
});

describe('Icinga’s form', () => {
  it.each(BUILDS)('starts above high, and stays while above low ($build)', async ({ checked }) => {
    // Seen first is a change: 5 * 1.18 = 5.9; five samples later 5.4.
    const at = new OneLine(weightedBy('icinga', 5.9, 5.4), checked);
    await at.event(0, 'down');
    expect(at.flapping).toBe(false);
    const below = new OneLine(weightedBy('icinga', 5.8999, 5.4), checked);
    for (let i = 0; i < 5; i++) await below.event(i, 'down');
    expect(below.flapping).toBe(true);
    await below.event(5, 'down');
    expect(below.of('flap-end')).toMatchObject([{ at: 5, start: 0, since: 0, interruptions: 1 }]);
  });
});

describe('both forms', () => {
  it.each(BUILDS)('count every start at the instant of since ($build)', async ({ checked }) => {
    const line = new OneLine(weightedBy('nagios', 20, 5), checked);
    const events: (readonly [time: number, state: 'down' | 'up'])[] = [
      [0, 'down'],
      [0, 'up'],
      ...Array.from({ length: 12 }, () => [1000, 'up'] as const),
      [2000, 'down'],
      ...Array.from({ length: 3 }, () => [2100, 'down'] as const),
      [3000, 'up'],
      [4000, 'up'],
      [5000, 'down'],
    ];
    for (const [time, state] of events) await line.event(time, state);
    await line.read(90_000_000);
    // The start at 0 is the 21st sample from the end: it has left the ring, its instant has not.
    expect(line.of('flap-end')).toMatchObject([{ start: 5000, since: 0, interruptions: 3 }]);
  });

  it.each(BUILDS)('end after Q without a transition, not a ms before ($build)', async (build) => {
    for (const form of ['icinga', 'nagios'] as const) {
      for (const [next, ended] of [
        [10_999, false],
        [11_000, true],
      ] as const) {
        const line = new OneLine(weightedBy(form, 10, 5, 10_000), build.checked);
        for (let i = 0; i <= 4; i++) await line.event(250 * i, i % 2 === 0 ? 'down' : 'up');
        expect(line.flapping).toBe(true);
        await line.read(next);
        expect(line.of('flap-end')).toHaveLength(ended ? 1 : 0);
        await line.event(next, 'down');
        expect(line.flapping).toBe(!ended);
        // A quiet end has used the changes up: what is seen next starts no episode again.
        if (ended) expect(line.changes).not.toContain(true);
        if (ended) expect(line.of('flap-end')[1]).toMatchObject({ at: 11_000, interruptions: 3 });
      }
    }
  });
});
