// Restarts: whatever ends a run, the next one goes on so that the documented views equal, row for row,
// those of a run that was never ended. The embedded broker lives in this process, so that it survives
// the services that are killed.

import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ServiceOptions } from '../../src/app.js';
import { PENALTY_PRESETS, WEIGHTED_PRESETS } from '../../src/config/presets.js';
import { DEFAULT_RULES, type Rules } from '../../src/config/rules.js';
import { EMBEDDED_PARTITIONS } from '../../src/source/embedded.js';
import { CAUSE_VIEW_DOCS } from '../../src/store/cause-views.js';
import { PLANNED_VIEW_DOCS } from '../../src/store/planned.js';
import { RECORD_VIEW_DOCS } from '../../src/store/record-views.js';
import { seededChoose } from '../judge/choose.js';
import { startChild, startingChild } from '../host/service-child.js';
import { rowsOf, temporaryFolder, until, untilRead, viewsOf } from '../host/service-fixture.js';
import { NEVER_MS, expectEachOnce, newTopic, readAll, reading, usesTopics } from './recovering.js';
import type { FilledTopic, TopicRecord } from './topic.js';
import { traffic } from './traffic.js';

const SEED = Number(process.env['FLAPLINE_SEED'] ?? 20061130);

const OTHER_RULES: Rules = {
  ...DEFAULT_RULES,
  flap: [
    { starts: 7, windowMs: 900_000 },
    { starts: 3, windowMs: 120_000 },
  ],
};

const ANYWHERE = { shadow: false, classes: [] } as const;
/** Every rule, every detector so easily set off that each view has rows. */
const ALL_RULES: Rules = {
  ...DEFAULT_RULES,
  mergeGapMs: 1_000,
  correctionMs: 500,
  staleAfterMs: 600_000,
  chatter: true,
  detectors: [
    { ...ANYWHERE, ...PENALTY_PRESETS.flapline, kind: 'penalty', name: 'penalty', shadow: true },
    {
      ...ANYWHERE,
      ...WEIGHTED_PRESETS.icinga,
      kind: 'weighted',
      name: 'icinga',
      quietMs: 1_800_000,
    },
    {
      ...ANYWHERE,
      kind: 'transient',
      name: 'transient',
      windowMs: 86_400_000,
      countMax: 1,
      durationMsMax: 60_000,
    },
  ],
};
const ALL = { rules: ALL_RULES };
/** Empty without records of lines and components, and without channels to notify. */
const EMPTY_HERE = new Set([
  ...Object.keys({ ...CAUSE_VIEW_DOCS, ...PLANNED_VIEW_DOCS, ...RECORD_VIEW_DOCS }),
  'cause_feedback',
  'notices',
  'shelves',
  'line_notes',
  'lines_on_several_partitions',
]);

usesTopics();

/** The views of a folder equal those of an uninterrupted run over the same topic. */
async function expectAsUninterrupted(topic: FilledTopic, folder: string): Promise<void> {
  const whole = temporaryFolder();
  await readAll(topic, whole, ALL);
  const views = await viewsOf(whole);
  expect(await viewsOf(folder)).toEqual(views);
  // Every view of the stream must have something to compare.
  const empty = Object.keys(views).filter((name) => views[name].length === 0);
  expect(empty.filter((name) => !EMPTY_HERE.has(name))).toEqual([]);
  await expectEachOnce(folder);
}

describe('a clean stop', () => {
  it('and starts again: nothing is lost, nothing is double', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    const records = traffic(SEED, 2_400);
    for (let from = 0; from < records.length; from += 800) {
      await topic.add(records.slice(from, from + 800));
      expect(await readAll(topic, folder, ALL)).toEqual([]);
    }
    expect(await readAll(topic, folder, ALL)).toEqual([]);
    await expectAsUninterrupted(topic, folder);
    const rules = await rowsOf(folder, `select partition_id from control order by all`);
    expect(rules).toHaveLength(EMBEDDED_PARTITIONS);
  });

  it('goes on in a folder that was moved, and leaves no stray snapshots behind', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(traffic(SEED, 400));
    await readAll(topic, folder, ALL);
    const moved = temporaryFolder();
    cpSync(folder, moved, { recursive: true });
    rmSync(folder, { recursive: true });
    const snapshots = join(moved, 'snapshots');
    writeFileSync(join(snapshots, '1-0-0-5-7.snapshot'), 'of a crash');
    writeFileSync(join(snapshots, '1-0-0-5-8.snapshot.part'), 'of a crash');
    await topic.add(traffic(SEED + 1, 400));
    expect(await readAll(topic, moved, ALL)).toEqual([]);
    const named = await rowsOf<{ file: string }>(moved, 'select file from snapshot');
    expect(readdirSync(snapshots).toSorted()).toEqual(named.map(({ file }) => file).toSorted());
    await expectAsUninterrupted(topic, moved);
  });

  it('and without its snapshots reads the log again from its start', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(traffic(SEED, 400));
    await readAll(topic, folder, ALL);
    rmSync(join(folder, 'snapshots'), { recursive: true });
    await topic.add(traffic(SEED + 1, 400));
    const notes = await readAll(topic, folder, ALL);
    expect(notes.filter((note) => note.includes('cannot be read'))).toHaveLength(4);
    await expectAsUninterrupted(topic, folder);
  });
});

/** Produces records while services are killed, a life each; the last one reads to the end and stops. */
async function throughKills(
  topic: FilledTopic,
  records: readonly TopicRecord[],
  lives: readonly ServiceOptions[],
): Promise<void> {
  const choose = seededChoose(SEED);
  const share = Math.ceil(records.length / lives.length);
  for (const [i, options] of lives.entries()) {
    const own = records.slice(i * share, (i + 1) * share);
    const child = await startChild(options);
    const cut = choose(own.length);
    await topic.add(own.slice(0, cut));
    if (choose(2) === 0) await untilRead(child, topic.ends);
    if (i < lives.length - 1) await child.kill();
    await topic.add(own.slice(cut));
    if (i === lives.length - 1) {
      await untilRead(child, topic.ends);
      await child.stop();
    }
  }
}

describe('kill -9', () => {
  it(`at any moment changes nothing in the views (seed ${SEED})`, async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    // Snapshots never, often, never again: all ways from a snapshot, or none, to the commit.
    const lives = [NEVER_MS, NEVER_MS, 60, NEVER_MS, 60, 60].map((snapshotEveryMs, i) =>
      reading(topic, folder, { ...ALL, snapshotEveryMs, commitEveryMs: [10, 100][i % 2] }),
    );
    await topic.add(traffic(SEED + 5, 200));
    await throughKills(topic, traffic(SEED, 6_000), lives);
    await expectAsUninterrupted(topic, folder);
  }, 180_000);

  it('while it recovers changes nothing either', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(traffic(SEED, 2_000));
    const options = reading(topic, folder, { ...ALL, snapshotEveryMs: 60 });
    for (const notes of [1, 2]) {
      const child = startingChild(options);
      await until('it says something', () => child.notes.length >= notes);
      await child.kill();
    }
    await readAll(topic, folder, { ...ALL, snapshotEveryMs: 60 });
    await expectAsUninterrupted(topic, folder);
  }, 180_000);
});

describe('changed rules', () => {
  it('hold from the restart on, and after crashes give the same again', async () => {
    const topic = await newTopic();
    const [folder, whole] = [temporaryFolder(), temporaryFolder()];
    await topic.add(traffic(SEED, 1_500));
    await readAll(topic, folder);
    await readAll(topic, whole);
    const positions = await rowsOf<{ position: number }>(
      folder,
      'select partition, position from progress_now order by partition',
    );
    const never = { rules: OTHER_RULES, snapshotEveryMs: NEVER_MS };
    const lives = [never, never, { rules: OTHER_RULES, snapshotEveryMs: 60 }, never];
    await throughKills(
      topic,
      traffic(SEED + 1, 3_000),
      lives.map((replaced) => reading(topic, folder, replaced)),
    );
    await readAll(topic, whole, { rules: OTHER_RULES });
    expect(await viewsOf(folder)).toEqual(await viewsOf(whole));
    await expectEachOnce(folder);
    const control = await rowsOf<{ position: number; payload: string }>(
      folder,
      `select c.position, c.payload from control c join log_partition p using (partition_id)
       where kind = 'rules' order by c.position = 0 desc, p.partition`,
    );
    expect(control.map(({ position }) => position)).toEqual([
      ...positions.map(() => 0),
      ...positions.map(({ position }) => position),
    ]);
    expect(control.map(({ payload }) => JSON.parse(payload) as Rules)).toEqual([
      ...positions.map(() => DEFAULT_RULES),
      ...positions.map(() => OTHER_RULES),
    ]);
    await expectRulesInTheirTime(folder);
  });
});

/** Episodes of the old rules are still there, those of the new ones began later, some of each. */
async function expectRulesInTheirTime(folder: string): Promise<void> {
  const rules = await rowsOf<{ rule: string; episodes: number }>(
    folder,
    'select rule, count(*) as episodes from episodes group by rule order by rule',
  );
  const words = rules.map(({ rule }) => rule);
  expect(words).toEqual(expect.arrayContaining(['4 in 10m', '3 in 2m']));
}
