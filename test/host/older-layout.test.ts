// A snapshot of layout 5, written by the program of commit d4e2410 over the first half of these
// events (older-layout.snapshot), is read and goes on as a kernel that read all of them.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES as KERNEL_RULES } from '../../src/config/rules.js';
import { ROOT } from '../../src/config/root.js';
import { readSnapshot, restoreKernel } from '../../src/kernel/snapshot.js';
import { BUILDS, KernelRun, copyState, kernelOptions } from '../kernel/run.js';
import type { Step } from '../judge/scenario.js';
import type { Rules } from '../model.js';

const FILE = join(ROOT, 'test/host/older-layout.snapshot');
const everywhere = { shadow: false, classes: [] };
const weighted = { kind: 'weighted', high: 30, low: 20, quietMs: 1_800_000 } as const;
/** One of each kind; the weighted ones stand between others, one judges a class alone. */
const RULES: Partial<Rules> = {
  classes: [{ name: 'vpn', rules: { ...KERNEL_RULES, flap: [] } }],
  detectors: [
    {
      ...everywhere,
      kind: 'penalty',
      name: 'penalty',
      halfLifeUpMs: 600_000,
      halfLifeDownMs: 600_000,
      penaltyDown: 1000,
      penaltyUp: 0,
      suppress: 3000,
      reuse: 1000,
      maxSuppressMs: 3_600_000,
    },
    { ...everywhere, ...weighted, name: 'icinga', form: 'icinga' },
    {
      ...everywhere,
      kind: 'window',
      name: 'slow',
      flap: [{ starts: 6, windowMs: 86_400_000 }],
      quietMs: 1_200_000,
    },
    { ...weighted, shadow: false, classes: ['vpn'], name: 'nagios', form: 'nagios' },
    {
      ...everywhere,
      kind: 'transient',
      name: 'transient',
      windowMs: 900_000,
      countMax: 4,
      durationMsMax: 60_000,
    },
  ],
};
const LINES = 4;
const EVENTS = 1200;

/** Event i: lines in turn, some in bursts, some after a rest, some twice at one instant. */
function stepOf(i: number): Step {
  const line = i % LINES;
  const isDown = (Math.floor(i / LINES) + (i % 11 === 0 ? 1 : 0)) % 2 === 1;
  const time = i * 10_000 + Math.floor(i / 90) * 2_000_000 - (i % 7 === 3 ? 10_000 : 0);
  return { kind: 'event', event: { line: `L${line}`, time, state: isDown ? 'down' : 'up' } };
}

const STEPS = Array.from({ length: EVENTS }, (_, i) => stepOf(i));

describe('a snapshot of layout 5', () => {
  it.each(BUILDS)('goes on as if this layout had written it ($build)', async ({ checked }) => {
    const whole = new KernelRun({ checked, rules: RULES });
    await whole.setClass('L1', 'vpn');
    await whole.columns(STEPS.slice(0, EVENTS / 2));
    whole.copyState();
    const found = whole.findings.length;
    await whole.columns(STEPS.slice(EVENTS / 2), EVENTS / 2);

    const snapshot = readSnapshot(FILE);
    expect(snapshot.header.layout).toBe(5);
    const run = new KernelRun({ checked, rules: RULES });
    run.fold.kernel = restoreKernel(snapshot, kernelOptions({ checked, rules: RULES }));
    await run.columns(STEPS.slice(EVENTS / 2), EVENTS / 2);
    expect(run.findings).toEqual(whole.findings.slice(found));
    const by = new Set(run.findings.map(({ kind, detector = '' }) => `${kind} ${detector}`));
    for (const detector of ['penalty', 'icinga', 'slow', 'nagios']) {
      expect(by).toContain(`flap-start ${detector}`);
      expect(by).toContain(`flap-end ${detector}`);
    }
    expect(by).toContain('transient transient');
    expect(copyState(run.kernel).state).toEqual(copyState(whole.kernel).state);
  });
});
