// The scaled form on the real broker finds the same as `flapline run`: the four sets of data/expected, and
// a simulated month, through 1, 2 and 5 workers: each by one of these counts, by all of them with
// FLAPLINE_SCALE_ALL. FLAPLINE_SCALE_MONTHS and FLAPLINE_SCALE_LINES make the network larger.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareViews } from '../crash/same-views.js';
import { type Filled, fillTopic } from '../crash/filled.js';
import { Life, usesLives } from '../crash/life.js';
import { flapline, scratch } from '../cli/command.js';
import { temporaryFolder, usesServices } from '../host/service-fixture.js';
import type { Cluster } from '../kafka/broker/cluster.js';
import { describeKafka } from '../kafka/broker/describe.js';
import type { TopicRecord } from '../kafka/topic.js';
import { EXPECTED_SETS, expectedEvents, linesOf, sharedIsPresent } from '../shared.js';
import { Scaled } from './scaled.js';

const PARTITIONS = 5;
const WORKERS = [1, 2, 5] as const;
const ALL = process.env['FLAPLINE_SCALE_ALL'] !== undefined;
const TEST_MS = 900_000;
const MONTHS = process.env['FLAPLINE_SCALE_MONTHS'] ?? '1';
const LINES = process.env['FLAPLINE_SCALE_LINES'] ?? '400';

const file = scratch();
usesServices();
usesLives();

function recordsOf(events: Buffer): TopicRecord[] {
  return linesOf(events).map((event) => ({
    key: (JSON.parse(event) as { line: string }).line,
    value: Buffer.from(event),
  }));
}

/** By one process. */
async function byRun(cluster: Cluster, { topic, ends }: Filled): Promise<string> {
  const folder = temporaryFolder();
  const at = ['--kafka', cluster.brokers, '--topic', topic, '--cluster', 'c'];
  const life = new Life([...at, '--data', folder, '--backup-hour', 'off']);
  await life.untilRead(ends);
  await life.stop();
  return folder;
}

/** By workers. */
async function byWorkers(cluster: Cluster, { topic, ends }: Filled, count: number) {
  const folder = temporaryFolder();
  const scaled = await Scaled.make(cluster, topic, PARTITIONS, `${topic}-by-${count}`);
  const workers = Array.from({ length: count }, () => scaled.worker());
  for (const worker of workers) await worker.joined();
  const serve = scaled.serve(folder);
  await serve.untilRead(ends);
  for (const worker of workers) await worker.stop();
  await serve.stop();
  return folder;
}

/** By `workers`, and the other counts when all are asked for. */
async function expectSame(
  cluster: Cluster,
  topic: string,
  records: TopicRecord[],
  workers: number,
): Promise<void> {
  const filled = await fillTopic(cluster, topic, PARTITIONS);
  await filled.add(records);
  await filled.close();
  const one = await byRun(cluster, filled);
  for (const count of ALL ? WORKERS : [workers]) {
    const scaled = await byWorkers(cluster, filled, count);
    const { different, rows } = await compareViews(scaled, one);
    console.log(`${topic}: ${records.length} events, ${count} workers, ${rows} rows the same`);
    expect([`${count} workers`, ...different]).toEqual([`${count} workers`]);
  }
}

describeKafka('the scaled form', 1, (cluster) => {
  (sharedIsPresent ? it : it.skip).each(
    EXPECTED_SETS.map((set, i) => [set, WORKERS[i % 3]!] as const),
  )(
    'finds in %s of the folder "shared" what one process finds',
    async (set, workers) => {
      await expectSame(cluster(), `set-${set}`, recordsOf(expectedEvents(set)), workers);
    },
    TEST_MS,
  );

  it(
    `finds in ${MONTHS} months of ${LINES} lines what one process finds`,
    async () => {
      const out = file('network');
      const made = await flapline(['simulate', '--out', out, '--months', MONTHS, '--lines', LINES]);
      expect(made.code).toBe(0);
      const events = readFileSync(join(out, 'events.ndjson'));
      await expectSame(cluster(), 'simulated', recordsOf(events), 2);
    },
    TEST_MS,
  );
});
