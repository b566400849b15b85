// Faults of a real Kafka and of what stands in it, under a running `flapline run`: the broker away, the
// leader of three killed, records that are none, clocks that are wrong, a codec that this build cannot
// read, a topic made again. Afterwards the documented views equal those of a run that met no fault.

import { randomFillSync } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import Kafka from 'node-rdkafka';
import { expect, it } from 'vitest';
import { rowsOf, temporaryFolder, usesServices } from '../host/service-fixture.js';
import { describeKafka } from '../kafka/broker/describe.js';
import type { TopicRecord } from '../kafka/topic.js';
import { traffic } from '../kafka/traffic.js';
import { RECORD_BYTES_MAX, fillTopic, growTopic } from './filled.js';
import { usesLives } from './life.js';
import { compareViews } from './same-views.js';
import { begin, expectAsWhole, readAll } from './whole.js';

const PARTITIONS = 4;
const RECORDS = 600;
const SEED = 20_061_130;
const TEST_MS = 300_000;
const HOUR = 3_600_000;
const LARGE_BYTES = 10 << 20;

usesServices();
usesLives();

/** An event as it is sent. */
function event(line: string, time: number, more = ''): Buffer {
  return Buffer.from(`{"line":"${line}","time":${time},"state":"down"${more}}`);
}

/** Records that are none, one of 10 MB that is, one far ahead of its time and one far behind. */
function strange(): TopicRecord[] {
  const noise = randomFillSync(Buffer.alloc(4_096));
  const padding = `,"text":"${'x'.repeat(LARGE_BYTES)}"`;
  return [
    { key: 'large', value: event('large', 1_164_900_000_000, padding) },
    { key: 'empty', value: Buffer.alloc(0) },
    { key: 'noise', value: noise },
    { key: 'null', value: null },
    { key: 'ahead', value: event('ahead', Date.now() + 8 * HOUR) },
    { key: 'behind', value: event('behind', 1) },
  ];
}

describeKafka('one node', 1, (cluster) => {
  it(
    'that is stopped and started again: it is told, nothing is lost',
    async () => {
      const filled = await fillTopic(cluster(), 'away', PARTITIONS);
      const folder = temporaryFolder();
      const records = traffic(SEED, RECORDS);
      await filled.add(records.slice(0, 200));
      const life = begin(cluster(), filled, folder, ['--snapshot-every', '100ms']);
      await life.untilRead(filled.ends);
      await cluster().nodes[0].stop();
      await life.until('it misses the broker', async () => !(await life.status()).connected);
      await cluster().nodes[0].start();
      await filled.add(records.slice(200));
      await life.untilRead(filled.ends);
      await life.until('it is connected', async () => (await life.status()).connected);
      await life.stop();
      await filled.close();
      await expectAsWhole(cluster(), filled, folder);
    },
    TEST_MS,
  );

  it(
    'with records that are none and clocks that are wrong: each is told, the others are read',
    async () => {
      const limits = { 'max.message.bytes': String(RECORD_BYTES_MAX) };
      const filled = await fillTopic(cluster(), 'strange', PARTITIONS, limits);
      const folder = temporaryFolder();
      const records = traffic(SEED + 1, RECORDS);
      await filled.add(records.slice(0, 300));
      await filled.add(strange());
      const killed = begin(cluster(), filled, folder);
      await killed.untilRead(filled.ends);
      await killed.kill();
      await filled.add(records.slice(300));
      await readAll(cluster(), filled, folder);
      await filled.close();
      await expectAsWhole(cluster(), filled, folder);
      const lines = await rowsOf<{ line: string }>(
        folder,
        "select line from lines where n > 0 and line in ('large', 'ahead', 'behind') order by line",
      );
      expect(lines.map(({ line }) => line)).toEqual(['behind', 'large']);
      const rejected = await rowsOf<{ reason: string }>(
        folder,
        'select distinct reason from rejected_records order by reason',
      );
      const reasons = rejected.map(({ reason }) => reason).join('\n');
      expect(reasons).toMatch(/source clock ahead by 8 h/);
    },
    TEST_MS,
  );

  it(
    'with a codec that this build lacks: it says so, and what to do',
    async () => {
      const filled = await fillTopic(cluster(), 'zstd', 1, { 'compression.type': 'zstd' });
      await filled.add(traffic(SEED + 2, 50));
      await filled.close();
      const life = begin(cluster(), filled, temporaryFolder());
      await life.live();
      if (Kafka.features.includes('zstd')) await life.untilRead(filled.ends);
      else {
        expect(life.said).toMatch(/lacks zstd.*libzstd-dev/);
        await life.until('the partition is unreadable', async () => {
          const { partitions } = await life.status();
          return partitions[0].problem?.includes('lacks zstd') ?? false;
        });
      }
      await life.stop();
    },
    TEST_MS,
  );

  it(
    'whose topic gets more partitions: they are read from their start',
    async () => {
      const [running, stopped] = [temporaryFolder(), temporaryFolder()];
      const records = traffic(SEED + 5, RECORDS);
      const few = await fillTopic(cluster(), 'grown', PARTITIONS);
      await few.add(records.slice(0, 300));
      const life = begin(cluster(), few, running);
      await life.untilRead(few.ends);
      await readAll(cluster(), few, stopped);
      const more = await growTopic(cluster(), few, PARTITIONS + 2);
      await more.add(records.slice(300));
      await more.close();
      expect(more.ends.get(PARTITIONS)).toBeGreaterThan(0);
      await life.untilRead(more.ends);
      await life.stop();
      expect(life.said).toMatch(/partition 4 is new and is read from its start/);
      await readAll(cluster(), more, stopped);
      expect((await compareViews(running, stopped)).different).toEqual([]);
    },
    TEST_MS,
  );

  it.each([
    ['shorter than the old one', 500, false],
    ['already past our position', 150, true],
  ])(
    'whose topic is removed and made again, %s: the new log is read, the lines keep their state',
    async (_, old, isPast) => {
      const topic = `again-${old}`;
      const [running, stopped] = [temporaryFolder(), temporaryFolder()];
      const records = traffic(SEED + 3, RECORDS);
      const first = await fillTopic(cluster(), topic, PARTITIONS);
      await first.add(records.slice(0, old));
      await first.close();
      const life = begin(cluster(), first, running);
      await life.untilRead(first.ends);
      await readAll(cluster(), first, stopped);
      await cluster().topics.remove(topic);
      const second = await fillTopic(cluster(), topic, PARTITIONS);
      await second.add(records.slice(old));
      await second.close();
      await life.until('it reads the new log', async () => {
        await delay(200);
        const { partitions } = await life.status();
        return partitions.every(
          ({ partition, log, position }) =>
            log === 1 && position === (second.ends.get(partition) ?? 0),
        );
      });
      await life.stop();
      expect(life.said).toMatch(/the topic was made again/);
      // What was read of a new log before it was known to be one makes earlier events late.
      if (isPast) return;
      const said = await readAll(cluster(), second, stopped);
      for (const text of [life.said, said]) expect(text).toMatch(/the topic was made again/);
      // Gaps tell when the loss was noticed: a time of the wall clock.
      const { different } = await compareViews(running, stopped, ['coverage_gaps']);
      expect(different).toEqual([]);
    },
    TEST_MS,
  );
});

describeKafka('three nodes', 3, (cluster) => {
  it(
    'whose leader is killed: the next one is read on',
    async () => {
      const filled = await fillTopic(cluster(), 'led', PARTITIONS);
      const folder = temporaryFolder();
      const records = traffic(SEED + 4, RECORDS);
      await filled.add(records.slice(0, 200));
      const life = begin(cluster(), filled, folder);
      await life.untilRead(filled.ends);
      const leader = await cluster().topics.leaderOf('led', 0);
      await cluster()
        .nodes.find(({ place }) => place.id === leader)!
        .kill();
      await filled.add(records.slice(200));
      await life.untilRead(filled.ends);
      await life.stop();
      await filled.close();
      await expectAsWhole(cluster(), filled, folder);
    },
    TEST_MS,
  );
});
