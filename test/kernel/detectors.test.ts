// The detectors beside the primary one, classes of lines, resets and other rules: the kernel against the
// naive twin, in kernels that grow and drain on the way, with a snapshot anywhere, and however the
// lines are mixed.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { placeDetectors } from '../../src/kernel/detector-places.js';
import { grow } from '../../src/kernel/grow.js';
import { type Control, type Stretch, applyStretches } from '../judge/detectors.js';
import { controlled, detectorRules } from '../judge/detectors.js';
import { scenarios } from '../judge/scenario.js';
import { Model, type Rules } from '../model.js';
import { Both, type Short } from './both.js';
import { BUILDS, KernelRun, SMALL } from './run.js';

const RUNS = { numRuns: 250, seed: 20061130 };
const LATER_MS = [0, 1000, 600_000, 1_800_000, 50_000_000];

/** Findings by line, in the order in which they came. */
function byLine(findings: readonly { readonly line: string }[]): Record<string, unknown> {
  const lines: Record<string, unknown[]> = {};
  for (const finding of findings) (lines[finding.line] ??= []).push(finding);
  return lines;
}

async function control(run: KernelRun, step: Control | null, position: number): Promise<void> {
  await run.fold.drain();
  if (step?.kind === 'reset') await run.reset(step.line);
  if (step?.kind === 'class') await run.setClass(step.line, step.name);
  if (step?.kind === 'add-alias') run.addAlias(step.key, step.line);
  if (step?.kind === 'end-alias') await run.endAlias(step.key, step.line, position);
  if (step?.kind === 'rules') run.changeRules(step.rules);
  if (step?.kind === 'grow') run.fold.kernel = grow(run.kernel);
}

async function fold(run: KernelRun, stretches: readonly Stretch[]): Promise<void> {
  let position = 0;
  for (const stretch of stretches) {
    await run.columns(stretch.steps, position);
    position += stretch.steps.length;
    await control(run, stretch.control, position);
  }
}

/** The open episodes of the other detectors as the twin has them, by line. */
function openEpisodes(model: Model): Record<string, unknown> {
  const open: Record<string, unknown> = {};
  for (const state of model.lines.values()) {
    const c = (state.ended ?? 0) + 1e15;
    const episodes = model.detectors.openOf(state);
    // When they end, if nothing more happens: an end that waits is then stored.
    model.asStored(state, c, () => {
      const stored = model.detectors.openOf(state);
      for (const name of Object.keys(episodes)) episodes[name] = stored[name];
      return [];
    });
    if (Object.keys(episodes).length > 0) open[state.line] = episodes;
  }
  return open;
}

describe('detectors, classes, resets and other rules', () => {
  it.each(BUILDS)('are judged as the twin judges them ($build)', async ({ checked }) => {
    const seen = new Map<string, number>();
    const property = fc.asyncProperty(
      controlled(40),
      detectorRules,
      async ({ aliases, stretches }, rules) => {
        const run = new KernelRun({ checked, rules, aliases });
        const model = new Model(rules, aliases);
        await fold(run, stretches);
        applyStretches(model, stretches);
        expect(byLine(run.findings)).toEqual(byLine(model.findings));
        run.takeOpen();
        expect(Object.fromEntries(run.episodes)).toEqual(openEpisodes(model));
        for (const { kind, detector, reset } of run.findings) {
          const what = `${reset ? 'reset ' : ''}${kind} ${detector === 'window' ? '' : 'other'}`;
          seen.set(what, (seen.get(what) ?? 0) + 1);
        }
        for (const later of LATER_MS) {
          const before = run.findings.length;
          await run.read((model.maxEffective ?? 0) + later);
          const read = model.read((model.maxEffective ?? 0) + later);
          expect(byLine(run.findings.slice(before))).toEqual(byLine(read));
        }
      },
    );
    await fc.assert(property, RUNS);
    for (const what of ['flap-start other', 'flap-end other', 'transient other']) {
      expect(seen.get(what), what).toBeGreaterThan(30);
    }
    expect(seen.get('transient other')).toBeGreaterThan(100);
  });

  it.each(BUILDS)('go on from a snapshot taken anywhere ($build)', async ({ checked }) => {
    const property = fc.asyncProperty(
      scenarios(40),
      detectorRules,
      fc.nat(1000),
      async ({ steps, aliases }, rules, cut) => {
        const at = Math.floor((steps.length * cut) / 1000);
        const whole = new KernelRun({ checked, rules, aliases });
        await whole.columns(steps);
        const before = new KernelRun({ checked, rules, aliases });
        await before.columns(steps.slice(0, at));
        const capacities = {
          ...SMALL,
          lines: 41,
          keyBytes: 5000,
          names: 31,
          alarms: 61,
          aliases: 21,
        };
        const after = new KernelRun({ checked, rules, capacities });
        after.restore(before.copyState());
        await after.columns(steps.slice(at), at);
        for (const run of [whole, after]) await run.read(1_200_000_000_000);
        // By line: growing in the middle of a fan-out drains the lines before it first.
        expect(byLine([...before.findings, ...after.findings])).toEqual(byLine(whole.findings));
        expect(after.copyState()).toEqual(whole.copyState());
      },
    );
    await fc.assert(property, { ...RUNS, numRuns: 100 });
  });

  it.each(BUILDS)('go on from a snapshot under other rules ($build)', async ({ checked }) => {
    const property = fc.asyncProperty(
      scenarios(40),
      fc.tuple(detectorRules, detectorRules),
      fc.nat(1000),
      async ({ steps }, [first, second], cut) => {
        const at = Math.floor((steps.length * cut) / 1000);
        const before = new KernelRun({ checked, rules: first });
        await before.columns(steps.slice(0, at));
        const after = new KernelRun({
          checked,
          rules: first,
          capacities: { lines: 50, alarms: 60 },
        });
        after.restore(before.copyState());
        after.changeRules(second);
        await after.columns(steps.slice(at), at);
        const model = new Model(first);
        applyStretches(model, [
          { steps: steps.slice(0, at), control: { kind: 'rules', rules: second } },
          { steps: steps.slice(at), control: null },
        ]);
        const found = [...before.findings, ...after.findings];
        expect(byLine(found)).toEqual(byLine(model.findings));
      },
    );
    await fc.assert(property, { ...RUNS, numRuns: 100 });
  });

  it.each(BUILDS)('see of a line its own events alone ($build)', async ({ checked }) => {
    const property = fc.asyncProperty(scenarios(40), detectorRules, async ({ steps }, rules) => {
      const whole = new KernelRun({ checked, rules });
      await whole.columns(steps);
      const nameOf = (step: (typeof steps)[number]): string =>
        step.kind === 'event' ? step.event.line : step.line;
      const alone = new KernelRun({ checked, rules });
      await alone.columns(steps.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)));
      expect(byLine(alone.findings)).toEqual(byLine(whole.findings));
    });
    await fc.assert(property, { ...RUNS, numRuns: 100 });
  });
});

/** Both forms of the weighted detector with these limits. */
function weightedBy(high: number, low: number): Partial<Rules> {
  const forms = ['icinga', 'nagios'] as const;
  const detectors = forms.map((form) => ({
    kind: 'weighted' as const,
    form,
    name: form,
    high,
    low,
    shadow: false,
    classes: [],
    quietMs: 1_800_000,
  }));
  return { detectors };
}

/** Since when an episode's start says it is. */
function sinceOf(found: object): number | null {
  return 'since' in found ? Number(found.since) : null;
}

/** A state as layout 4 has it: nothing says when two samples were last taken at one instant. */
function asLayout4(copy: ReturnType<KernelRun['copyState']>, run: KernelRun) {
  const { samples, headsStride } = placeDetectors(run.kernel.options.rules);
  const heads = copy.sections[L.SECTION_HEADS].slice();
  const view = new DataView(heads.buffer);
  for (let at = samples!.at; at < heads.length; at += headsStride) {
    view.setUint32(at, view.getUint32(at, true) & ((1 << L.SAMPLES_APART_SHIFT) - 1), true);
  }
  return { ...copy, sections: copy.sections.with(L.SECTION_HEADS, heads) };
}

describe('samples of which many are taken at one instant', () => {
  const weightedRules = weightedBy(20, 15);
  const upOrDown = fc.constantFrom('up' as const, 'up' as const, 'up' as const, 'down' as const);
  const many = fc.constantFrom(...Array.from({ length: 40 }, () => 0), 1, 60_000, 2_000_000);
  const events = fc.array(fc.record({ gapMs: many, state: upOrDown }), {
    minLength: 60,
    maxLength: 120,
    size: 'max',
  });

  it.each(BUILDS)('are those of the twin, from layout 4 on too ($build)', async ({ checked }) => {
    let counted = 0;
    const property = fc.asyncProperty(events, fc.nat(1000), async (drawn, cut) => {
      let time = 0;
      const steps = drawn.map(({ gapMs, state }) => {
        time += gapMs;
        return { kind: 'event' as const, event: { line: 'A', time, state } };
      });
      const model = new Model(weightedRules);
      for (const [i, step] of steps.entries()) {
        const found = model.findings.length;
        model.apply(step.event);
        const begun = model.findings.slice(found).filter(({ kind }) => kind === 'flap-start');
        const gone = steps.slice(0, Math.max(0, i - 19)).map(({ event }) => event);
        counted += begun.filter((start) =>
          gone.some((event) => event.state === 'down' && event.time === sinceOf(start)),
        ).length;
      }
      const whole = new KernelRun({ checked, rules: weightedRules });
      await whole.columns(steps);
      expect(whole.findings).toEqual(model.findings);
      const at = Math.floor((steps.length * cut) / 1000);
      const before = new KernelRun({ checked, rules: weightedRules });
      await before.columns(steps.slice(0, at));
      const after = new KernelRun({ checked, rules: weightedRules });
      after.restore(asLayout4(before.copyState(), before));
      await after.columns(steps.slice(at), at);
      expect([...before.findings, ...after.findings]).toEqual(model.findings);
    });
    await fc.assert(property, { ...RUNS, numRuns: 100 });
    // Episodes since an instant of which a raise had left the samples.
    expect(counted).toBeGreaterThan(100);
  });
});

describe('two samples at one instant, and no others', () => {
  it.each(BUILDS)(
    'count both starts up to the last sample that can ($build)',
    async ({ checked }) => {
      let counted = 0;
      for (const high of [13, 14, 15, 16, 18, 20]) {
        for (let between = 10; between < 20; between++) {
          const states = ['down', 'up', ...Array.from({ length: between }, () => 'up')];
          states.push('down', 'up', 'down', 'up', 'down', 'up');
          const both = new Both(checked, weightedBy(high, high - 1));
          await both.apply(
            ...states.map((each, i): Short => [1000 + Math.max(0, i - 1), each as 'down' | 'up']),
          );
          const begun = both.findings.filter(({ kind }) => kind === 'flap-start');
          for (const { interruptions } of await both.read(90_000_000))
            expect(interruptions).not.toBe(0);
          counted += begun.filter(
            (each) => sinceOf(each) === 1000 && Number(each['at']) >= 1019,
          ).length;
        }
      }
      expect(counted).toBeGreaterThan(3);
    },
    180_000,
  );
});

describe('without other detectors', () => {
  it.each(BUILDS)('a line needs no byte for them ($build)', async ({ checked }) => {
    const run = new KernelRun({ checked });
    await run.columns([{ kind: 'event', event: { line: 'A', time: 1, state: 'down' } }]);
    const rules: Partial<Rules> = { detectors: [] };
    run.changeRules(rules);
    const { sections } = run.copyState();
    expect(sections[L.SECTION_HEADS].length + sections[L.SECTION_TAILS].length).toBe(0);
  });
});
