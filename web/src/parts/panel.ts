// A panel: a titled section with room for controls, a count, and the reason why it has no data.

import { el, setText } from '../shell/dom.js';
import { t } from '../shell/words.js';

export interface Panel {
  element: HTMLElement;
  /** Says something beside the title (how many, as of when). */
  note: (text: string) => void;
  /** Takes the word "loading" away once something is shown. */
  ready: () => void;
}

export function panel(
  title: string,
  parts: { class: string; controls?: (Node | null)[]; body: (Node | null)[]; loading?: string },
): Panel {
  const note = el('span', { class: 'note' });
  const loading = el('p', { class: 'empty loading', text: parts.loading ?? t('loading') });
  const failure = el('span', { class: 'failure', attrs: { role: 'status' } });
  const head = el('header', {}, el('h2', { text: title }), note, failure);
  head.append(...(parts.controls ?? []).filter((node) => node !== null));
  const attrs = { 'aria-label': title };
  const element = el('section', { class: `panel ${parts.class}`, attrs }, head, loading);
  element.append(...parts.body.filter((node) => node !== null));
  return {
    element,
    note: (text) => setText(note, text),
    ready: () => loading.remove(),
  };
}
