// rekey on a real broker, killed at seeded moments: a reader of committed records sees every event once,
// those of a line in their order; a second process by the same name fences the first off.

import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';

import { openLog } from '../../src/source/kafka.js';
import { partitionOf } from '../../src/source/placement.js';
import { openProducer } from '../../src/source/producer.js';
import { outcomeOf, startCommand } from '../cli/command.js';
import { seededChoose } from '../judge/choose.js';
import { describeKafka } from './broker/describe.js';

const AT = 1_164_900_000_000;
const EVENTS = 30_000;
const LINES = 40;
const PARTITIONS = 5;
const KILLS = Number(process.env['FLAPLINE_REKEY_KILLS'] ?? 6);
const SEED = Number(process.env['FLAPLINE_SEED'] ?? 20_061_130);
const TIMEOUT_MS = 420_000;
const PATIENCE_MS = 60_000;

interface Event {
  readonly line: string;
  readonly time: number;
}

/** Produces the events, with a pause after every 300 of them. */
async function fill(brokers: string, topic: string, pauseMs: number): Promise<void> {
  const producer = await openProducer({ brokers, topic });
  for (let i = 0; i < EVENTS; i++) {
    const line = `line-${i % LINES}`;
    const event = { line, time: AT + i, state: i % (2 * LINES) < LINES ? 'down' : 'up' };
    await producer.produce(`host-${i % 7}`, Buffer.from(JSON.stringify(event)), AT + i);
    if (pauseMs > 0 && i % 300 === 0) await delay(pauseMs);
  }
  await producer.flush(PATIENCE_MS);
  expect(producer.counts.failed).toBe(0);
  await producer.close();
}

/**
 * What a reader of committed records finds: all that there are to be, and what else stands there. The
 * end that a broker tells may lag behind a commit, so fewer are waited for.
 */
async function committed(brokers: string, topic: string): Promise<Event[]> {
  const log = await openLog({ brokers, topic });
  const events: Event[] = [];
  try {
    const partitions = await log.partitions();
    expect(partitions).toHaveLength(PARTITIONS);
    await log.assign(partitions.map((partition) => ({ partition, offset: 0 })));
    const endMs = performance.now() + PATIENCE_MS;
    const isRead = (): boolean =>
      log.ends().size === PARTITIONS &&
      [...log.ends()].every(([partition, end]) => log.positions().get(partition)! >= end);
    while ((events.length < EVENTS || !isRead()) && performance.now() < endMs) {
      for (const { key, value, partition } of await log.consume(1_000, 200)) {
        expect(partition).toBe(partitionOf(key!, PARTITIONS));
        events.push(JSON.parse(String(value)) as Event);
      }
    }
  } finally {
    await log.close();
  }
  return events;
}

describeKafka('rekey', 1, (cluster) => {
  const start = (from: string, to: string, ...more: string[]): ChildProcess => {
    const at = ['--kafka', cluster().brokers, '--topic', from, '--to', to];
    return startCommand(['rekey', ...at, '--partitions', String(PARTITIONS), ...more]);
  };

  it(
    `writes every event once through ${KILLS} kills, seed ${SEED}`,
    async () => {
      await cluster().topics.create('by-host', 3);
      // It goes on being filled, so that every kill falls while there is something to pass on.
      const filled = fill(cluster().brokers, 'by-host', KILLS * 20);
      const choose = seededChoose(SEED);
      for (let kill = 0; kill < KILLS; kill++) {
        const child = start('by-host', 'by-line');
        const ended = outcomeOf(child);
        await delay(800 + choose(1_500));
        child.kill('SIGKILL');
        await ended;
      }
      await filled;
      const last = await outcomeOf(start('by-host', 'by-line', '--until-end'));
      expect({ code: last.code, stderr: last.stderr }).toMatchObject({ code: 0 });
      const events = await committed(cluster().brokers, 'by-line');
      expect(events).toHaveLength(EVENTS);
      expect(new Set(events.map(({ time }) => time)).size).toBe(EVENTS);
      // A line's events come from several hosts' partitions; those of one host keep their order.
      const lastOf = new Map<string, number>();
      for (const { line, time } of events) {
        const source = `${line} of host-${(time - AT) % 7}`;
        expect(time).toBeGreaterThan(lastOf.get(source) ?? 0);
        lastOf.set(source, time);
      }
      expect(lastOf.size).toBe(LINES * 7);
    },
    TIMEOUT_MS,
  );

  it(
    'fences off a process by the same name, which ends with 69',
    async () => {
      await cluster().topics.create('two', 1);
      const first = start('two', 'two-by-line', '--name', 'one-name');
      const firstEnded = outcomeOf(first);
      await untilMade('two-by-line');
      await delay(3_000);
      const second = start('two', 'two-by-line', '--name', 'one-name');
      const secondEnded = outcomeOf(second);
      await delay(3_000);
      // Both read it; only the second may write.
      await fill(cluster().brokers, 'two', 0);
      expect((await firstEnded).code).toBe(69);
      expect((await firstEnded).stderr).toMatch(/can no longer be written as one-name/);
      await delay(2_000);
      second.kill('SIGINT');
      expect((await secondEnded).code).toBe(0);
      const rest = await outcomeOf(
        start('two', 'two-by-line', '--name', 'one-name', '--until-end'),
      );
      expect(rest.code).toBe(0);
      expect(await committed(cluster().brokers, 'two-by-line')).toHaveLength(EVENTS);
    },
    TIMEOUT_MS,
  );

  async function untilMade(topic: string): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const log = await openLog({ brokers: cluster().brokers, topic }).catch(() => null);
      if (log !== null) return log.close();
      if (performance.now() > endMs) throw new Error(`topic ${topic} was not made`);
      await delay(250);
    }
  }
});
