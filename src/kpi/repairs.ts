// What could be repaired, and what that would bring each line. Three sorts: a line that does worse than
// its peers, the lines of its product; a component whose lines do (the bad plant of src/cause/plant.ts);
// one that causes bursts again and again. What a line will do is its net count shrunken to its peers
// (gamma-Poisson, by moments); repaired it does what its peers do. Interruptions that a burst explains
// are the component's, not the line's. Nobody repairs an area.

import type { DuckDBConnection } from '@duckdb/node-api';
import { causeFacts } from '../store/cause-views.js';
import type { Period } from '../store/period-parts.js';
import { plannedFacts } from '../store/planned.js';
import { EXPLAINED, readPlant } from '../store/plant.js';
import {
  GROUP_CONDITION,
  type GroupFilter,
  QUERY_SETTINGS,
  type ReadAt,
  groupParameters,
} from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { type SqlParameters, selectRows } from '../store/sql.js';

/** A month is a twelfth of 365.25 days. */
const MONTH_MS = 30.4375 * 86_400_000;
const LINES_MAX = 5_000;
/** A component that caused fewer bursts may have done so once and for all. */
const BURSTS_MIN = 2;

/** Momentary interruptions a month fewer of a line, expected and with its variance. */
export interface Gain {
  readonly gain: number;
  readonly variance: number;
}

/** Something to repair. */
export interface RepairCandidate {
  readonly kind: string;
  readonly name: string;
  /** What each of its lines gains, by the store's id. */
  readonly gains: ReadonlyMap<number, Gain>;
  readonly evidence: readonly string[];
}

/** A line that gains. */
export interface GainingLine {
  readonly line: string;
  readonly branch: string | null;
  readonly customer: string | null;
  readonly isKey: boolean;
}

/** Candidates, and the lines that they name. */
export interface RepairCandidates {
  readonly candidates: readonly RepairCandidate[];
  readonly lines: ReadonlyMap<number, GainingLine>;
}

interface GainRow extends GainingLine {
  id: number;
  counted: number;
  peers: number;
  gain: number;
  variance: number;
  /** The gain of the count cut at the peers' 95th percentile: what a component can answer for. */
  shared: number;
  toRepair: boolean;
}

/** One row a line: its gain over the period, and whether it is of the group asked for. */
const GAINS = `counted as (
    select f.line_id, count(*) filter (not f.outage and not f.planned and x.line_id is null) as counted
    from (${plannedFacts(QUERY_SETTINGS)}) f ${EXPLAINED} where f.start_ms >= $from and f.start_ms < $to
    group by f.line_id),
  line_of as (
    select l.line_id, l.line, r.branch, r.customer, coalesce(r.key_customer, false) as key,
      coalesce(r.product, '') as product, coalesce(c.counted, 0) as counted,
      ${GROUP_CONDITION} as to_repair
    from line l left join line_record r on r.line = l.line left join counted c using (line_id)),
  peers as (
    select product, avg(counted) as mean, greatest(var_samp(counted), avg(counted) * 1.01) as variance,
      quantile_cont(counted, 0.95) as most from line_of group by product),
  shaped as (
    select *, mean * mean / (variance - mean) as shape, mean / (variance - mean) as rate
    from line_of join peers using (product) where mean > 0)
  select line_id as id, line, branch, customer, key as "isKey", counted, mean as peers,
    to_repair as "toRepair", (shape + counted) / (rate + 1) - mean as gain,
    (shape + counted) / ((rate + 1) * (rate + 1)) as variance,
    (shape + least(counted, most)) / (rate + 1) - mean as shared
  from shaped`;

/** What could be repaired by what a period says. Of lines outside the group nothing is gained. */
export async function repairCandidates(
  connection: DuckDBConnection,
  read: ReadAt,
  period: Period,
  filter: GroupFilter = {},
): Promise<RepairCandidates> {
  const { clause, parameters } = readingClause(read.at);
  const asked = { ...parameters, from: period.fromMs, to: period.toMs };
  const rows = await selectRows<GainRow>(connection, `${clause}, ${GAINS}`, {
    ...asked,
    ...groupParameters(filter),
  });
  const toMonth = MONTH_MS / (period.toMs - period.fromMs);
  const gaining = new Map<string, GainRow>();
  for (const row of rows) {
    if (!row.toRepair) continue;
    const { gain, variance, shared } = row;
    const monthly = { gain: gain * toMonth, shared: shared * toMonth };
    gaining.set(row.line, { ...row, ...monthly, variance: variance * toMonth ** 2 });
  }
  const plant = await badPlant(connection, read, period, gaining);
  const bursts = await burstAgain(connection, `${clause},`, asked, toMonth);
  const lines = new Map([...gaining.values()].map((row) => [row.id, row]));
  return { candidates: [...worstLines(gaining), ...joined(plant, bursts, lines)], lines };
}

function worstLines(gaining: ReadonlyMap<string, GainRow>): RepairCandidate[] {
  return [...gaining.values()]
    .filter(({ gain }) => gain > 0)
    .toSorted((a, b) => b.gain - a.gain || (a.line < b.line ? -1 : 1))
    .slice(0, LINES_MAX)
    .map(({ id, line, gain, variance, counted, peers }) => ({
      kind: 'line',
      name: line,
      gains: new Map([[id, { gain, variance }]]),
      evidence: [
        `${counted} momentary interruptions in no burst, ${peers.toFixed(1)} at its peers`,
      ],
    }));
}

/** Components whose lines are bad without acting together. */
async function badPlant(
  connection: DuckDBConnection,
  read: ReadAt,
  period: Period,
  gaining: ReadonlyMap<string, GainRow>,
): Promise<RepairCandidate[]> {
  const found = await readPlant(connection, read, period);
  return found
    .filter(({ isBad, components: [first] }) => isBad && first!.kind !== 'area')
    .map(({ components: [first], lines, interruptions, expected, q }) => {
      const gains = new Map<number, Gain>();
      for (const line of lines) {
        const row = gaining.get(line);
        if (row) gains.set(row.id, { gain: row.shared, variance: row.variance });
      }
      const evidence =
        `${interruptions} interruptions of ${lines.length} lines in no burst, ` +
        `${expected.toFixed(1)} expected; false-discovery rate ${(100 * q).toPrecision(2)} %`;
      const { kind, name } = first!;
      return { kind, name, gains, evidence: [evidence] };
    });
}

/**
 * Components that caused bursts. One that did so k times in the period will go on at k over the period
 * and one month more; a burst comes as a whole, so its lines vary together.
 */
async function burstAgain(
  connection: DuckDBConnection,
  clause: string,
  asked: SqlParameters,
  toMonth: number,
): Promise<RepairCandidate[]> {
  const rows = await selectRows<BurstRow>(
    connection,
    `${clause}
     hit as (select c.cause, c.kind, c.component, f.line_id,
         count(*) over (partition by c.cause) as size
       from (${causeFacts(QUERY_SETTINGS)}) c join cause_member m on m.cause = c.cause
       join (${plannedFacts(QUERY_SETTINGS)}) f on f.line_id = m.line_id and f.start_ms = m.start_ms
       where f.start_ms >= $from and f.start_ms < $to and not f.outage and not f.planned
         and c.kind not in ('unknown', 'work', 'area')),
     again as (select kind, component, count(distinct cause) as bursts from hit
       group by kind, component having count(distinct cause) >= ${BURSTS_MIN})
     select h.kind, h.component as name, a.bursts, h.line_id as id, count(*) as n,
       sum(h.size) as size
     from hit h join again a on a.kind = h.kind and a.component = h.component
     group by h.kind, h.component, a.bursts, h.line_id
     order by h.kind, h.component, h.line_id`,
    asked,
  );
  const share = toMonth / (1 + toMonth);
  const found = new Map<string, { first: BurstRow; gains: Map<number, Gain>; n: number }>();
  for (const row of rows) {
    const key = `${row.kind}\n${row.name}`;
    const of = found.get(key) ?? { first: row, gains: new Map<number, Gain>(), n: 0 };
    of.gains.set(row.id, { gain: row.n * share, variance: Number(row.size) * share ** 2 });
    found.set(key, { ...of, n: of.n + row.n });
  }
  return [...found.values()].map(({ first: { kind, name, bursts }, gains, n }) => ({
    kind,
    name,
    gains,
    evidence: [`${bursts} bursts, ${n} momentary interruptions`],
  }));
}

interface BurstRow {
  kind: string;
  name: string;
  bursts: number;
  id: number;
  n: number;
  size: number;
}

/** One candidate a component: what it is bad for by both; only of lines that gain. */
function joined(
  plant: readonly RepairCandidate[],
  bursts: readonly RepairCandidate[],
  lines: ReadonlyMap<number, unknown>,
): RepairCandidate[] {
  const all = new Map<string, RepairCandidate>();
  for (const { kind, name, gains, evidence } of [...plant, ...bursts]) {
    const before = all.get(`${kind}\n${name}`);
    const sums = new Map(before?.gains);
    for (const [id, { gain, variance }] of gains) {
      if (!lines.has(id)) continue;
      const sum = sums.get(id) ?? { gain: 0, variance: 0 };
      sums.set(id, { gain: sum.gain + gain, variance: sum.variance + variance });
    }
    if (sums.size === 0) continue;
    const said = [...(before?.evidence ?? []), ...evidence];
    all.set(`${kind}\n${name}`, { kind, name, gains: sums, evidence: said });
  }
  return [...all.values()];
}
