// Bench: `flapline run` as a whole process on a real Kafka. Goals: its throughput and its cost beside a
// bare node-rdkafka loop over the same topic (kafka-bare.ts), one alarm a record; what many alarms a
// record give; the time from produce to the stream of events at a high and at a low rate; the time until
// a restart with a month of state reads again. Non-goals: the broker's speed, clusters, compression. The
// broker runs on the same cores as both sides; sides take turns, medians count.

import { join } from 'node:path';
import type { LatencyReport } from './kafka-client.js';
import { PARTITIONS, fill } from './kafka-fill.js';
import { type Gates, type Place, onKafka, print, serviceArgs, withService } from './kafka-frame.js';
import { median } from './machine.js';
import type { BenchOptions } from './main.js';
import { type Taken, runPinned } from './pinned.js';

interface Size {
  readonly records: number;
  readonly batchedEvents: number;
  readonly lines: number;
  readonly rounds: number;
  readonly rate: number;
  readonly rateSeconds: number;
  readonly trickleSeconds: number;
  readonly gates: Gates;
}

/** 1,020,000 events are a month of the network: 510,000 interruptions. */
const FULL: Size = {
  records: 1_020_000,
  batchedEvents: 5_000_000,
  lines: 48_840,
  rounds: 3,
  rate: 20_000,
  rateSeconds: 60,
  trickleSeconds: 60,
  gates: gatesOf({ single: 0.9, cpu: 1.35, batched: 10, p50: 40, p99: 150, readyS: 2 }),
};
/** Gates far from what is reached: they catch a loop that broke, not a busy machine. */
const SMOKE: Size = {
  records: 100_000,
  batchedEvents: 500_000,
  lines: 5_000,
  rounds: 1,
  rate: 2_000,
  rateSeconds: 3,
  trickleSeconds: 4,
  gates: gatesOf({ single: 0.2, cpu: 5, batched: 1.5, p50: 500, p99: 3_000, readyS: 20 }),
};
const SEED = 20_070_101;
const BATCH = 500;
const TRICKLE = 10;
interface Bench extends Place {
  readonly size: Size;
}

interface Rate {
  /** Events a second, and seconds of the cores for one. */
  readonly perS: number;
  readonly cpuS: number;
}

/** Runs the bench. Throws when a gate is missed, or there is no Kafka. */
export async function runKafkaBench(options: BenchOptions): Promise<void> {
  const size = options.smoke ? SMOKE : FULL;
  await onKafka('kafka', options, size.gates, async (place) => {
    const bench = { ...place, size };
    const { single, bare, readyS } = await compare(bench);
    const batched = await readBatched(bench);
    const fast = await measureLatency(bench, size.rate, size.rateSeconds);
    const slow = await measureLatency(bench, TRICKLE, size.trickleSeconds);
    return {
      single_vs_bare: single.perS / bare.perS,
      single_cpu: single.cpuS / bare.cpuS,
      batched_vs_single: batched.perS / single.perS,
      latency_p50_ms: fast.p50,
      latency_p99_ms: fast.p99,
      trickle_p50_ms: slow.p50,
      trickle_p99_ms: slow.p99,
      ready_s: readyS,
      single_events_per_s: single.perS,
      batched_events_per_s: batched.perS,
    };
  });
}

function gatesOf(
  limits: Readonly<Record<'single' | 'cpu' | 'batched' | 'p50' | 'p99' | 'readyS', number>>,
): Gates {
  return {
    single_vs_bare: { min: limits.single },
    single_cpu: { max: limits.cpu },
    batched_vs_single: { min: limits.batched },
    latency_p50_ms: { max: limits.p50 },
    latency_p99_ms: { max: limits.p99 },
    trickle_p50_ms: { max: limits.p50 },
    trickle_p99_ms: { max: limits.p99 },
    ready_s: { max: limits.readyS },
  };
}

/** A topic of one event a record, read by both sides in turn, then a restart of the last service. */
async function compare(bench: Bench): Promise<{ single: Rate; bare: Rate; readyS: number }> {
  const { cluster, folder, size, signal } = bench;
  const { records, lines, rounds } = size;
  await cluster.topics.create('single', PARTITIONS);
  const filling = { brokers: cluster.brokers, topic: 'single', lines, seed: SEED };
  await fill({ ...filling, events: records, perRecord: 1 });
  const ours: Rate[] = [];
  const theirs: Rate[] = [];
  for (let round = 0; round < rounds; round++) {
    const args = [cluster.brokers, 'single', String(PARTITIONS), String(records)];
    const bare = await runPinned<Taken>(null, './kafka-bare.js', args, signal);
    theirs.push({ perS: records / bare.seconds, cpuS: bare.cpu_s / records });
    const data = join(folder, `single-${round}`);
    ours.push(await readTopic(bench, 'single', data, records, records));
    print(
      `round ${round + 1}: one event a record, ${records} records: ` +
        `bare ${told(theirs.at(-1)!)}, flapline ${told(ours.at(-1)!)}`,
    );
  }
  const readyS = await restart(bench, join(folder, `single-${rounds - 1}`));
  return { single: middle(ours), bare: middle(theirs), readyS };
}

function told({ perS, cpuS }: Rate): string {
  return `${Math.round(perS)}/s, ${(cpuS * 1e6).toFixed(2)} us of the cores each`;
}

function middle(rates: readonly Rate[]): Rate {
  return { perS: median(rates.map((r) => r.perS)), cpuS: median(rates.map((r) => r.cpuS)) };
}

/** Reads a whole topic into a new store: from when the service reads until it has read all. */
async function readTopic(
  bench: Bench,
  topic: string,
  data: string,
  records: number,
  events: number,
): Promise<Rate> {
  return withService(serviceArgs(bench, topic, data), bench.signal, async (service) => {
    await service.listening();
    const { seconds, cpuS } = await service.reading(records);
    // Storing what was read last is paid for as well, and so are the rollups.
    await service.stored();
    await service.rolledUp();
    const rate = { perS: events / seconds, cpuS: (service.cpuS() - cpuS) / events };
    const { events: folded, rejected } = await service.status();
    if (rejected > 0) throw new Error(`${rejected} events of ${folded} were rejected`);
    return rate;
  });
}

/** The time of a start over a month of state. */
async function restart(bench: Bench, data: string): Promise<number> {
  const args = serviceArgs(bench, 'single', data);
  return withService(args, bench.signal, async (service) => {
    await service.live();
    print(`restart: reads its topic after ${service.readyS.toFixed(2)} s`);
    return service.readyS;
  });
}

async function readBatched(bench: Bench): Promise<Rate> {
  const { cluster, folder, size } = bench;
  const { batchedEvents: events, lines, rounds } = size;
  await cluster.topics.create('batched', PARTITIONS);
  const filling = { brokers: cluster.brokers, topic: 'batched', lines, seed: SEED };
  const records = await fill({ ...filling, events, perRecord: BATCH });
  const rates: Rate[] = [];
  for (let round = 0; round < rounds; round++) {
    rates.push(
      await readTopic(bench, 'batched', join(folder, `batched-${round}`), records, events),
    );
    print(`round ${round + 1}: ${BATCH} events a record, ${events}: ${told(rates.at(-1)!)}`);
  }
  return middle(rates);
}

/** From produce to the stream of events, at a rate, seen by a client of its own process. */
async function measureLatency(bench: Bench, rate: number, seconds: number): Promise<LatencyReport> {
  const { cluster, folder, signal } = bench;
  const topic = `latency-${rate}`;
  await cluster.topics.create(topic, PARTITIONS);
  return withService(serviceArgs(bench, topic, join(folder, topic)), signal, async (service) => {
    await service.live();
    const client = [cluster.brokers, topic, service.address, String(rate), String(seconds)];
    const report = await runPinned<LatencyReport>(null, './kafka-client.js', client, signal);
    const { p50, p99, max, samples, missing } = report;
    print(
      `${rate} alarms/s for ${seconds} s (${report.rate.toFixed(0)}/s produced): p50 ` +
        `${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${max.toFixed(1)} ms of ` +
        `${samples} samples, ${missing} never seen`,
    );
    if (missing > 0) throw new Error(`${missing} of ${samples} samples were never seen`);
    return report;
  });
}
