// The planner: repairs in the order of what they bring (src/kpi/repairs.ts), taken greedily, each beside
// what those before it have repaired already. It makes the shortest list that reaches the next step of
// the ladder, and the work list, where what a customer's lines gain can weigh more.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Period } from '../store/period-parts.js';
import type { GroupFilter, ReadAt } from '../store/queries.js';
import {
  type GainingLine,
  type RepairCandidate,
  type RepairCandidates,
  repairCandidates,
} from './repairs.js';

const SPAN_MS = 90 * 86_400_000;
/** Repairs that are listed at most. */
export const REPAIRS_MAX = 2_000;
/** 90 % of a normal distribution lie within so many standard deviations. */
const Z90 = 1.645;

/** What to repair, and what that is expected to bring a month. */
export interface Repair {
  readonly kind: string;
  readonly name: string;
  /** Of its first line by name. */
  readonly branch: string | null;
  readonly lines: number;
  /** Momentary interruptions a month fewer, with a 90 % interval. */
  readonly gain: number;
  readonly gainLow: number;
  readonly gainHigh: number;
  /** The gain, key customers' lines weighing more. */
  readonly weighted: number;
  /** Gains up to this one. */
  readonly total: number;
  /** Customers whose lines gain, those that gain most first. */
  readonly customers: string[];
  readonly keyCustomers: number;
  readonly evidence: string;
}

/** The list, and whether it suffices. */
export interface Plan {
  readonly needed: number;
  readonly expected: number;
  readonly expectedLow: number;
  readonly expectedHigh: number;
  readonly reaches: boolean;
  readonly repairs: Repair[];
}

/** The plan for a gap of so many momentary interruptions a month, by the last 90 days. */
export async function planRepairs(
  connection: DuckDBConnection,
  read: ReadAt,
  readingMs: number,
  needed: number,
): Promise<Plan> {
  const period = { fromMs: readingMs - SPAN_MS, toMs: readingMs + 1 };
  const { repairs, variance } = new Greedy(
    await repairCandidates(connection, read, period),
    () => 1,
  ).run(needed);
  const expected = repairs.at(-1)?.total ?? 0;
  const half = Z90 * Math.sqrt(variance);
  return {
    needed,
    expected,
    expectedLow: expected - half,
    expectedHigh: expected + half,
    reaches: expected >= needed,
    repairs,
  };
}

/** All that is worth a repair by a period, key customers' lines weighing so much, at most REPAIRS_MAX. */
export async function workList(
  connection: DuckDBConnection,
  read: ReadAt,
  period: Period,
  filter: GroupFilter,
  keyWeight: number,
): Promise<Repair[]> {
  const found = await repairCandidates(connection, read, period, filter);
  return new Greedy(found, ({ isKey }) => (isKey ? keyWeight : 1)).run(Infinity).repairs;
}

interface Worth {
  readonly gain: number;
  readonly variance: number;
  readonly weighted: number;
}

class Greedy {
  private readonly lines: ReadonlyMap<number, GainingLine>;
  private readonly weightOf: (line: GainingLine) => number;
  private readonly open: Map<RepairCandidate, Worth>;
  private readonly repaired = new Set<number>();
  /** Candidates of a line. */
  private readonly of = new Map<number, RepairCandidate[]>();

  constructor({ candidates, lines }: RepairCandidates, weightOf: (line: GainingLine) => number) {
    this.lines = lines;
    this.weightOf = weightOf;
    this.open = new Map(candidates.map((one) => [one, this.worthOf(one)]));
    for (const one of candidates) {
      for (const id of one.gains.keys()) {
        const list = this.of.get(id);
        if (list) list.push(one);
        else this.of.set(id, [one]);
      }
    }
  }

  /** Repairs until so much is gained, and the variance of that. */
  run(needed: number): { repairs: Repair[]; variance: number } {
    const repairs: Repair[] = [];
    let [total, variance] = [0, 0];
    while (total < needed && repairs.length < REPAIRS_MAX) {
      const best = this.best();
      if (!best) break;
      const worth = this.open.get(best)!;
      total += worth.gain;
      variance += worth.variance;
      repairs.push(this.repairOf(best, worth, total));
      this.take(best);
    }
    return { repairs, variance };
  }

  /** The open candidate that brings most, null where none brings anything. */
  private best(): RepairCandidate | null {
    let best: RepairCandidate | null = null;
    let most = 0;
    for (const [one, { weighted, gain }] of this.open) {
      if (weighted <= most || gain <= 0) continue;
      best = one;
      most = weighted;
    }
    return best;
  }

  private take(best: RepairCandidate): void {
    this.open.delete(best);
    const touched = new Set<RepairCandidate>();
    for (const id of best.gains.keys()) {
      this.repaired.add(id);
      for (const one of this.of.get(id)!) touched.add(one);
    }
    for (const one of touched) if (this.open.has(one)) this.open.set(one, this.worthOf(one));
  }

  private worthOf({ gains }: RepairCandidate): Worth {
    const worth = { gain: 0, variance: 0, weighted: 0 };
    for (const [id, own] of gains) {
      if (this.repaired.has(id)) continue;
      worth.gain += own.gain;
      worth.variance += own.variance;
      worth.weighted += own.gain * this.weightOf(this.lines.get(id)!);
    }
    return worth;
  }

  private repairOf({ kind, name, gains, evidence }: RepairCandidate, worth: Worth, total: number) {
    const half = Z90 * Math.sqrt(worth.variance);
    const lines = [...gains]
      .filter(([id]) => !this.repaired.has(id))
      .map(([id, { gain }]) => Object.assign({ gain }, this.lines.get(id)!))
      .toSorted((a, b) => (a.line < b.line ? -1 : 1));
    const ofCustomer = new Map<string, { gain: number; isKey: boolean }>();
    for (const { customer, gain, isKey } of lines) {
      if (customer === null) continue;
      const before = ofCustomer.get(customer);
      ofCustomer.set(customer, { gain: gain + (before?.gain ?? 0), isKey });
    }
    const customers = [...ofCustomer].toSorted(
      ([a, of], [b, than]) => than.gain - of.gain || (a < b ? -1 : 1),
    );
    return {
      kind,
      name,
      branch: lines[0]?.branch ?? null,
      lines: lines.length,
      gain: worth.gain,
      gainLow: worth.gain - half,
      gainHigh: worth.gain + half,
      weighted: worth.weighted,
      total,
      customers: customers.map(([customer]) => customer),
      keyCustomers: customers.filter(([, { isKey }]) => isKey).length,
      evidence: evidence.join('; '),
    };
  }
}
