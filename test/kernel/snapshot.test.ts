// A state copied at any point and restored into another kernel, of other sizes, goes on as if nothing
// had happened: same findings, same state to the byte. What does not fit is refused.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CAPACITIES } from '../../src/kernel/kernel.js';
import type { Capacities } from '../../src/kernel/kernel.js';
import { expectSameFindings } from '../judge/multiset.js';
import { type Scenario, applySteps, modelOf, scenarios, someRules } from '../judge/scenario.js';
import type { Rules } from '../model.js';
import { BUILDS, KernelRun, SMALL, kernelRules } from './run.js';

const RUNS = { numRuns: 100, seed: 20061130 };

/** Sizes in which the state of a scenario fits, each in its own way. */
const ROOMY: readonly Capacities[] = [
  { ...SMALL, lines: 40, keyBytes: 4000, names: 30, nameBytes: 3000, alarms: 60, aliases: 20 },
  { ...SMALL, lines: 33, keyBytes: 9001, names: 17, nameBytes: 1234, alarms: 77, aliases: 9 },
  { ...DEFAULT_CAPACITIES, inboxBytes: 4096, lines: 1000, keyBytes: 20_000, alarms: 1000 },
];

/** The most starts that a rule looks back on. */
function largest({ flap }: Rules): number {
  return Math.max(...flap.map(({ starts }) => starts));
}

async function runAll(
  checked: boolean,
  { aliases, steps }: Scenario,
  rules: Partial<Rules> = {},
): Promise<KernelRun> {
  const run = new KernelRun({ checked, aliases, rules: { ...rules, starts: true } });
  await run.columns(steps);
  return run;
}

describe('a restored state goes on', () => {
  it.each(BUILDS)('as if nothing had happened ($build)', async ({ checked }) => {
    const property = fc.asyncProperty(
      scenarios(40),
      fc.nat(1000),
      fc.constantFrom(...ROOMY),
      fc.option(someRules, { nil: {} }),
      async (scenario, cut, capacities, some) => {
        const { steps, aliases } = scenario;
        const rules = { ...some, starts: true };
        const whole = await runAll(checked, scenario, rules);
        const at = Math.floor((steps.length * cut) / 1000);
        const before = await runAll(checked, { aliases, steps: steps.slice(0, at) }, rules);
        const copy = before.copyState();
        const after = new KernelRun({ checked, capacities, rules });
        after.restore(copy);
        expect(after.copyState()).toEqual(copy);
        await after.columns(steps.slice(at), at);
        for (const run of [whole, after]) await run.read(1_200_000_000_000);
        expect([...before.findings, ...after.findings]).toEqual(whole.findings);
        expect([...before.spans, ...after.spans]).toEqual(whole.spans);
        expect(after.copyState()).toEqual(whole.copyState());
        for (const [of, chatter] of after.chatter) expect(whole.chatter.get(of)).toEqual(chatter);
      },
    );
    await fc.assert(property, RUNS);
  });

  it.each(BUILDS)(
    'in a kernel that grew on the way, byte for byte ($build)',
    async ({ checked }) => {
      const property = fc.asyncProperty(
        scenarios(40),
        fc.option(someRules, { nil: {} }),
        async ({ steps, aliases }, rules) => {
          const [small, large] = [{}, ROOMY[2]].map((capacities) => {
            return new KernelRun({ checked, aliases, capacities, rules });
          });
          for (const run of [small, large]) await run.columns(steps);
          expect(small.copyState()).toEqual(large.copyState());
        },
      );
      await fc.assert(property, RUNS);
    },
  );
});

describe('a restored state goes on under other rules', () => {
  const rules = someRules.map((some) => kernelRules({ ...some, starts: true }));
  const pairs = fc.tuple(rules, rules).filter(([one, other]) => {
    return one.flap.length > 0 && other.flap.length > 0;
  });

  it.each([
    ['that look back as far', BUILDS[0], true],
    ['that look back as far', BUILDS[1], true],
    ['that look back on more or fewer starts', BUILDS[0], false],
    ['that look back on more or fewer starts', BUILDS[1], false],
  ] as const)('%s (%o)', async (_, { checked }, sameLargest) => {
    const chosen = pairs.filter(
      ([one, other]) => (largest(one) === largest(other)) === sameLargest,
    );
    const property = fc.asyncProperty(scenarios(40), fc.nat(1000), chosen, async (...drawn) => {
      const [{ steps }, cut, [first, second]] = drawn;
      const at = Math.floor((steps.length * cut) / 1000);
      const before = new KernelRun({ checked, rules: first });
      await before.columns(steps.slice(0, at));
      const after = new KernelRun({ checked, rules: first, capacities: ROOMY[0] });
      after.restore(before.copyState());
      after.changeRules(second);
      await after.columns(steps.slice(at), at);
      const model = modelOf({ aliases: [], steps: steps.slice(0, at) }, first);
      model.changeRules(second);
      applySteps(model, steps.slice(at));
      expectSameFindings([...before.findings, ...after.findings], model.findings);
    });
    await fc.assert(property, RUNS);
  });
});

describe('a state that does not fit is refused', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
  const scenario: Scenario = {
    aliases: lines.map((line) => ['port', line]),
    steps: lines.flatMap((line) => [
      { kind: 'event', event: { line, time: 1, state: 'down', alarm: line, cause: line } } as const,
    ]),
  };
  const fits = { lines: 31, keyBytes: 600, names: 31, nameBytes: 600, alarms: 30, aliases: 30 };

  it.each(BUILDS)('$build', async ({ checked }) => {
    const copy = (await runAll(checked, scenario)).copyState();
    const restoreInto = (capacities: Partial<Capacities>): KernelRun => {
      const run = new KernelRun({ checked, capacities });
      run.restore(copy);
      return run;
    };
    expect(restoreInto(fits).copyState()).toEqual(copy);
    for (const [region, size] of Object.entries(fits)) {
      const less = { ...fits, [region]: Math.floor(size / 2) };
      expect(() => restoreInto(less), region).toThrow(
        expect.objectContaining({ code: 'BAD_CONFIG' }),
      );
    }
  });
});
