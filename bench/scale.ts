// Bench: workers of the scaled form (`flapline detect`) on a real Kafka. Goals: events a second through one
// and two workers, committed in Kafka's transactions, and their cost of the cores beside `flapline run`,
// which commits into DuckDB, over the same topic; how fast serve stores what they found; how long a partition
// of many lines takes to be restored. Non-goals: the broker's speed. The broker runs on the same cores: where
// there are two, a second worker finds no room, and its gate says only that it takes part.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clientSettings, disconnectClient } from '../src/source/client.js';
import { openConsumer } from '../src/source/consumer.js';
import { openLog } from '../src/source/kafka.js';
import { committedOf } from '../src/source/transactions.js';
import { type Filling, PARTITIONS, fill, fillHeld } from './kafka-fill.js';
import { type Gates, type Place, onKafka, print, serviceArgs, withService } from './kafka-frame.js';
import { type MeasuredCommand, MeasuredService } from './kafka-service.js';
import { median } from './machine.js';
import type { BenchOptions } from './main.js';

interface Size {
  readonly events: number;
  readonly lines: number;
  readonly rounds: number;
  readonly restoredLines: number;
  readonly gates: Gates;
}

const FULL: Size = {
  events: 1_000_000,
  lines: 48_840,
  rounds: 3,
  restoredLines: 1_000_000,
  gates: gatesOf({ scaling: 0.6, cpu: 1.5, restoreS: 10 }),
};
/** Gates far from what is reached: they catch what broke, not a busy machine. */
const SMOKE: Size = {
  events: 200_000,
  lines: 5_000,
  rounds: 1,
  restoredLines: 20_000,
  gates: gatesOf({ scaling: 0.1, cpu: 5, restoreS: 30 }),
};
const SEED = 20_070_101;
/** Events of a record of the topic that is read by workers: the kernel's work counts, not the client's. */
const BATCH = 100;
/** Of the lines that may be drawn so many have an event when three a line are drawn. */
const NAMED_SHARE = 0.69;
const LOOK_MS = 50;
const TIMEOUT_MS = 600_000;

interface Rate {
  readonly perS: number;
  /** Of all cores, for one event. */
  readonly cpuUs: number;
}

/** Runs the bench. Throws when a gate is missed, or there is no Kafka. */
export async function runScaleBench(options: BenchOptions): Promise<void> {
  const size = options.smoke ? SMOKE : FULL;
  await onKafka('scale', options, size.gates, async (place) => {
    const { events, lines } = size;
    await place.cluster.topics.create('events', PARTITIONS);
    const filling = { brokers: place.cluster.brokers, lines, seed: SEED, perRecord: BATCH, events };
    const records = await fill({ ...filling, topic: 'events' });
    const taken = { run: [] as Rate[], one: [] as Rate[], two: [] as Rate[] };
    for (let round = 0; round < size.rounds; round++) {
      taken.run.push(await byRun(place, `run-${round}`, records, events));
      taken.one.push(await byWorkers(place, `one-${round}`, 1, filling));
      taken.two.push(await byWorkers(place, `two-${round}`, 2, filling));
      print(
        `round ${round + 1}, ${events} events of ${lines} lines, ${BATCH} a record: run ` +
          `${told(taken.run.at(-1)!)}; 1 worker ${told(taken.one.at(-1)!)}; ` +
          `2 workers ${told(taken.two.at(-1)!)}`,
      );
    }
    const serve = await byServe(place, 'one-0', records, events);
    print(`serve, the findings of 1 worker: ${told(serve)}`);
    const found = await bytesOf(place.cluster.brokers, 'one-0.findings', PARTITIONS);
    const [run, one, two] = [taken.run, taken.one, taken.two].map(middle) as [Rate, Rate, Rate];
    return {
      scaling: two.perS / one.perS,
      worker_vs_run: one.perS / run.perS,
      worker_cpu_vs_run: one.cpuUs / run.cpuUs,
      run_events_per_s: run.perS,
      one_events_per_s: one.perS,
      two_events_per_s: two.perS,
      serve_events_per_s: serve.perS,
      findings_bytes_per_event: found / events,
      ...(await restored(place, size.restoredLines)),
    };
  });
}

function gatesOf(limits: Readonly<Record<'scaling' | 'cpu' | 'restoreS', number>>): Gates {
  return {
    scaling: { min: limits.scaling },
    worker_cpu_vs_run: { max: limits.cpu },
    restore_s: { max: limits.restoreS },
  };
}

function told({ perS, cpuUs }: Rate): string {
  return `${Math.round(perS)}/s at ${cpuUs.toFixed(2)} us of the cores each`;
}

function middle(rates: readonly Rate[]): Rate {
  return { perS: median(rates.map((r) => r.perS)), cpuUs: median(rates.map((r) => r.cpuUs)) };
}

/** The service of one process, until everything is in its store. */
function byRun(place: Place, name: string, records: number, events: number): Promise<Rate> {
  const args = serviceArgs(place, 'events', join(place.folder, name));
  return untilStored(place, args, { records, events, command: 'run' });
}

/** The findings of a worker that has ended, into a new store. */
function byServe(place: Place, app: string, records: number, events: number): Promise<Rate> {
  const data = join(place.folder, `serve-${app}`);
  const args = [...serviceArgs(place, `${app}-in`, data), '--app', app];
  return untilStored(place, args, { records, events, command: 'serve' });
}

/** What a service is to read. */
interface Read {
  readonly records: number;
  readonly events: number;
  readonly command: MeasuredCommand;
}

async function untilStored(
  { signal }: Place,
  args: readonly string[],
  { records, events, command }: Read,
): Promise<Rate> {
  const body = async (service: MeasuredService): Promise<Rate> => {
    await service.listening();
    const { seconds, cpuS } = await service.reading(records);
    await service.stored();
    return { perS: events / seconds, cpuUs: ((service.cpuS() - cpuS) / events) * 1e6 };
  };
  return withService(args, signal, body, command);
}

async function makeTopics({ cluster }: Place, app: string, partitions: number): Promise<void> {
  await cluster.topics.create(`${app}.findings`, partitions);
  await cluster.topics.create(`${app}.state`, partitions, { 'cleanup.policy': 'compact' });
  await cluster.topics.create(`${app}.requests`, partitions);
}

function workerOf({ cluster, signal }: Place, topic: string, app: string): MeasuredService {
  const args = ['--kafka', cluster.brokers, '--topic', topic, '--cluster', 'c', '--app', app];
  return new MeasuredService(args, signal, 'detect');
}

/** Workers that have their partitions, from when the records are let go until all are committed. */
async function byWorkers(
  place: Place,
  name: string,
  count: number,
  filling: Omit<Filling, 'topic'>,
): Promise<Rate> {
  const topic = `${name}-in`;
  await place.cluster.topics.create(topic, PARTITIONS);
  await makeTopics(place, name, PARTITIONS);
  const held = await fillHeld({ ...filling, topic });
  const workers: MeasuredService[] = [];
  try {
    for (let i = 0; i < count; i++) workers.push(workerOf(place, topic, name));
    // Partitions, and none of them moved any more.
    for (const worker of workers) await worker.untilSaid(count === 1 ? /now 0, 1, 2, 3/ : HALF);
    const cpuS = (): number => workers.reduce((sum, worker) => sum + worker.cpuS(), 0);
    const [begunMs, begunS] = [performance.now(), cpuS()];
    await held.release();
    await untilCommitted(place, topic, name, { records: held.records });
    const seconds = (performance.now() - begunMs) / 1_000;
    const cpuUs = ((cpuS() - begunS) / filling.events) * 1e6;
    return { perS: filling.events / seconds, cpuUs };
  } finally {
    for (const worker of workers) await worker.stop();
  }
}

/** What each of two workers says once it has two of the four partitions. */
const HALF = /now \d, \d\n/;

/** What is waited for: records committed of so many partitions. */
interface Watched {
  readonly records: number;
  readonly count?: number;
}

/** Waits until so many records are committed. */
async function untilCommitted(
  { cluster: { brokers } }: Place,
  topic: string,
  group: string,
  { records, count = PARTITIONS }: Watched,
): Promise<void> {
  const settings = { ...clientSettings({}), 'group.id': group };
  const place = { brokers, clientId: 'bench', settings, startTimeoutMs: 30_000 };
  const consumer = await openConsumer(place);
  const partitions = Array.from({ length: count }, (_, partition) => partition);
  const endMs = performance.now() + TIMEOUT_MS;
  try {
    for (let read = 0; read < records; await delay(LOOK_MS)) {
      const committed = await committedOf(consumer, topic, partitions);
      read = [...committed.values()].reduce((sum, offset) => sum + offset, 0);
      if (performance.now() > endMs) throw new Error(`${read} of ${records} committed: too slow`);
    }
  } finally {
    await disconnectClient(consumer);
  }
}

/** A partition of many lines: its state written at a stop, and restored at the next start. */
async function restored(place: Place, lines: number): Promise<Record<string, number>> {
  const { cluster } = place;
  const topic = 'many-lines';
  const app = 'restored';
  await cluster.topics.create(topic, 1);
  await makeTopics(place, app, 1);
  const drawn = Math.ceil(lines / NAMED_SHARE);
  const filling = { brokers: cluster.brokers, topic, lines: drawn, seed: SEED, perRecord: BATCH };
  const records = await fill({ ...filling, events: 3 * drawn });
  const first = workerOf(place, topic, app);
  try {
    await first.untilSaid(/now \d/);
    await untilCommitted(place, topic, app, { records, count: 1 });
  } finally {
    await first.stop();
  }
  const bytes = await bytesOf(cluster.brokers, `${app}.state`, 1);
  const second = workerOf(place, topic, app);
  try {
    const [, seconds, seen] = await second.untilSaid(/restored in (\S+) s: (\d+) lines/);
    const megabytes = bytes / 1e6;
    print(`${seen} lines restored in ${seconds} s, of ${megabytes.toFixed(1)} MB of records`);
    return { restore_s: Number(seconds), restored_lines: Number(seen), state_mb: megabytes };
  } finally {
    await second.stop();
  }
}

/** Bytes of the values of a topic of so many partitions. */
async function bytesOf(brokers: string, topic: string, partitions: number): Promise<number> {
  const log = await openLog({ brokers, topic });
  try {
    let bytes = 0;
    for (let partition = 0; partition < partitions; partition++) {
      const { low, high } = await log.watermarks(partition);
      await log.assign([{ partition, offset: low }]);
      while ((log.positions().get(partition) ?? low) < high) {
        const records = await log.consume(500, 200);
        bytes += records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      }
    }
    return bytes;
  } finally {
    await log.close();
  }
}
