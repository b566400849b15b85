// Alarms one by one: chatter at exactly 60 s and its index, how many alarms are kept for it, and what
// is ignored. Every case is judged by the kernel (both builds) and by the twin.

import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import type { Step } from '../judge/scenario.js';
import { Both, type Short } from './both.js';
import { BUILDS, KernelRun } from './run.js';

const SECOND = 1000;
const NOTHING = { alarms: [], causes: [], severities: [] };

function raises(...times: number[]): Short[] {
  return times.map((t) => [t, 'down', 'A']);
}

function raiseOf(alarm: string, time: number): Step {
  return { kind: 'event', event: { line: 'L', time, state: 'down', alarm } };
}

describe.each(BUILDS)('chatter ($build)', ({ checked }) => {
  const make = (): Both => new Both(checked, { chatter: true });

  it('is a third raise within exactly 60 s, counted each time', async () => {
    const both = make();
    await both.apply(...raises(0, 30 * SECOND, 60 * SECOND + 1));
    expect(both.chatter('A')).toMatchObject({ raises: 3, chattered: 0, chatteredAt: 0 });
    await both.apply(...raises(90 * SECOND), ...raises(91 * SECOND));
    expect(both.chatter('A')).toMatchObject({ chattered: 2, chatteredAt: 91 * SECOND });
  });

  it('has an index: the mean of 1/r, r in whole seconds and at least 1', async () => {
    const both = make();
    await both.apply(...raises(0, 500, 2499, 4500, 14_500));
    const { raises: count, inverse, lastRaise } = both.chatter('A')!;
    expect(lastRaise).toBe(14_500);
    expect(inverse / (count - 1)).toBeCloseTo((1 + 1 + 1 / 2 + 1 / 10) / 4, 12);
  });

  it('counts raises whether the alarm is active or not, late ones at their effective time', async () => {
    const both = make();
    await both.apply(
      [10 * SECOND, 'down', 'A'],
      [5 * SECOND, 'down', 'A'],
      [11 * SECOND, 'up', 'A'],
    );
    await both.apply([3 * SECOND, 'down', 'A']);
    expect(both.chatter('A')).toMatchObject({ raises: 3, inverse: 2, chattered: 1 });
    expect(both.chatter('A')).toMatchObject({ lastRaise: 11 * SECOND, chatteredAt: 11 * SECOND });
  });

  it('is an alarm’s own: by name, by key, and that of the unnamed one', async () => {
    const both = new Both(checked, { chatter: true }, [['port', 'L']]);
    await both.apply([0, 'down', 'A'], [1, 'down'], [2, 'down', 'A'], [3, 'up', '*']);
    await both.apply(
      { line: 'port', time: 4, state: 'down' },
      { line: 'port', time: 5, state: 'up' },
    );
    expect(both.chatter('A')?.raises).toBe(2);
    expect(both.chatter('')?.raises).toBe(1);
    expect(both.chatter('', 'port')?.raises).toBe(1);
    expect(both.run.kernel.control[L.CTL_ALARMS_ACTIVE]).toBe(0);
  });

  it('is reported anew when it changed', async () => {
    const both = make();
    await both.apply(...raises(0));
    expect(both.chatter('A')?.raises).toBe(1);
    both.run.chatter.clear();
    both.run.takeChatter();
    expect(both.run.chatter.size).toBe(0);
    await both.apply(...raises(1));
    expect(both.chatter('A')?.raises).toBe(2);
  });

  it('is forgotten when it is switched off, and counted from none when on again', async () => {
    const both = make();
    await both.apply(...raises(0, 1, 2), [3, 'up', 'A'], [4, 'down'], [5, 'down', 'B']);
    both.changeRules({ chatter: false });
    await both.apply([6, 'up'], [7, 'up', 'B']);
    expect(both.findings.at(-1)).toMatchObject({ start: 4, end: 7 });
    both.changeRules({ chatter: true });
    both.run.chatter.clear();
    await both.apply(...raises(8), [9, 'up', 'A']);
    expect(both.chatter('A')).toMatchObject({ raises: 1, inverse: 0 });
    expect(both.run.kernel.control[L.CTL_CHATTER_KEPT]).toBe(1);
  });

  it('stays when a clear takes older alarms out of the line’s list', async () => {
    const both = new Both(checked, {});
    await both.apply([0, 'down', 'older']);
    both.changeRules({ chatter: true });
    await both.apply(...raises(1), [2, 'up', '*'], ...raises(3));
    expect(both.chatter('A')?.raises).toBe(2);
  });

  it('keeps no more alarms of a line than its limit; the others are counted as not counted', async () => {
    const run = new KernelRun({ checked, rules: { chatter: true } });
    const most = L.CHATTER_ALARMS_PER_LINE_MAX;
    const steps = Array.from({ length: most + 2 }, (_, i): Step[] =>
      (['down', 'up'] as const).map((state) => {
        return { kind: 'event', event: { line: 'L', time: i, state, alarm: `id ${i}` } };
      }),
    ).flat();
    await run.columns(steps);
    run.takeChatter();
    expect(run.chatter.size).toBe(most);
    const { control } = run.kernel;
    expect(control[L.CTL_CHATTER_KEPT]).toBe(most);
    expect(control[L.CTL_CHATTER_UNCOUNTED]).toBe(2);
    expect(control[L.CTL_ALARMS_ACTIVE]).toBe(0);
    expect(run.findings.filter(({ kind }) => kind === 'interruption').length).toBe(most + 2);
  });

  it('needs no byte of an alarm when it is off', () => {
    const { sections } = new KernelRun({ checked }).copyState();
    expect(sections[L.SECTION_HISTORIES].length).toBe(0);
    expect(sections[L.SECTION_PENDING].length).toBe(0);
  });
});

describe.each(BUILDS)('ignored events ($build)', ({ checked }) => {
  const ignore = { ...NOTHING, alarms: ['test'], causes: ['maintenance'] };

  it('change nothing of the line, not even its effective time, and are counted', async () => {
    const both = new Both(checked, { ignore });
    await both.apply([9000, 'down', 'test'], [9000, 'down', 'LOS', 'maintenance']);
    expect(both.model.lines.size).toBe(0);
    expect(both.run.kernel.control[L.CTL_LINES_SEEN]).toBe(0);
    await both.apply([5, 'down', 'LOS'], [9000, 'up', 'test'], [9, 'up', 'LOS']);
    expect(both.findings).toMatchObject([{ start: 5, end: 9 }]);
    const { control } = both.run.kernel;
    expect(control[L.CTL_IGNORED]).toBe(3);
    expect([control[L.CTL_LATE], control[L.CTL_DUPLICATES]]).toEqual([0, 0]);
  });

  it('are matched as a whole, each list by itself', async () => {
    const both = new Both(checked, { ignore });
    await both.apply([1, 'down', 'testing'], [2, 'up', 'testing'], [3, 'down', 'maintenance']);
    await both.apply([4, 'up', 'maintenance'], [5, 'down', 'tes', 'test'], [6, 'up', 'tes']);
    expect(both.findings.length).toBe(3);
    expect(both.run.kernel.control[L.CTL_IGNORED]).toBe(0);
  });

  it('do not keep an alarm active that was raised before: its clear is applied', async () => {
    const both = new Both(checked, {});
    await both.apply([1, 'down', 'test'], [2, 'down', 'LOS']);
    both.changeRules({ ignore });
    await both.apply([3, 'down', 'test'], [4, 'up', 'test'], [5, 'up', 'LOS', 'maintenance']);
    expect(both.findings).toMatchObject([{ start: 1, end: 5 }]);
    expect(both.run.kernel.control[L.CTL_IGNORED]).toBe(1);
  });

  it('are known in a kernel that grew or was restored', async () => {
    const run = new KernelRun({ checked, rules: { ignore } });
    await run.columns([raiseOf('test', 1)]);
    const names = Array.from({ length: 40 }, (_, i) => raiseOf(`alarm ${i}`, 2));
    await run.columns(names);
    await run.columns([raiseOf('test', 3)]);
    expect(run.kernel.control[L.CTL_IGNORED]).toBe(2);
    const capacities = { lines: 9, names: 60, nameBytes: 3000, alarms: 60 };
    const after = new KernelRun({ checked, rules: { ignore }, capacities });
    after.restore(run.copyState());
    await after.columns([raiseOf('test', 4)]);
    expect(after.kernel.control[L.CTL_IGNORED]).toBe(3);
  });
});
