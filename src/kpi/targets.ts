// Targets against figures: the ladder month by month with the forecast of the running one, and goals.
// Pure: what it needs is handed in.

import type { DayCounts, Forecast } from './forecast.js';
import { FORECAST_DEFAULTS, forecastMonth } from './forecast.js';
import { KPIS, valueOf, type FigureRow } from './figures.js';
import { addMonths, monthsBetween } from './month.js';
import type { Goal, Targets } from './targets-file.js';

/** A month of the ladder. */
export interface LadderMonth {
  readonly month: string;
  /** Momentary interruptions so far, gross; null without data. */
  readonly value: number | null;
  /** The step in force: at most so many a month by the end of `by`. */
  readonly target: number | null;
  /** Where the straight way from the step before to that step stands. */
  readonly path: number | null;
  readonly due: boolean;
  /** ahead: still to come; running; met, missed: a step that was due; on, off: on the way or not. */
  readonly state: 'ahead' | 'running' | 'met' | 'missed' | 'on' | 'off' | 'no data';
}

/** The ladder with the running month's forecast. */
export interface LadderReport {
  readonly kpi: string;
  readonly month: string;
  readonly baseline: { readonly month: string; readonly value: number };
  readonly months: LadderMonth[];
  readonly forecast: (Forecast & { readonly band: number }) | null;
  /** The next step that is not reached yet, and by how much; null when there is none. */
  readonly next: { readonly by: string; readonly most: number; readonly gap: number } | null;
  /** The running month and the one before by day. */
  readonly days: { readonly day: string; readonly count: number }[];
}

const total = ({ hours }: DayCounts): number => hours.reduce((a, b) => a + b, 0);

function pathAt(targets: Targets, month: string): { target: number; path: number } | null {
  const { baseline, steps } = targets.ladder;
  let before = { by: baseline.month, most: baseline.value };
  if (month < baseline.month) return null;
  for (const step of steps) {
    if (month <= step.by) {
      const whole = monthsBetween(before.by, step.by).length - 1;
      const gone = monthsBetween(before.by, month).length - 1;
      const path = before.most + ((step.most - before.most) * gone) / whole;
      return { target: step.most, path: Math.round(path) };
    }
    before = step;
  }
  return { target: before.most, path: before.most };
}

/**
 * The ladder as it stands. `days` reach from the first to today, hourNow says how far today is counted;
 * months whose beginning they do not hold have no value, unless `frozen` has one.
 */
export function ladderReport(
  targets: Targets,
  days: readonly DayCounts[],
  hourNow: number,
  frozen: ReadonlyMap<string, number>,
): LadderReport | null {
  const today = days.at(-1);
  if (today === undefined) return null;
  const running = today.day.slice(0, 7);
  const counted = new Map<string, number>(frozen);
  for (const day of days) {
    const month = day.day.slice(0, 7);
    if (!frozen.has(month)) counted.set(month, (counted.get(month) ?? 0) + total(day));
  }
  const firstDay = days[0]!.day;
  const { baseline, steps } = targets.ladder;
  const known = [...counted.keys()].toSorted();
  const first = [baseline.month, known[0]!].toSorted()[0]!;
  const last = [steps.at(-1)!.by, running].toSorted().at(-1)!;
  const shown = monthsBetween(first, last).slice(-MONTHS_MAX);
  const months = shown.map((month): LadderMonth => {
    const isWhole = frozen.has(month) || `${month}-01` >= firstDay;
    const value = isWhole ? (counted.get(month) ?? null) : null;
    const step = pathAt(targets, month);
    const due = steps.some(({ by }) => by === month);
    const judged = { month, value, target: step?.target ?? null, path: step?.path ?? null, due };
    return Object.assign(judged, { state: stateOf(judged, running) });
  });
  const { band = FORECAST_DEFAULTS.band * 100, historyDays = FORECAST_DEFAULTS.historyDays } =
    targets.forecast ?? {};
  const forecast = forecastMonth(days, hourNow, { band: band / 100, historyDays });
  const stands = forecast?.expected ?? counted.get(addMonths(running, -1)) ?? null;
  const next = steps.find(({ by, most }) => by >= running && (stands === null || stands > most));
  return {
    kpi: targets.ladder.kpi,
    month: running,
    baseline,
    months,
    forecast: forecast && { ...forecast, band },
    next: next ? { ...next, gap: stands === null ? 0 : Math.ceil(stands - next.most) } : null,
    days: days
      .filter(({ day }) => day.slice(0, 7) >= addMonths(running, -1))
      .map((one) => ({ day: one.day, count: total(one) })),
  };
}

/** Months of a ladder that are told at most. */
const MONTHS_MAX = 36;

function stateOf(
  { month, value, target, path, due }: Omit<LadderMonth, 'state'>,
  running: string,
): LadderMonth['state'] {
  if (month > running) return 'ahead';
  if (month === running) return 'running';
  if (value === null || target === null) return 'no data';
  if (due) return value <= target ? 'met' : 'missed';
  return value <= path! ? 'on' : 'off';
}

/** A goal and how it stands. */
export interface GoalReport {
  readonly kpi: string;
  readonly unit: string;
  readonly definition: string;
  readonly version: number;
  /** What the value is to be: at most, or at least. */
  readonly limit: number | null;
  readonly isMost: boolean;
  readonly value: number | null;
  readonly coverage: number | null;
  readonly month: string;
  readonly met: boolean | null;
}

/** The figure of all lines, gross. */
function overall(rows: readonly FigureRow[], kpi: string): FigureRow | undefined {
  return rows.find((row) => row.kpi === kpi && row.dimension === 'all' && row.variant === 'gross');
}

/** Goals judged on a month's figures; `figuresOf` gives those of the months they compare with. */
export function goalReports(
  goals: readonly Goal[],
  month: string,
  figuresOf: (month: string) => readonly FigureRow[],
): GoalReport[] {
  return goals.map((goal) => {
    const { unit, definition, version } = KPIS.get(goal.kpi)!;
    const row = overall(figuresOf(month), goal.kpi);
    const value = row ? valueOf(row) : null;
    const base = goal.from === undefined ? undefined : overall(figuresOf(goal.from), goal.kpi);
    const before = base ? valueOf(base) : null;
    const isMost = goal.most !== undefined || goal.fall !== undefined;
    const change = 1 + ((goal.rise ?? 0) - (goal.fall ?? 0)) / 100;
    const limit = goal.most ?? goal.least ?? (before === null ? null : before * change);
    const met = value === null || limit === null ? null : isMost ? value <= limit : value >= limit;
    const coverage = row?.coverage ?? null;
    return { kpi: goal.kpi, unit, definition, version, limit, isMost, value, coverage, month, met };
  });
}
