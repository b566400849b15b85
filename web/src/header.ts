// What stands above every view: name, source, ways to go, and the figures of now with the age
// of the data; below them, where something is wrong or still loading, one strip that says
// what.

import type { Status } from '../../src/api/contract.js';
import { el, setText } from './dom.js';
import { duration, rate, whole } from './format.js';
import { language, t, type Key } from './i18n.js';
import { hrefOf, type Route } from './route.js';
import { connectionState, current, dataAgeMs } from './store.js';
import { switchTheme, theme } from './theme.js';
import { clockSeconds, zoneName } from './zone.js';

const SECOND = 1000;

interface Figure {
  element: HTMLElement;
  value: HTMLElement;
}

function figure(title: Key, test: string): Figure {
  const value = el('dd', { text: '–', test });
  return { element: el('div', { class: 'figure' }, el('dt', { text: t(title) }), value), value };
}

/** What is wrong or not ready yet, worst first; null when all is well. */
function bannerOf(state: 'live' | 'stale' | 'lost'): { look: string; text: string } | null {
  const { status, lostAtMs, connection } = current();
  if (connection === 'denied' || connection === 'connecting') return null;
  if (state === 'lost') {
    const time = lostAtMs === null ? null : clockSeconds(lostAtMs);
    const text = time === null ? t('bannerNever') : t('bannerLost', { time });
    return { look: 'bad', text };
  }
  if (status === null) return null;
  if (status.phase !== 'live') {
    const phase = t(`phase_${status.phase}`);
    return { look: 'info', text: status.message === '' ? phase : `${phase}: ${status.message}` };
  }
  if (state === 'live') return null;
  return { look: 'warn', text: staleText(status) };
}

function staleText(status: Status): string {
  if (!status.connected) {
    const time = status.readingMs === null ? '–' : clockSeconds(status.readingMs);
    return t('bannerBroker', { time });
  }
  const bad = status.partitions.find((one) => one.problem !== null);
  if (bad !== undefined) {
    return t('bannerPartition', { partition: bad.partition, problem: bad.problem ?? '' });
  }
  return t('bannerAge', { age: ageText() });
}

function ageText(): string {
  const age = dataAgeMs();
  if (age === null) return t('noDataYet');
  return duration(Math.floor(Math.max(0, age) / SECOND) * SECOND);
}

interface Way {
  element: HTMLAnchorElement;
  /** The views it stands for. */
  views: Route['view'][];
}

function way(key: Key, route: Route, views: Route['view'][], test: string): Way {
  return { element: el('a', { text: t(key), attrs: { href: hrefOf(route) }, test }), views };
}

function themeText(): string {
  return theme() === 'dark' ? t('themeLight') : t('themeDark');
}

function themeButton(): HTMLElement {
  const button = el('button', {
    class: 'button',
    text: themeText(),
    test: 'theme',
    attrs: { type: 'button', title: t('themeSwitch') },
    click: () => {
      switchTheme();
      button.textContent = themeText();
    },
  });
  return button;
}

function languageButton(click: () => void): HTMLElement {
  return el('button', {
    class: 'button',
    text: language() === 'en' ? '中文' : 'English',
    test: 'language',
    attrs: { type: 'button', title: t('languageSwitch') },
    click,
  });
}

function stateWord(status: Status | null, state: 'live' | 'stale' | 'lost'): string {
  if (state === 'lost') return t('lost');
  const { connection } = current();
  if (connection === 'denied') return t('denied');
  if (status === null || connection === 'connecting') return t('connecting');
  return status.phase === 'live' ? t(state) : t(`phase_${status.phase}`);
}

export class Header {
  readonly element: HTMLElement;
  private readonly figures = {
    downNow: figure('downNow', 'down-now'),
    flappingNow: figure('flapping', 'flapping-now'),
    today: figure('interruptionsToday', 'interruptions-today'),
    events: figure('eventsPerSecond', 'events-per-second'),
    lines: figure('lines', 'line-count'),
    rejected: figure('rejected', 'rejected'),
    age: figure('dataAge', 'data-age'),
  };
  private readonly source = el('span', { class: 'source', test: 'source' });
  private readonly state = el('span', { class: 'state-word', test: 'state' });
  private readonly banner = el('div', {
    class: 'banner',
    test: 'banner',
    attrs: { role: 'alert' },
  });
  private readonly ways: Way[];

  constructor(switchLanguage: () => void) {
    const empty = { from: null, to: null, branch: '', product: '' };
    this.ways = [
      way('map', { view: 'wall', by: 'branch', range: '24h' }, ['wall', 'cell'], 'nav-map'),
      way('worst', { view: 'worst', period: '24h', ...empty }, ['worst'], 'nav-worst'),
      way('flapping', { view: 'flapping' }, ['flapping'], 'nav-flapping'),
      way('targets', { view: 'targets' }, ['targets'], 'nav-targets'),
    ];
    const links = this.ways.map((one) => one.element);
    const top = el(
      'div',
      { class: 'topbar' },
      el('strong', { class: 'brand', text: 'flapline' }),
      this.source,
      el('nav', { class: 'ways', attrs: { 'aria-label': t('views') } }, ...links),
      languageButton(switchLanguage),
      themeButton(),
    );
    const { age, ...others } = this.figures;
    age.element.classList.add('age');
    age.element.append(this.state);
    const list = Object.values(others).map((one) => one.element);
    const figures = el('dl', { class: 'figures' }, ...list, age.element);
    this.element = el('header', { class: 'page-head' }, top, figures, this.banner);
  }

  /** Shows which view is open. */
  at(view: Route['view']): void {
    for (const { element, views } of this.ways) {
      if (views.includes(view)) element.setAttribute('aria-current', 'page');
      else element.removeAttribute('aria-current');
    }
  }

  /**
   * Called with every status and at least once a second: the age of the data runs on without
   * one.
   */
  tick(): void {
    const state = connectionState();
    const { status } = current();
    document.body.dataset['state'] = state;
    document.body.dataset['phase'] = status?.phase ?? 'starting';
    setText(this.state, stateWord(status, state));
    setText(this.figures.age.value, status === null ? '–' : ageText());
    const banner = bannerOf(state);
    this.banner.hidden = banner === null;
    this.banner.className = `banner ${banner?.look ?? ''}`;
    setText(this.banner, banner?.text ?? '');
    document.title = state === 'lost' ? `⚠ ${t('lost')} – flapline` : 'flapline';
    if (status !== null) this.show(status);
  }

  private show(status: Status): void {
    const { downNow, flappingNow, today, events, lines, rejected } = this.figures;
    setText(downNow.value, whole(status.downNow));
    setText(flappingNow.value, whole(status.flappingNow));
    setText(today.value, whole(status.interruptionsToday));
    setText(events.value, rate(status.eventsPerSecond));
    setText(lines.value, whole(status.lines));
    setText(rejected.value, whole(status.rejected));
    rejected.element.hidden = status.rejected === 0;
    const { kind, topic } = status.source;
    const zone = t('timesIn', { zone: zoneName() });
    setText(this.source, `${t('source', { kind, topic })} · ${zone}`);
  }
}
