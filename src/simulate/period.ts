// A period of the simulated network's life: its stream is drawn once, counted, and told to the
// service desk; tickets and call-backs are written, and the events where a file is wanted.
// Invariant: memory is bounded, since every file is drained between slices of simulated time.

import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { FlaplineError } from '../config/errors.js';
import { DAY_MS, HOUR_MS, localTime } from './clock.js';
import { csvRow } from './csv.js';
import { ServiceDesk } from './desk.js';
import { prepareEventBytes, writeEvent } from './ndjson.js';
import type { Network } from './network.js';
import { activatedMs, type Period } from './records.js';
import { FileSink } from './sink.js';
import { AlarmStream, type SimulatedEvent } from './stream.js';
import { type Ended, type Open, Tally } from './tally.js';

/** Simulated time between two looks at progress, the signal and the disk. */
const SLICE_MS = HOUR_MS;
/** Simulated time after which others in this process get their turn. */
const TURN_MS = DAY_MS;

const TICKETS_HEADER = ['ticket', 'kind', 'line', 'opened', 'closed', 'valid', 'cause'];
const INTERRUPTIONS_HEADER = ['line', 'start_ms', 'end_ms', 'cause'];
const CALLBACKS_HEADER = ['line', 'ticket', 'kind', 'at', 'satisfied', 'reason'];

/** What a stream of a network is drawn with. */
export interface StreamPeriod extends Period {
  readonly seed: number;
  readonly variant?: number;
}

export interface Progress {
  readonly events: number;
  /** simulated time reached, epoch ms */
  readonly timeMs: number;
  /** 0 to 1 */
  readonly done: number;
}

/** What to write and whom to tell. */
export interface PeriodOptions {
  /** whether to write events.ndjson, and interruptions.csv that they make */
  readonly events: boolean;
  readonly keepTruth: boolean;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** What came of a period. */
export interface PeriodResult {
  readonly stream: AlarmStream;
  readonly tally: Tally;
  readonly tickets: number;
  /** bytes of events.ndjson; 0 if it was not written */
  readonly eventBytes: number;
}

interface Sinks {
  readonly all: readonly FileSink[];
  readonly tickets: FileSink;
  readonly callbacks: FileSink;
  readonly events: FileSink | null;
  readonly interruptions: FileSink | null;
}

/**
 * Writes tickets.csv and callbacks.csv, and the events if asked to, into an existing folder.
 * @throws FlaplineError STORE_UNWRITABLE, INTERRUPTED
 */
export async function writePeriod(
  dir: string,
  network: Network,
  run: StreamPeriod,
  options: PeriodOptions,
): Promise<PeriodResult> {
  const { fromMs, toMs } = run;
  const stream = new AlarmStream(network, { ...run, keepTruth: options.keepTruth });
  const desk = new ServiceDesk(network, run);
  const sinks = await openSinks(dir, options.events);
  const tally = new Tally(network, (ended) => {
    desk.observe(ended);
    sinks.interruptions?.append(interruptionRow(network, ended));
  });
  const take = takerOf(network, tally, sinks.events);
  let tickets = 0;
  let turnMs = fromMs;
  try {
    activateLines(network, desk, run);
    for (let atMs = fromMs; atMs < toMs;) {
      atMs = Math.min(toMs, atMs + SLICE_MS);
      stream.nextUntil(atMs, take);
      desk.complainUntil(atMs);
      tickets += writeDesk(network, desk, sinks, toMs);
      for (const sink of sinks.all) if (sink.full) await sink.drain();
      if (atMs >= turnMs) {
        turnMs = atMs + TURN_MS;
        await setImmediate();
      }
      const done = (atMs - fromMs) / (toMs - fromMs);
      options.onProgress?.({ events: tally.events, timeMs: atMs, done });
      if (options.signal?.aborted === true) {
        throw new FlaplineError('INTERRUPTED', `interrupted: the files in ${dir} are incomplete`);
      }
    }
    for (const open of tally.open()) sinks.interruptions?.append(interruptionRow(network, open));
    for (const sink of sinks.all) await sink.flush();
  } finally {
    for (const sink of sinks.all) await sink.close();
  }
  tally.finish(toMs);
  return { stream, tally, tickets, eventBytes: sinks.events?.bytes ?? 0 };
}

async function openSinks(dir: string, withEvents: boolean): Promise<Sinks> {
  const all: FileSink[] = [];
  const create = async (name: string): Promise<FileSink> => {
    const sink = await FileSink.create(join(dir, name));
    all.push(sink);
    return sink;
  };
  try {
    const tickets = await create('tickets.csv');
    const callbacks = await create('callbacks.csv');
    tickets.append(csvRow(TICKETS_HEADER));
    callbacks.append(csvRow(CALLBACKS_HEADER));
    if (!withEvents) return { all, tickets, callbacks, events: null, interruptions: null };
    const events = await create('events.ndjson');
    const interruptions = await create('interruptions.csv');
    interruptions.append(csvRow(INTERRUPTIONS_HEADER));
    return { all, tickets, callbacks, events, interruptions };
  } catch (error) {
    for (const sink of all) await sink.close();
    throw error;
  }
}

function takerOf(
  network: Network,
  tally: Tally,
  sink: FileSink | null,
): (event: SimulatedEvent) => void {
  if (sink === null) return (event) => tally.observe(event);
  const bytes = prepareEventBytes(network.lineNames);
  return (event) => {
    tally.observe(event);
    sink.appendWith(bytes.maxBytes, (target, position) =>
      writeEvent(target, position, event, bytes),
    );
  };
}

/** A row of interruptions.csv, part of the truth; without an end while it is open. */
function interruptionRow(network: Network, one: Ended | Open): string {
  const endMs = 'endMs' in one ? one.endMs : null;
  return csvRow([network.lineNames[one.line], one.startMs, endMs, one.cause]);
}

function activateLines(network: Network, desk: ServiceDesk, { fromMs, toMs }: Period): void {
  network.records.forEach((record, line) => {
    if (record.activatedDaysBefore > 0) return;
    const atMs = activatedMs(network, line, fromMs);
    if (atMs < toMs) desk.activated(line, atMs);
  });
}

/** Writes what the desk has and knows by toMs: what is opened, closed or done later is not. */
function writeDesk(network: Network, desk: ServiceDesk, sinks: Sinks, toMs: number): number {
  const known = (timeMs: number): string | null => (timeMs < toMs ? localTime(timeMs) : null);
  let written = 0;
  for (const { ticket, kind, line, openedMs, closedMs, valid, cause } of desk.takeTickets()) {
    if (openedMs >= toMs) continue;
    written++;
    const closed = known(closedMs);
    const end = closed === null ? [null, null, null] : [closed, valid, cause];
    sinks.tickets.append(
      csvRow([ticket, kind, network.lineNames[line], localTime(openedMs), ...end]),
    );
  }
  for (const { line, ticket, kind, atMs, satisfied, reason } of desk.takeCallbacks()) {
    if (atMs >= toMs) continue;
    const name = network.lineNames[line];
    sinks.callbacks.append(csvRow([name, ticket, kind, localTime(atMs), satisfied, reason]));
  }
  return written;
}
