// Batches without Kafka: what a worker seals, read back by serve, makes the same views as the pipeline of
// one process; whatever the cuts between commits, and whenever the worker is forgotten and restored from
// its state.

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { DEFAULT_RULES, type Rules } from '../../src/config/rules.js';
import { DEFAULT_CAPACITIES } from '../../src/kernel/kernel.js';
import type { LogFrame } from '../../src/pipeline/fold.js';
import { Pipeline } from '../../src/pipeline/pipeline.js';
import { Owned, type SealedPartition, type WorkerConfig } from '../../src/scale/owned.js';
import { Assembly, partsOf } from '../../src/scale/parts.js';
import { Served } from '../../src/scale/served.js';
import { stateOf } from '../../src/scale/state.js';
import { Directory } from '../../src/store/directory.js';
import { openStore } from '../../src/store/store.js';
import { compareViews } from '../crash/same-views.js';
import { temporaryFolder, usesServices } from '../host/service-fixture.js';
import { type Choose, seededChoose } from '../judge/choose.js';
import { traffic } from '../kafka/traffic.js';

const INPUT = { cluster: 'c', topic: 't' };
const PARTITIONS = 3;
const RECORDS = 1_500;
const SEEDS = [1, 2];

const RULES: Rules = {
  ...DEFAULT_RULES,
  mergeGapMs: 1_000,
  staleAfterMs: 600_000,
  sourceSilenceMs: 20_000,
  chatter: true,
};

const kernelOptions = {
  capacities: { ...DEFAULT_CAPACITIES, lines: 64, keyBytes: 4_096, inboxBytes: 65_536 },
  limits: DEFAULT_LIMITS,
  emitStarts: true,
  zone: [],
};

usesServices();

/** Records of a partition. */
function framesOf(seed: number, partition: number): LogFrame[] {
  return traffic(10 * seed + partition, RECORDS).map(({ key, value }, offset) => ({
    offset,
    timestamp: 1_164_900_000_000 + offset * 9_000,
    key: Buffer.from(key),
    value,
  }));
}

/** By the pipeline of one process, in one go; a reset of a line before the last third. */
async function whole(folder: string, seed: number, line: string): Promise<void> {
  const store = await openStore(join(folder, 'flapline.duckdb'));
  const directory = new Directory();
  await directory.load(store.writer);
  const pipeline = await Pipeline.open(store, directory, {
    rules: RULES,
    snapshotFolder: join(folder, 'snapshots'),
    snapshotEveryMs: 3_600_000,
    onNote: () => undefined,
    kernelOptions,
  });
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const run = await pipeline.addPartition({ ...INPUT, partition });
    const frames = framesOf(seed, partition);
    const third = Math.floor((2 * frames.length) / 3);
    await run.feed(frames, 0, third);
    await run.order([{ kind: 'reset', line, by: 'me', why: 'a test', requestedMs: 1 }]);
    await run.feed(frames, third);
    await pipeline.commit(null);
  }
  await pipeline.close();
  store.close();
}

/** A partition of a worker that is forgotten now and then, its topics in memory. */
class Topics {
  private readonly state = new Map<string, Buffer>();
  readonly findings: Buffer[] = [];
  private readonly name: { cluster: string; topic: string; partition: number };
  private readonly config: WorkerConfig;

  constructor(partition: number) {
    this.name = { ...INPUT, partition };
    this.config = {
      rules: RULES,
      kernelOptions,
      lineRows: [],
      snapshotEveryMs: 3_600_000,
      onNote: () => undefined,
    };
  }

  restore(): Promise<Owned> {
    return Owned.restore(this.name, stateOf(this.state), this.config);
  }

  commit(sealed: SealedPartition | null): void {
    if (!sealed) return;
    this.findings.push(sealed.batch);
    for (const { key, value } of sealed.state) this.state.set(key, value);
    sealed.committed();
  }
}

/** By workers, forgotten at random with or without a commit. */
async function byWorkers(
  choose: Choose,
  seed: number,
  partition: number,
  line: string,
): Promise<readonly Buffer[]> {
  const topics = new Topics(partition);
  const frames = framesOf(seed, partition);
  const third = Math.floor((2 * frames.length) / 3);
  let owned = await topics.restore();
  let wasReset = false;
  while (owned.run.log.position < frames.length) {
    const { position } = owned.run.log;
    const border = position < third ? third : frames.length;
    const until = Math.min(border, position + 1 + choose(200));
    await owned.run.feed(frames, position, until);
    if (until === third && !wasReset && !owned.run.silent) {
      await owned.run.order([{ kind: 'reset', line, by: 'me', why: 'a test', requestedMs: 1 }]);
      topics.commit(await owned.seal(0, false));
      wasReset = true;
    }
    const dice = choose(4);
    if (dice < 2) topics.commit(await owned.seal(0, dice === 0));
    // It has found something, or not; it is killed.
    if (dice === 2 && (wasReset || until < third)) owned = await topics.restore();
  }
  topics.commit(await owned.seal(0, false));
  return topics.findings;
}

/** All batches in parts, into a store that is closed and opened again now and then. */
async function serve(
  choose: Choose,
  folder: string,
  batches: readonly (readonly Buffer[])[],
): Promise<void> {
  const records = batches.map((ofPartition) => ofPartition.flatMap((batch) => partsOf(batch)));
  let isRead = false;
  while (!isRead) {
    const store = await openStore(join(folder, 'flapline.duckdb'));
    const directory = new Directory();
    await directory.load(store.writer);
    const served = await Served.open(store, directory, 'findings');
    const assemblies = records.map(() => new Assembly());
    const next: number[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      next.push((await served.addPartition({ ...INPUT, partition })).next ?? 0);
    }
    for (let turns = 20 + choose(80); turns > 0; turns--) {
      const partition = choose(PARTITIONS);
      const value = records[partition][next[partition]];
      if (value === undefined) continue;
      const text = assemblies[partition].add(value);
      next[partition]++;
      if (text === null) continue;
      const one = served.partitions.get(partition)!;
      if (one.isTaken) await written(served);
      served.take(one, text, next[partition]);
    }
    if (choose(2) === 0) await written(served);
    isRead = [...served.partitions.values()].every(
      ({ next: at, isTaken }, partition) => at === records[partition].length && !isTaken,
    );
    await served.close();
    store.close();
  }
}

async function written(served: Served): Promise<void> {
  if (!served.isDue) return;
  const { batch, stored } = served.seal(() => undefined);
  await served.writer.write(batch);
  stored();
}

it.each(SEEDS)('seed %i: the same views as of one process', async (seed) => {
  const choose = seededChoose(seed);
  const [one, scaled] = [temporaryFolder(), temporaryFolder()];
  const line = 'line-1';
  await whole(one, seed, line);
  const batches: (readonly Buffer[])[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    batches.push(await byWorkers(choose, seed, partition, line));
  }
  expect(batches.every((ofPartition) => ofPartition.length > 3)).toBe(true);
  await serve(choose, scaled, batches);
  const { different, filled } = await compareViews(scaled, one);
  expect(different).toEqual([]);
  expect(filled).toEqual(
    expect.arrayContaining([
      'lines',
      'interruptions',
      'episodes',
      'repeat_faults',
      'chatter',
      'control_records',
      'rejected_records',
      'coverage_gaps',
      'rules',
    ]),
  );
});
