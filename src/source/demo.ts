// The demo's source: the simulated provincial network. A month of it is history, given as bytes a
// partition; from there on it lives in real time and produces its alarms into the embedded broker.
// What happens is a function of (seed, anchor), so that a second start goes on where it stopped.

import { join } from 'node:path';
import { RECORD_KIND_NAMES } from '../config/record-kinds.js';
import {
  AlarmStream,
  type Network,
  type SimulatedEvent,
  buildNetwork,
  prepareEventBytes,
  writeEvent,
  writeNetwork,
} from '../simulate/index.js';
import { type DemoState, readDemoState, writeDemoState } from './demo-state.js';
import { EMBEDDED_PARTITIONS } from './embedded.js';
import { partitionOf } from './placement.js';
import type { LineProducer } from './producer.js';

/** How the demo's network is made. */
export interface DemoOptions {
  readonly folder: string;
  /** The store holds its alarms already: its history is not to be given again. */
  readonly hasHistory: boolean;
  readonly seed: number;
  readonly lines: number;
  readonly historyDays: number;
}

/** The name that the demo's broker has as a cluster, and its topic. */
export const DEMO_CLUSTER = 'embedded';
export const DEMO_TOPIC = 'alarms';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** History ends this long before now: the rest is the first to come through Kafka. */
const LIVE_OVERLAP_MS = 60_000;
const PIECE_BYTES = 1 << 20;
const TICK_MS = 200;
/** The broker keeps 5 MiB a partition: while catching up, no more than this may wait in it. */
const BACKLOG_MAX = 5_000;
/** Alarms produced before the backlog is looked at again. */
const BURST = 1_000;

/** The simulated network as a source. */
export class DemoSource {
  readonly network: Network;
  private readonly folder: string;
  private readonly stream: AlarmStream;
  private readonly partitionOfLine: Uint8Array;
  private state: DemoState;
  private timer: NodeJS.Timeout | null = null;
  private ticking: Promise<void> = Promise.resolve();
  /** The last stop was clean, or there was none. */
  readonly wasClean: boolean;
  /** Alarms given out up to the last stop, history included. */
  readonly givenBefore: number;

  constructor(options: DemoOptions, nowMs: number) {
    this.folder = options.folder;
    const known = readDemoState(options.folder);
    const hour = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
    this.state = known ?? {
      seed: options.seed,
      lines: options.lines,
      anchorMs: hour - options.historyDays * DAY_MS,
      producedUntilMs: nowMs - LIVE_OVERLAP_MS,
      lost: 0,
      clean: true,
    };
    this.wasClean = this.state.clean;
    const { seed, lines, anchorMs } = this.state;
    this.network = buildNetwork({ seed, lines });
    this.stream = new AlarmStream(this.network, { seed, fromMs: anchorMs, keepTruth: false });
    this.partitionOfLine = Uint8Array.from(this.network.lineNames, (name) =>
      partitionOf(Buffer.from(name), EMBEDDED_PARTITIONS),
    );
    this.givenBefore = options.hasHistory ? this.skip(this.state.producedUntilMs) : 0;
    // A kill while history is loaded changes nothing: the next start gives the same again.
    if (!known) this.save({});
  }

  /** Alarms that kills lost up to now. */
  get lost(): number {
    return this.state.lost;
  }

  /** The time up to which the last run gave alarms out. Epoch ms. */
  get producedUntilMs(): number {
    return this.state.producedUntilMs;
  }

  /** Writes the records of the network into the data folder; returns the files. */
  async writeRecords(): Promise<string[]> {
    const { seed, anchorMs, producedUntilMs } = this.state;
    const folder = join(this.folder, 'records');
    const toMs = Math.max(producedUntilMs, anchorMs + HOUR_MS);
    await writeNetwork(folder, this.network, { seed, fromMs: anchorMs, toMs });
    return RECORD_KIND_NAMES.map((kind) => join(folder, `${kind}.csv`));
  }

  /** The history's alarms as NDJSON, piece by piece, each of one partition. */
  async history(
    take: (partition: number, piece: Uint8Array) => Promise<void>,
    onProgress: (doneMs: number, ofMs: number) => void,
  ): Promise<void> {
    const { anchorMs, producedUntilMs } = this.state;
    const bytes = prepareEventBytes(this.network.lineNames);
    const pieces = Array.from({ length: EMBEDDED_PARTITIONS }, () => new Uint8Array(PIECE_BYTES));
    const used = new Uint32Array(EMBEDDED_PARTITIONS);
    const flush = async (least: number): Promise<void> => {
      for (let partition = 0; partition < EMBEDDED_PARTITIONS; partition++) {
        if (used[partition] <= least) continue;
        await take(partition, pieces[partition].subarray(0, used[partition]));
        used[partition] = 0;
      }
    };
    for (let until = anchorMs; until < producedUntilMs;) {
      until = Math.min(until + HOUR_MS, producedUntilMs);
      this.stream.nextUntil(until, (event) => {
        const partition = this.partitionOfLine[event.line];
        if (used[partition] + bytes.maxBytes > pieces[partition].length) {
          pieces[partition] = larger(pieces[partition]);
        }
        used[partition] = writeEvent(pieces[partition], used[partition], event, bytes);
      });
      await flush(PIECE_BYTES / 2);
      onProgress(until - anchorMs, producedUntilMs - anchorMs);
    }
    await flush(0);
  }

  /** Notes what a kill lost, or that history is loaded; from here on a stop is not clean. */
  begin(lostNow: number): void {
    this.save({ lost: this.state.lost + lostNow, clean: false });
  }

  /** Makes the topic: an empty array is a record without alarms. */
  async makeTopic(producer: LineProducer): Promise<void> {
    await producer.produce(null, Buffer.from('[]'), Date.now());
    await producer.flush(10_000);
  }

  /** Produces the network's alarms as they happen; first those since the last stop. */
  start(producer: LineProducer, backlog: () => number, onError: (error: unknown) => void): void {
    this.timer = setInterval(() => {
      this.ticking = this.ticking
        .then(() => this.tick(producer, backlog))
        .catch((error: unknown) => {
          this.halt();
          onError(error);
        });
    }, TICK_MS);
  }

  /** Stops producing; what was produced stays in the broker. */
  async stop(): Promise<void> {
    this.halt();
    await this.ticking;
  }

  /** Everything produced is committed: the next start need not look for a loss. */
  end(): void {
    this.save({ clean: true });
  }

  private halt(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private async tick(producer: LineProducer, backlog: () => number): Promise<void> {
    if (!this.timer || backlog() > BACKLOG_MAX) return;
    const now = Date.now();
    const { producedUntilMs } = this.state;
    // An hour at most a tick: after a long stop it catches up in steps that the broker can hold.
    const until = Math.min(now, producedUntilMs + HOUR_MS);
    if (until <= producedUntilMs) return;
    const events: SimulatedEvent[] = [];
    this.stream.nextUntil(until, (event) => events.push({ ...event }));
    if (events.length > 0) this.save({ producedUntilMs: until });
    else this.state = { ...this.state, producedUntilMs: until };
    for (let from = 0; from < events.length; from += BURST) {
      for (const event of events.slice(from, from + BURST)) {
        const { line, timeMs, down, alarm, cause, severity } = event;
        const name = this.network.lineNames[line];
        const state = down ? 'down' : 'up';
        const text = { line: name, time: timeMs, state, alarm, severity, ...(cause && { cause }) };
        await producer.produce(name, Buffer.from(JSON.stringify(text)), Date.now());
      }
    }
  }

  private skip(untilMs: number): number {
    let count = 0;
    this.stream.nextUntil(untilMs, () => count++);
    return count;
  }

  private save(change: Partial<DemoState>): void {
    this.state = { ...this.state, ...change };
    writeDemoState(this.folder, this.state);
  }
}

function larger(piece: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const twice = new Uint8Array(piece.length * 2);
  twice.set(piece);
  return twice;
}
