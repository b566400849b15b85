// The map of all lines, one cell each, in the order of the network: a bad card shows as a streak, and
// beside it in words. Live over the period, or played back: any instant of a day or a month with the
// causes of then; one key leads back to live.

import '../styles/map.css';
import type { Cause } from '../../../src/api/cause-contract.js';
import type { Flapping, Heat, LineMap } from '../../../src/api/contract.js';
import { Legend, legendKey } from '../heat/legend.js';
import { LineMapView } from '../map/line-map.js';
import { FLAPPING, UNKNOWN } from '../map/paint.js';
import { Playback } from '../map/playback.js';
import { Starts } from '../map/starts.js';
import { streakTable, streaksOf } from '../map/streaks.js';
import { t } from '../map/words.js';
import { causeTable, causesOf, isActive } from '../parts/causes.js';
import { filterBar } from '../parts/filter-bar.js';
import { panel } from '../parts/panel.js';
import { periodPicker } from '../parts/period-picker.js';
import { readColumns } from '../rules/columns.js';
import { type Address, go, hrefOf, hrefWith } from '../shell/address.js';
import { get, getColumns, getFlapping, getHeat } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { addKeys } from '../shell/keys.js';
import { LiveQuery } from '../shell/live-query.js';
import { probeMap } from '../shell/probe.js';
import {
  type Scope,
  type Span,
  carried,
  filterQuery,
  scopeOf,
  spanOf,
  timeOf,
} from '../shell/scope.js';
import { type Page, type View, lineHref } from '../shell/view.js';

const PERIODS = ['1h', '6h', '24h', '7d', '30d'] as const;
const FILTERS = ['branch', 'product', 'customer', 'key'] as const;
const HOUR_MS = 3_600_000;
const GAP_MS = 3000;
const MAX_AGE_MS = 30_000;
const FLAPPING_LIMIT = 1000;
const STEPS = 240;
/** In playback a cell counts this share of the period, within these bounds. */
const WINDOW_SHARE = 1 / 24;
const WINDOW_HOURS_MIN = 0.25;
const WINDOW_HOURS_MAX = 6;

interface Answer {
  readonly span: Span;
  readonly starts: Starts;
  readonly flapping: Flapping;
  readonly heat: Heat;
  readonly causes: readonly Cause[];
}

const windowMsOf = ({ from, to }: Span): number =>
  Math.max(
    WINDOW_HOURS_MIN * HOUR_MS,
    Math.min(WINDOW_HOURS_MAX * HOUR_MS, (to - from) * WINDOW_SHARE),
  );

/** The map and what it shows, once the lines are known. */
class Shown {
  readonly view: LineMapView;
  readonly counts: Uint16Array;
  readonly flags: Uint8Array;
  private readonly numbers: ReadonlyMap<string, number>;

  constructor(readonly map: LineMap) {
    const count = map.lines.length;
    this.view = new LineMapView(map, (line) => go(lineHref(line)));
    this.counts = new Uint16Array(count);
    this.flags = new Uint8Array(count);
    this.numbers = new Map(map.lines.map((line, index) => [line, index]));
  }

  /** Everything at an instant, or live over the whole period. */
  read({ span, starts, flapping, heat }: Answer, atMs: number | null): void {
    const to = atMs ?? span.to;
    starts.read(atMs === null ? span.from : to - windowMsOf(span), to, this.counts, this.flags);
    this.markUnknown(heat, to);
    if (atMs === null) {
      for (const { line } of flapping.rows) {
        const index = this.numbers.get(line);
        if (index !== undefined) this.flags[index] |= FLAPPING;
      }
    }
    this.view.show(this);
  }

  /** Branches without data at that time. */
  private markUnknown(heat: Heat, atMs: number): void {
    const bucket = Math.min(heat.buckets - 1, Math.floor((atMs - heat.fromMs) / heat.bucketMs));
    for (const [index, { name, at }] of this.map.branches.entries()) {
      const row = heat.rows.find((one) => one.name === name);
      if (row === undefined || bucket < 0 || row.coverage[bucket] > 0) continue;
      const end = this.map.branches[index + 1]?.at ?? this.map.lines.length;
      for (let line = at; line < end; line += 1) this.flags[line] |= UNKNOWN;
    }
  }
}

function legendOf(span: Span, atMs: number | null): { legend: Legend; element: HTMLElement } {
  const hours = whole(Math.max(1, windowMsOf(span) / HOUR_MS));
  const window = atMs === null ? t('inPeriod') : t('inWindow', { hours });
  const legend = new Legend(true, t('legend', { window }), [
    legendKey('cell-down', t('downKey')),
    legendKey('cell-flapping', t('flappingKey')),
    legendKey('none', t('unknownKey')),
  ]);
  return { legend, element: legend.element };
}

/** Asks for all that one picture needs; the order of the lines only when it may be another. */
class Loader {
  shown: Shown | null = null;

  constructor(private readonly scope: Scope) {}

  async load(signal: AbortSignal, renewed: boolean): Promise<Answer> {
    const { scope } = this;
    const filter = filterQuery({ ...scope, class: null, planned: null });
    const span = spanOf(scope);
    const isNew = this.shown === null || renewed;
    const heatSpan = { from: Math.max(span.from, span.to - 7 * 24 * HOUR_MS), to: span.to };
    const [map, bytes, flapping, heat, causes] = await Promise.all([
      isNew ? get<LineMap>('map', filter, signal) : Promise.resolve(null),
      getColumns(span, signal),
      getFlapping({ ...filter, limit: FLAPPING_LIMIT }, signal),
      getHeat({ by: 'branch', ...heatSpan, limit: 1000 }, signal),
      causesOf(span, signal),
    ]);
    if (map !== null) {
      this.shown?.view.destroy();
      this.shown = new Shown(map);
    }
    const starts = new Starts(this.shown!.map, readColumns(bytes));
    return { span, starts, flapping, heat, causes: causes.causes };
  }
}

const settled = (atMs: number | null): void => go(hrefWith({ at: atMs }), true);

function mapView({ query }: Address): View {
  const scope = scopeOf(query);
  const abort = new AbortController();
  const loader = new Loader(scope);
  let answer: Answer | null = null;
  const streaks = streakTable();
  const causes = causeTable();
  const place = el('div', { class: 'map-place' });
  const legendPlace = el('div');
  let legend = legendOf(spanOf(scope), null);
  legendPlace.append(legend.element);
  const playback = new Playback(spanOf(scope), timeOf(query['at']), { moved: draw, settled });
  const asList = el('a', {
    class: 'button',
    text: t('asList'),
    test: 'as',
    attrs: { href: hrefOf('worst', '', { ...carried(query), period: scope.period }) },
  });
  const box = panel(t('map'), {
    class: 'heat-panel',
    controls: [periodPicker(scope, PERIODS), asList],
    body: [place, legendPlace, playback.element],
  });
  const streakBox = panel(t('cards'), { class: 'list-panel', body: [streaks.element] });
  const causeBox = panel(t('causesThen'), { class: 'list-panel', body: [causes.element] });
  let wasLive: boolean | null = null;

  function draw(atMs: number | null): void {
    const { shown } = loader;
    if (answer === null || shown === null) return;
    shown.read(answer, atMs);
    streaks.update(streaksOf(shown.map, shown));
    causes.update(causesAt(answer, atMs));
    if (wasLive === (atMs === null)) return;
    wasLive = atMs === null;
    legend.legend.destroy();
    legend = legendOf(answer.span, atMs);
    legendPlace.replaceChildren(legend.element);
  }

  const live = new LiveQuery<Answer>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) =>
      playback.at === null &&
      status.changedFromMs !== null &&
      status.changedFromMs < spanOf(scope).to,
    load: (signal, renewed) => loader.load(signal, renewed),
    apply: (next) => {
      answer = next;
      box.ready();
      streakBox.ready();
      causeBox.ready();
      const { shown } = loader;
      if (shown === null) return;
      if (shown.view.element.parentElement !== place) place.replaceChildren(shown.view.element);
      box.note(t('cells', { lines: whole(shown.map.lines.length) }));
      playback.show(next.span, next.starts.steps(next.span.from, next.span.to, STEPS));
      draw(playback.at);
    },
  });
  probeMap(() => loader.shown?.view ?? null);
  const stopKeys = addKeys([
    { key: ' ', what: () => `${t('play')} / ${t('pause')}`, run: () => playback.toggle() },
    { key: 'l', what: () => t('live'), run: () => playback.live() },
    { key: ',', what: () => t('back'), run: () => playback.step(-1) },
    { key: '.', what: () => t('forward'), run: () => playback.step(1) },
  ]);
  const side = el('div', { class: 'side' }, streakBox.element, causeBox.element);
  const boxes = el('div', { class: 'wall' }, box.element, side);
  const bar = filterBar(scope, FILTERS, abort.signal);
  return {
    element: el('div', { class: 'view stacked' }, bar, boxes),
    update: (next) => sameBut('at', next.query, query),
    unmount: () => {
      abort.abort();
      live.stop();
      stopKeys();
      playback.destroy();
      legend.legend.destroy();
      loader.shown?.view.destroy();
      probeMap(null);
    },
  };
}

/** Whether two queries differ in nothing but one key. */
function sameBut(key: string, a: Record<string, string>, b: Record<string, string>): boolean {
  const others = (query: Record<string, string>): string =>
    JSON.stringify(Object.entries(query).filter(([name]) => name !== key));
  return others(a) === others(b);
}

/** The causes that began before an instant and were not over an hour before it; live: all. */
function causesAt({ causes, span }: Answer, atMs: number | null): Cause[] {
  if (atMs === null) return causes.filter(isActive);
  const since = atMs - windowMsOf(span);
  return causes.filter(({ at, until }) => at <= atMs && until >= since);
}

export const mapPage: Page = { page: 'map', title: () => t('map'), key: 'm', mount: mapView };
