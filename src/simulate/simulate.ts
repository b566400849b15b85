// Writes a simulated network and a period of its life to a folder. Invariants: the same options
// give the same bytes; memory does not grow with events (only truth, about 10 MB a year, is
// gathered).

import { join } from 'node:path';

import { FlaplineError } from '../config/errors.js';
import { addMonths, checkTime, localTime } from './clock.js';
import { buildNetwork, type Network } from './network.js';
import { writePeriod, type Progress, type StreamPeriod } from './period.js';
import { writeRecords, type Period } from './records.js';
import { writeTruth } from './truth-file.js';

export interface SimulateOptions {
  /** folder to write to; made if it is not there */
  readonly out: string;
  readonly seed: number;
  /** default 48,840 */
  readonly lines?: number;
  /** first instant, epoch ms */
  readonly fromMs: number;
  /** calendar months from fromMs on; default 1; not with toMs */
  readonly months?: number;
  /** end, epoch ms, excluded */
  readonly toMs?: number;
  readonly variant?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface Summary extends Period {
  readonly out: string;
  readonly lines: number;
  readonly customers: number;
  readonly components: number;
  readonly events: number;
  /** bytes of events.ndjson */
  readonly bytes: number;
  readonly interruptions: number;
  readonly momentary: number;
  readonly outages: number;
  readonly open: number;
  readonly planned: number;
  readonly bursts: number;
  readonly tickets: number;
}

/**
 * Writes every file of `flapline simulate`: the records, events.ndjson and truth.json.
 * @throws FlaplineError USAGE, STORE_UNWRITABLE, INTERRUPTED
 */
export async function simulate(options: SimulateOptions): Promise<Summary> {
  const { out, seed, variant = 0 } = options;
  const period = periodOf(options);
  const network = buildNetwork({ seed, lines: options.lines });
  await writeRecords(out, network, period);
  const run = { ...period, seed, variant };
  const { onProgress, signal } = options;
  const wanted = { events: true, keepTruth: true, onProgress, signal };
  const life = await writePeriod(out, network, run, wanted);
  await writeTruth(join(out, 'truth.json'), network, run, life.stream.truth, life.tally);
  const totals = life.tally.totals();
  const sum = (of: (counts: (typeof totals)[number]) => number): number =>
    totals.reduce((all, counts) => all + of(counts), 0);
  return {
    out,
    ...period,
    lines: network.lineNames.length,
    customers: network.customers.length,
    components: network.components.length,
    events: life.tally.events,
    bytes: life.eventBytes,
    interruptions: sum((counts) => counts.interruptions),
    momentary: sum((counts) => counts.momentary),
    outages: sum((counts) => counts.outages),
    open: sum((counts) => counts.open),
    planned: sum((counts) => counts.planned),
    bursts: (life.stream.truth.bursts ?? []).filter((burst) => burst.startsMs[0] < period.toMs)
      .length,
    tickets: life.tickets,
  };
}

/**
 * Writes the records alone: lines, aliases, components, customers, branches, works, satisfaction,
 * and tickets and call-backs as they follow from the stream of that period (drawn, not written).
 * @throws FlaplineError USAGE, STORE_UNWRITABLE
 */
export async function writeNetwork(
  dir: string,
  network: Network,
  period: StreamPeriod,
): Promise<void> {
  checkPeriod(period);
  await writeRecords(dir, network, period);
  await writePeriod(dir, network, period, { events: false, keepTruth: false });
}

function periodOf({ fromMs, toMs, months }: SimulateOptions): Period {
  if (toMs !== undefined && months !== undefined) {
    throw new FlaplineError('USAGE', 'both an end and a number of months are given: give one');
  }
  if (months !== undefined && !(Number.isInteger(months) && months > 0)) {
    throw new FlaplineError('USAGE', `months is ${months}: give a whole number above 0`);
  }
  checkTime(fromMs, "the period's start");
  const period = { fromMs, toMs: toMs ?? addMonths(fromMs, months ?? 1) };
  checkPeriod(period);
  return period;
}

function checkPeriod({ fromMs, toMs }: Period): void {
  checkTime(fromMs, "the period's start");
  checkTime(toMs, "the period's end");
  if (toMs > fromMs) return;
  throw new FlaplineError(
    'USAGE',
    `the period ends at ${localTime(toMs)}, not after its start ${localTime(fromMs)}: ` +
      'give a later end',
  );
}
