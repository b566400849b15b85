// The reports of commands, API and page, made from a connection: targets, scorecard, the plan.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import type { ReadAt } from '../store/queries.js';
import { selectRows } from '../store/sql.js';
import { dailyCounts, localDay } from './daily.js';
import { readFigures } from './figures.js';
import {
  type KeptTotals,
  type MonthFigures,
  type RestatementRow,
  figuresOf,
  keptTotals,
  restatements,
} from './kept.js';
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

async function firstDataMs(connection: DuckDBConnection): Promise<number | null> {
  const rows = await selectRows<{ first: number | null }>(
    connection,
    'select min(first_ms) as first from progress',
  );
  return rows[0].first;
}

/** The ladder of a store whose data begins at firstMs; null without data. */
async function readLadder(
  connection: DuckDBConnection,
  read: ReportRead,
  targets: Targets,
  firstMs: number | null,
  { momentary }: KeptTotals,
): Promise<LadderReport | null> {
  const { readingMs, timeZone } = read;
  if (firstMs === null) return null;
  const running = monthAt(readingMs, timeZone);
  const from = monthOf(addMonths(running, -LADDER_MONTHS), timeZone).fromMs;
  const days = await dailyCounts(connection, read, Math.max(firstMs, from), readingMs, timeZone);
  const { hour } = localDay(readingMs, timeZone);
  return ladderReport(targets, days, hour, momentary);
}

/** Targets and how they stand; figures of months that are not frozen are computed. */
export async function readTargetsReport(
  connection: DuckDBConnection,
  read: ReportRead,
  targets: Targets,
): Promise<TargetsReport> {
  const { readingMs, timeZone } = read;
  const goals = targets.goals ?? [];
  const running = monthAt(readingMs, timeZone);
  const before = addMonths(running, -1);
  const firstMs = await firstDataMs(connection);
  const isWhole = firstMs !== null && firstMs <= monthOf(before, timeZone).fromMs + 86_400_000;
  const goalsMonth = isWhole ? before : running;
  const named = goals.flatMap(({ from }) => (from === undefined ? [] : [from]));
  const months = [...new Set([goalsMonth, ...named])];
  const kept = await keptTotals(connection, timeZone, months);
  const ladder = await readLadder(connection, read, targets, firstMs, kept);
  const figures = kept.figures;
  for (const name of months) {
    const month = monthOf(name, timeZone);
    if (figures.has(name) || firstMs === null || month.toMs <= firstMs) continue;
    const found = await readFigures(connection, month, read.at, ['all']);
    if (found) figures.set(name, found.rows);
  }
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
  const kept = await keptTotals(connection, read.timeZone, []);
  const firstMs = await firstDataMs(connection);
  const next = (await readLadder(connection, read, targets, firstMs, kept))?.next;
  if (!next) return null;
  const plan = await planRepairs(connection, read, read.readingMs, next.gap);
  return { ...plan, by: next.by, most: next.most };
}
