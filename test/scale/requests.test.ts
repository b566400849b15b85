// The scaled form where it is asked, or cannot go on: a reset through serve, which a worker takes at its
// position; topics that are missing; an input that was made again, with the state at hand and without.

import { expect, it } from 'vitest';
import type { Flapping } from '../../src/api/contract.js';
import { EXIT } from '../../src/config/errors.js';
import { flapline } from '../cli/command.js';
import { fillTopic } from '../crash/filled.js';
import { type Life, usesLives } from '../crash/life.js';
import { ask, rowsOf, temporaryFolder, until, usesServices } from '../host/service-fixture.js';
import { describeKafka } from '../kafka/broker/describe.js';
import type { TopicRecord } from '../kafka/topic.js';
import { traffic } from '../kafka/traffic.js';
import { Scaled } from './scaled.js';

const PARTITIONS = 2;
const LINE = 'GZ/DDN 1号';
const TEST_MS = 240_000;

usesServices();
usesLives();

/** Records of the line, down and up in turn, 30 s apart. */
function alarms(from: number, to: number): TopicRecord[] {
  return Array.from({ length: to - from }, (_, i) => {
    const time = 1_000_000_000_000 + (from + i) * 30_000;
    const state = (from + i) % 2 === 0 ? 'down' : 'up';
    return { key: LINE, value: Buffer.from(JSON.stringify({ line: LINE, time, state })) };
  });
}

async function reset(serve: Life, line: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${await serve.live()}api/lines/${encodeURIComponent(line)}/reset`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'Li Wei', why: 'card changed' }),
  });
  return { status: answer.status, text: await answer.text() };
}

async function flapping(serve: Life): Promise<Flapping['rows']> {
  const { rows } = await ask<Flapping>({ address: await serve.live() }, 'flapping?at=latest');
  return rows;
}

describeKafka('the scaled form', 1, (cluster) => {
  it(
    'resets a line at the position of the worker that has it, and says when none has',
    async () => {
      const filled = await fillTopic(cluster(), 'reset', PARTITIONS);
      await filled.add(alarms(0, 9));
      const scaled = await Scaled.make(cluster(), filled.topic, PARTITIONS, 'reset-app');
      const folder = temporaryFolder();
      const [worker, serve] = [scaled.worker(), scaled.serve(folder)];
      await serve.untilRead(filled.ends);
      await until('the line flaps', async () => (await flapping(serve))[0]?.line === LINE);
      const { status, text } = await reset(serve, LINE);
      expect([status, text]).toEqual([200, text]);
      const [[partition, end]] = filled.ends;
      expect(JSON.parse(text)).toMatchObject({
        partitions: [{ partition, log: 0, position: end }],
      });
      expect(await flapping(serve)).toEqual([]);
      expect((await reset(serve, 'nowhere')).status).toBe(404);
      await filled.add(alarms(9, 15));
      await serve.untilRead(filled.ends);
      expect(await flapping(serve)).toEqual([]);
      await worker.stop();
      expect(await reset(serve, LINE)).toMatchObject({
        status: 503,
        text: expect.stringContaining('no worker has answered'),
      });
      await serve.stop();
      await filled.close();
      const controls = await rowsOf<{ payload: string }>(
        folder,
        `select payload from control where kind = 'reset'`,
      );
      expect(controls).toHaveLength(1);
      expect(await rowsOf(folder, 'select line from episodes')).toEqual([{ line: LINE }]);
    },
    TEST_MS,
  );

  it(
    'says how missing topics are made, and makes none',
    async () => {
      const filled = await fillTopic(cluster(), 'alone', PARTITIONS);
      await filled.close();
      const at = ['--kafka', cluster().brokers, '--topic', 'alone', '--app', 'absent'];
      for (const command of ['detect', 'serve']) {
        const data = command === 'serve' ? ['--data', temporaryFolder(), '--port', '0'] : [];
        const { code, stderr } = await flapline([command, ...at, ...data]);
        expect(code).toBe(EXIT.unavailable);
        for (const topic of ['absent.findings', 'absent.state', 'absent.requests']) {
          expect(stderr).toContain(`--create --topic ${topic} --partitions 2`);
        }
        expect(stderr).toContain('cleanup.policy=compact');
      }
    },
    TEST_MS,
  );

  it(
    'goes on with an input that was made again, or refuses where it would be wrong',
    async () => {
      const filled = await fillTopic(cluster(), 'again', PARTITIONS);
      await filled.add(traffic(1, 300));
      const scaled = await Scaled.make(cluster(), filled.topic, PARTITIONS, 'again-app');
      const folder = temporaryFolder();
      const serve = scaled.serve(folder);
      const first = scaled.worker(['--snapshot-every', '1h']);
      await serve.untilRead(filled.ends);
      await first.stop();
      await filled.close();
      await cluster().topics.remove(filled.topic);
      const other = await fillTopic(cluster(), filled.topic, PARTITIONS);
      await other.add(traffic(2, 100));
      const second = scaled.worker(['--snapshot-every', '1h']);
      await second.until('it notices', () => Promise.resolve(/made again/.test(second.said)));
      await serve.until('all is stored', async () => {
        const { partitions } = await serve.status();
        return partitions.every(
          ({ partition, log, position }) =>
            log === 1 && position === (other.ends.get(partition) ?? 0),
        );
      });
      // Its state is older than what it has committed, and the log between is to be gone.
      await other.add(traffic(3, 100));
      await serve.untilRead(other.ends);
      await second.kill();
      await other.close();
      await cluster().topics.remove(filled.topic);
      await (await fillTopic(cluster(), filled.topic, PARTITIONS)).close();
      const third = scaled.worker();
      await expect(third.until('it ends', () => Promise.resolve(!third.runs))).resolves.toBe(
        undefined,
      );
      expect(third.said).toMatch(/the log is no longer kept from where it would be read again/);
      await serve.stop();
      const gaps = await rowsOf<{ reason: string }>(
        folder,
        'select distinct reason from coverage_gaps order by reason',
      );
      expect(gaps.map(({ reason }) => reason)).toContain('positions lost');
    },
    TEST_MS,
  );
});
