// The wall: the whole window, nothing to scroll, no controls until the mouse moves. The heat map of
// branches, products or components in turn with numbers in its cells, the figures of now, what causes
// them, works in progress. What is old says so and has no colour; a lost connection takes the frame.

import '../styles/wall.css';
import type { Cause } from '../../../src/api/cause-contract.js';
import type { Flapping, Heat, Now } from '../../../src/api/contract.js';
import type { TargetsAnswer } from '../../../src/api/kpi-contract.js';
import { LiveHeat } from '../heat/heat-live.js';
import { HeatMap } from '../heat/heat-map.js';
import { rowFilter, rowTitle } from '../heat/rows.js';
import { t as heatWord } from '../heat/words.js';
import { causesOf, isActive } from '../parts/causes.js';
import { type Address, type Query, go, hrefOf } from '../shell/address.js';
import { get, getFlapping, getTargets } from '../shell/api.js';
import { bannerOf } from '../shell/banner.js';
import { el, setText } from '../shell/dom.js';
import { LiveQuery, type LiveQueryOptions } from '../shell/live-query.js';
import { probeHeat } from '../shell/probe.js';
import { type Scope, filterQuery, scopeOf, spanOf } from '../shell/scope.js';
import { connectionState, current, edgeMs, serverNowMs, subscribe } from '../shell/store.js';
import type { Page, View } from '../shell/view.js';
import { clockSeconds, dateTime, monthDay, zoneName } from '../shell/zone.js';
import { AgedPanel } from '../wall/aged.js';
import { wallControls } from '../wall/controls.js';
import { WallFigures } from '../wall/figures.js';
import { WallList, causeItems, flappingItems, workItems } from '../wall/lists.js';
import { isAllowed, tone } from '../wall/sound.js';
import { t } from '../wall/words.js';

interface Active {
  readonly readingMs: number | null;
  readonly active: Cause[];
}

const DAY_MS = 86_400_000;
const TICK_MS = 500;
const ROTATE_S = 30;
const ROTATE_MIN_S = 5;
const COLUMN_REM = 1.5;
const ROWS = 20;
const FLAPPING_ROWS = 6;
/** Least time between two questions, and the longest, ms. */
const HEAT_GAP = { gapMs: 1000, maxAgeMs: 10_000 };
const LIST_GAP = { gapMs: 2000, maxAgeMs: 15_000 };
const TARGET_GAP = { gapMs: 60_000, maxAgeMs: 300_000 };

/** The pages that follow one another: what the rows of the heat map are. */
function pagesOf(query: Query): string[] {
  const pages = (query['pages'] ?? 'branch,product').split(',').filter((page) => page !== '');
  return pages.length === 0 ? ['branch'] : pages;
}

/** Seconds a page is shown; 0: it stays. */
function everyOf(query: Query): number {
  const asked = Number(query['every'] ?? ROTATE_S);
  if (!Number.isFinite(asked) || asked <= 0) return 0;
  return Math.max(ROTATE_MIN_S, asked);
}

/** One page of the rotation: a heat map and its question. */
class HeatPage {
  readonly map: HeatMap;
  private readonly query: LiveQuery<Heat>;

  constructor(by: string, scope: Scope, panel: AgedPanel) {
    const open = (name: string, time: number): string =>
      hrefOf('cell', '', { ...filterQuery(scope), ...rowFilter(by, name), by, t: time });
    this.map = new HeatMap({
      test: 'heat',
      rowTitle: `${rowTitle(by)} · ${t('lines')}`,
      label: (heat) =>
        heatWord('heatAria', {
          rows: heat.rows.length,
          from: dateTime(heat.fromMs),
          to: dateTime(heat.fromMs + heat.buckets * heat.bucketMs),
        }),
      rowHref: (name) => open(name, serverNowMs()),
      open: (cell) => go(open(cell.row.name, cell.bucketMs)),
      mark: null,
      columns: (minutes) => panel.rename(`${rowTitle(by)} · ${t('columns', { minutes })}`),
      numbersFromRem: COLUMN_REM,
    });
    const live = new LiveHeat(by, () => spanOf(scope), filterQuery(scope), ROWS);
    this.query = new LiveQuery<Heat>({
      panel: panel.element,
      ...HEAT_GAP,
      changed: (status) => live.changed(status),
      load: (signal, renewed) => live.load(signal, renewed),
      apply: (heat) => {
        this.map.show(heat);
        panel.holdsAt(heat.readingMs);
      },
    });
    probeHeat(this.map);
  }

  destroy(): void {
    this.query.stop();
    this.map.destroy();
    probeHeat(null);
  }
}

/** Heat maps one after another in one panel. */
class Rotation {
  readonly panel = new AgedPanel('', 'heat-panel');
  private page: HeatPage | null = null;
  private index = -1;
  private readonly timer: number;

  constructor(
    private readonly pages: readonly string[],
    private readonly scope: Scope,
    everyS: number,
  ) {
    this.next();
    const turns = everyS > 0 && pages.length > 1;
    this.timer = turns ? window.setInterval(() => this.next(), everyS * 1000) : 0;
  }

  next(): void {
    this.index = (this.index + 1) % this.pages.length;
    this.page?.map.element.remove();
    this.page?.destroy();
    this.panel.rename(rowTitle(this.pages[this.index]));
    this.panel.holdsAt(null);
    this.page = new HeatPage(this.pages[this.index], this.scope, this.panel);
    this.panel.element.append(this.page.map.element);
  }

  destroy(): void {
    clearInterval(this.timer);
    this.page?.destroy();
  }
}

/** A list in a panel with its question. */
function listPanel<Answer extends { readingMs: number | null }>(
  title: string,
  list: WallList,
  question: Pick<LiveQueryOptions<Answer>, 'load' | 'apply'>,
): { panel: AgedPanel; query: LiveQuery<Answer> } {
  const panel = new AgedPanel(title, 'wall-panel', list.element);
  const query = new LiveQuery<Answer>({
    panel: panel.element,
    ...LIST_GAP,
    changed: (status) => status.changedFromMs !== null,
    load: question.load,
    apply: (answer) => {
      question.apply(answer);
      panel.holdsAt(answer.readingMs);
    },
  });
  return { panel, query };
}

/** The causes of the last day that are active, most lines first. */
async function activeCauses(signal: AbortSignal): Promise<Active> {
  const to = Math.ceil(edgeMs()) + 1;
  const { readingMs, causes } = await causesOf({ from: to - DAY_MS, to }, signal);
  const active = causes.filter(isActive).toSorted((a, b) => b.lines - a.lines || a.at - b.at);
  return { readingMs, active };
}

/** Sounds once for each line or cause that was not there before. */
class Alarm {
  private known: Set<string> | null = null;

  constructor(private readonly on: boolean) {}

  hear(names: readonly string[]): void {
    const before = this.known;
    this.known = new Set(names);
    if (this.on && before !== null && names.some((name) => !before.has(name))) tone();
  }
}

function sidePanels(figures: WallFigures, sound: boolean) {
  const causes = new WallList(t('noCauses'), 'wall-causes');
  const works = new WallList(t('noWorks'), 'wall-works');
  const flapping = new WallList(t('noFlapping'), 'wall-flapping-lines');
  const [newLines, newCauses] = [new Alarm(sound), new Alarm(sound)];
  return [
    listPanel<Active>(t('causes'), causes, {
      load: activeCauses,
      apply: ({ active }) => {
        causes.show(causeItems(active));
        newCauses.hear(active.map(({ id }) => id));
      },
    }),
    listPanel<Now>(t('works'), works, {
      load: (signal) => get<Now>('now', {}, signal),
      apply: (now) => {
        works.show(workItems(now));
        figures.showNow(now);
      },
    }),
    listPanel<Flapping>(t('flappingLines'), flapping, {
      load: (signal) => getFlapping({ limit: FLAPPING_ROWS }, signal),
      apply: (answer) => {
        flapping.show(flappingItems(answer));
        newLines.hear(answer.rows.map(({ line, at }) => `${line} ${at}`));
      },
    }),
  ];
}

function wallView({ query }: Address): View {
  const every = everyOf(query);
  const sound = query['sound'] === 'on';
  const figures = new WallFigures();
  const rotation = new Rotation(pagesOf(query), scopeOf(query), every);
  const side = sidePanels(figures, sound);
  const clock = el('span', { class: 'wall-clock' });
  const zone = el('span', { class: 'dim' });
  const muted = el('span', { class: 'wall-muted', test: 'wall-muted', text: t('soundWaits') });
  const banner = el('div', { class: 'banner', test: 'wall-banner', attrs: { role: 'alert' } });
  const head = el(
    'header',
    { class: 'wall-top' },
    el('h1', { text: 'flapline' }),
    figures.element,
    el('div', { class: 'wall-time' }, clock, zone, muted),
  );
  const lists = el('div', { class: 'side' }, ...side.map(({ panel }) => panel.element));
  const boxes = el('div', { class: 'wall' }, rotation.panel.element, lists);
  const element = el('div', { class: 'view stacked wall-view' }, banner, head, boxes);
  const targets = new LiveQuery<TargetsAnswer>({
    panel: figures.target,
    ...TARGET_GAP,
    changed: () => false,
    load: getTargets,
    apply: (answer) => figures.showTargets(answer),
  });
  const tick = (): void => {
    const state = connectionState();
    figures.tick(state);
    for (const { panel } of [rotation, ...side]) panel.tick();
    const { look = '', text = '' } = bannerOf(state) ?? {};
    banner.hidden = text === '';
    muted.hidden = !sound || isAllowed();
    banner.className = `banner ${look}`;
    setText(banner, text);
    if (current().status === null) return;
    setText(clock, clockSeconds(serverNowMs()));
    setText(zone, `${monthDay(serverNowMs())} ${zoneName()}`);
  };
  const timer = window.setInterval(tick, TICK_MS);
  const unsubscribe = subscribe(tick);
  tick();
  const stopControls = wallControls(element, {
    sound,
    rotates: every > 0,
    next: () => rotation.next(),
  });
  const unmount = (): void => {
    clearInterval(timer);
    unsubscribe();
    stopControls();
    targets.stop();
    rotation.destroy();
    for (const { query: live } of side) live.stop();
  };
  return { element, unmount };
}

export const wallPage: Page = {
  page: 'wall',
  title: () => t('wall'),
  key: 'b',
  bare: true,
  mount: wallView,
};
