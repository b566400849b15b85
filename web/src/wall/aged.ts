// A panel of the wall: a title, what it shows, and how old that is; once it is too old it says so in
// words and has no colour left.

import { el, setText } from '../shell/dom.js';
import { duration } from '../shell/format.js';
import { serverNowMs } from '../shell/store.js';
import { t } from './words.js';

/** From this age on a panel counts as old. */
const OLD_MS = 60_000;
const SECOND = 1000;

export class AgedPanel {
  readonly element: HTMLElement;
  private readonly ageText = el('span', { class: 'panel-age' });
  private readonly title: HTMLElement;
  private readingMs: number | null = null;

  constructor(title: string, look: string, ...body: HTMLElement[]) {
    this.title = el('h2', { text: title });
    const failure = el('span', { class: 'failure', attrs: { role: 'status' } });
    const header = el('header', {}, this.title, failure, this.ageText);
    const attrs = { 'aria-label': title };
    this.element = el('section', { class: `panel ${look}`, attrs }, header, ...body);
  }

  rename(title: string): void {
    setText(this.title, title);
    this.element.setAttribute('aria-label', title);
  }

  /** What it shows holds at that time; null: there is no data yet. */
  holdsAt(readingMs: number | null): void {
    this.readingMs = readingMs;
    this.tick();
  }

  tick(): void {
    if (this.readingMs === null) return setText(this.ageText, '–');
    const age = Math.max(0, serverNowMs() - this.readingMs);
    const old = age > OLD_MS;
    this.element.classList.toggle('aged', old);
    const seconds = Math.floor(age / SECOND) * SECOND;
    setText(this.ageText, `${old ? '⚠ ' : ''}${t('age', { age: duration(seconds) })}`);
  }
}
