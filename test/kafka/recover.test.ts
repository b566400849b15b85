// Restarts: whatever ends a run, the next one goes on so that the documented views equal, row for row,
// those of a run that was never ended; and what a log lost is told, never guessed. The embedded broker
// lives in this process, so that it survives the services that are killed.

import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Timeline } from '../../src/api/contract.js';
import type { ServiceOptions } from '../../src/app.js';
import { DEFAULT_RULES, type Rules } from '../../src/config/rules.js';
import { EMBEDDED_BYTES_KEPT, EMBEDDED_PARTITIONS } from '../../src/source/embedded.js';
import { partitionOf } from '../../src/source/placement.js';
import { seededChoose } from '../judge/choose.js';
import { startChild, startingChild, usesChildren } from '../host/service-child.js';
import {
  type Said,
  ask,
  rowsOf,
  serviceOptions,
  start,
  temporaryFolder,
  until,
  untilRead,
  usesServices,
  viewsOf,
} from '../host/service-fixture.js';
import { type FilledTopic, type TopicRecord, openTopic } from './topic.js';
import { traffic } from './traffic.js';

const SEED = Number(process.env['FLAPLINE_SEED'] ?? 20061130);
const NEVER_MS = 3_600_000;
const TOPIC = 'alarms-of-lines';

const OTHER_RULES: Rules = {
  ...DEFAULT_RULES,
  flap: [
    { starts: 7, windowMs: 900_000 },
    { starts: 3, windowMs: 120_000 },
  ],
};

const filled: FilledTopic[] = [];

usesServices();
usesChildren();
afterEach(async () => {
  for (const topic of filled.splice(0)) await topic.stop();
});

async function newTopic(): Promise<FilledTopic> {
  const topic = await openTopic(TOPIC);
  filled.push(topic);
  return topic;
}

/** Options of a service that reads the topic; always the same cluster, whatever broker it is. */
function reading(
  topic: FilledTopic,
  folder: string,
  replaced: Partial<ServiceOptions> = {},
  said?: Said,
): ServiceOptions {
  const { brokers } = topic.broker;
  const kafka = { brokers, topic: TOPIC, cluster: 'c', settings: {} };
  return serviceOptions(folder, { kafka, commitEveryMs: 20, ...replaced }, said);
}

/** One run that reads all there is and stops; what it said of partitions and their snapshots. */
async function readAll(
  topic: FilledTopic,
  folder: string,
  replaced: Partial<ServiceOptions> = {},
): Promise<string[]> {
  const said: Said = { notes: [], failures: [] };
  const service = await start(reading(topic, folder, replaced, said));
  await untilRead(service, topic.ends);
  await service.stop();
  expect(said.failures).toEqual([]);
  return said.notes.filter((note) => /^(partition|snapshot) /.test(note));
}

async function expectEachOnce(folder: string): Promise<void> {
  const double = await rowsOf<{ line: string }>(
    folder,
    'select line from interruptions group by line, partition, n having count(*) > 1',
  );
  expect(double).toEqual([]);
}

/** The views of a folder equal those of an uninterrupted run over the same topic. */
async function expectAsUninterrupted(topic: FilledTopic, folder: string): Promise<void> {
  const whole = temporaryFolder();
  await readAll(topic, whole);
  const views = await viewsOf(whole);
  expect(await viewsOf(folder)).toEqual(views);
  for (const [name, rows] of Object.entries(views))
    expect([name, rows.length > 0]).toEqual([name, true]);
  await expectEachOnce(folder);
}

describe('a clean stop', () => {
  it('and starts again: nothing is lost, nothing is double', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    const records = traffic(SEED, 2_400);
    for (let from = 0; from < records.length; from += 800) {
      await topic.add(records.slice(from, from + 800));
      expect(await readAll(topic, folder)).toEqual([]);
    }
    expect(await readAll(topic, folder)).toEqual([]);
    await expectAsUninterrupted(topic, folder);
    const rules = await rowsOf(folder, `select partition_id from control order by all`);
    expect(rules).toHaveLength(EMBEDDED_PARTITIONS);
  });

  it('goes on in a folder that was moved, and leaves no stray snapshots behind', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(traffic(SEED, 400));
    await readAll(topic, folder);
    const moved = temporaryFolder();
    cpSync(folder, moved, { recursive: true });
    rmSync(folder, { recursive: true });
    const snapshots = join(moved, 'snapshots');
    writeFileSync(join(snapshots, '1-0-0-5-7.snapshot'), 'of a crash');
    writeFileSync(join(snapshots, '1-0-0-5-8.snapshot.part'), 'of a crash');
    await topic.add(traffic(SEED + 1, 400));
    expect(await readAll(topic, moved)).toEqual([]);
    const named = await rowsOf<{ file: string }>(moved, 'select file from snapshot');
    expect(readdirSync(snapshots).toSorted()).toEqual(named.map(({ file }) => file).toSorted());
    await expectAsUninterrupted(topic, moved);
  });

  it('and without its snapshots reads the log again from its start', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(traffic(SEED, 400));
    await readAll(topic, folder);
    rmSync(join(folder, 'snapshots'), { recursive: true });
    await topic.add(traffic(SEED + 1, 400));
    const notes = await readAll(topic, folder);
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
      reading(topic, folder, { snapshotEveryMs, commitEveryMs: [10, 100][i % 2] }),
    );
    await topic.add(traffic(SEED + 5, 200));
    await throughKills(topic, traffic(SEED, 6_000), lives);
    await expectAsUninterrupted(topic, folder);
  });

  it('while it recovers changes nothing either', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(traffic(SEED, 2_000));
    const options = reading(topic, folder, { snapshotEveryMs: 60 });
    for (const notes of [1, 2]) {
      const child = startingChild(options);
      await until('it says something', () => child.notes.length >= notes);
      await child.kill();
    }
    await readAll(topic, folder, { snapshotEveryMs: 60 });
    await expectAsUninterrupted(topic, folder);
  });
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

const T = 1_164_900_000_000;
const down = (line: string, seconds: number): TopicRecord => event(line, seconds, 'down');
const up = (line: string, seconds: number): TopicRecord => event(line, seconds, 'up');

function event(key: string, seconds: number, state: string): TopicRecord {
  const text = JSON.stringify({ line: key, time: T + 1_000 * seconds, state });
  return { key, value: Buffer.from(text) };
}

const placeOf = (line: string): number => partitionOf(Buffer.from(line), EMBEDDED_PARTITIONS);

/** Lines that lie on the partition of the first one. */
function linesTogether(count: number): string[] {
  const names = Array.from({ length: 200 }, (_, i) => `line ${i}`);
  return names.filter((name) => placeOf(name) === placeOf(names[0])).slice(0, count);
}

/** Records without events that drive everything before them out of a partition of the broker. */
function flood(line: string): TopicRecord[] {
  const bytes = 250_000;
  const value = Buffer.from(`[${' '.repeat(bytes)}]`);
  const count = Math.ceil((1.2 * EMBEDDED_BYTES_KEPT) / bytes);
  return Array.from({ length: count }, () => ({ key: line, value }));
}

/** Interruptions of a line as n, start and end in seconds. */
async function interruptionsOf(folder: string, line: string): Promise<(number | null)[][]> {
  const rows = await rowsOf<{ n: number; start_ms: number; end_ms: number | null }>(
    folder,
    `select n, start_ms, end_ms from interruptions where line = '${line}' order by n`,
  );
  return rows.map(({ n, start_ms, end_ms }) => [n, secondsOf(start_ms), secondsOf(end_ms)]);
}

const secondsOf = (ms: number | null): number | null => (ms === null ? null : (ms - T) / 1_000);

interface GapRow {
  readonly partition: number;
  readonly line: string | null;
  readonly from_ms: number | null;
  readonly until_ms: number | null;
  readonly reason: string;
}

const gapsOf = (folder: string): Promise<GapRow[]> =>
  rowsOf<GapRow & Record<string, string | number | null>>(
    folder,
    'select partition, line, from_ms, until_ms, reason from coverage_gaps order by all',
  );

describe('a log that was made again', () => {
  it('is read from its start; lines keep their state, the gap shows', async () => {
    const first = await newTopic();
    const folder = temporaryFolder();
    const [a, b] = linesTogether(2);
    await first.add([down(a, 0), up(a, 10), down(a, 20), down(b, 20), up(b, 25)]);
    await readAll(first, folder);
    await first.stop();
    const second = await newTopic();
    await second.add([up(a, 100), down(a, 110)]);
    const beforeMs = Date.now();
    const notes = await readAll(second, folder, { snapshotEveryMs: NEVER_MS });
    expect(notes.filter((note) => note.includes('made again'))).toHaveLength(1);
    expect(await interruptionsOf(folder, a)).toEqual([
      [1, 0, 10],
      [2, 20, 100],
      [3, 110, null],
    ]);
    const gaps = await gapsOf(folder);
    expect(gaps).toMatchObject([
      { partition: placeOf(a), line: null, from_ms: T + 25_000, reason: 'positions lost' },
    ]);
    expect(Math.abs(Number(gaps[0].until_ms) - beforeMs)).toBeLessThan(60_000);
    const progress = await rowsOf<{ log: number; position: number }>(
      folder,
      `select log, position from progress_now where partition = ${placeOf(a)}`,
    );
    expect(progress).toEqual([{ log: 1, position: 2 }]);
    await second.add([up(a, 120)]);
    expect(await readAll(second, folder)).toEqual([]);
    expect((await interruptionsOf(folder, a))[2]).toEqual([3, 110, 120]);
    await expectEachOnce(folder);
  });

  it('is noticed when it has grown past our position, and survives a kill', async () => {
    const first = await newTopic();
    const folder = temporaryFolder();
    const [a, b] = linesTogether(2);
    await first.add([down(a, 0), up(a, 10), down(a, 20)]);
    await readAll(first, folder);
    await first.stop();
    const second = await newTopic();
    await second.add([up(a, 30), down(b, 30), up(b, 31), down(b, 32), up(b, 33)]);
    const child = await startChild(reading(second, folder, { snapshotEveryMs: NEVER_MS }));
    await untilLine(child, b, ({ interruptions }) => interruptions.at(-1)?.end === T + 33_000);
    expect(child.notes.filter((note) => note.includes('made again'))).toHaveLength(1);
    await child.kill();
    await second.add([down(b, 40), up(b, 41), down(b, 42)]);
    expect(await readAll(second, folder)).toEqual([]);
    expect(await interruptionsOf(folder, a)).toEqual([
      [1, 0, 10],
      [2, 20, 30],
    ]);
    // Four starts of b in ten minutes, on both sides of the kill: none of them was forgotten.
    const episodes = await rowsOf<{ line: string; at_ms: number }>(
      folder,
      'select line, at_ms from episodes',
    );
    expect(episodes).toEqual([{ line: b, at_ms: T + 42_000 }]);
    expect((await gapsOf(folder)).map(({ reason }) => reason)).toEqual(['positions lost']);
  });
});

/** Waits until what the API says of a line is as wanted. */
function untilLine(
  service: { readonly address: string },
  line: string,
  wanted: (timeline: Timeline) => boolean,
): Promise<Timeline> {
  const path = `lines/${encodeURIComponent(line)}?from=0&to=${Number.MAX_SAFE_INTEGER}&at=latest`;
  return until(`line ${line}`, async () => {
    const timeline = await ask<Timeline>(service, path).catch(() => null);
    return timeline !== null && wanted(timeline) && timeline;
  });
}

describe('positions that the log lost', () => {
  it('while we were stopped: n goes on, the gap shows', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    const [a] = linesTogether(1);
    await topic.add([down(a, 0), up(a, 10), down(a, 20)]);
    await readAll(topic, folder);
    await topic.add([up(a, 30), down(a, 40), ...flood(a), up(a, 50), down(a, 60)]);
    const notes = await readAll(topic, folder);
    expect(notes.filter((note) => note.includes('no longer kept'))).toHaveLength(1);
    expect(await interruptionsOf(folder, a)).toEqual([
      [1, 0, 10],
      [2, 20, 50],
      [3, 60, null],
    ]);
    expect(await gapsOf(folder)).toMatchObject([
      { partition: placeOf(a), line: null, from_ms: T + 20_000, reason: 'positions lost' },
    ]);
    expect((await gapsOf(folder))[0].until_ms).not.toBeNull();
  });

  it('while we were too slow: the same', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    const [a] = linesTogether(1);
    await topic.add([down(a, 0), up(a, 10), down(a, 20)]);
    const child = await startChild(reading(topic, folder));
    await untilRead(child, topic.ends);
    child.signal('SIGSTOP');
    await topic.add([up(a, 30), down(a, 40), ...flood(a), ...flood(a), up(a, 50), down(a, 60)]);
    child.signal('SIGCONT');
    await untilRead(child, topic.ends);
    await child.stop();
    expect(child.notes.filter((note) => note.includes('no longer kept'))).toHaveLength(1);
    const found = await interruptionsOf(folder, a);
    expect(found.map(([n]) => n)).toEqual(found.map((_, i) => i + 1));
    expect(found.at(-1)).toEqual([found.length, 60, null]);
    expect(await gapsOf(folder)).toMatchObject([{ line: null, reason: 'positions lost' }]);
  });

  it('between snapshot and commit: the store says how lines stand', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    const [a, calm, loud] = linesTogether(3);
    await topic.add([down(a, 0), up(a, 10), down(calm, 10), down(loud, 10), up(loud, 11)]);
    await readAll(topic, folder);
    const child = await startChild(reading(topic, folder, { snapshotEveryMs: NEVER_MS }));
    for (const record of flood(a)) {
      await topic.add([record]);
      await untilRead(child, topic.ends);
    }
    await topic.add([down(a, 20), up(a, 30), down(a, 40)]);
    await topic.add([down(loud, 50), { key: loud, value: Buffer.from('{}') }, up(loud, 60)]);
    await untilLine(child, loud, ({ interruptions }) => interruptions.at(-1)?.end === T + 60_000);
    await child.kill();
    const notes = await readAll(topic, folder);
    expect(notes.filter((note) => note.includes('2 lines were raised'))).toHaveLength(1);
    expect(notes.filter((note) => note.includes('no longer kept'))).toEqual([]);
    const unknown = await rowsOf<{ line: string }>(
      folder,
      'select line from lines where unknown order by line',
    );
    expect(unknown.map(({ line }) => line)).toEqual([a, loud].toSorted());
    await topic.add([up(a, 70), down(a, 80), up(calm, 90)]);
    expect(await readAll(topic, folder)).toEqual([]);
    expect(await interruptionsOf(folder, a)).toEqual([
      [1, 0, 10],
      [2, 20, 30],
      [3, 40, 70],
      [4, 80, null],
    ]);
    expect(await interruptionsOf(folder, calm)).toEqual([[1, 10, 90]]);
    const gaps = await gapsOf(folder);
    expect(gaps).toMatchObject([{ line: a, from_ms: T + 40_000, until_ms: T + 70_000 }]);
    await expectEachOnce(folder);
  });
});
