// `kill -9` of `flapline run` on a real broker at seeded random moments: while it makes and migrates its
// store, recovers, takes up changed rules, grows, commits and writes snapshots. Afterwards the documented
// views equal, row for row, those of a run over the same topic that was never killed. FLAPLINE_CRASHES
// kills in all (KILLS a scenario); a failure names the seed of its scenario (FLAPLINE_SEED).

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../src/store/schema.js';
import { type Choose, seededChoose } from '../judge/choose.js';
import { temporaryFolder, usesServices } from '../host/service-fixture.js';
import type { Cluster } from '../kafka/broker/cluster.js';
import { describeKafka } from '../kafka/broker/describe.js';
import type { TopicRecord } from '../kafka/topic.js';
import { traffic } from '../kafka/traffic.js';
import { type Filled, fillTopic } from './filled.js';
import { Life, usesLives } from './life.js';
import { compareViews } from './same-views.js';

const SEED = Number(process.env['FLAPLINE_SEED'] ?? 20061130);
const KILLS = 10;
const SCENARIOS = Math.max(1, Math.ceil(Number(process.env['FLAPLINE_CRASHES'] ?? KILLS) / KILLS));
const SCENARIO_MS = 900_000;
const PARTITIONS = 4;
const RECORDS = 1_500;
/** More lines than a kernel has room for at its start: it grows. */
const FLOOD = { records: 40, lines: 500 };
const LIVE_MS_MAX = 1_500;
/** Views that say nothing when they are empty. */
const FILLED = [
  'lines',
  'interruptions',
  'episodes',
  'repeat_faults',
  'transients',
  'chatter',
  'detector_comparison',
  'control_records',
  'rejected_records',
];

const FIRST_RULES = `
mergeGap: 1s
staleAfter: 10m
chatter: true
detectors:
  - {kind: penalty, preset: flapline, shadow: true}
  - {kind: weighted, preset: icinga}
  - {kind: transient, window: 1d, count: 1, duration: 60s}
`;
const OTHER_RULES = `
flap: ["7 in 15m", "3 in 2m"]
quiet: 20m
outage: 30s
chatter: true
detectors:
  - {kind: weighted, preset: nagios}
`;

usesServices();
usesLives();

/** Records that bring more lines than there is room for at the start, many events a record. */
function flood(seed: number): TopicRecord[] {
  return Array.from({ length: FLOOD.records }, (_, record) => {
    const events = Array.from({ length: FLOOD.lines }, (_event, i) => ({
      line: `flood-${seed}-${record * FLOOD.lines + i}`,
      time: 1_164_900_000_000 + record,
      state: i % 3 === 0 ? 'up' : 'down',
    }));
    return { key: 'flood', value: Buffer.from(JSON.stringify(events)) };
  });
}

/** One scenario: a topic, the folder whose service is killed, and that of one that never is. */
class Scenario {
  private readonly choose: Choose;
  private readonly filled: Filled;
  private readonly common: readonly string[];
  readonly killed = temporaryFolder();
  readonly whole = temporaryFolder();
  /** Kills that met a running process, by what it was doing. */
  readonly kills = { starting: 0, reading: 0 };
  /** How long a start takes here: what the moments of a kill while starting are a share of. */
  private startMs = 1_500;

  constructor(cluster: Cluster, filled: Filled, choose: Choose) {
    this.choose = choose;
    this.filled = filled;
    const { brokers } = cluster;
    this.common = ['--kafka', brokers, '--topic', filled.topic, '--cluster', 'c'];
  }

  /** A life over one of the folders. */
  private begin(folder: string, rules: string, more: readonly string[] = []): Life {
    return new Life([...this.common, '--data', folder, '--rules', rules, ...more]);
  }

  /** Commits and snapshots often, seldom, or never. */
  private pace(): string[] {
    const { choose } = this;
    const commit = ['5ms', '50ms', '200ms'][choose(3)];
    const snapshot = ['20ms', '300ms', '1h'][choose(3)];
    return ['--commit-every', commit, '--snapshot-every', snapshot];
  }

  /** Killed at a random moment of its start. */
  async killStarting(rules: string): Promise<void> {
    const life = this.begin(this.killed, rules, this.pace());
    await delay((this.startMs * this.choose(1_000)) / 1_000);
    expect([await life.kill(), life.said]).toEqual([true, life.said]);
    this.kills.starting++;
  }

  /** Killed at a random moment while records come. */
  async killReading(rules: string, records: readonly TopicRecord[]): Promise<void> {
    const begun = performance.now();
    const life = this.begin(this.killed, rules, this.pace());
    await life.live();
    this.startMs = performance.now() - begun;
    const added = this.filled.add(records);
    await delay(this.choose(LIVE_MS_MAX));
    expect([await life.kill(), life.said]).toEqual([true, life.said]);
    this.kills.reading++;
    await added;
  }

  /** Reads all there is and ends. */
  async readAll(folder: string, rules: string): Promise<void> {
    const life = this.begin(folder, rules);
    await life.untilRead(this.filled.ends);
    await life.stop();
  }

  /** A share of the records, in turn. */
  *shares(records: readonly TopicRecord[], count: number): Generator<TopicRecord[]> {
    const size = Math.ceil(records.length / count);
    for (let i = 0; i < count; i++) yield records.slice(i * size, (i + 1) * size);
  }
}

/** A store of the first version, empty: the first start migrates it. */
async function makeFirstStore(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(join(folder, 'flapline.duckdb'));
  const connection = await instance.connect();
  for (const statement of MIGRATIONS[0]) await connection.run(statement);
  await connection.run('insert into meta values (1, 77)');
  connection.closeSync();
  instance.closeSync();
}

async function play(cluster: Cluster, seed: number): Promise<Scenario> {
  const choose = seededChoose(seed);
  const filled = await fillTopic(cluster, `crash-${seed}`, PARTITIONS);
  try {
    const scenario = new Scenario(cluster, filled, choose);
    const { killed, whole } = scenario;
    for (const folder of [killed, whole]) await makeFirstStore(folder);
    const [first, other] = [FIRST_RULES, OTHER_RULES].map((text, i) => {
      const file = join(killed, `rules-${i}.yaml`);
      writeFileSync(file, text);
      return file;
    });
    const records = traffic(seed, RECORDS);
    records.splice(choose(RECORDS), 0, ...flood(seed));
    for (let i = 0; i < 2; i++) await scenario.killStarting(first);
    for (const share of scenario.shares(records, 3)) await scenario.killReading(first, share);
    await scenario.killStarting(first);
    for (const folder of [killed, whole]) await scenario.readAll(folder, first);
    // The new rules hold from the end of what was read, however often their start is killed.
    for (let i = 0; i < 2; i++) await scenario.killStarting(other);
    for (const share of scenario.shares(traffic(seed + 1, RECORDS), 2)) {
      await scenario.killReading(other, share);
    }
    for (const folder of [killed, whole]) await scenario.readAll(folder, other);
    return scenario;
  } finally {
    await filled.close();
  }
}

describeKafka('kill -9 at any moment changes nothing in the views', 1, (cluster) => {
  it.each(Array.from({ length: SCENARIOS }, (_, i) => SEED + 10 * i))(
    'seed %i',
    async (seed) => {
      const scenario = await play(cluster(), seed);
      const { different, rows, filled } = await compareViews(scenario.killed, scenario.whole);
      console.log(`seed ${seed}: kills ${JSON.stringify(scenario.kills)}, ${rows} rows compared`);
      expect([`FLAPLINE_SEED=${seed}`, ...different]).toEqual([`FLAPLINE_SEED=${seed}`]);
      expect(scenario.kills).toEqual({ starting: 5, reading: 5 });
      expect(filled).toEqual(expect.arrayContaining(FILLED));
    },
    SCENARIO_MS,
  );
});
