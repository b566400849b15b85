// The branch scorecard: the KPIs of a month by branch with rank, change against the month before, and
// the branch's satisfaction score beside them.

import { KPIS, type FigureRow, valueOf } from './figures.js';

/** What the scorecard shows unless it is asked for others. */
export const SCORECARD_KPIS = [
  'momentary_per_line_month',
  'repeat_fault_rate',
  'chronic_lines',
  'availability',
  'mttr',
  'valid_report_rate',
  'complaint_rate',
  'callbacks_fault',
  'records_complete',
] as const;

/** A KPI of a branch. Ranks count from 1, the best; equal values share one. */
export interface ScoreCell {
  readonly value: number | null;
  readonly rank: number | null;
  /** Against the month before; null without one. */
  readonly change: number | null;
  /** Places won (above 0) or lost. */
  readonly rankChange: number | null;
}

/** A branch. */
export interface ScoreRow {
  readonly branch: string;
  readonly satisfaction: number | null;
  readonly coverage: number | null;
  /** Mean of its ranks, and its place by that. */
  readonly meanRank: number | null;
  readonly place: number | null;
  readonly cells: Readonly<Record<string, ScoreCell>>;
}

const BRANCHES_WITHOUT_NAME = '';

function branchValues(rows: readonly FigureRow[], kpi: string): Map<string, number | null> {
  return new Map(
    rows
      .filter((row) => row.kpi === kpi && row.dimension === 'branch' && row.variant === 'gross')
      .map((row) => [row.name, valueOf(row)]),
  );
}

function ranksOf(values: ReadonlyMap<string, number | null>, less: boolean): Map<string, number> {
  const known = [...values].flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
  return new Map(
    known.map(({ name, value }) => [
      name,
      1 + known.filter((other) => (less ? other.value < value : other.value > value)).length,
    ]),
  );
}

/** The scorecard of a month from the figures by branch; the month before may be empty. */
export function scorecard(
  now: readonly FigureRow[],
  before: readonly FigureRow[],
  kpis: readonly string[] = SCORECARD_KPIS,
): ScoreRow[] {
  const columns = kpis.map((kpi) => {
    const less = KPIS.get(kpi)?.better === 'less';
    const [values, earlier] = [branchValues(now, kpi), branchValues(before, kpi)];
    return { kpi, values, earlier, ranks: ranksOf(values, less), was: ranksOf(earlier, less) };
  });
  const satisfaction = branchValues(now, 'satisfaction');
  const latest = branchValues(before, 'satisfaction');
  const coverage = new Map(
    now
      .filter(({ kpi, dimension }) => kpi === 'availability' && dimension === 'branch')
      .map((row) => [row.name, row.coverage]),
  );
  const branches = [...coverage.keys()].filter((name) => name !== BRANCHES_WITHOUT_NAME);
  const rows = branches.map((branch) => {
    const cells = Object.fromEntries(
      columns.map(({ kpi, values, earlier, ranks, was }): [string, ScoreCell] => {
        const [value, old] = [values.get(branch) ?? null, earlier.get(branch) ?? null];
        const [rank, oldRank] = [ranks.get(branch) ?? null, was.get(branch) ?? null];
        const change = value === null || old === null ? null : value - old;
        const rankChange = rank === null || oldRank === null ? null : oldRank - rank;
        return [kpi, { value, rank, change, rankChange }];
      }),
    );
    const own = Object.values(cells).flatMap(({ rank }) => (rank === null ? [] : [rank]));
    return {
      branch,
      satisfaction: satisfaction.get(branch) ?? latest.get(branch) ?? null,
      coverage: coverage.get(branch) ?? null,
      meanRank: own.length === 0 ? null : own.reduce((a, b) => a + b, 0) / own.length,
      cells,
    };
  });
  const places = ranksOf(new Map(rows.map(({ branch, meanRank }) => [branch, meanRank])), true);
  return rows
    .map((row) => Object.assign(row, { place: places.get(row.branch) ?? null }))
    .toSorted(
      (a, b) => (a.place ?? Infinity) - (b.place ?? Infinity) || (a.branch < b.branch ? -1 : 1),
    );
}
