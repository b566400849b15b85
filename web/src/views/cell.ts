// The lines of one heat cell: those interrupted in its five minutes as a list, and the worst
// lines of the hour before and after as a heat map of their own. Each leads to the line's
// timeline.

import type { Heat, Worst } from '../../../src/api/contract.js';
import { BUCKET_MS, getHeat, getWorst } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { percent, rate, whole } from '../shell/format.js';
import { kindOf, valueOf } from '../heat/heat-data.js';
import { floorBucket } from '../heat/heat-live.js';
import { HeatMap } from '../heat/heat-map.js';
import { t } from '../heat/words.js';
import { byOf, rowFilter, rowsQuery } from '../heat/rows.js';
import { Legend } from '../heat/legend.js';
import { lineList } from '../parts/line-list.js';
import { LiveQuery } from '../shell/live-query.js';
import { panel, type Panel } from '../parts/panel.js';
import { probeHeat } from '../shell/probe.js';
import { type Address, type QueryParts, go, hrefOf } from '../shell/address.js';
import { carried, filterQuery, scopeOf, timeOf } from '../shell/scope.js';
import { type Page, type View, lineHref } from '../shell/view.js';
import { edgeMs } from '../shell/store.js';
import { remPixels } from '../shell/theme.js';
import { clock, monthDay } from '../shell/zone.js';

const AROUND_MS = 3_600_000;
const GAP_MS = 1000;
const MAX_AGE_MS = 15_000;
const LIST_LIMIT = 500;
const ROWS_MIN = 15;
const ROWS_MAX = 60;
/** Rem of the screen that rows of the heat map cannot have, and of one row. */
const CHROME_REM = 19;
const ROW_REM = 1.3;

interface Around {
  from: number;
  to: number;
}

/** The time shown around the cell: an hour each way, as far as there is any. */
function around(time: number): Around {
  const edge = floorBucket(edgeMs()) + BUCKET_MS;
  const to = Math.max(time + BUCKET_MS, Math.min(edge, time + BUCKET_MS + AROUND_MS));
  return { from: Math.max(0, time - AROUND_MS), to };
}

/** The numbers of the cell itself. */
class Facts {
  readonly element = el('dl', { class: 'facts', test: 'cell-facts' });

  show(heat: Heat, name: string): void {
    const row = heat.rows.find((one) => one.name === name);
    if (row === undefined || row.starts.length === 0) return this.element.replaceChildren();
    const [starts] = row.starts;
    const [coverage] = row.coverage;
    const none = kindOf(starts, coverage) === 'none';
    const facts: [string, string][] = [
      [t('starts'), none ? '–' : whole(starts)],
      [t('per1000'), none ? '–' : rate(valueOf(heat, row, starts))],
      [t('flapping'), none ? '–' : whole(row.flapping[0])],
      [t('coverage'), none ? t('legendNone') : percent(coverage)],
      [t('lines'), whole(row.lines)],
    ];
    this.element.replaceChildren(
      ...facts.map(([title, value]) =>
        el('div', {}, el('dt', { text: title }), el('dd', { text: value })),
      ),
    );
  }
}

interface Answer {
  cell: Heat;
  lines: Worst;
  heat: Heat;
}

async function ask(
  by: string,
  filter: QueryParts,
  time: number,
  signal: AbortSignal,
): Promise<Answer> {
  const cell = { from: time, to: time + BUCKET_MS };
  const fitting = Math.floor((innerHeight / remPixels() - CHROME_REM) / ROW_REM);
  const rows = Math.max(ROWS_MIN, Math.min(ROWS_MAX, fitting));
  const [one, lines, heat] = await Promise.all([
    getHeat({ ...rowsQuery(by), ...cell, ...filter, limit: 1000 }, signal),
    getWorst({ ...cell, ...filter, limit: LIST_LIMIT }, signal),
    getHeat({ by: 'line', ...around(time), ...filter, limit: rows }, signal),
  ]);
  return { cell: one, lines, heat };
}

function lineMap(time: number, legend: Legend): HeatMap {
  const { from, to } = around(time);
  const toLine = (line: string): string => lineHref(line, from, to);
  return new HeatMap({
    test: 'heat',
    rowTitle: t('line'),
    label: () => t('heatLinesAria'),
    rowHref: toLine,
    open: (cell) => {
      go(toLine(cell.row.name));
    },
    mark: { fromMs: time, toMs: time + BUCKET_MS },
    columns: (minutes) => legend.columns(minutes),
  });
}

/** What takes the filter of a row away again. */
const rowOff = (by: string): QueryParts =>
  Object.fromEntries(Object.keys(rowFilter(by, '')).map((key) => [key, null]));

const clocks = (from: number, to: number) => ({ from: clock(from), to: clock(to) });

function shownOf(box: Panel, shown: number, total: number): void {
  const all = shown === total;
  box.note(all ? whole(total) : t('shown', { shown: whole(shown), total: whole(total) }));
}

function cellView({ query }: Address): View {
  const by = byOf(query);
  const time = timeOf(query['t']) ?? floorBucket(edgeMs());
  const scope = scopeOf(query);
  const name = (by === 'branch' || by === 'product' ? scope[by] : scope.component) ?? '';
  const filter = { ...filterQuery(scope), ...rowFilter(by, name) };
  const span = around(time);
  const table = lineList((line) => lineHref(line, span.from, span.to), {
    caption: t('cellTitle'),
    empty: t('noLines'),
    test: 'lines',
  });
  const legend = new Legend(true);
  const map = lineMap(time, legend);
  const facts = new Facts();
  const list = panel(t('linesOfCell', clocks(time, time + BUCKET_MS)), {
    class: 'list-panel',
    body: [table.element],
  });
  const heatBox = panel(t('linesAround', clocks(span.from, span.to)), {
    class: 'heat-panel',
    body: [map.element, legend.element],
    loading: t('loadingHeat'),
  });
  const title = el('h1', {}, el('bdi', { text: name === '' ? t('unnamed') : name }));
  const when = `${monthDay(time)} ${clock(time)}–${clock(time + BUCKET_MS)}`;
  title.append(el('span', { class: 'dim', text: ` ${when}` }));
  const href = hrefOf('', '', { ...carried(query), by, ...rowOff(by) });
  const back = el('a', { class: 'back', text: `← ${t('back')}`, attrs: { href } });
  const head = el('div', { class: 'view-head' }, back, title, facts.element);
  const boxes = el('div', { class: 'wall' }, heatBox.element, list.element);
  const element = el('div', { class: 'view stacked' }, head, boxes);
  const live = new LiveQuery<Answer>({
    panel: element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => status.changedFromMs !== null && status.changedFromMs < span.to,
    load: (signal) => ask(by, filter, time, signal),
    apply: (answer) => {
      list.ready();
      heatBox.ready();
      facts.show(answer.cell, name);
      table.update(answer.lines.rows);
      shownOf(list, answer.lines.rows.length, answer.lines.total);
      map.show(answer.heat);
      shownOf(heatBox, answer.heat.rows.length, answer.heat.totalRows);
    },
  });
  probeHeat(map);
  const unmount = (): void => {
    live.stop();
    map.destroy();
    legend.destroy();
    probeHeat(null);
  };
  return { element, unmount };
}

export const cellPage: Page = { page: 'cell', title: null, mount: cellView };
