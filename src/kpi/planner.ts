// The target planner: the shortest list of lines or components whose repair reaches the next step of
// the ladder. What a line will do is its net count of the last 90 days shrunken to its peers, the lines
// of its product (gamma-Poisson, by moments); repaired it does what its peers do. A component is on the
// list only where its lines are bad together: their counts, cut at the peers' 95th percentile, exceed
// the peers' mean by more than chance groups of lines do. Taken greedily by expected gain a month.

import type { DuckDBConnection } from '@duckdb/node-api';
import { plannedFacts } from '../store/planned.js';
import { QUERY_SETTINGS, type ReadAt } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { selectRows } from '../store/sql.js';

const SPAN_MS = 90 * 86_400_000;
/** A month is a twelfth of 365.25 days. */
const MONTH_MS = 30.4375 * 86_400_000;
const LINES_MAX = 5_000;
const COMPONENTS_MAX = 300;
/** Components of fewer lines say nothing that their lines do not. */
const MEMBERS_MIN = 4;
/** Standard deviations above chance: one in 300,000. */
const BAD_TOGETHER = 4.5;
/** Repairs that are listed at most. */
const LIST_MAX = 2_000;
/** 90 % of a normal distribution lie within so many standard deviations. */
const Z90 = 1.645;

/** What to repair, and what that is expected to bring a month. */
export interface Repair {
  readonly kind: string;
  readonly name: string;
  readonly branch: string | null;
  readonly lines: number;
  /** Momentary interruptions a month fewer, with a 90 % interval. */
  readonly gain: number;
  readonly gainLow: number;
  readonly gainHigh: number;
  /** Gains up to this one. */
  readonly total: number;
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

interface Candidate {
  readonly kind: string;
  readonly name: string;
  readonly branch: string | null;
  readonly lines: readonly number[];
}

interface LineGain {
  readonly gain: number;
  readonly variance: number;
  /** The same with the count cut at the peers' 95th percentile: what a component can answer for. */
  readonly shared: number;
}

/** One row a line: its gain, and what its component is judged by. */
function gainsText(clause: string): string {
  return `${clause},
    counted as (
      select line_id, count(*) filter (not outage and not planned) as counted
      from (${plannedFacts(QUERY_SETTINGS)}) where start_ms >= $from and start_ms < $to
      group by line_id),
    line_of as (
      select l.line_id, l.line, r.branch, coalesce(r.product, '') as product,
        coalesce(c.counted, 0) as counted
      from line l left join line_record r on r.line = l.line left join counted c using (line_id)),
    peers as (
      select product, avg(counted) as mean, greatest(var_samp(counted), avg(counted) * 1.01) as variance,
        quantile_cont(counted, 0.95) as most from line_of group by product),
    cut as (
      select product, avg(least(counted, most)) as cut_mean, var_samp(least(counted, most)) as cut_variance
      from line_of join peers using (product) group by product),
    shaped as (
      select *, mean * mean / (variance - mean) as shape, mean / (variance - mean) as rate
      from line_of join peers using (product) join cut using (product) where mean > 0)
    select line_id, line, branch, (shape + counted) / (rate + 1) - mean as gain,
      (shape + counted) / ((rate + 1) * (rate + 1)) as variance,
      (shape + least(counted, most)) / (rate + 1) - mean as shared,
      least(counted, most) - cut_mean as excess, cut_variance
    from shaped`;
}

/** The plan for a gap of so many momentary interruptions a month. */
export async function planRepairs(
  connection: DuckDBConnection,
  read: ReadAt,
  readingMs: number,
  needed: number,
): Promise<Plan> {
  const { clause, parameters } = readingClause(read.at);
  await connection.run('drop table if exists kpi_gain');
  await selectRows(
    connection,
    `create temp table kpi_gain as ${gainsText(clause)
      .replaceAll('$from', String(readingMs - SPAN_MS))
      .replaceAll('$to', String(readingMs + 1))}`,
    parameters,
  );
  try {
    const toMonth = MONTH_MS / SPAN_MS;
    const rows = await selectRows<{ id: number; gain: number; variance: number; shared: number }>(
      connection,
      `select line_id as id, gain * ${toMonth} as gain, variance * ${toMonth * toMonth} as variance,
         shared * ${toMonth} as shared from kpi_gain`,
    );
    const gains = new Map(rows.map((row): [number, LineGain] => [row.id, row]));
    const candidates = [...(await worstLines(connection)), ...(await badTogether(connection))];
    return greedy(candidates, gains, needed);
  } finally {
    await connection.run('drop table if exists kpi_gain');
  }
}

async function worstLines(connection: DuckDBConnection): Promise<Candidate[]> {
  const rows = await selectRows<{ id: number; line: string; branch: string | null }>(
    connection,
    `select line_id as id, line, branch from kpi_gain where gain > 0
     order by gain desc, line limit ${LINES_MAX}`,
  );
  return rows.map(({ id, line, branch }) => ({ kind: 'line', name: line, branch, lines: [id] }));
}

async function badTogether(connection: DuckDBConnection): Promise<Candidate[]> {
  const rows = await selectRows<{ kind: string; name: string; branch: string | null; ids: string }>(
    connection,
    `select c.kind, c.component as name, any_value(g.branch order by g.line) as branch,
       string_agg(g.line_id, ' ') as ids
     from component_row c join kpi_gain g on g.line = c.line
     where c.valid_to_ms is null and c.kind <> 'area'
     group by c.kind, c.component
     having count(*) >= ${MEMBERS_MIN}
       and sum(g.excess) > ${BAD_TOGETHER} * sqrt(sum(g.cut_variance))
     order by sum(g.shared) desc limit ${COMPONENTS_MAX}`,
  );
  return rows.map(({ kind, name, branch, ids }) => {
    return { kind, name, branch, lines: ids.split(' ').map(Number) };
  });
}

function greedy(
  candidates: readonly Candidate[],
  gains: ReadonlyMap<number, LineGain>,
  needed: number,
): Plan {
  const repaired = new Set<number>();
  const open = new Set(candidates);
  const repairs: Repair[] = [];
  let [total, variance] = [0, 0];
  const worthOf = ({ kind, lines }: Candidate): { gain: number; variance: number } => {
    let worth = { gain: 0, variance: 0 };
    for (const id of lines) {
      const own = repaired.has(id) ? undefined : gains.get(id);
      if (!own) continue;
      const gain = kind === 'line' ? own.gain : own.shared;
      worth = { gain: worth.gain + gain, variance: worth.variance + own.variance };
    }
    return worth;
  };
  const worths = new Map(candidates.map((one) => [one, worthOf(one)]));
  while (total < needed && repairs.length < LIST_MAX) {
    let best: Candidate | null = null;
    for (const one of open) {
      if (best === null || worths.get(one)!.gain > worths.get(best)!.gain) best = one;
    }
    if (best === null || worths.get(best)!.gain <= 0) break;
    const worth = worths.get(best)!;
    open.delete(best);
    for (const id of best.lines) repaired.add(id);
    for (const one of open) {
      if (best.lines.some((id) => one.lines.includes(id))) worths.set(one, worthOf(one));
    }
    total += worth.gain;
    variance += worth.variance;
    const half = Z90 * Math.sqrt(worth.variance);
    const { kind, name, branch, lines } = best;
    repairs.push({
      kind,
      name,
      branch,
      lines: lines.length,
      gain: worth.gain,
      gainLow: worth.gain - half,
      gainHigh: worth.gain + half,
      total,
    });
  }
  const half = Z90 * Math.sqrt(variance);
  return {
    needed,
    expected: total,
    expectedLow: total - half,
    expectedHigh: total + half,
    reaches: total >= needed,
    repairs,
  };
}
