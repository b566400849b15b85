// Edges of the window detectors, of the primary and of one beside it, and of transient accumulation: at
// exactly W, K, Q and at exactly the limits of a transient; a manual reset.

import { describe, expect, it } from 'vitest';
import type { Step } from '../judge/scenario.js';
import { BUILDS, KernelRun } from '../kernel/run.js';
import { OneLine, TESTED } from './one-line.js';

const MINUTE = 60_000;
const BESIDE = {
  ...TESTED,
  kind: 'window',
  flap: [
    { starts: 4, windowMs: 10 * MINUTE },
    { starts: 5, windowMs: 60 * MINUTE },
  ],
  quietMs: 30 * MINUTE,
} as const;
const TRANSIENT = {
  ...TESTED,
  kind: 'transient',
  windowMs: 15 * MINUTE,
  countMax: 10,
  durationMsMax: MINUTE,
} as const;

function event(time: number, state: 'down' | 'up'): Step {
  return { kind: 'event', event: { line: 'A', time, state } };
}

/** Interruptions of 1 ms that start at these times. */
async function startsAt(line: OneLine, times: readonly number[]): Promise<void> {
  for (const time of times) {
    await line.event(time, 'down');
    await line.event(time + 1, 'up');
  }
}

describe('the primary window detector and one beside it with the same rules', () => {
  it.each(BUILDS)(
    'start at the K-th start, W after the first, not a ms later ($build)',
    async (build) => {
      for (const [times, starts] of [
        [[0, 1000, 2000, 600_000], 1],
        [[0, 1000, 2000, 600_001], 0],
        [[0, 1000, 2000], 0],
        [[0, 900_000, 1_800_000, 2_700_000, 3_600_000], 1],
        [[0, 900_000, 1_800_000, 2_700_000, 3_600_001], 0],
      ] as const) {
        const line = new OneLine(BESIDE, build.checked);
        await startsAt(line, times);
        const found = line.findings.filter(({ kind }) => kind === 'flap-start');
        expect(found.map(({ detector }) => detector)).toEqual(starts ? ['window', 'tested'] : []);
        for (const { at, since } of found) expect([since, at]).toEqual([0, times.at(-1)]);
      }
    },
  );

  it.each(BUILDS)('end Q after the last transition, not a ms before ($build)', async (build) => {
    const ends = 3001 + 30 * MINUTE;
    for (const [c, ended] of [
      [ends - 1, 0],
      [ends, 2],
    ] as const) {
      const line = new OneLine(BESIDE, build.checked);
      await startsAt(line, [0, 1000, 2000, 3000]);
      await line.read(c);
      expect(line.findings.filter(({ kind }) => kind === 'flap-end')).toHaveLength(ended);
      await line.event(c, 'up');
      expect(line.flapping).toBe(ended === 0);
      await startsAt(line, [ends + 1]);
      for (const { at } of line.of('flap-end')) expect(at).toBe(ends);
      // The next episode needs its own evidence.
      expect(line.of('flap-start')).toHaveLength(1);
    }
  });
});

describe('transient accumulation', () => {
  it.each(BUILDS)('fires at the count, once until both sums are below ($build)', async (build) => {
    const line = new OneLine(TRANSIENT, build.checked);
    const times = Array.from({ length: 12 }, (_, i) => i * 1000);
    await startsAt(line, times);
    expect(line.of('transient')).toEqual([
      { kind: 'transient', line: 'A', at: 9001, count: 10, durationMs: 10, detector: 'tested' },
    ]);
    // 15 minutes are 32 slices of 28.125 s: all of these are over when the 33rd begins.
    await startsAt(
      line,
      times.map((time) => time + 15 * MINUTE),
    );
    expect(line.of('transient').map(({ at, count }) => [at, count])).toEqual([
      [9001, 10],
      [15 * MINUTE + 9001, 10],
    ]);
  });

  it.each(BUILDS)('fires at the duration, of momentary ones alone ($build)', async (build) => {
    const line = new OneLine(TRANSIENT, build.checked);
    await line.event(0, 'down');
    await line.event(MINUTE, 'up');
    expect(line.of('transient')).toEqual([]);
    await line.event(2 * MINUTE, 'down');
    await line.event(3 * MINUTE - 1, 'up');
    expect(line.of('transient')).toEqual([]);
    await startsAt(line, [4 * MINUTE]);
    expect(line.of('transient')).toMatchObject([{ count: 2, durationMs: MINUTE }]);
  });
});

describe('a manual reset', () => {
  it.each(BUILDS)('ends the episodes and forgets the starts, no more ($build)', async (build) => {
    const run = new KernelRun({ ...build, rules: { detectors: [BESIDE] } });
    const pulses = [0, 1000, 2000, 3000].flatMap((t) => [event(t, 'down'), event(t + 1, 'up')]);
    await run.columns([...pulses, event(4000, 'down')]);
    await run.reset('A');
    const ends = run.findings.filter(({ kind }) => kind === 'flap-end');
    expect(ends.map(({ detector }) => detector)).toEqual(['window', 'tested']);
    for (const end of ends) {
      expect(end).toMatchObject({ at: 4000, start: 3000, since: 0, interruptions: 5, reset: true });
    }
    await run.columns([event(5000, 'up'), event(6000, 'down'), event(6001, 'up')]);
    expect(run.findings.filter(({ kind }) => kind === 'flap-start')).toHaveLength(2);
    expect(run.findings.filter(({ kind }) => kind === 'interruption').at(-2)).toMatchObject({
      start: 4000,
      end: 5000,
      n: 5,
    });
    await run.reset('A');
    await run.reset('never seen');
    expect(run.findings.filter(({ kind }) => kind === 'flap-end')).toHaveLength(2);
  });
});
