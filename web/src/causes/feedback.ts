// What operators say of a cause, how far that moves what is likely, and the buttons to say it. They need
// the operator's token: without it the service refuses and the page says so.

import type { CauseDetail } from '../../../src/api/cause-contract.js';
import { get, post } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import * as zone from '../shell/zone.js';
import { panel } from '../parts/panel.js';
import { componentName } from '../parts/cause-name.js';
import { t } from './words.js';

const VERDICTS = ['confirm', 'refute', 'withdraw'] as const;

type Said = CauseDetail['feedback'][number];

function saidText(said: Said): string {
  const { verdict, kind, component, who, why, feedbackMs, withdrawnBy } = said;
  const words = [
    `${componentName({ kind, name: component })} ${t(verdict)}`,
    `${who}, ${zone.dateTime(feedbackMs)}`,
    ...(why === null ? [] : [why]),
    ...(withdrawnBy === null ? [] : [t('withdrawn', { who: withdrawnBy })]),
  ];
  return words.join(' · ');
}

function priorText({ kind, name, confirmed, refuted, nats }: CauseDetail['priors'][number]) {
  return t('prior', {
    component: componentName({ kind, name }),
    confirmed: whole(confirmed),
    refuted: whole(refuted),
    factor: Number(Math.exp(nats).toPrecision(2)),
  });
}

/** The panel of one cause's feedback. */
export function feedbackPart(id: string) {
  const abort = new AbortController();
  const list = el('ul', { test: 'feedback' });
  const answer = el('span', { attrs: { role: 'status' }, class: 'failure' });
  const by = el('input', { attrs: { name: 'by', autocomplete: 'name', maxlength: '256' } });
  const show = ({ feedback, priors }: CauseDetail): void => {
    const rows = [...feedback.map(saidText), ...priors.map(priorText)];
    const texts = rows.length > 0 ? rows : [t('noFeedback')];
    list.replaceChildren(...texts.map((text) => el('li', { text })));
  };
  const say = async (verdict: (typeof VERDICTS)[number]): Promise<void> => {
    if (by.value.trim() === '') {
      answer.textContent = t('nameFirst');
      by.focus();
      return;
    }
    const path = `causes/${encodeURIComponent(id)}`;
    try {
      await post(`${path}/feedback`, { verdict, by: by.value.trim() }, abort.signal);
      answer.textContent = '';
      show(await get<CauseDetail>(path, {}, abort.signal));
    } catch (error) {
      if (abort.signal.aborted) return;
      answer.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const buttons = VERDICTS.map((verdict) =>
    el('button', {
      class: 'button',
      text: t(verdict),
      test: verdict,
      attrs: { type: 'button' },
      click: () => void say(verdict),
    }),
  );
  const field = el('label', { class: 'field' }, el('span', { text: t('by') }), by);
  const box = panel(t('feedback'), {
    class: 'list-panel',
    body: [el('div', { class: 'inside' }, list, el('p', {}, field, ...buttons), answer)],
  });
  box.ready();
  return { element: box.element, show, unmount: () => abort.abort() };
}
