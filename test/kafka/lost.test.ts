// What a log lost is told, never guessed: a topic that was made again, and positions that it no longer
// holds, at the start, while we read, and between the last snapshot and the commit.

import { describe, expect, it } from 'vitest';
import type { Timeline } from '../../src/api/contract.js';
import { EMBEDDED_BYTES_KEPT, EMBEDDED_PARTITIONS } from '../../src/source/embedded.js';
import { partitionOf } from '../../src/source/placement.js';
import { startChild } from '../host/service-child.js';
import { ask, rowsOf, temporaryFolder, until, untilRead } from '../host/service-fixture.js';
import { NEVER_MS, expectEachOnce, newTopic, readAll, reading, usesTopics } from './recovering.js';
import type { TopicRecord } from './topic.js';

usesTopics();

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
    expect(gaps).toMatchObject([
      { line: a, from_ms: T + 40_000, until_ms: T + 70_000 },
      { line: loud, from_ms: T + 60_000, until_ms: null },
    ]);
    await expectEachOnce(folder);
  });
});
