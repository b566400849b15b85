// The service as a whole, on the demo: from its first start to its second, and what a kill costs it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Flapping, Heat, Status, Timeline, Worst } from '../../src/api/contract.js';
import type { Service } from '../../src/app.js';
import { readDemoState, writeDemoState } from '../../src/source/demo-state.js';
import { type LineProducer, openProducer } from '../../src/source/producer.js';
import { startChild, startingChild, usesChildren } from './service-child.js';
import {
  type Said,
  ask,
  rowsOf,
  serviceOptions,
  start,
  temporaryFolder,
  until,
  usesServices,
} from './service-fixture.js';

const BRANCHES = 21;
const LINES = 500;
const ALARM = 'of the test';
const HOUR_MS = 3_600_000;
const NEVER_MS = HOUR_MS;
const SHOWS_WITHIN_MS = 2_000;
const WHOLE = `from=0&to=${Number.MAX_SAFE_INTEGER}&at=latest`;

usesServices();
usesChildren();

/** The n-th line of the demo's records. */
function lineOf(folder: string, n: number): string {
  return readFileSync(join(folder, 'records', 'lines.csv'), 'utf8')
    .split('\n')
    .at(n)!
    .split(',')[0];
}

/** Opens a producer into the demo for `body`. */
async function producing<T>(
  { brokers, topic }: Pick<Service, 'brokers' | 'topic'>,
  body: (producer: LineProducer) => Promise<T>,
): Promise<T> {
  const producer = await openProducer({ brokers, topic });
  try {
    return await body(producer);
  } finally {
    await producer.close();
  }
}

async function change(producer: LineProducer, line: string, timeMs: number, state: string) {
  const text = JSON.stringify({ line, time: timeMs, state, alarm: ALARM });
  await producer.produce(line, Buffer.from(text));
}

/** Waits until the API shows an interruption of a line as wanted. */
function untilInterruption(
  service: Pick<Service, 'address'>,
  line: string,
  wanted: (interruption: Timeline['interruptions'][number]) => boolean,
): Promise<Timeline['interruptions'][number]> {
  return until(`an interruption of ${line}`, async () => {
    const path = `lines/${encodeURIComponent(line)}?${WHOLE}`;
    return (await ask<Timeline>(service, path)).interruptions.find(wanted);
  });
}

describe('the demo', () => {
  it('says what it does, goes live, and answers', async () => {
    const folder = temporaryFolder();
    const said: Said = { notes: [], failures: [] };
    const service = await start(serviceOptions(folder, {}, said));
    expect(said.notes).toEqual([
      expect.stringContaining(`page and API at ${service.address}`),
      expect.stringMatching(/^records read: 500 lines, 64 aliases, \d+ components, /),
      expect.stringMatching(/history of 2 days loaded in [\d.]+ s/),
      expect.stringContaining(`reading topic ${service.topic} of ${service.brokers}`),
    ]);
    const status = await until('counted', async () => {
      const answer = await ask<Status>(service, 'status');
      return answer.events > 0 && answer;
    });
    expect(status).toMatchObject({ phase: 'live', connected: true, lines: LINES, rejected: 0 });
    expect(status.partitions).toHaveLength(4);
    expect(status.partitions.map(({ problem }) => problem)).toEqual([null, null, null, null]);

    const heat = await ask<Heat>(service, 'heat?by=branch&limit=100');
    expect(heat.rows).toHaveLength(BRANCHES);
    expect(heat.rows.reduce((sum, row) => sum + row.lines, 0)).toBe(LINES);
    const worst = await ask<Worst>(service, `worst?${WHOLE}`);
    expect(worst.rows[0].interruptions).toBeGreaterThan(0);
    expect(worst.rows[0].branch).not.toBeNull();
    const { line } = worst.rows[0];
    const timeline = await ask<Timeline>(service, `lines/${encodeURIComponent(line)}?${WHOLE}`);
    expect(timeline.interruptions).toHaveLength(worst.rows[0].interruptions);
    const flapping = await ask<Flapping>(service, 'flapping');
    expect(flapping.rows).toHaveLength(flapping.total);
    expect((await fetch(`${service.address}api/lines/absent`)).status).toBe(404);
    expect(said.failures).toEqual([]);
  });

  it('shows a live alarm within 2 s', async () => {
    const folder = temporaryFolder();
    const service = await start(serviceOptions(folder));
    const line = lineOf(folder, 1);
    await producing(service, async (producer) => {
      const tookMs: number[] = [];
      for (let i = 0; i < 3; i++) {
        const began = performance.now();
        const timeMs = Date.now();
        await change(producer, line, timeMs, 'down');
        await untilInterruption(service, line, (each) => each.start === timeMs);
        tookMs.push(Math.round(performance.now() - began));
        await change(producer, line, timeMs + 1, 'up');
      }
      console.log(`an alarm was shown after ${tookMs.join(', ')} ms`);
      expect(Math.min(...tookMs)).toBeLessThan(SHOWS_WITHIN_MS);
    });
  });

  it('goes on at its second start: nothing is lost, no gap', async () => {
    const folder = temporaryFolder();
    const first = await start(serviceOptions(folder));
    const lines = Array.from({ length: 200 }, (_, i) => lineOf(folder, 1 + i));
    const timeMs = Date.now();
    // Stopped at once: what is still in the broker is read before it goes.
    await producing(first, async (producer) => {
      for (const line of lines) await change(producer, line, timeMs, 'down');
      await producer.flush(10_000);
    });
    await first.stop();
    const down = await rowsOf<{ line: string; n: number }>(
      folder,
      `select line, n from interruptions where start_ms = ${timeMs} and end_ms is null`,
    );
    expect(down.map(({ line }) => line).toSorted()).toEqual(lines.toSorted());
    const before = await storedEvents(folder);

    const said: Said = { notes: [], failures: [] };
    const second = await start(serviceOptions(folder, {}, said));
    expect(said.notes).toHaveLength(2);
    await producing(second, (producer) => change(producer, lines[0], timeMs + 5_000, 'up'));
    const ended = await untilInterruption(
      second,
      lines[0],
      (each) => each.start === timeMs && each.end !== null,
    );
    expect(ended.n).toBe(down.find(({ line }) => line === lines[0])!.n);
    await second.stop();
    expect(said.failures).toEqual([]);
    expect(await storedEvents(folder)).toBeGreaterThan(before);
    expect(await rowsOf(folder, 'select * from coverage_gaps')).toEqual([]);
    const logs = await rowsOf<{ log: number }>(folder, 'select log from progress_now');
    expect(logs.map(({ log }) => log)).toEqual([1, 1, 1, 1]);
  });
});

async function storedEvents(folder: string): Promise<number> {
  const [row] = await rowsOf<{ events: number }>(
    folder,
    'select sum(events)::bigint as events from progress_now',
  );
  return row.events;
}

/** A folder whose demo has some hours of alarms to give out as soon as it is live. */
function livelyFolder(): string {
  const folder = temporaryFolder();
  const now = Date.now();
  writeDemoState(folder, {
    seed: 1,
    lines: LINES,
    anchorMs: now - 8 * HOUR_MS,
    producedUntilMs: now - 6 * HOUR_MS,
    lost: 0,
    clean: true,
  });
  return folder;
}

/** Records that a service has read beside the one that made the topic. */
async function readSoFar(service: { readonly address: string }): Promise<number> {
  const { partitions } = await ask<Status>(service, 'status');
  return partitions.reduce((sum, { position }) => sum + position, -1);
}

/** What the start after a kill says was lost, in alarms. */
async function lossTold(folder: string): Promise<number> {
  const said: Said = { notes: [], failures: [] };
  const service = await start(serviceOptions(folder, {}, said));
  await service.stop();
  expect(said.failures).toEqual([]);
  const told = said.notes.flatMap((note) => /: (\d+) alarms between/.exec(note)?.[1] ?? []);
  expect(told).toHaveLength(1);
  return Number(told[0]);
}

describe('the demo, killed', () => {
  it('while it loads its history, loads it at its next start, once', async () => {
    const folder = temporaryFolder();
    const child = startingChild(serviceOptions(folder));
    await until('the network is made', () => child.notes.length >= 2);
    await child.kill();
    const said: Said = { notes: [], failures: [] };
    await (await start(serviceOptions(folder, {}, said))).stop();
    expect(said.notes.filter((note) => note.includes('lost'))).toEqual([]);
    const [counts] = await rowsOf<{ events: number; late: number }>(
      folder,
      'select sum(events)::bigint as events, sum(late)::bigint as late from progress_now',
    );
    expect(counts.events).toBeGreaterThan(0);
    // A history told twice would run behind itself.
    expect(counts.late).toBe(0);
  });

  it('says at its next start what its broker lost, and shows the gap', async () => {
    const folder = livelyFolder();
    const options = serviceOptions(folder, { commitEveryMs: NEVER_MS });
    const child = await startChild(options);
    const read = await until('live alarms', async () => {
      const records = await readSoFar(child);
      return records > 0 && records;
    });
    await child.kill();
    expect(await lossTold(folder)).toBeGreaterThanOrEqual(read);
    const gaps = await rowsOf<{ reason: string }>(folder, 'select reason from coverage_gaps');
    expect(gaps.map(({ reason }) => reason)).toEqual(Array(4).fill('positions lost'));
    // Told once: the next stop was clean.
    const said: Said = { notes: [], failures: [] };
    await (await start(serviceOptions(folder, {}, said))).stop();
    expect(said.notes.filter((note) => note.includes('lost'))).toEqual([]);
  });

  it('does not count as lost what was committed after the last snapshot', async () => {
    const folder = livelyFolder();
    const child = await startChild(serviceOptions(folder, { snapshotEveryMs: NEVER_MS }));
    const lately = Date.now() - HOUR_MS;
    await until('it has caught up', () => readDemoState(folder)!.producedUntilMs > lately);
    const read = await until('most of it is read', async () => {
      const records = await readSoFar(child);
      return records > 10 && records;
    });
    // One transaction holds what was read of all partitions: with this alarm all before it is stored.
    const line = lineOf(folder, 1);
    await producing(child, (producer) => change(producer, line, Date.now(), 'down'));
    await untilInterruption(child, line, (each) => each.alarm === ALARM);
    await child.kill();
    expect(await lossTold(folder)).toBeLessThan(read);
  });
});
