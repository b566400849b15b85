// The scaled form under seeded faults on a real cluster of three: workers, serve and brokers killed, workers
// joining and leaving, one frozen past its session that wakes. Afterwards the documented views equal, row for
// row, those of `flapline run` over the same topic. FLAPLINE_SCALE_KILLS kills in all (KILLS a scenario); a
// failure names the seed of its scenario (FLAPLINE_SEED).

import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Filled, fillTopic } from '../crash/filled.js';
import { Life, usesLives } from '../crash/life.js';
import { compareViews } from '../crash/same-views.js';
import { rowsOf, temporaryFolder, usesServices } from '../host/service-fixture.js';
import { type Choose, pick, seededChoose } from '../judge/choose.js';
import type { Cluster } from '../kafka/broker/cluster.js';
import { describeKafka } from '../kafka/broker/describe.js';
import { traffic } from '../kafka/traffic.js';
import { Scaled } from './scaled.js';

const SEED = Number(process.env['FLAPLINE_SEED'] ?? 20_061_130);
const KILLS = Number(process.env['FLAPLINE_SCALE_KILLS'] ?? 6);
const PARTITIONS = 4;
const RECORDS_A_KILL = 400;
const SCENARIO_MS = 1_800_000;
/** Past a session of 6 s. */
const FROZEN_MS = 9_000;
const BETWEEN_MS_MAX = 2_500;
/** What one says that was missed. */
const MISSED = /the group went on without this worker|partitions given back/;
/** Dice of the first faults: a worker, serve, a broker. */
const FIRST = [0, 5, 8];

usesServices();
usesLives();

/** Workers, serve and a cluster that lose their members. */
class Scenario {
  private readonly cluster: Cluster;
  private readonly filled: Filled;
  private readonly choose: Choose;
  private readonly scaled: Scaled;
  private workers: Life[] = [];
  private serve: Life;
  readonly folder = temporaryFolder();
  readonly done = { worker: 0, serve: 0, broker: 0, joined: 0, left: 0, frozen: 0 };

  constructor(cluster: Cluster, filled: Filled, scaled: Scaled, choose: Choose) {
    this.cluster = cluster;
    this.filled = filled;
    this.scaled = scaled;
    this.choose = choose;
    this.workers = [this.beginWorker(), this.beginWorker()];
    this.serve = this.beginServe();
  }

  get kills(): number {
    return this.done.worker + this.done.serve + this.done.broker;
  }

  private beginWorker(): Life {
    const commit = pick(this.choose, ['10ms', '50ms', '200ms']);
    const snapshot = pick(this.choose, ['50ms', '1s', '1h']);
    return this.scaled.worker(['--commit-every', commit, '--snapshot-every', snapshot]);
  }

  private beginServe(): Life {
    return this.scaled.serve(this.folder, ['--commit-every', pick(this.choose, ['5ms', '200ms'])]);
  }

  /** One fault, after a while of its own; the first three are one of each. */
  async fault(): Promise<void> {
    await delay(this.choose(BETWEEN_MS_MAX));
    this.revive();
    const dice = this.kills < FIRST.length ? FIRST[this.kills]! : this.choose(10);
    if (dice < 5) await this.killWorker();
    else if (dice < 8) await this.killServe();
    else await this.killBroker();
  }

  private async killWorker(): Promise<void> {
    const index = this.choose(this.workers.length);
    await this.killed(this.workers[index]);
    this.workers[index] = this.beginWorker();
    this.done.worker++;
  }

  private async killServe(): Promise<void> {
    await this.killed(this.serve);
    this.serve = this.beginServe();
    this.done.serve++;
  }

  /** As a supervisor does: what ended at its start, no broker answering it, is begun again. */
  private revive(): void {
    this.workers = this.workers.map((worker) =>
      endedAtStart(worker) ? this.beginWorker() : worker,
    );
    if (endedAtStart(this.serve)) this.serve = this.beginServe();
  }

  private async killed(life: Life): Promise<void> {
    const wasKilled = await life.kill();
    if (!endedAtStart(life)) expect([wasKilled, life.said]).toEqual([true, life.said]);
  }

  /**
   * One of three: the others go on; it is back before the next is killed. What is starting may end with
   * 69, as it says, when the broker that it asks dies: all are up before.
   */
  private async killBroker(): Promise<void> {
    await this.serve.live();
    for (const worker of this.workers) await worker.joined();
    const node = this.cluster.nodes[this.choose(this.cluster.nodes.length)];
    await node.kill();
    await delay(this.choose(BETWEEN_MS_MAX));
    await node.start();
    this.done.broker++;
  }

  async join(): Promise<void> {
    const worker = this.beginWorker();
    this.workers.push(worker);
    await worker.joined();
    await delay(this.choose(BETWEEN_MS_MAX));
    this.done.joined++;
  }

  async leave(): Promise<void> {
    this.revive();
    await this.ended(this.workers.shift()!);
    this.done.left++;
  }

  /**
   * One is missed by the group, which gives its partitions to the others. It wakes, and is refused what it
   * had found; where it had committed all of it, it is only told that its partitions are gone.
   */
  async freeze(): Promise<void> {
    this.revive();
    const worker = this.workers[0];
    await worker.until('it has partitions', () => Promise.resolve(/now \d/.test(worker.said)));
    // It is frozen while it reads: what it has found, and not committed, is to be refused.
    const more = this.filled.add(traffic(SEED + 999, 5 * RECORDS_A_KILL));
    await delay(this.choose(200));
    const { length } = worker.said;
    worker.signal('SIGSTOP');
    await delay(FROZEN_MS);
    worker.signal('SIGCONT');
    await more;
    await worker.until('it is told', () => Promise.resolve(MISSED.test(worker.said.slice(length))));
    this.done.frozen++;
  }

  /** Everything is read; everything ends cleanly. */
  async end(): Promise<void> {
    this.revive();
    await this.serve.untilRead(this.filled.ends);
    for (const worker of this.workers) await this.ended(worker);
    await this.serve.stop();
  }

  /** Before it is one it has no say in how it ends. */
  private async ended(worker: Life): Promise<void> {
    await worker.joined();
    await worker.stop();
  }
}

/** What a start says that meets no broker, or one that does not know its topics yet. */
const NO_BROKER = /flapline: (no Kafka broker of|topic .* does not exist on)/;

function endedAtStart({ runs, said }: Life): boolean {
  return !runs && NO_BROKER.test(said) && !/now \d|reading topic .*: open/.test(said);
}

async function play(cluster: Cluster, seed: number): Promise<void> {
  const choose = seededChoose(seed);
  const filled = await fillTopic(cluster, `scaled-${seed}`, PARTITIONS);
  const scaled = await Scaled.make(cluster, filled.topic, PARTITIONS, `app-${seed}`);
  const scenario = new Scenario(cluster, filled, scaled, choose);
  for (let round = 0; scenario.kills < KILLS; round++) {
    const added = filled.add(traffic(seed + round, RECORDS_A_KILL));
    await scenario.fault();
    await added;
    if (round === 0) await scenario.freeze();
    if (round === 1 || round === 2) await scenario.join();
    if (round === 3 || round === 4) await scenario.leave();
  }
  await scenario.end();
  await filled.close();
  const whole = temporaryFolder();
  const at = ['--kafka', cluster.brokers, '--topic', filled.topic, '--cluster', 'c'];
  const life = new Life([...at, '--data', whole, '--backup-hour', 'off']);
  await life.untilRead(filled.ends);
  await life.stop();
  const compared = await compareViews(scenario.folder, whole, ['coverage_gaps']);
  console.log(`seed ${seed}: ${JSON.stringify(scenario.done)}, ${compared.rows} rows compared`);
  expect([`FLAPLINE_SEED=${seed}`, ...compared.different]).toEqual([`FLAPLINE_SEED=${seed}`]);
  expect(scenario.done).toMatchObject({ joined: 2, left: 2, frozen: 1 });
  // A time in which a broker was away may be told; nothing was lost.
  const gaps = `select partition, line, reason from coverage_gaps
    where reason <> 'partition unreadable' order by all`;
  expect(await rowsOf(scenario.folder, gaps)).toEqual(await rowsOf(whole, gaps));
  expect(compared.filled).toEqual(expect.arrayContaining(['lines', 'interruptions', 'episodes']));
}

describeKafka(
  'three nodes, any of which may be killed, workers and serve as well',
  3,
  (cluster) => {
    it(`${KILLS} kills, seed ${SEED}`, () => play(cluster(), SEED), SCENARIO_MS);
  },
);
