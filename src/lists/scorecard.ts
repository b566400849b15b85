// The branch scorecard as a list to take away: of each KPI its value, rank and change.

import { KPIS } from '../kpi/figures.js';
import { monthOf } from '../kpi/month.js';
import type { ScorecardReport } from '../kpi/report.js';
import { SCORECARD_KPIS } from '../kpi/scorecard.js';
import { BRANCH, type ListColumn, type ListRow, column } from './column.js';
import type { ListAnswer } from './list.js';

/** What a scorecard's KPIs are called in titles. */
const TITLES: Readonly<Record<(typeof SCORECARD_KPIS)[number], readonly [string, string]>> = {
  momentary_per_line_month: ['Momentary per line-month', '每线路月瞬断'],
  repeat_fault_rate: ['Repeat-fault rate %', '重复故障率 %'],
  chronic_lines: ['Chronic lines', '长期劣化线路'],
  availability: ['Availability %', '可用率 %'],
  mttr: ['Time to repair', '平均修复时间'],
  valid_report_rate: ['Valid report rate %', '有效申告率 %'],
  complaint_rate: ['Complaint rate %', '投诉率 %'],
  callbacks_fault: ['Call-backs of faults %', '故障回访率 %'],
  records_complete: ['Records complete %', '资料完整率 %'],
};

function columnsOf(kpi: (typeof SCORECARD_KPIS)[number]): ListColumn[] {
  const { unit, definition } = KPIS.get(kpi)!;
  const kind = unit === 'ms' ? 'duration' : 'value';
  const name = unit === 'ms' ? `${kpi}_ms` : kpi;
  const [en, zh] = TITLES[kpi];
  return [
    column(name, kind, en, zh, definition),
    column(
      `${kpi}_rank`,
      'count',
      `${en}: rank`,
      `${zh}：名次`,
      'rank among the branches, 1 = best',
    ),
    column(
      `${kpi}_change`,
      // A duration is shown as a time of day: less than before would be none.
      'value',
      `${en}: change`,
      `${zh}：变化`,
      'against the month before, in the same unit; null without one',
    ),
  ];
}

const COLUMNS: readonly ListColumn[] = [
  column('place', 'count', 'Place', '名次', 'by the mean of its ranks'),
  BRANCH,
  column('satisfaction', 'value', 'Satisfaction', '满意度', 'satisfaction score of the month'),
  ...SCORECARD_KPIS.flatMap(columnsOf),
  column('coverage', 'value', 'Coverage', '覆盖率', 'known line-time / line-time, 0 to 1'),
];

/** The scorecard, as it is written out. */
export function scorecardAnswer(
  { month, readingMs, rows }: ScorecardReport,
  zone: string,
): ListAnswer {
  const { fromMs, toMs } = monthOf(month, zone);
  const cells = rows.map((row): ListRow => [
    row.place,
    row.branch,
    row.satisfaction,
    ...SCORECARD_KPIS.flatMap((kpi) => {
      const { value, rank, change } = row.cells[kpi]!;
      return [value, rank, change];
    }),
    row.coverage,
  ]);
  return {
    name: 'scorecard',
    columns: COLUMNS,
    about: { by: 'branch', fromMs, toMs, readingMs, total: cells.length, zone },
    chunks: only(cells),
  };
}

async function* only<T>(chunk: readonly T[]): AsyncGenerator<readonly T[]> {
  yield chunk;
}
