// Name, belonging and state of a line now: flapping or not, and until when at the earliest.

import type { LineDetail } from '../../../src/api/line-contract.js';
import { el } from '../shell/dom.js';
import { serverNowMs } from '../shell/store.js';
import { clockNear } from '../shell/zone.js';
import { t } from './words.js';

const badge = (text: string, look: string): HTMLElement =>
  el('span', { class: `badge ${look}`, text });

const near = (ms: number | null): string => (ms === null ? '' : clockNear(ms, serverNowMs()));

const REASONS = ['outages', 'down', 'momentary', 'flapping'] as const;

/** The conditions of a chronic line in the page's language. */
function whyText(reasons: string): string {
  const said = reasons.split(', ');
  return REASONS.filter((one) => said.includes(one))
    .map((one) => t(`c_${one}`))
    .join(', ');
}

/** What is to be said of a partition's state. */
function statesOf(one: LineDetail['partitions'][number]): HTMLElement[] {
  const found: HTMLElement[] = [];
  if (one.unknown) found.push(badge(t('unknown'), 'is-unknown'));
  else if (one.down) {
    found.push(badge(t('downSince', { time: near(one.downSince) }), 'is-down'));
  } else found.push(badge(t('up'), 'is-up'));
  if (one.flapping) {
    const text = t('flappingUntil', {
      since: near(one.since),
      until: near(one.ends),
      rule: one.rule ?? '',
      n: one.inEpisode ?? 0,
    });
    found.push(badge(text, 'is-flapping'));
  }
  if (one.chronic !== null)
    found.push(badge(t('chronic', { why: whyText(one.chronic) }), 'is-chronic'));
  return found;
}

export class LineHead {
  readonly element: HTMLElement;
  private readonly who = el('p', { class: 'who' });
  private readonly badges = el('span', { class: 'badges', test: 'line-state' });

  constructor(line: string, actions: HTMLElement) {
    const name = el('h1', {}, el('bdi', { text: line }));
    this.element = el(
      'div',
      { class: 'view-head line-head' },
      name,
      this.badges,
      actions,
      this.who,
    );
  }

  show({ record, partitions, shelves, class: className }: LineDetail): void {
    const states = partitions.flatMap(statesOf);
    for (const { alarm, by, why, until } of shelves) {
      const words = { what: alarm ?? '', by, why, time: near(until) };
      states.push(badge(t(alarm === null ? 'shelved' : 'shelvedAlarm', words), ''));
    }
    if (partitions.length === 0) states.push(badge(t('neverSeen'), 'is-unknown'));
    this.badges.replaceChildren(...states);
    const named = (key: 'customer' | 'branch' | 'product'): HTMLElement[] => {
      const value = record?.[key];
      if (value === undefined || value === null) return [];
      const name = el('bdi', { text: String(value) });
      return [el('span', {}, el('span', { class: 'dim', text: t(key) }), name)];
    };
    const notes: HTMLElement[] = [];
    if (record?.['key_customer'] === true) notes.push(badge(t('keyCustomer'), 'is-key'));
    if (record?.['important'] === true) notes.push(badge(t('important'), 'is-key'));
    if (record?.['international'] === true) notes.push(badge(t('international'), 'is-key'));
    if (className !== null) notes.push(badge(t('classOf', { name: className }), ''));
    if (record === null) notes.push(badge(t('unnamed'), 'is-unknown'));
    this.who.replaceChildren(
      ...named('customer'),
      ...notes,
      ...named('branch'),
      ...named('product'),
    );
  }
}
