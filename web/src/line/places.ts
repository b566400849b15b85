// What a line lies on, from the card to the area, with the other lines there: is it alone, or are its
// neighbours as bad?

import type { LineDetail } from '../../../src/api/line-contract.js';
import { componentKind } from '../parts/component-kinds.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { lineHref } from '../shell/view.js';
import { t } from './words.js';

type Component = LineDetail['components'][number];
type Neighbour = Component['neighbours'][number];

function neighbour(one: Neighbour, span: { from: number; to: number }): HTMLElement {
  const link = el('a', { attrs: { href: lineHref(one.line, span.from, span.to) } });
  link.append(el('bdi', { text: one.line }));
  const state = one.down
    ? el('span', { class: 'badge is-down', text: t('down') })
    : one.flapping
      ? el('span', { class: 'badge is-flapping', text: t('isFlapping') })
      : null;
  const count = el('span', { class: 'dim', text: whole(one.interruptions) });
  return el('li', {}, link, count, state);
}

function place(one: Component, span: { from: number; to: number }): HTMLElement {
  const facts = [t('linesThere', { n: whole(one.lines) })];
  facts.push(t('interruptedThere', { n: whole(one.interrupted) }));
  if (one.down > 0) facts.push(t('downThere', { n: whole(one.down) }));
  if (one.flapping > 0) facts.push(t('flappingThere', { n: whole(one.flapping) }));
  const share = one.lines > 1 ? (one.interrupted - 1) / (one.lines - 1) : 0;
  const bar = el('i');
  bar.style.width = `${Math.round(100 * Math.max(0, Math.min(1, share)))}%`;
  const summary = el(
    'summary',
    {},
    el('span', { class: 'kind', text: componentKind(one.kind) }),
    el('bdi', { class: 'component', text: one.component }),
    el('span', { class: 'dim', text: facts.join(' · ') }),
    el('span', { class: 'share', attrs: { title: t('shareThere') } }, bar),
  );
  const list = el('ul', {}, ...one.neighbours.map((each) => neighbour(each, span)));
  const details = el('details', {}, summary, list);
  details.dataset['component'] = `${one.kind} ${one.component}`;
  return details;
}

/** The components, nearest first; which of them are open is kept over updates. */
export class LinePlaces {
  readonly element = el('div', { class: 'places', test: 'components' });

  show(components: LineDetail['components'], span: { from: number; to: number }): void {
    const opened = new Set(
      [...this.element.querySelectorAll<HTMLElement>('details[open]')].map(
        ({ dataset }) => dataset['component'],
      ),
    );
    const places = components.map((one) => place(one, span));
    for (const one of places) {
      if (opened.has(one.dataset['component'])) one.setAttribute('open', '');
    }
    if (opened.size === 0) places[0]?.setAttribute('open', '');
    const none = el('p', { class: 'empty', text: t('noComponents') });
    this.element.replaceChildren(...(places.length === 0 ? [none] : places));
  }
}
