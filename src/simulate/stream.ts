// The simulated alarm stream, drawn hour by hour: about 700 interruptions an hour for 48,840
// lines. Invariants: a function of (network, seed, variant, fromMs) however calls to nextUntil are
// sliced; events in time order; a line's interruptions never touch. Memory: the hour at hand, and
// the clears and repeats that lie ahead (a few thousand).

import { MEANINGS, drawAlarm, followingAlarm, packCode } from './alarms.js';
import { HOUR_MS, MINUTE_MS, checkTime, monthOf } from './clock.js';
import type { Fault } from './fault.js';
import { drawFaults } from './faults.js';
import type { Network } from './network.js';
import { planMonth } from './plan.js';
import { Random } from './random.js';
import { ratesOf, type Rates } from './rates.js';
import { newTruth, type StreamTruth } from './truth.js';

/** One raise or clear. The stream hands out the same object each time: copy what is kept. */
export interface SimulatedEvent {
  /** index in network.lineNames */
  line: number;
  timeMs: number;
  down: boolean;
  alarm: string;
  cause: string | null;
  severity: string;
  /** stands for (alarm, cause, severity, down): index in MEANINGS of alarms.ts */
  code: number;
}

export interface StreamOptions {
  readonly seed: number;
  /** the first instant, epoch ms; what was down before it is unknown to the stream */
  readonly fromMs: number;
  /** other numbers give other streams of the same network, works and bad plant; default 0 */
  readonly variant?: number;
  /** whether `truth` is filled; default true */
  readonly keepTruth?: boolean;
}

const STREAM_SALT = 202;
/** A line is up for at least this long between two interruptions. */
const SHORTEST_UP_MS = 200;
const SECOND_ALARM_SHARE = 0.06;
const SECOND_ALARM_MIN_MS = 2_000;
const SECOND_ALARM_DELAY_MS = 400;
const REPEATED_RAISE_SHARE = 0.003;
const RESYNC_SHARE = 0.15;
const RESYNC_MS = 5 * MINUTE_MS;
const RESYNCS_MOST = 3;
/** Sort keys are (ms within the hour) * SLOTS + place in the bucket: exact below 2^53. */
const SLOTS = 2 ** 26;

interface Bucket {
  readonly timesMs: number[];
  readonly lines: number[];
  readonly codes: number[];
}

const newBucket = (): Bucket => ({ timesMs: [], lines: [], codes: [] });

/** A stream with a position: each call of nextUntil goes on where the last one ended. */
export class AlarmStream {
  /** What was planted so far (truth.ts). */
  readonly truth: StreamTruth;
  readonly #network: Network;
  readonly #seed: number;
  readonly #variant: number;
  readonly #fromMs: number;
  /** the start of the hour in #bucket */
  #hourMs: number;
  #bucket = newBucket();
  #order = new Float64Array(0);
  #position = 0;
  #rates: Rates | null = null;
  #random: Random;
  readonly #events = new Map<number, Bucket>();
  readonly #faults = new Map<number, Fault[]>();
  /** from when on a line may go down again, by line */
  readonly #freeFromMs: Float64Array;

  /** @throws FlaplineError USAGE when fromMs is no time from 1992 on */
  constructor(network: Network, options: StreamOptions) {
    checkTime(options.fromMs, "the stream's start");
    this.#network = network;
    this.#seed = options.seed;
    this.#variant = options.variant ?? 0;
    this.#fromMs = options.fromMs;
    this.#hourMs = Math.floor(options.fromMs / HOUR_MS) * HOUR_MS - HOUR_MS;
    this.#random = new Random(options.seed);
    this.#freeFromMs = new Float64Array(network.lineNames.length);
    this.truth = newTruth(options.keepTruth ?? true);
  }

  /** Emits the events from the current position on with time < untilMs, in time order. */
  nextUntil(untilMs: number, emit: (event: SimulatedEvent) => void): void {
    const event = { line: 0, timeMs: 0, code: 0, ...MEANINGS[0] };
    for (;;) {
      const { timesMs, lines, codes } = this.#bucket;
      while (this.#position < this.#order.length) {
        const slot = this.#order[this.#position] % SLOTS;
        if (timesMs[slot] >= untilMs) return;
        this.#position++;
        const meaning = MEANINGS[codes[slot]];
        event.line = lines[slot];
        event.timeMs = timesMs[slot];
        event.code = codes[slot];
        event.down = meaning.down;
        event.alarm = meaning.alarm;
        event.cause = meaning.cause;
        event.severity = meaning.severity;
        emit(event);
      }
      if (this.#hourMs + HOUR_MS >= untilMs) return;
      this.#drawHour(this.#hourMs + HOUR_MS);
    }
  }

  #drawHour(hourMs: number): void {
    this.#hourMs = hourMs;
    this.#random = new Random(this.#seed, this.#variant, STREAM_SALT, hourMs / HOUR_MS);
    const month = monthOf(hourMs);
    if (this.#rates?.plan.month !== month) {
      this.#rates = ratesOf(this.#network, planMonth(this.#network, month));
    }
    drawFaults(this.#network, this.#rates, hourMs, this.#random, this.truth, (fault) => {
      if (fault.startMs < this.#fromMs) return;
      const hour = Math.floor(fault.startMs / HOUR_MS);
      const faults = this.#faults.get(hour);
      if (faults === undefined) this.#faults.set(hour, [fault]);
      else faults.push(fault);
    });
    const hour = hourMs / HOUR_MS;
    const faults = this.#faults.get(hour) ?? [];
    this.#faults.delete(hour);
    faults.sort((x, y) => x.startMs - y.startMs || x.line - y.line);
    for (const fault of faults) this.#take(fault);
    this.#bucket = this.#events.get(hour) ?? newBucket();
    this.#events.delete(hour);
    this.#order = Float64Array.from(
      this.#bucket.timesMs,
      (timeMs, slot) => (timeMs - hourMs) * SLOTS + slot,
    ).toSorted();
    this.#position = 0;
  }

  /** Turns a fault into raises and clears, unless its line is down or only just up. */
  #take(fault: Fault): void {
    const { line, startMs, durationMs, cause } = fault;
    if (startMs < this.#freeFromMs[line]) return;
    const random = this.#random;
    const endMs = startMs + durationMs;
    this.#freeFromMs[line] = endMs + SHORTEST_UP_MS;
    noteHit(fault);
    const alarm = drawAlarm(this.#network.productOf[line], random);
    this.#put(startMs, line, packCode(alarm, cause, true));
    let clearMs = endMs;
    if (durationMs >= SECOND_ALARM_MIN_MS && random.chance(SECOND_ALARM_SHARE)) {
      const second = followingAlarm(alarm);
      const firstLasts = random.chance(0.5);
      const earlierMs = endMs - 1 - random.int(SECOND_ALARM_DELAY_MS);
      clearMs = firstLasts ? endMs : earlierMs;
      const raiseMs = startMs + 1 + random.int(SECOND_ALARM_DELAY_MS);
      this.#put(raiseMs, line, packCode(second, 0, true));
      this.#put(firstLasts ? earlierMs : endMs, line, packCode(second, 0, false));
    } else if (random.chance(REPEATED_RAISE_SHARE)) {
      const againMs = startMs + Math.floor(durationMs / 2);
      this.#put(againMs, line, packCode(alarm, cause, true));
    } else if (durationMs > RESYNC_MS && random.chance(RESYNC_SHARE)) {
      const most = Math.min(RESYNCS_MOST, Math.ceil(durationMs / RESYNC_MS) - 1);
      for (let i = 1; i <= most; i++) {
        this.#put(startMs + i * RESYNC_MS, line, packCode(alarm, cause, true));
      }
    }
    this.#put(clearMs, line, packCode(alarm, 0, false));
  }

  #put(timeMs: number, line: number, code: number): void {
    const hour = Math.floor(timeMs / HOUR_MS);
    let bucket = this.#events.get(hour);
    if (bucket === undefined) {
      bucket = newBucket();
      this.#events.set(hour, bucket);
    }
    bucket.timesMs.push(timeMs);
    bucket.lines.push(line);
    bucket.codes.push(code);
  }
}

function noteHit({ line, startMs, hits, bout }: Fault): void {
  if (hits !== null) {
    hits.lines.push(line);
    hits.startsMs.push(startMs);
  }
  bout?.startsMs.push(startMs);
}
