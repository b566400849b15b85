// The documented views against the naive twin, at many reading times: random streams with every rule
// on, resets, classes, other rules, aliases that come and go, snapshots and restarts on the way. Then
// those of a replay against its own findings.

import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORM_BEGINS, FORM_TRANSIENT } from '../../assembly/layout.js';
import type { Finding } from '../../src/pipeline/findings.js';
import { replay } from '../../src/pipeline/replay.js';
import { selectRows } from '../../src/store/sql.js';
import { openStore } from '../../src/store/store.js';
import { applyControl, controlled, detectorRules } from '../judge/detectors.js';
import { type Step, applySteps, scenarios } from '../judge/scenario.js';
import { type Rows, modelRows } from '../judge/stored.js';
import { kernelOptions, stepText } from '../kernel/run.js';
import { DEFAULT_RULES, Model, type Rules } from '../model.js';
import { temporaryFolder, usesServices } from './service-fixture.js';
import { COLUMNS, Life, expectSame, sorted, viewRows } from './store-life.js';

usesServices();

const LATER_MS = [0, 1, 1000, 200_001, 1_800_000, 50_000_000];
const SEED = 20061130;

/** The findings that the rows of views are. */
function findingsOf(views: Rows): object[] {
  const found: object[] = [];
  const rows = (name: string): Record<string, unknown>[] =>
    views[name] as Record<string, unknown>[];
  for (const { cause, uncertain, corrected, ...row } of rows('interruptions')) {
    const finding: Record<string, unknown> = { kind: 'interruption', ...row };
    if (cause !== null) finding['cause'] = cause;
    if (uncertain === true) finding['uncertain'] = true;
    const isCorrected = corrected !== Number(row['end']) - Number(row['start']);
    if (corrected !== null && isCorrected) finding['correctedMs'] = corrected;
    found.push(finding);
  }
  for (const { line, detector, rule, at, since, end, interruptions } of rows('episodes')) {
    const flap = { line, detector, rule, since };
    found.push({ kind: 'flap-start', at, ...flap });
    if (end !== null) found.push({ kind: 'flap-end', at: end, start: at, interruptions, ...flap });
  }
  for (const row of rows('repeat_faults')) found.push({ kind: 'repeat-fault', ...row });
  for (const { interruptions: count, ...row } of rows('transients')) {
    found.push({ kind: 'transient', count, ...row });
  }
  return found;
}

/** What is done at the end of each stretch. */
const ends = fc.array(fc.constantFrom('go on', 'commit', 'snapshot', 'restart'), { maxLength: 7 });

describe('the views of a store', () => {
  it(`hold what the twin says, whatever happens on the way (seed ${SEED})`, async () => {
    const seen = new Map<string, number>();
    const count = (wanted: Rows): void => {
      for (const [name, rows] of Object.entries(wanted)) {
        seen.set(name, (seen.get(name) ?? 0) + rows.length);
      }
    };
    const property = fc.asyncProperty(
      controlled(40),
      detectorRules,
      ends,
      async ({ aliases, stretches }, rules, then) => {
        const life = new Life(rules);
        const model = new Model(rules, aliases);
        await life.start();
        for (const [key, line] of aliases) await life.control({ kind: 'add-alias', key, line });
        for (const [i, stretch] of stretches.entries()) {
          await life.feed(stretch.steps);
          applySteps(model, stretch.steps);
          await life.control(stretch.control);
          applyControl(model, stretch.control);
          if (then[i] !== undefined && then[i] !== 'go on') await life.commit();
          if (then[i] === 'snapshot') await life.snapshot();
          if (then[i] !== 'restart') continue;
          await life.stop();
          await life.start();
        }
        await life.commit();
        for (const later of LATER_MS) {
          const c = (model.maxEffective ?? 0) + later;
          if (model.maxEffective === null) continue;
          const wanted = modelRows(model, c);
          expectSame(await viewRows(life.store, c), wanted);
          count(wanted);
        }
        await life.stop();
      },
    );
    await fc.assert(property, { numRuns: 30, seed: SEED });
    for (const name of Object.keys(COLUMNS)) expect(seen.get(name), name).toBeGreaterThan(50);
  }, 240_000);

  it('hold what an end that waits would find, from the end of its gap on', async () => {
    const rules: Rules = {
      ...DEFAULT_RULES,
      mergeGapMs: 1000,
      correctionMs: 100,
      detectors: [
        {
          name: 'many',
          shadow: true,
          classes: [],
          kind: 'transient',
          windowMs: 900_000,
          countMax: 2,
          durationMsMax: 1e9,
        },
        {
          name: 'decay',
          shadow: false,
          classes: [],
          kind: 'penalty',
          halfLifeUpMs: 5_000,
          halfLifeDownMs: 5_000,
          penaltyDown: 0,
          penaltyUp: 2_000,
          suppress: 3_000,
          reuse: 1_000,
          maxSuppressMs: 20_000,
        },
      ],
    };
    const life = new Life(rules);
    const model = new Model(rules);
    await life.start();
    const steps = [0, 500, 2_000, 2_500].map((ms, i): Step => {
      const state = i % 2 === 0 ? 'down' : 'up';
      return { kind: 'event', event: { line: 'A', time: 1e12 + ms, state } };
    });
    await life.feed(steps);
    applySteps(model, steps);
    await life.commit();
    const forms = 'select form from open_episode order by form';
    expect(await selectRows(life.store.writer, forms)).toEqual([
      { form: FORM_BEGINS },
      { form: FORM_TRANSIENT },
    ]);
    for (const ms of [2_500, 3_500, 3_501, 10_000, 12_000, 1e7]) {
      expectSame(await viewRows(life.store, 1e12 + ms), modelRows(model, 1e12 + ms));
    }
    expect(await viewRows(life.store, 1e12 + 3_500)).toMatchObject({
      transients: [],
      episodes: [],
    });
    expect((await viewRows(life.store, 1e12 + 3_501))['transients']).toHaveLength(1);
    await life.stop();
  });

  it(`hold what a replay of the same file finds (seed ${SEED})`, async () => {
    const property = fc.asyncProperty(
      scenarios(40),
      detectorRules,
      async (scenario, modelRules) => {
        const { rules } = kernelOptions({ checked: true, rules: modelRules });
        const folder = temporaryFolder();
        const [file, storeFile] = [join(folder, 'events.ndjson'), join(folder, 'store.duckdb')];
        writeFileSync(file, scenario.steps.map((step) => `${stepText(step)}\n`).join(''));
        const found: Finding[] = [];
        const { atMs } = await replay({
          files: [file],
          sort: false,
          rules,
          starts: false,
          zone: [],
          aliases: scenario.aliases,
          storeFile,
          onFindings: async (findings) => void found.push(...findings),
        });
        const store = await openStore(storeFile);
        const views = await viewRows(store, atMs ?? 0);
        store.close();
        expect(sorted(findingsOf(views))).toEqual(sorted(found));
      },
    );
    await fc.assert(property, { numRuns: 25, seed: SEED });
  }, 120_000);
});

describe('a kernel raised to its store', () => {
  it('stands as the store says, unknown until the next event of each line', async () => {
    const property = fc.asyncProperty(scenarios(40), detectorRules, async (scenario, rules) => {
      const life = new Life({ ...rules, detectors: [], chatter: false });
      await life.start();
      for (const [key, line] of scenario.aliases) {
        await life.control({ kind: 'add-alias', key, line });
      }
      await life.feed(scenario.steps);
      await life.commit();
      const before = await selectRows<OpenRow>(life.store.writer, OPEN);
      await life.raise();
      const after = await selectRows<OpenRow>(life.store.writer, OPEN);
      expect(after).toEqual(before.map((row) => Object.assign(row, { unknown: true })));
      await life.stop();
    });
    await fc.assert(property, { numRuns: 25, seed: SEED });
  }, 120_000);
});

interface OpenRow extends Record<string, number | boolean | null> {
  unknown: boolean;
}

const OPEN = 'select * from open_state order by line_id';
