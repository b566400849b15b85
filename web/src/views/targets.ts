// Targets: the ladder against actual with the forecast of the running month, goals of other KPIs, and
// the branch scorecard.

import type { Scorecard, TargetsAnswer } from '../../../src/api/kpi-contract.js';
import type { Address } from '../shell/address.js';
import { getScorecard, getTargets } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { big, duration, percent, whole } from '../shell/format.js';
import { language, words } from '../shell/i18n.js';
import type { Page, View } from '../shell/view.js';
import { t } from '../shell/words.js';
import { kpiName, word } from '../targets/kpi-words.js';
import { LadderPlot } from '../targets/ladder-plot.js';
import { ladderTable, monthsOf } from '../targets/ladder-table.js';
import { LiveQuery } from '../shell/live-query.js';
import { asOther } from '../parts/as-table.js';
import { exportLinks } from '../parts/export-links.js';
import { panel } from '../parts/panel.js';
import { KeyedTable, type TableColumn } from '../parts/table.js';

type Goal = TargetsAnswer['goals'][number];
type Score = Scorecard['rows'][number];

const GAP_MS = 30_000;
const MAX_AGE_MS = 60_000;

/** What the scorecard shows, with the form of its values. */
const COLUMNS: readonly (readonly [string, string])[] = [
  ['momentary_per_line_month', 'number'],
  ['repeat_fault_rate', '%'],
  ['chronic_lines', 'count'],
  ['availability', '%'],
  ['mttr', 'ms'],
  ['valid_report_rate', '%'],
  ['complaint_rate', '%'],
  ['callbacks_fault', '%'],
  ['records_complete', '%'],
];

function valueText(value: number | null, unit: string): string {
  if (value === null) return '–';
  if (unit === 'ms') return duration(Math.round(value / 1000) * 1000);
  if (unit === 'count') return whole(value);
  const digits = unit === '%' && value > 99.9 ? 3 : 2;
  const text = new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value);
  return unit === '%' ? `${text} %` : text;
}

/** The rank, and the places won or lost since the month before. */
function rankText(row: Score, kpi: string): string {
  const cell = row.cells[kpi];
  if (!cell || cell.rank === null) return '';
  const moved = cell.rankChange ?? 0;
  const arrow = moved > 0 ? ` ▲${moved}` : moved < 0 ? ` ▼${-moved}` : '';
  return `${word('rank', { rank: cell.rank })}${arrow}`;
}

function goalsTable(): KeyedTable<Goal> {
  const sign = (goal: Goal): string => (goal.isMost ? '≤ ' : '≥ ');
  return new KeyedTable<Goal>(
    [
      {
        title: word('kpi'),
        class: 'wide',
        text: (goal) => kpiName(goal.kpi),
      },
      { title: word('value'), class: 'number', text: (goal) => valueText(goal.value, goal.unit) },
      {
        title: word('limit'),
        class: 'number',
        text: (goal) => (goal.limit === null ? '–' : sign(goal) + valueText(goal.limit, goal.unit)),
      },
      {
        title: word('state'),
        class: 'state',
        text: (goal) =>
          goal.met === null ? word('notKnown') : goal.met ? word('met') : word('missed'),
        mark: (goal) => (goal.met === null ? '' : goal.met ? 'is-up' : 'is-down'),
      },
    ],
    (goal) => goal.kpi,
    { caption: word('goals'), empty: word('none'), test: 'goals' },
  );
}

function scoreTable(): KeyedTable<Score> {
  const columns = COLUMNS.map(([kpi, unit]): TableColumn<Score> => ({
    title: kpiName(kpi),
    class: 'number',
    text: (row) => valueText(row.cells[kpi]?.value ?? null, unit),
    sub: (row) => rankText(row, kpi),
  }));
  return new KeyedTable<Score>(
    [
      { title: word('place'), class: 'number', text: (row) => String(row.place ?? '') },
      { title: t('branch'), text: (row) => row.branch },
      {
        title: kpiName('satisfaction'),
        class: 'number strong',
        text: (row) => valueText(row.satisfaction, 'number'),
      },
      ...columns,
      {
        title: word('coverage'),
        class: 'number',
        text: (row) => (row.coverage === null ? '–' : percent(row.coverage)),
      },
    ],
    (row) => row.branch,
    { caption: word('scorecard'), empty: word('none'), test: 'scorecard' },
  );
}

function noteOf({ ladder, example }: TargetsAnswer): string {
  if (ladder === null) return word('none');
  const { forecast, next, month } = ladder;
  const ahead =
    forecast === null
      ? word('noForecast')
      : word('forecast', {
          month,
          expected: big(forecast.expected),
          low: big(forecast.low),
          high: big(forecast.high),
          band: forecast.band,
        });
  const gap =
    next === null
      ? word('reached')
      : word('next', { most: big(next.most), by: next.by, gap: big(next.gap) });
  return [ahead, gap, ...(example ? [word('example')] : [])].join(' · ');
}

function legend(): HTMLElement {
  const keys = ['actual', 'target', 'path', 'band'] as const;
  const items = keys.map((key) => el('li', { class: `key key-${key}`, text: word(key) }));
  return el('ul', { class: 'ladder-keys' }, ...items);
}

const name = words({ title: ['Targets', '目标'] });

export const targetsPage: Page = {
  page: 'targets',
  title: () => name('title'),
  key: 't',
  mount: targetsView,
};

function targetsView({ query }: Address): View {
  const asTable = query['as'] === 'table';
  const plot = new LadderPlot();
  const months = ladderTable();
  const goals = goalsTable();
  const scores = scoreTable();
  const ladderBox = panel(`${word('ladder')}: ${word('momentaryAMonth')}`, {
    class: 'ladder-panel',
    controls: [asOther(asTable)],
    body: asTable ? [months.element] : [plot.element, legend()],
  });
  const goalBox = panel(word('goals'), { class: 'list-panel', body: [goals.element] });
  const takeAway = exportLinks('scorecard', () => ({}), 'api/scorecard/export');
  const scoreBox = panel(word('scorecard'), {
    class: 'list-panel',
    body: [scores.element],
    controls: [takeAway],
  });
  const targets = new LiveQuery<TargetsAnswer>({
    panel: ladderBox.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: () => false,
    load: (signal) => getTargets(signal),
    apply: (answer) => {
      ladderBox.ready();
      goalBox.ready();
      ladderBox.note(noteOf(answer));
      goalBox.note(answer.goalsMonth);
      if (answer.ladder !== null && !asTable) plot.show(answer.ladder);
      months.update(answer.ladder === null ? [] : monthsOf(answer.ladder));
      goals.update(answer.goals);
    },
  });
  const scorecard = new LiveQuery<Scorecard>({
    panel: scoreBox.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: () => false,
    load: (signal) => getScorecard(signal),
    apply: (answer) => {
      scoreBox.ready();
      scoreBox.note(answer.month);
      scores.update(answer.rows);
    },
  });
  const top = el('div', { class: 'targets-top' }, ladderBox.element, goalBox.element);
  return {
    element: el('div', { class: 'view stacked targets' }, top, scoreBox.element),
    unmount: () => {
      targets.stop();
      scorecard.stop();
      plot.destroy();
    },
  };
}
