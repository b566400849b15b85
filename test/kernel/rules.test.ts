// The rules of the kernel against the naive twin: findings and their order, counters, unknown
// periods, open state; however the events come in, whatever the rules, while the kernel grows.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import type { Finding } from '../../src/pipeline/findings.js';
import { type Scenario, type Step, scenarios, someRules } from '../judge/scenario.js';
import type { Rules } from '../model.js';
import { type Judged, expectSameChatter, judge } from './judged.js';
import type { OpenRow } from './rows.js';
import { BUILDS, KernelRun, kernelRules, onBothBuilds, stepText } from './run.js';

const RUNS = { numRuns: 200, seed: 20061130 };

/** A way into the kernel, and the positions that it gives to the steps. */
interface Entrance {
  readonly fold: (run: KernelRun, steps: readonly Step[], from: number) => Promise<void>;
  readonly positions: (steps: readonly Step[]) => number[];
}

const indices = (steps: readonly Step[]): number[] => steps.map((_, i) => i);
const textOf = (step: Step): Buffer => Buffer.from(`${stepText(step)}\n`);

const ENTRANCES = {
  columns: {
    fold: (run, steps, from) => run.columns(steps, from),
    positions: indices,
  },
  frames: {
    fold: (run, steps, from) => run.frames(steps.map(textOf), from),
    positions: indices,
  },
  stream: {
    fold: (run, steps) => run.stream(steps.map(textOf), false),
    positions: (steps) => {
      let at = 0;
      return steps.map((step) => (at += textOf(step).length) - textOf(step).length);
    },
  },
} as const satisfies Readonly<Record<string, Entrance>>;
const CASES = onBothBuilds([
  { entrance: 'columns' },
  { entrance: 'frames' },
  { entrance: 'stream' },
] as const);

/** Findings by line, in the order in which they came. */
function byLine(findings: readonly { readonly line: string }[]): Record<string, unknown> {
  const lines: Record<string, unknown[]> = {};
  for (const finding of findings) (lines[finding.line] ??= []).push(finding);
  return lines;
}

function sorted(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

/** Folds the steps, taking the open state half way and at the end. */
async function runOf(
  { aliases, steps }: Scenario,
  rules: Partial<Rules>,
  checked: boolean,
  { fold }: Entrance = ENTRANCES.columns,
): Promise<KernelRun> {
  const run = new KernelRun({ checked, rules, aliases });
  const half = Math.floor(steps.length / 2);
  await fold(run, steps.slice(0, half), 0);
  run.takeOpen();
  await fold(run, steps.slice(half), half);
  run.takeOpen();
  run.takeChatter();
  return run;
}

function expectSameState(run: KernelRun, judged: Judged): void {
  const { control } = run.kernel;
  const { model } = judged;
  expect(sorted(run.spans)).toEqual(sorted(judged.spans));
  expect(sorted(run.unknown)).toEqual(sorted(judged.unknown));
  expect(Object.fromEntries(run.open)).toEqual(Object.fromEntries(judged.open));
  expect(run.lineIds).toEqual([...model.lines.keys()]);
  expect(control[L.CTL_LATE]).toBe(model.late);
  expect(control[L.CTL_DUPLICATES]).toBe(model.duplicates);
  expect(control[L.CTL_IGNORED]).toBe(model.ignored);
  expectSameChatter(run.chatter, model);
  expect(control[L.CTL_EFFECTIVE_MS]).toBe(model.maxEffective ?? -1);
}

describe('the kernel gives what the twin gives', () => {
  it.each(CASES)('from $entrance ($build)', async ({ entrance, checked }) => {
    const property = fc.asyncProperty(
      scenarios(40),
      fc.option(someRules, { freq: 2, nil: {} }),
      async (scenario, others) => {
        const rules = kernelRules({ ...others, starts: true });
        const { positions } = ENTRANCES[entrance];
        const run = await runOf(scenario, rules, checked, ENTRANCES[entrance]);
        const judged = judge(scenario, rules, positions(scenario.steps));
        expect(byLine(run.findings)).toEqual(byLine(judged.findings));
        expectSameState(run, judged);
        const before = run.findings.length;
        const c = judged.model.maxEffective ?? 0;
        await run.read(c);
        expect(byLine(run.findings.slice(before))).toEqual(byLine(judged.model.read()));
        expectSameState(run, judged);
      },
    );
    await fc.assert(property, RUNS);
  });

  it.each(BUILDS)('read at any time, changing nothing ($build)', async ({ checked }) => {
    const property = fc.asyncProperty(
      scenarios(30),
      fc.nat(10_000_000),
      async (scenario, later) => {
        const run = await runOf(scenario, {}, checked);
        const { model } = judge(scenario, {});
        for (const c of [(model.maxEffective ?? 0) + later, model.maxEffective ?? 0]) {
          const before = run.findings.length;
          await run.read(c);
          expect(byLine(run.findings.slice(before))).toEqual(byLine(model.read(c)));
        }
      },
    );
    await fc.assert(property, { ...RUNS, numRuns: 100 });
  });
});

/** Findings come exactly in the model's order. */
async function expectFileOrder(
  checked: boolean,
  capacities: Readonly<Record<string, number>>,
): Promise<void> {
  const property = fc.asyncProperty(scenarios(40), async (scenario) => {
    const rules = { starts: true };
    const run = new KernelRun({ checked, rules, aliases: scenario.aliases, capacities });
    await run.columns(scenario.steps);
    expect(run.findings).toEqual(judge(scenario, rules).findings satisfies readonly Finding[]);
  });
  await fc.assert(property, RUNS);
}

describe('findings stand in the order of a file', () => {
  /** Room for all findings of a scenario: one drain. */
  const wide = { findings: 4000, events: 4000, alarms: 400, lines: 50, names: 50, aliases: 50 };

  it.each(BUILDS)('by event, line and kind, taken at once ($build)', async ({ checked }) => {
    await expectFileOrder(checked, { ...wide, keyBytes: 20_000, nameBytes: 20_000 });
  });

  it.each(BUILDS)('by event, line and kind, taken in small parts ($build)', async ({ checked }) => {
    await expectFileOrder(checked, {});
  });

  it.each(BUILDS)('what is read, by the line’s first appearance ($build)', async ({ checked }) => {
    const property = fc.asyncProperty(scenarios(40), async (scenario) => {
      const run = await runOf(scenario, {}, checked);
      const { model } = judge(scenario, {});
      const before = run.findings.length;
      await run.read(model.maxEffective ?? 0);
      expect(run.findings.slice(before)).toEqual(model.read());
    });
    await fc.assert(property, RUNS);
  });
});

describe('the one principle', () => {
  it.each(BUILDS)('any interleaving gives a line the same findings ($build)', async (build) => {
    const property = fc.asyncProperty(
      scenarios(30),
      fc.array(fc.nat(99), { maxLength: 300, size: 'max' }),
      async ({ steps }, order) => {
        const run = new KernelRun(build);
        const mixed = new KernelRun(build);
        await run.columns(steps);
        await mixed.columns(interleaved(steps, order));
        run.takeOpen();
        mixed.takeOpen();
        expect(byLine(mixed.findings)).toEqual(byLine(run.findings));
        expect([...mixed.open.keys()].toSorted()).toEqual([...run.open.keys()].toSorted());
        for (const [line, open] of run.open) {
          expect(withoutPlace(mixed.open.get(line)!)).toEqual(withoutPlace(open));
        }
      },
    );
    await fc.assert(property, { ...RUNS, numRuns: 100 });
  });
});

/** Open state without the position in the log. */
function withoutPlace({ down, ...open }: OpenRow): unknown {
  return { ...open, down: down && { ...down, first: 0 } };
}

/** The steps of each line in their order, the lines mixed anew by `order`. */
function interleaved(steps: readonly Step[], order: readonly number[]): Step[] {
  const queues = new Map<string, Step[]>();
  for (const step of steps) {
    const line = step.kind === 'event' ? step.event.line : step.line;
    queues.set(line, [...(queues.get(line) ?? []), step]);
  }
  const mixed: Step[] = [];
  for (let i = 0; queues.size > 0; i++) {
    const lines = [...queues.keys()];
    const line = lines[(order[i] ?? 0) % lines.length];
    const queue = queues.get(line)!;
    mixed.push(queue.shift()!);
    if (queue.length === 0) queues.delete(line);
  }
  return mixed;
}
