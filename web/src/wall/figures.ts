// The wall's figures: what flaps, what is down, today's momentary interruptions against the month's
// target, the age of the data and the state of the connection; each is grey once it is not fresh.

import type { Now, Status } from '../../../src/api/contract.js';
import type { TargetsAnswer } from '../../../src/api/kpi-contract.js';
import { ageText } from '../shell/banner.js';
import { el, setText } from '../shell/dom.js';
import { big, whole } from '../shell/format.js';
import { t as head } from '../shell/head-words.js';
import { type State, current, serverNowMs } from '../shell/store.js';
import { clockSeconds, startOfDayMs } from '../shell/zone.js';
import { t } from './words.js';

const DAY_MS = 86_400_000;

/** Days of a calendar month such as 2007-03. */
function daysOf(month: string): number {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}

interface Figure {
  readonly element: HTMLElement;
  readonly value: HTMLElement;
  readonly sub: HTMLElement;
}

function figure(title: string, test: string): Figure {
  const value = el('dd', { text: '–', test });
  const sub = el('dd', { class: 'figure-sub' });
  return {
    element: el('div', { class: 'figure' }, el('dt', { text: title }), value, sub),
    value,
    sub,
  };
}

/** The target of the running month, null where none is set. */
function targetOf({ ladder }: TargetsAnswer): number | null {
  return ladder?.months.find(({ month }) => month === ladder.month)?.target ?? null;
}

export class WallFigures {
  readonly element: HTMLElement;
  /** Today against the target: what is old of it is grey. */
  readonly target: HTMLElement;
  private readonly flapping = figure(t('flappingNow'), 'wall-flapping');
  private readonly down = figure(t('downNow'), 'wall-down');
  private readonly today = figure(t('momentaryToday'), 'wall-momentary');
  private readonly age = figure(t('dataAge'), 'wall-age');
  private readonly bar = el('dd', { class: 'target-bar' }, el('i'), el('b'));
  private targets: TargetsAnswer | null = null;
  private momentary: number | null = null;

  constructor() {
    this.today.element.classList.add('target');
    this.today.element.append(this.bar);
    this.target = this.today.element;
    this.age.element.classList.add('age');
    const all = [this.flapping, this.down, this.today, this.age].map(({ element }) => element);
    this.element = el('dl', { class: 'wall-figures' }, ...all);
  }

  showNow(now: Now): void {
    this.momentary = now.momentaryToday;
    this.showToday();
  }

  showTargets(targets: TargetsAnswer): void {
    this.targets = targets;
    this.showToday();
  }

  /** With every status, and at least once a second. */
  tick(state: State): void {
    const { status, lostAtMs } = current();
    if (status !== null) this.showStatus(status);
    setText(this.age.value, ageText());
    const since = lostAtMs === null ? '' : clockSeconds(lostAtMs);
    setText(this.age.sub, state === 'lost' ? `${head('lost')} ${since}` : head(state));
  }

  private showStatus(status: Status): void {
    setText(this.flapping.value, whole(status.flappingNow));
    setText(this.down.value, whole(status.downNow));
    this.flapping.element.classList.toggle('some', status.flappingNow > 0);
    setText(this.flapping.sub, t('ofLines', { lines: big(status.lines) }));
  }

  private showToday(): void {
    const { momentary, targets } = this;
    if (momentary === null) return;
    setText(this.today.value, whole(momentary));
    const target = targets === null ? null : targetOf(targets);
    const ladder = targets?.ladder ?? null;
    this.bar.hidden = target === null;
    if (target === null || ladder === null) {
      return setText(this.today.sub, targets === null ? '' : t('noTarget'));
    }
    const aDay = target / daysOf(ladder.month);
    this.bar.style.setProperty('--share', String(Math.min(1, momentary / aDay)));
    const passed = (serverNowMs() - startOfDayMs(serverNowMs())) / DAY_MS;
    this.bar.style.setProperty('--passed', String(Math.min(1, passed)));
    this.bar.classList.toggle('ahead', momentary > aDay * passed);
    this.bar.classList.toggle('over', momentary > aDay);
    const expected = ladder.forecast === null ? null : big(ladder.forecast.expected);
    const month = { month: ladder.month, target: big(target) };
    const ahead = expected === null ? '' : ` · ${t('monthForecast', { ...month, expected })}`;
    setText(this.today.sub, `${t('ofTarget', { target: big(aDay) })}${ahead}`);
  }
}
