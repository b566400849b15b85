// Bad plant of a period, from the store: what of the lines' unplanned interruptions no burst explains,
// ranked by component with the records in force at the period's end (src/cause/plant.ts).

import type { DuckDBConnection } from '@duckdb/node-api';
import type { NamedComponent } from '../cause/finding.js';
import { rankPlant } from '../cause/plant.js';
import { DEFAULT_CAUSE_SETTINGS } from '../cause/settings.js';
import { storedCauseRecords } from './cause-records.js';
import { causeFacts } from './cause-views.js';
import type { Period } from './period-parts.js';
import { plannedFacts } from './planned.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { selectRows } from './sql.js';

/** A component whose lines are worse than the network's, with its evidence. */
export interface FoundPlant {
  /** It, then those that cannot be told from it. */
  readonly components: readonly NamedComponent[];
  /** Lines on it that no component before it explains. */
  readonly lines: readonly string[];
  /** Interruptions of these: alone, and together with others in bursts. */
  readonly interruptions: number;
  readonly inBursts: number;
  /** Alone, cut at the lines' 95th percentile; and what the network's mean would give. */
  readonly counted: number;
  readonly expected: number;
  /** Log-likelihood ratio, nats. */
  readonly score: number;
  /** Share of permutations in which its lines have as many. */
  readonly p: number;
  /** The false-discovery rate at which it is bad, and whether it is at 5 %. */
  readonly q: number;
  readonly isBad: boolean;
  /** What else explains most of its lines, and by how much less, nats. */
  readonly next: NamedComponent | null;
  readonly nextBy: number | null;
}

/** Joins to a fact `f` that a cause for the record explains a row `x`: x.line_id is null where none does. */
export const EXPLAINED = `left join (select distinct m.line_id, m.start_ms from cause_member m
    join (${causeFacts(QUERY_SETTINGS)}) c on c.cause = m.cause) x
  on x.line_id = f.line_id and x.start_ms = f.start_ms`;

/** Ranks components, the worst first; none without records of components. */
export async function readPlant(
  connection: DuckDBConnection,
  read: ReadAt,
  period: Period,
): Promise<FoundPlant[]> {
  const records = await storedCauseRecords(connection, DEFAULT_CAUSE_SETTINGS);
  if (!records) return [];
  const { network } = await records.prepared(period.toMs - 1);
  const counts = await countsOf(connection, read, period);
  const own = (line: string): Counts => counts.get(line) ?? { line, alone: 0, together: 0 };
  const alone = network.lines.map((line) => own(line).alone);
  const nameOf = (component: number): NamedComponent => network.components[component]!;
  return rankPlant(network, alone).map((plant) => {
    const lines = plant.lines.map((line) => network.lines[line]!);
    const sum = (of: 'alone' | 'together'): number =>
      lines.reduce((total, line) => total + own(line)[of], 0);
    const { score, p, q, isBad, next } = plant;
    return {
      components: plant.same.map(nameOf),
      lines,
      interruptions: sum('alone'),
      inBursts: sum('together'),
      counted: plant.count,
      expected: plant.expected,
      score,
      p,
      q,
      isBad,
      next: next && nameOf(next.component),
      nextBy: next && score - next.score,
    };
  });
}

interface Counts {
  readonly line: string;
  readonly alone: number;
  readonly together: number;
}

/** Unplanned interruptions that start in the period, by line. */
async function countsOf(
  connection: DuckDBConnection,
  { at }: ReadAt,
  { fromMs, toMs }: Period,
): Promise<ReadonlyMap<string, Counts>> {
  const { clause, parameters } = readingClause(at);
  const rows = await selectRows<Counts>(
    connection,
    `${clause},
     counted as (select f.line_id, count(*) filter (x.line_id is null) as alone, count(*) as n
       from (${plannedFacts(QUERY_SETTINGS)}) f ${EXPLAINED}
       where f.start_ms >= $from and f.start_ms < $to and not f.planned group by f.line_id)
     select l.line, c.alone, c.n - c.alone as "together"
     from counted c join line l on l.line_id = c.line_id`,
    { ...parameters, from: fromMs, to: toMs },
  );
  return new Map(rows.map((row) => [row.line, row]));
}
