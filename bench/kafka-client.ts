// The client of the kafka bench's latencies, a process of its own: produces alarms at a rate and listens
// to the service's stream of events. The latency of a sampled record runs from before its produce() to
// the first event that says its partition has been read past it, both on this process's clock.
// Arguments: brokers, topic, the service's address, alarms a second, seconds. Prints its report.

import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import Kafka from 'node-rdkafka';
import type { Live, Status } from '../src/api/contract.js';
import { PARTITIONS, eventText } from './kafka-fill.js';
import { partitionOf } from '../src/source/placement.js';
import { seeded } from './random.js';
import { lineName } from './workload.js';

/** What it measured, ms. */
export interface LatencyReport {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly samples: number;
  readonly missing: number;
  /** Alarms a second that were really produced. */
  readonly rate: number;
}

interface Seen {
  readonly position: number;
  readonly atMs: number;
}

const [brokers, topic, address, rateText, secondsText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const rate = Number(rateText);
const seconds = Number(secondsText);
const STEP_MS = 5;
const LINES = 48_840;
/** At most so many samples a second. */
const SAMPLES = 500;
const SETTLE_MS = 2_000;

/** Partition -> positions as the stream told them, ascending. */
const seen = new Map<number, Seen[]>();
/** Samples; of a new topic with one producer the offsets are known beforehand. */
const sent: { readonly partition: number; readonly offset: number; readonly atMs: number }[] = [];
const ends = new Float64Array(PARTITIONS);
let failed = 0;

async function listen(): Promise<() => void> {
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    get(`${address}api/stream`, resolve).once('error', reject);
  });
  createInterface({ input: response }).on('line', (line) => {
    if (!line.startsWith('data: ')) return;
    const atMs = performance.now();
    const event = JSON.parse(line.slice('data: '.length)) as Status | Live;
    for (const { partition, position } of 'positions' in event
      ? event.positions
      : event.partitions) {
      const own = seen.get(partition) ?? [];
      if (own.length === 0) seen.set(partition, own);
      if (position > (own.at(-1)?.position ?? -1)) own.push({ position, atMs });
    }
  });
  return () => response.destroy();
}

async function connect(): Promise<Kafka.Producer> {
  const producer = new Kafka.Producer({
    'metadata.broker.list': brokers,
    dr_cb: true,
    'delivery.report.only.error': true,
    'enable.idempotence': true,
    'linger.ms': 1,
    'queue.buffering.max.messages': 1_000_000,
  });
  await new Promise<void>((resolve, reject) => {
    producer.connect({}, (error) => (error ? reject(error) : resolve()));
  });
  producer.on('delivery-report', () => failed++);
  producer.setPollInterval(STEP_MS);
  return producer;
}

/** Produces at the rate, evenly; the number of records. */
async function produce(producer: Kafka.Producer): Promise<number> {
  const random = seeded(7);
  const down = new Uint8Array(LINES);
  const every = Math.max(1, Math.floor(rate / SAMPLES));
  const begunMs = performance.now();
  let records = 0;
  while (performance.now() - begunMs < seconds * 1_000) {
    const due = Math.floor(((performance.now() - begunMs) / 1_000) * rate);
    for (; records < due; records++) {
      const line = Math.floor(random() * LINES);
      down[line] ^= 1;
      const name = lineName(line);
      const value = Buffer.from(eventText(name, Date.now(), down[line] === 1), 'latin1');
      const partition = partitionOf(Buffer.from(name), PARTITIONS);
      const offset = ends[partition]!++;
      if (records % every === 0) sent.push({ partition, offset, atMs: performance.now() });
      producer.produce(topic, partition, value, name, Date.now());
    }
    await delay(STEP_MS);
  }
  return records;
}

function latencies(): number[] {
  return sent
    .flatMap(({ partition, offset, atMs }) => {
      const first = firstPast(seen.get(partition) ?? [], offset);
      return first ? [first.atMs - atMs] : [];
    })
    .toSorted((a, b) => a - b);
}

/** The first that stands behind an offset. */
function firstPast(positions: readonly Seen[], offset: number): Seen | null {
  let [low, high] = [0, positions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions[middle]!.position > offset) high = middle;
    else low = middle + 1;
  }
  return positions[low] ?? null;
}

const stopListening = await listen();
const producer = await connect();
const records = await produce(producer);
await delay(SETTLE_MS);
stopListening();
if (failed > 0) throw new Error(`${failed} records were not delivered`);
const found = latencies();
const at = (share: number): number =>
  found[Math.min(found.length - 1, Math.floor(found.length * share))]!;
const report: LatencyReport = {
  p50: at(0.5),
  p99: at(0.99),
  max: found.at(-1)!,
  samples: sent.length,
  missing: sent.length - found.length,
  rate: records / seconds,
};
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
