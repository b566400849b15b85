// The weighted detector in Icinga 2's form against data/icinga-flapping: the same value after each
// result, start and stop at the same result. The kernel's lines have two states where the cases have
// four, so the cases' codes drive it by what the algorithm reads of them, whether the code changed: at
// a change the line changes its state, else the event repeats it.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
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
      expect(line.real(L.WEIGHTED_VALUE)).toBe(0);
      let [last, down] = [UNKNOWN, true];
      const flapping: boolean[] = [];
      for (const [i, code] of states.entries()) {
        if (code !== last) down = !down;
        expect(code !== last ? 1 : 0, `${name} ${i}`).toBe(trace[i].change);
        last = code;
        await line.event(1000 * (i + 1), down ? 'down' : 'up');
        const off = Math.abs(line.real(L.WEIGHTED_VALUE) - trace[i].value);
        expect(off, `${name}, result ${i + 1}`).toBeLessThan(1e-9);
        flapping.push(line.flapping);
      }
      expect(flapping, name).toEqual(trace.map((each) => each.flapping));
      expectFindings(line, trace);
    }
  });

  it.each(BUILDS)('39.1 of the documentation is exact ($build)', async ({ checked }) => {
    const { states } = CASES.find(({ name }) => name === 'host_flapping_docs_example')!;
    const line = new OneLine(ICINGA, checked);
    let [last, down] = [UNKNOWN, true];
    for (const [i, code] of states.slice(0, 21).entries()) {
      if (code !== last) down = !down;
      last = code;
      await line.event(1000 * (i + 1), down ? 'down' : 'up');
    }
    expect(line.real(L.WEIGHTED_VALUE)).toBe(39.1);
    expect(line.flapping).toBe(true);
  });
});

/** Starts and stops stand at the results where the trace turns. */
function expectFindings(line: OneLine, trace: Case['trace']): void {
  const turns = trace.filter(({ flapping }, i) => flapping !== (trace[i - 1]?.flapping ?? false));
  const at = (flapping: boolean): number[] =>
    turns.filter((each) => each.flapping === flapping).map(({ n }) => 1000 * n);
  expect(line.of('flap-start').map((each) => each['at'])).toEqual(at(true));
  expect(line.of('flap-end').map((each) => each['at'])).toEqual(at(false));
}
