// The weighted detector in Icinga 2's form against data/icinga-flapping: the same changes and so the
// same value after each result, judged by it to 1e-9, start and stop at the same result. The kernel's lines have two states where the cases have
// four, so the cases' codes drive it by what the algorithm reads of them, whether the code changed: at
// a change the line changes its state, else the event repeats it.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUILDS } from '../kernel/run.js';
import { describeShared, sharedIsPresent, sharedPath } from '../shared.js';
import { OneLine, TESTED } from './one-line.js';

interface Case {
  readonly name: string;
  readonly states: readonly number[];
  readonly trace: readonly { n: number; change: number; value: number; flapping: boolean }[];
}

const UNKNOWN = 3;
const CASES: Case[] = sharedIsPresent
  ? JSON.parse(readFileSync(sharedPath('data', 'icinga-flapping', 'cases.json'), 'utf8')).cases
  : [];
const ICINGA = {
  ...TESTED,
  kind: 'weighted',
  form: 'icinga',
  high: 30,
  low: 25,
  quietMs: 86_400_000,
} as const;

describeShared('data/icinga-flapping', () => {
  it('has its four cases', () => expect(CASES).toHaveLength(4));

  it.each(BUILDS)('the kernel has the value of each result ($build)', async ({ checked }) => {
    for (const { name, states, trace } of CASES) {
      const line = new OneLine(ICINGA, checked);
      expect(valueOf(line.changes)).toBe(0);
      let [last, down] = [UNKNOWN, true];
      const flapping: boolean[] = [];
      for (const [i, code] of states.entries()) {
        if (code !== last) down = !down;
        expect(code !== last ? 1 : 0, `${name} ${i}`).toBe(trace[i].change);
        last = code;
        await line.event(1000 * (i + 1), down ? 'down' : 'up');
        const off = Math.abs(valueOf(line.changes) - trace[i].value);
        expect(off, `${name}, result ${i + 1}`).toBeLessThan(1e-9);
        flapping.push(line.flapping);
      }
      expect(flapping, name).toEqual(trace.map((each) => each.flapping));
      expectFindings(line, trace);
    }
  });

  // With both limits at a value the detector flaps exactly while its own value is above that.
  it.each(BUILDS)('the kernel judges by that value to 1e-9 ($build)', async ({ checked }) => {
    let judged = 0;
    for (const { name, states, trace } of CASES) {
      for (const [n, { value }] of trace.entries()) {
        for (const off of [-1e-9, 1e-9]) {
          const limit = value + off;
          const line = new OneLine({ ...ICINGA, high: limit, low: limit }, checked);
          const hasBeenDown = await play(line, states.slice(0, n + 1));
          if (!hasBeenDown) continue;
          expect(line.flapping, `${name}, result ${n + 1}, ${limit}`).toBe(off < 0);
          judged++;
        }
      }
    }
    expect(judged).toBeGreaterThan(100);
  });

  it.each(BUILDS)('39.1 of the documentation is exact ($build)', async ({ checked }) => {
    const { states } = CASES.find(({ name }) => name === 'host_flapping_docs_example')!;
    const line = new OneLine(ICINGA, checked);
    await play(line, states.slice(0, 21));
    expect(line.flapping).toBe(true);
    const at = new OneLine({ ...ICINGA, high: 39.1, low: 39.1 }, checked);
    await play(at, states.slice(0, 21));
    expect(at.flapping).toBe(false);
  });
});

/** 100/20 times the sum of the weights 0.8 + 0.02 i of the changes, oldest first. */
function valueOf(changes: readonly boolean[]): number {
  return changes.reduce((sum, changed, i) => sum + (changed ? (0.8 + 0.02 * i) * 5 : 0), 0);
}

/** Plays the codes of results, one a second; true when the line was down at any of them. */
async function play(line: OneLine, codes: readonly number[]): Promise<boolean> {
  let [last, down, hasBeenDown] = [UNKNOWN, true, false];
  for (const [i, code] of codes.entries()) {
    if (code !== last) down = !down;
    last = code;
    hasBeenDown ||= down;
    await line.event(1000 * (i + 1), down ? 'down' : 'up');
  }
  return hasBeenDown;
}

/** Starts and stops stand at the results where the trace turns. */
function expectFindings(line: OneLine, trace: Case['trace']): void {
  const turns = trace.filter(({ flapping }, i) => flapping !== (trace[i - 1]?.flapping ?? false));
  const at = (flapping: boolean): number[] =>
    turns.filter((each) => each.flapping === flapping).map(({ n }) => 1000 * n);
  expect(line.of('flap-start').map((each) => each['at'])).toEqual(at(true));
  expect(line.of('flap-end').map((each) => each['at'])).toEqual(at(false));
}
