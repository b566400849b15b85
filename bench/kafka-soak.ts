// Bench: one `flapline run` over very many alarms, and over very many lines. Goals: the slope of its
// memory while state and store have their size already, the store's cache being held small so that it is
// full soon; the rate; the memory and the rate at 1,000,000 lines. Non-goal: the broker; what it was given
// is removed as it is read. Memory is what the kernel says of the process (VmRSS).

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PARTITIONS, fill } from './kafka-fill.js';
import {
  type Figures,
  type Place,
  onKafka,
  print,
  serviceArgs,
  withService,
} from './kafka-frame.js';
import type { MeasuredService } from './kafka-service.js';
import type { BenchOptions } from './main.js';
import { MEAN_GAP_MS } from './workload.js';

interface Size {
  readonly rounds: number;
  readonly roundEvents: number;
  readonly lines: number;
  readonly manyLines: number;
  readonly manyEvents: number;
}

/** 50 M alarms, then 1,000,000 lines with five alarms each. */
const FULL: Size = {
  rounds: 50,
  roundEvents: 1_000_000,
  lines: 48_840,
  manyLines: 1_000_000,
  manyEvents: 5_000_000,
};
const SMOKE: Size = {
  rounds: 6,
  roundEvents: 50_000,
  lines: 5_000,
  manyLines: 50_000,
  manyEvents: 200_000,
};
const SEED = 20_070_102;
const BATCH = 500;
/** Kept of the topic: what is read is removed segment by segment. */
const TOPIC = { 'retention.bytes': '134217728', 'segment.bytes': '33554432' } as const;
/** Its cache is full after some rounds: what grows then would grow without end. */
const STORE_HELD_SMALL = ['--store-memory', '160MB'] as const;
/** Memory may grow by so many MB a million alarms over the second half of the rounds. */
const SLOPE_MAX = { full: 2, smoke: 400 } as const;
const MB = 2 ** 20;

/** Runs the bench. Throws when a gate is missed, or there is no Kafka. */
export async function runSoakBench(options: BenchOptions): Promise<void> {
  const { smoke } = options;
  const size = smoke ? SMOKE : FULL;
  const gates = { slope_mb_per_million: { max: smoke ? SLOPE_MAX.smoke : SLOPE_MAX.full } };
  await onKafka('kafka-soak', options, gates, async (place) => ({
    ...(await soak(place, size)),
    ...(await manyLines(place, size)),
  }));
}

async function soak(place: Place, size: Size): Promise<Figures> {
  const { rounds, roundEvents, lines } = size;
  await place.cluster.topics.create('soak', PARTITIONS, TOPIC);
  const args = [...serviceArgs(place, 'soak', join(place.folder, 'soak')), ...STORE_HELD_SMALL];
  return withService(args, place.signal, async (service) => {
    await service.live();
    const memory: number[] = [];
    let [readS, records] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const filling = { brokers: place.cluster.brokers, topic: 'soak', lines, perRecord: BATCH };
      const begunMs = performance.now();
      // Each round behind the one before it: a new one begins where no time was drawn yet.
      const shiftMs = round * Math.ceil(roundEvents * MEAN_GAP_MS);
      records += await fill({ ...filling, events: roundEvents, seed: SEED + round, shiftMs });
      await untilStored(service, records);
      readS += (performance.now() - begunMs) / 1_000;
      memory.push(service.residentBytes() / MB);
      const rate = ((round + 1) * roundEvents) / readS;
      print(
        `${(round + 1) * roundEvents} alarms: ${memory.at(-1)!.toFixed(0)} MB, ` +
          `${Math.round(rate)}/s with the producer`,
      );
    }
    const half = memory.slice(memory.length >> 1);
    return {
      soak_events: rounds * roundEvents,
      soak_events_per_s: (rounds * roundEvents) / readS,
      soak_mb_max: Math.max(...memory),
      slope_mb_per_million: slopeOf(half) * (1e6 / roundEvents),
    };
  });
}

async function manyLines(place: Place, { manyLines: lines, manyEvents }: Size): Promise<Figures> {
  await place.cluster.topics.create('lines', PARTITIONS);
  const { brokers } = place.cluster;
  const filling = { brokers, topic: 'lines', lines, perRecord: BATCH, seed: SEED };
  const records = await fill({ ...filling, events: manyEvents });
  const args = serviceArgs(place, 'lines', join(place.folder, 'lines'));
  return withService(args, place.signal, async (service) => {
    await service.live();
    const begunMs = performance.now();
    await untilStored(service, records);
    const seconds = (performance.now() - begunMs) / 1_000;
    const mb = service.residentBytes() / MB;
    await delay(COUNTED_MS);
    const { lines: seen } = await service.status();
    print(`${seen} lines: ${mb.toFixed(0)} MB, ${Math.round(manyEvents / seconds)} alarms/s`);
    return {
      lines: seen,
      lines_mb: mb,
      lines_bytes_each: (mb * MB) / seen,
      lines_events_per_s: manyEvents / seconds,
    };
  });
}

const LOOK_MS = 250;
/** The status counts lines at most 5 s apart; by then what is stored is in it. */
const COUNTED_MS = 7_000;

/** Waits until so many records are read, and what they held is stored. */
async function untilStored(service: MeasuredService, records: number): Promise<void> {
  while ((await service.read()) < records) await delay(LOOK_MS);
  await service.stored();
}

/** Growth from one value to the next: least squares. */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [above, below] = [0, 0];
  for (const [i, value] of values.entries()) {
    above += (i - middle) * (value - mean);
    below += (i - middle) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
