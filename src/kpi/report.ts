// The reports of commands, API and page, made from a connection: targets, scorecard, the plan.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import type { ReadAt } from '../store/queries.js';
import { selectRows } from '../store/sql.js';
import { dailyCounts, localDay } from './daily.js';
import type { FigureRow } from './figures.js';
import { type MonthFigures, type RestatementRow, figuresOf, restatements } from './frozen.js';
import { addMonths, monthAt, monthOf } from './month.js';
import { type Plan, planRepairs } from './planner.js';
import { type ScoreRow, scorecard } from './scorecard.js';
import { type GoalReport, type LadderReport, goalReports, ladderReport } from './targets.js';
import type { Targets } from './targets-file.js';

/** When and how to read. */
export interface ReportRead extends ReadAt {
  readonly readingMs: number;
  readonly timeZone: string;
}

/** The targets and how they stand. */
export interface TargetsReport {
  readonly readingMs: number;
  readonly timeZone: string;
  readonly ladder: LadderReport | null;
  /** The month that goals are judged on: the last whole one, else the running one. */
  readonly goalsMonth: string;
  readonly goals: GoalReport[];
  readonly restatements: RestatementRow[];
}

/** The ladder is told over so many months before the running one. */
const LADDER_MONTHS = 12;
const RESTATEMENTS_MAX = 50;

/** Months of the ladder as they were frozen. */
async function frozenLadder(
  connection: DuckDBConnection,
  timeZone: string,
): Promise<Map<string, number>> {
  const rows = await selectRows<{ month: string; value: number }>(
    connection,
    `select f.month, f.numerator as value from kpi_frozen f join kpi_month m using (month)
     where f.kpi = 'momentary' and f.dimension = 'all' and f.variant = 'gross'
       and m.time_zone = $zone`,
    { zone: timeZone },
  );
  return new Map(rows.map(({ month, value }) => [month, value]));
}

async function firstDataMs(connection: DuckDBConnection): Promise<number | null> {
  const rows = await selectRows<{ first: number | null }>(
    connection,
    'select min(first_ms) as first from progress',
  );
  return rows[0].first;
}

/** The ladder of a store. */
export async function readLadder(
  connection: DuckDBConnection,
  read: ReportRead,
  targets: Targets,
): Promise<LadderReport | null> {
  const { readingMs, timeZone } = read;
  const first = await firstDataMs(connection);
  if (first === null) return null;
  const running = monthAt(readingMs, timeZone);
  const from = monthOf(addMonths(running, -LADDER_MONTHS), timeZone).fromMs;
  const days = await dailyCounts(connection, read, Math.max(first, from), readingMs, timeZone);
  const { hour } = localDay(readingMs, timeZone);
  return ladderReport(targets, days, hour, await frozenLadder(connection, timeZone));
}

/** Targets and how they stand; figures of months come from `figures`, or are computed. */
export async function readTargetsReport(
  connection: DuckDBConnection,
  read: ReportRead,
  targets: Targets,
): Promise<TargetsReport> {
  const { readingMs, timeZone } = read;
  const ladder = await readLadder(connection, read, targets);
  const goals = targets.goals ?? [];
  const running = monthAt(readingMs, timeZone);
  const before = addMonths(running, -1);
  const figures = new Map<string, readonly FigureRow[]>();
  const load = async (month: string): Promise<boolean> => {
    if (figures.has(month)) return true;
    const found = await figuresOf(connection, monthOf(month, timeZone), read.at, ['all']);
    if (found) figures.set(month, found.rows);
    return found !== null;
  };
  const first = await firstDataMs(connection);
  const isWhole = first !== null && first <= monthOf(before, timeZone).fromMs + 86_400_000;
  const goalsMonth = isWhole ? before : running;
  await load(goalsMonth);
  for (const { from } of goals) if (from !== undefined) await load(from);
  return {
    readingMs,
    timeZone,
    ladder,
    goalsMonth,
    goals: goalReports(goals, goalsMonth, (month) => figures.get(month) ?? []),
    restatements: await restatements(connection, RESTATEMENTS_MAX),
  };
}

/** The branch scorecard of a month. */
export interface ScorecardReport {
  readonly month: string;
  readonly frozen: boolean;
  readonly readingMs: number;
  readonly rows: ScoreRow[];
}

/** The scorecard of a month with the changes against the month before. Throws NOT_FOUND. */
export async function readScorecard(
  connection: DuckDBConnection,
  read: ReportRead,
  month: string,
): Promise<ScorecardReport> {
  const now = await monthFigures(connection, read, month, 'branch');
  const earlier = await figuresOf(
    connection,
    monthOf(addMonths(month, -1), read.timeZone),
    read.at,
    ['branch'],
  );
  const rows = scorecard(now.rows, earlier?.rows ?? []);
  return { month, frozen: now.frozen, readingMs: now.readingMs, rows };
}

/** The figures of a month by one dimension. Throws NOT_FOUND where nothing was read of it. */
export async function monthFigures(
  connection: DuckDBConnection,
  read: ReportRead,
  month: string,
  by: 'all' | 'branch' | 'product' | 'customer',
): Promise<MonthFigures> {
  const found = await figuresOf(connection, monthOf(month, read.timeZone), read.at, [by]);
  if (found) return found;
  throw new FlaplineError('NOT_FOUND', `nothing was read of ${month}: ask for another month`);
}

/** The shortest list of repairs that reaches the next step of the ladder; null without such a step. */
export async function readPlan(
  connection: DuckDBConnection,
  read: ReportRead,
  targets: Targets,
): Promise<(Plan & { by: string; most: number }) | null> {
  const next = (await readLadder(connection, read, targets))?.next;
  if (!next) return null;
  const plan = await planRepairs(connection, read, read.readingMs, next.gap);
  return { ...plan, by: next.by, most: next.most };
}
