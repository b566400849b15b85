// Bench: a storm of 100 times the usual rate into a `flapline run` that holds a year of the network, while
// several clients ask its API and take CSV exports of the year. Goals: no stall of the reading over
// 250 ms; lag that drains; the live view going on meanwhile; memory bounded. Non-goal: the clients' speed.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_RULES } from '../src/config/rules.js';
import { replay } from '../src/pipeline/replay.js';
import { STORE_FILE } from '../src/store/store.js';
import { mkdir } from 'node:fs/promises';
import { eventText, PARTITIONS } from './kafka-fill.js';
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
import { type LineProducer, openProducer } from '../src/source/producer.js';
import { seeded } from './random.js';
import { START_MS, lineName, writeWorkload } from './workload.js';

interface Size {
  /** Events of the stored year; 13.4 M are the network's. */
  readonly yearEvents: number;
  readonly lines: number;
  /** Alarms a second before and after the storm, which has 100 times as many. */
  readonly usualRate: number;
  readonly usualSeconds: number;
  readonly stormSeconds: number;
  readonly stallMsMax: number;
  readonly drainSMax: number;
  readonly mbMax: number;
}

const FULL: Size = {
  yearEvents: 13_400_000,
  lines: 48_840,
  usualRate: 300,
  usualSeconds: 10,
  stormSeconds: 30,
  stallMsMax: 250,
  drainSMax: 120,
  mbMax: 4_096,
};
/** Gates far from what is reached: they catch a loop that broke, not a busy machine. */
const SMOKE: Size = {
  yearEvents: 400_000,
  lines: 5_000,
  usualRate: 20,
  usualSeconds: 2,
  stormSeconds: 5,
  stallMsMax: 5_000,
  drainSMax: 120,
  mbMax: 4_096,
};
const SEED = 20_070_103;
const STORM = 100;
const STEP_MS = 20;
const LOOK_MS = 200;
const READERS = 4;
const MB = 2 ** 20;
const TOPIC = 'storm';
/** What readers ask, in turns; the last is the export of the year. */
const QUESTIONS = [
  'api/heat?by=branch',
  'api/flapping',
  'api/worst?by=line&limit=100',
  'api/lists/worst?format=csv&limit=100000',
] as const;

/** Runs the bench. Throws when a gate is missed, or there is no Kafka. */
export async function runStormBench(options: BenchOptions): Promise<void> {
  const size = options.smoke ? SMOKE : FULL;
  const gates = {
    stall_ms: { max: size.stallMsMax },
    drain_s: { max: size.drainSMax },
    live_gap_ms: { max: size.stallMsMax * 4 },
    mb_max: { max: size.mbMax },
    exports: { min: 1 },
  };
  await onKafka('kafka-storm', options, gates, (place) => measure(place, size));
}

async function measure(place: Place, size: Size): Promise<Figures> {
  const data = join(place.folder, 'storm');
  await storeYear(place, data, size);
  await place.cluster.topics.create(TOPIC, PARTITIONS);
  return withService(serviceArgs(place, TOPIC, data), place.signal, async (service) => {
    await service.live();
    const storm = new Storm(place, size);
    const readers = new Readers(service);
    const watched = await watch(service, storm, size);
    const { answers, exports, slowestMs } = await readers.end();
    const { stormRate } = await storm.done;
    const stallMs = (await service.metric('flapline_reading_stall_seconds_max'))! * 1_000;
    print(
      `storm of ${Math.round(stormRate)}/s for ${size.stormSeconds} s beside ${READERS} readers: ` +
        `reading stood still for ${stallMs.toFixed(0)} ms at most; lag ${watched.lagMax} at most, ` +
        `drained ${watched.drainS.toFixed(1)} s after the storm; the stream was silent for ` +
        `${watched.liveGapMs.toFixed(0)} ms at most; ${watched.mbMax.toFixed(0)} MB; ` +
        `${answers} answers, ${exports} exports, slowest ${(slowestMs / 1_000).toFixed(1)} s`,
    );
    return {
      storm_per_s: stormRate,
      stall_ms: stallMs,
      lag_max: watched.lagMax,
      drain_s: watched.drainS,
      live_gap_ms: watched.liveGapMs,
      mb_max: watched.mbMax,
      answers,
      exports,
    };
  });
}

/** The store of a service that has read a year. */
async function storeYear({ folder, signal }: Place, data: string, size: Size): Promise<void> {
  const file = join(folder, 'year.ndjson');
  writeWorkload(file, size.yearEvents, size.lines, SEED);
  await mkdir(data);
  await replay({
    files: [file],
    sort: false,
    rules: DEFAULT_RULES,
    starts: false,
    zone: [],
    aliases: [],
    storeFile: join(data, STORE_FILE),
    signal,
  });
}

/** What comes in: the usual rate, the storm, the usual rate again. */
class Storm {
  readonly done: Promise<{ readonly stormRate: number }>;
  /** When it was over, null before; by performance.now(). */
  endMs: number | null = null;
  private readonly size: Size;
  private readonly random = seeded(SEED);
  private readonly down: Uint8Array;

  constructor({ cluster }: Place, size: Size) {
    this.size = size;
    this.down = new Uint8Array(size.lines);
    this.done = this.produce(cluster.brokers);
    this.done.catch(() => undefined);
  }

  private async produce(brokers: string): Promise<{ readonly stormRate: number }> {
    const { usualRate, usualSeconds, stormSeconds } = this.size;
    const producer = await openProducer({
      brokers,
      topic: TOPIC,
      settings: { 'linger.ms': 1, 'queue.buffering.max.messages': 1_000_000 },
    });
    await this.phase(producer, usualRate, usualSeconds);
    const stormRate = await this.phase(producer, usualRate * STORM, stormSeconds);
    this.endMs = performance.now();
    await this.phase(producer, usualRate, usualSeconds);
    await producer.flush(60_000);
    await producer.close();
    return { stormRate };
  }

  /** Produces evenly; the records a second. */
  private async phase(producer: LineProducer, rate: number, seconds: number): Promise<number> {
    const { down, random, size } = this;
    const begunMs = performance.now();
    let records = 0;
    for (let passedMs = 0; passedMs < seconds * 1_000; passedMs = performance.now() - begunMs) {
      for (const due = (passedMs * rate) / 1_000; records < due; records++) {
        const line = Math.floor(random() * size.lines);
        down[line]! ^= 1;
        const name = lineName(line);
        const text = eventText(name, Date.now(), down[line] === 1);
        await producer.produce(name, Buffer.from(text, 'latin1'));
      }
      await delay(STEP_MS);
    }
    return (records * 1_000) / (performance.now() - begunMs);
  }
}

interface Watched {
  readonly lagMax: number;
  readonly drainS: number;
  readonly liveGapMs: number;
  readonly mbMax: number;
}

/** Follows a service until all that was produced is read. */
async function watch(
  service: MeasuredService,
  storm: Storm,
  { usualRate }: Size,
): Promise<Watched> {
  const live = await Live.open(service);
  let isOver = false;
  const onOver = (): void => void (isOver = true);
  storm.done.then(onOver, onOver);
  let [lagMax, mbMax, drainedMs] = [0, 0, Infinity];
  for (;;) {
    const { partitions } = await service.status();
    const lag = partitions.reduce(
      (sum, { end, position }) => sum + Math.max(0, (end ?? 0) - position),
      0,
    );
    lagMax = Math.max(lagMax, lag);
    mbMax = Math.max(mbMax, service.residentBytes() / MB);
    // What comes at the usual rate within a second is no lag.
    if (storm.endMs !== null && lag <= usualRate) {
      drainedMs = Math.min(drainedMs, performance.now());
    }
    if (isOver && lag === 0) break;
    await delay(LOOK_MS);
  }
  await storm.done;
  return { lagMax, drainS: (drainedMs - storm.endMs!) / 1_000, mbMax, liveGapMs: live.end() };
}

/** The stream of events: how long it was silent at most between two of them. */
class Live {
  private readonly stop = new AbortController();
  private lastMs = performance.now();
  private gapMs = 0;

  static async open(service: MeasuredService): Promise<Live> {
    const live = new Live();
    const { signal } = live.stop;
    const answer = await fetch(`${service.address}api/stream`, { signal });
    live.lastMs = performance.now();
    void live.follow(answer.body!).catch(() => undefined);
    return live;
  }

  /** Ends it; the longest silence, ms. */
  end(): number {
    this.note();
    this.stop.abort();
    return this.gapMs;
  }

  private async follow(body: ReadableStream<Uint8Array>): Promise<void> {
    for await (const _ of body) this.note();
  }

  private note(): void {
    const nowMs = performance.now();
    this.gapMs = Math.max(this.gapMs, nowMs - this.lastMs);
    this.lastMs = nowMs;
  }
}

/** Clients that ask one thing after the other. */
class Readers {
  private readonly service: MeasuredService;
  private readonly clients: Promise<void>[];
  private ending = false;
  private answers = 0;
  private exports = 0;
  private slowestMs = 0;

  constructor(service: MeasuredService) {
    this.service = service;
    this.clients = Array.from({ length: READERS }, (_, i) => this.ask(i));
    for (const client of this.clients) client.catch(() => undefined);
  }

  /** Ends them. Throws when one of them got no answer. */
  async end() {
    this.ending = true;
    await Promise.all(this.clients);
    const { answers, exports, slowestMs } = this;
    return { answers, exports, slowestMs };
  }

  private async ask(first: number): Promise<void> {
    const year = `&from=${START_MS}&to=${START_MS + 366 * 86_400_000}`;
    for (let turn = first; !this.ending; turn++) {
      const question = QUESTIONS[turn % QUESTIONS.length]!;
      const isExport = question.includes('csv');
      const begunMs = performance.now();
      const answer = await fetch(`${this.service.address}${question}${isExport ? year : ''}`);
      const text = await answer.text();
      // Too many questions at a time are refused with 429 or 503, which is an answer.
      if (!answer.ok && answer.status !== 429 && answer.status !== 503) {
        throw new Error(`${question}: ${answer.status} ${text.slice(0, 200)}`);
      }
      this.answers++;
      if (answer.ok && isExport) this.exports++;
      this.slowestMs = Math.max(this.slowestMs, performance.now() - begunMs);
      await delay(STEP_MS);
    }
  }
}
