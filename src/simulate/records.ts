// The simulated network's records as the CSV files of SPEC section 4. Invariant: what a record
// lacks is an empty field; dates are counted from the start of the period the records are written
// for.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { DAY_MS, localTime, monthName, monthOf, monthStartMs } from './clock.js';
import type { Cell } from './csv.js';
import { writeCsv } from './csv.js';
import type { Network } from './network.js';
import { planMonth, type Work } from './plan.js';
import { Random } from './random.js';
import { unwritable } from './sink.js';

/** From fromMs (included) to toMs (excluded), epoch ms. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

const PORT_ALIASES = 64;
const WORKS_AHEAD_MS = 14 * DAY_MS;
const NORMS_SHARE = 0.86;
const SCORE_DRIFT = 0.5;
const SAMPLES = { few: [3, 8], usual: [40, 160] } as const;
const RECORDS_SALT = 404;

const LINES_HEADER = [
  'line',
  'customer',
  'key_customer',
  'product',
  'branch',
  'a_end',
  'z_end',
  'a_branch',
  'z_branch',
  'circuit_type',
  'bandwidth_kbps',
  'international',
  'important',
  'contact',
  'emergency_plan',
  'inspected_at',
  'labelled_at',
  'activated_at',
];
const WORKS_HEADER = [
  'work',
  'start',
  'end',
  'status',
  'notified_department_at',
  'notified_customer_at',
  'kind',
  'component',
];

/**
 * Writes lines, aliases, components, customers, branches, works and satisfaction (.csv), for a
 * period. Works reach two weeks beyond it; those that start at toMs or later are `planned`.
 * @throws FlaplineError STORE_UNWRITABLE
 */
export async function writeRecords(dir: string, network: Network, period: Period): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
  } catch (error) {
    throw unwritable(dir, error);
  }
  const random = new Random(network.seed, RECORDS_SALT);
  const file = (name: string, header: readonly string[], rows: Iterable<readonly Cell[]>) =>
    writeCsv(join(dir, name), header, rows);
  const { fromMs } = period;
  await writeLinesFile(join(dir, 'lines.csv'), network, fromMs);
  await file('aliases.csv', ['key', 'line'], aliasRows(network));
  const componentsHeader = ['line', 'kind', 'component', 'valid_from', 'valid_to'];
  await file('components.csv', componentsHeader, componentRows(network));
  const customersHeader = ['customer', 'key', 'enrolled_at', 'contact'];
  await file('customers.csv', customersHeader, customerRows(network, fromMs));
  await file('branches.csv', ['branch', 'norms_since'], branchRows(network, fromMs, random));
  await file('works.csv', WORKS_HEADER, workRows(network, period));
  const satisfactionHeader = ['branch', 'period', 'score', 'samples'];
  await file('satisfaction.csv', satisfactionHeader, satisfactionRows(network, period, random));
}

/** Writes lines.csv alone; times are counted back from fromMs. */
export async function writeLinesFile(
  path: string,
  network: Network,
  fromMs: number,
): Promise<void> {
  await writeCsv(path, LINES_HEADER, lineRows(network, fromMs));
}

/** The works of a period, in the order of their starts. */
export function worksIn(network: Network, { fromMs, toMs }: Period): Work[] {
  const works: Work[] = [];
  for (let month = monthOf(fromMs); monthStartMs(month) < toMs; month++) {
    works.push(...planMonth(network, month).works);
  }
  return works.filter((work) => work.startMs >= fromMs && work.startMs < toMs);
}

/** What works.csv says of a work when everything before nowMs has happened. */
export function workStatus(work: Work, nowMs: number): 'planned' | 'done' | 'cancelled' {
  if (work.cancelled) return 'cancelled';
  return work.startMs < nowMs ? 'done' : 'planned';
}

/** When a line was activated, epoch ms, for records counted from fromMs. */
export function activatedMs(network: Network, line: number, fromMs: number): number {
  return fromMs - network.records[line].activatedDaysBefore * DAY_MS;
}

function dayBefore(fromMs: number, days: number | null): string | null {
  return days === null ? null : localTime(fromMs - days * DAY_MS);
}

function timeOrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : localTime(timeMs);
}

function* lineRows(network: Network, fromMs: number): Generator<Cell[]> {
  for (const [line, record] of network.records.entries()) {
    yield [
      record.line,
      record.customer,
      record.keyCustomer,
      record.product,
      record.branch,
      record.aEnd,
      record.zEnd,
      record.aBranch,
      record.zBranch,
      record.circuitType,
      record.bandwidthKbps,
      record.international,
      record.important,
      record.contact,
      record.emergencyPlan,
      dayBefore(fromMs, record.inspectedDaysBefore),
      dayBefore(fromMs, record.labelledDaysBefore),
      localTime(activatedMs(network, line, fromMs)),
    ];
  }
}

/** A few ports with the lines they carry; the stream itself names lines. */
function* aliasRows(network: Network): Generator<Cell[]> {
  let ports = 0;
  for (const { kind, name, lines } of network.components) {
    if (kind !== 'card') continue;
    for (const [port, line] of [...lines.subarray(0, 4)].entries()) {
      if (ports++ >= PORT_ALIASES) return;
      yield [`${name}/${port + 1}`, network.lineNames[line]];
    }
  }
}

function* componentRows(network: Network): Generator<Cell[]> {
  for (const { kind, name, lines } of network.components) {
    for (const line of lines) yield [network.lineNames[line], kind, name, null, null];
  }
}

function* customerRows(network: Network, fromMs: number): Generator<Cell[]> {
  for (const customer of network.customers) {
    const enrolled = dayBefore(fromMs, customer.enrolledDaysBefore);
    yield [customer.name, customer.key, enrolled, customer.contact];
  }
}

function* branchRows(network: Network, fromMs: number, random: Random): Generator<Cell[]> {
  for (const { name } of network.branches) {
    const since = random.chance(NORMS_SHARE) ? 10 + random.int(400) : null;
    yield [name, dayBefore(fromMs, since)];
  }
}

function* workRows(network: Network, period: Period): Generator<Cell[]> {
  const shown = { fromMs: period.fromMs, toMs: period.toMs + WORKS_AHEAD_MS };
  for (const work of worksIn(network, shown)) {
    for (const index of work.components) {
      const { kind, name } = network.components[index];
      yield [
        work.name,
        localTime(work.startMs),
        localTime(work.endMs),
        workStatus(work, period.toMs),
        timeOrNull(work.notifiedDepartmentMs),
        timeOrNull(work.notifiedCustomerMs),
        kind,
        name,
      ];
    }
  }
}

/** The month before the period has SPEC's own scores; later months drift a little. */
function* satisfactionRows(network: Network, period: Period, random: Random): Generator<Cell[]> {
  const first = monthOf(period.fromMs) - 1;
  const months = monthOf(period.toMs - 1) - first + 1;
  for (const { name, score, fewSamples } of network.branches) {
    const [least, most] = fewSamples ? SAMPLES.few : SAMPLES.usual;
    let drifted = score;
    for (let i = 0; i < months; i++) {
      const samples = least + random.int(most - least + 1);
      yield [name, monthName(first + i), Math.round(drifted * 10) / 10, samples];
      drifted = Math.min(100, drifted + random.between(-SCORE_DRIFT, SCORE_DRIFT));
    }
  }
}
