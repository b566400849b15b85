// Months that are closed (SPEC section 6): once every partition is read past a month's end and three
// days more, its figures are kept as they were. What comes later restates them with a date and a
// reason; both states of every figure that changed stay in kpi_restatement.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { interruptionFacts } from '../store/facts.js';
import { type ReadingTime, readingClause } from '../store/reading.js';
import { QUERY_SETTINGS } from '../store/queries.js';
import { selectRows } from '../store/sql.js';
import { FIGURE_ROWS, withFigures } from './figures.js';
import { KEPT_ROWS } from './kept.js';
import { DIMENSIONS } from './kpi.js';
import { type Month, monthAt, monthOf, monthsBetween } from './month.js';
import { LOOK_AHEAD_MS, LOOK_BACK_MS } from './month-rows.js';

/** Late data is waited for so long behind a month's end. */
export const CLOSING_MS = 3 * 86_400_000;

/** What a recomputation did. */
export interface Restated {
  readonly month: string;
  /** The month was frozen by this, for the first time. */
  readonly frozen: boolean;
  /** Figures that differ from those frozen before. */
  readonly changed: number;
}

const FIGURE = 'variant, numerator, denominator, coverage';
/** The tables of frozen figures, what tells their rows apart, and which they hold. */
const KEPT_TABLES = [
  ['kpi_frozen_all', 'kpi, version', `= 'all'`],
  ['kpi_frozen', 'kpi, version, dimension, name', `<> 'all'`],
] as const;
const SAME = `f.kpi = r.kpi and f.dimension = r.dimension and f.name = r.name
  and f.variant = r.variant`;

async function isFrozen(connection: DuckDBConnection, month: string): Promise<boolean> {
  const rows = await selectRows<{ month: string }>(
    connection,
    'select month from kpi_month where month = $month',
    { month },
  );
  return rows.length > 0;
}

/**
 * What a month's figures follow from, in short: another text = it has to be computed again. Faults reach
 * over the month's edges, so all counts that the month's relations look at before and behind it.
 */
async function markOf(
  connection: DuckDBConnection,
  month: Month,
  at: ReadingTime,
): Promise<string> {
  const { clause, parameters } = readingClause(at);
  const [fromMs, toMs] = [Math.max(0, month.fromMs - LOOK_BACK_MS), month.toMs + LOOK_AHEAD_MS];
  const rows = await selectRows<{ mark: string }>(
    connection,
    `${clause}
     select concat_ws(' ', count(*), sum(start_ms::hugeint), sum(least(until_ms, $to)::hugeint),
         count(*) filter (outage),
         (select count(*) || ' ' || coalesce(sum(planned_until_ms::hugeint), 0)
           from planned_mark where start_ms >= $from and start_ms < $to)) as mark
     from (${interruptionFacts(QUERY_SETTINGS)}) where until_ms >= $from and start_ms < $to`,
    { ...parameters, from: fromMs, to: toMs },
  );
  return rows[0].mark;
}

/** Months that every partition is read past, three days more, at the reading time. */
export async function closedMonths(
  connection: DuckDBConnection,
  at: ReadingTime,
  timeZone: string,
): Promise<Month[]> {
  const { clause, parameters } = readingClause(at);
  const rows = await selectRows<{ first: number | null; read: number | null }>(
    connection,
    `${clause} select min(g.first_ms) as first, min(r.c) as read
     from reading_at r join progress g on g.partition_id = r.partition_id
     where g.first_ms is not null`,
    parameters,
  );
  const { first, read } = rows[0];
  if (first === null || read === null) return [];
  return monthsBetween(monthAt(first, timeZone), monthAt(read, timeZone))
    .map((month) => monthOf(month, timeZone))
    .filter(({ toMs }) => read >= toMs + CLOSING_MS);
}

/**
 * Computes a closed month: freezes it, or restates what differs from what was frozen. Throws USAGE for
 * a month that is not closed yet.
 */
export async function recomputeMonth(
  connection: DuckDBConnection,
  month: Month,
  at: ReadingTime,
  why: string,
): Promise<Restated> {
  const closed = await closedMonths(connection, at, month.timeZone);
  if (!closed.some((one) => one.month === month.month)) {
    throw new FlaplineError(
      'USAGE',
      `${month.month} is not closed: it closes once all data is read past its end and 3 days more`,
    );
  }
  const mark = await markOf(connection, month, at);
  const done = await withFigures(connection, month, at, DIMENSIONS, (read) =>
    keep(connection, month, { mark, readMs: read.readingMs, why }),
  );
  return done ?? { month: month.month, frozen: false, changed: 0 };
}

async function keep(
  connection: DuckDBConnection,
  { month, timeZone }: Month,
  { mark, readMs, why }: { mark: string; readMs: number; why: string },
): Promise<Restated> {
  const frozenBefore = await isFrozen(connection, month);
  const named = { month };
  await connection.run('begin');
  try {
    if (frozenBefore) {
      await connection.run(
        `insert into kpi_restatement
         select $month, coalesce(r.kpi, f.kpi), coalesce(r.version, f.version),
           coalesce(r.dimension, f.dimension), coalesce(r.name, f.name),
           coalesce(r.variant, f.variant), f.numerator, f.denominator, r.numerator, r.denominator,
           $why, now()::timestamp
         from (select * from (${KEPT_ROWS}) where month = $month) f
         full join (${FIGURE_ROWS}) r on ${SAME}
         where f.numerator is distinct from r.numerator
           or f.denominator is distinct from r.denominator`,
        { ...named, why },
      );
    }
    const changed = await selectRows<{ changed: number }>(
      connection,
      `select count(*) as changed from kpi_restatement
       where month = $month and restated_recorded_at = now()::timestamp`,
      named,
    );
    for (const [table, keys, where] of KEPT_TABLES) {
      await connection.run(`delete from ${table} where month = $month`, named);
      await connection.run(
        `insert into ${table} (month, ${keys}, ${FIGURE})
         select $month, ${keys}, ${FIGURE} from (${FIGURE_ROWS}) where dimension ${where}`,
        named,
      );
    }
    if (frozenBefore) {
      await connection.run(
        `update kpi_month set mark = $mark, read_ms = ${readMs} where month = $month`,
        { ...named, mark },
      );
    } else {
      await connection.run(
        `insert into kpi_month values ($month, $zone, ${readMs}, $mark, now()::timestamp)`,
        { ...named, zone: timeZone, mark },
      );
    }
    await connection.run('commit');
    return { month, frozen: !frozenBefore, changed: changed[0].changed };
  } catch (error) {
    await connection.run('rollback');
    throw error;
  }
}

/** Frozen months that are looked at again for late data, the newest. */
const LOOKED_AT = 3;

/**
 * Freezes the months that closed since, and restates the newest frozen ones where their interruptions
 * or planned marks changed. Returns what it did.
 */
export async function keepMonths(
  connection: DuckDBConnection,
  at: ReadingTime,
  timeZone: string,
): Promise<Restated[]> {
  const closed = await closedMonths(connection, at, timeZone);
  const rows = await selectRows<{ month: string; mark: string }>(
    connection,
    'select month, mark from kpi_month',
  );
  const marks = new Map(rows.map(({ month, mark }) => [month, mark]));
  const done: Restated[] = [];
  for (const [i, month] of closed.entries()) {
    const mark = marks.get(month.month);
    if (mark !== undefined) {
      if (i < closed.length - LOOKED_AT) continue;
      if (mark === (await markOf(connection, month, at))) continue;
    }
    const why = mark === undefined ? 'closed' : 'late data, or works changed';
    done.push(await recomputeMonth(connection, month, at, why));
  }
  return done;
}
