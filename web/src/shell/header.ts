// What stands above every view: name, ways to go, language, theme, keys, and the figures of now with the
// age of the data; below them, where something is wrong or still loading, one strip that says what.

import type { Status } from '../../../src/api/contract.js';
import { type Address, hrefOf } from './address.js';
import { ageText, bannerOf } from './banner.js';
import { el, setText } from './dom.js';
import { rate, whole } from './format.js';
import { t } from './head-words.js';
import { language } from './i18n.js';
import { toggleKeyList } from './keys.js';
import { carried } from './scope.js';
import { type State, connectionState, current } from './store.js';
import { switchTheme, theme } from './theme.js';
import type { Page } from './view.js';
import { zoneName } from './zone.js';

interface Figure {
  element: HTMLElement;
  value: HTMLElement;
}

function figure(title: string, test: string): Figure {
  const value = el('dd', { text: '–', test });
  return { element: el('div', { class: 'figure' }, el('dt', { text: title }), value), value };
}

const themeText = (): string => (theme() === 'dark' ? t('themeLight') : t('themeDark'));

function button(text: string, test: string, title: string, click: () => void): HTMLButtonElement {
  return el('button', { class: 'button', text, test, attrs: { type: 'button', title }, click });
}

function themeButton(): HTMLElement {
  const made = button(themeText(), 'theme', t('themeSwitch'), () => {
    switchTheme();
    made.textContent = themeText();
  });
  return made;
}

function stateWord(status: Status | null, state: State): string {
  if (state === 'lost') return t('lost');
  const { connection } = current();
  if (connection === 'denied') return t('denied');
  if (status === null || connection === 'connecting') return t('connecting');
  return status.phase === 'live' ? t(state) : t(`phase_${status.phase}`);
}

export class Header {
  readonly element: HTMLElement;
  private readonly figures = {
    downNow: figure(t('downNow'), 'down-now'),
    flappingNow: figure(t('flapping'), 'flapping-now'),
    today: figure(t('interruptionsToday'), 'interruptions-today'),
    events: figure(t('eventsPerSecond'), 'events-per-second'),
    lines: figure(t('lines'), 'line-count'),
    rejected: figure(t('rejected'), 'rejected'),
    age: figure(t('dataAge'), 'data-age'),
  };
  private readonly source = el('span', { class: 'source', test: 'source' });
  private readonly state = el('span', { class: 'state-word', test: 'state' });
  private readonly banner = el('div', {
    class: 'banner',
    test: 'banner',
    attrs: { role: 'alert' },
  });
  private readonly ways: { page: Page; link: HTMLAnchorElement }[];

  constructor(pages: readonly Page[], switchLanguage: () => void) {
    this.ways = pages.flatMap((page) => {
      if (page.title === null) return [];
      const link = el('a', { text: page.title(), test: `nav-${page.page || 'desk'}` });
      return [{ page, link }];
    });
    const other = language() === 'en' ? '中文' : 'English';
    const links = this.ways.map(({ link }) => link);
    const top = el(
      'div',
      { class: 'topbar' },
      el('strong', { class: 'brand', text: 'flapline' }),
      el('nav', { class: 'ways', attrs: { 'aria-label': t('views') } }, ...links),
      this.source,
      button('?', 'key-list', t('keyList'), toggleKeyList),
      button(other, 'language', t('languageSwitch'), switchLanguage),
      themeButton(),
    );
    const { age, ...others } = this.figures;
    age.element.classList.add('age');
    const list = Object.values(others).map((one) => one.element);
    const figures = el('dl', { class: 'figures' }, ...list, age.element);
    const now = el('div', { class: 'now' }, figures, this.state);
    this.element = el('header', { class: 'page-head' }, top, now, this.banner);
  }

  /** Shows which page is open; the others are asked for the same period and filters. */
  at({ page: open, query }: Address): void {
    for (const { page, link } of this.ways) {
      link.href = hrefOf(page.page, '', carried(query));
      if (page.page === open) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }

  /** Called with every status and at least once a second: the data's age runs on without one. */
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
