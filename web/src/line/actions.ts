// What one does with a line: copy its address with the figures, take its interruptions away, and reset
// it, which needs the operator's token and who and why.

import type { Timeline } from '../../../src/api/contract.js';
import type { LineDetail } from '../../../src/api/line-contract.js';
import { post } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { dateTime } from '../shell/zone.js';
import { csvOf, download } from '../parts/download.js';
import { t } from './words.js';

export interface ShownLine {
  readonly timeline: Timeline | null;
  readonly detail: LineDetail | null;
}

/** A few lines of text to paste into a ticket. */
function summary(line: string, { detail }: ShownLine): string {
  const lines = [line, location.href];
  if (detail !== null) {
    const { customer, branch, product } = detail.record ?? {};
    lines.push([customer, branch, product].filter(Boolean).join(' · '));
    lines.push(`${dateTime(detail.fromMs)} – ${dateTime(detail.toMs)}`);
    for (const { figure, value, unit, rule } of detail.figures) {
      lines.push(`${figure}: ${value ?? '–'} ${unit === 'count' ? '' : unit} (${rule})`);
    }
  }
  return lines.join('\n');
}

const time = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString());

function csv({ timeline }: ShownLine): string {
  const names = ['n', 'start', 'end', 'class', 'planned', 'alarm', 'cause'];
  const rows = (timeline?.interruptions ?? []).map((one) => [
    String(one.n),
    time(one.start),
    time(one.end),
    one.class,
    String(one.planned),
    one.alarm ?? '',
    one.cause ?? '',
  ]);
  return csvOf([names, ...rows]);
}

function button(text: string, test: string, click: (button: HTMLButtonElement) => void) {
  const made = el('button', { class: 'button', text, test, attrs: { type: 'button' } });
  made.addEventListener('click', () => click(made));
  return made;
}

function field(name: 'by' | 'why', most: number): HTMLElement {
  const attrs = { name, required: '', maxlength: String(most), autocomplete: 'off' };
  return el('label', { class: 'field' }, el('span', { text: t(name) }), el('input', { attrs }));
}

/** Asks who and why, then resets; what the service answers stands in the dialog. */
function resetDialog(line: string): void {
  const said = el('p', { class: 'failure', attrs: { role: 'status' } });
  const form = el(
    'form',
    {},
    el('h2', { text: t('resetTitle', { line }) }),
    el('p', { class: 'dim', text: t('resetHint') }),
    field('by', 100),
    field('why', 500),
    said,
    el(
      'div',
      { class: 'buttons' },
      el('button', { class: 'button', text: t('reset'), attrs: { type: 'submit' } }),
      button(t('cancel'), 'reset-cancel', () => dialog.close()),
    ),
  );
  const attrs = { 'aria-label': t('resetTitle', { line }) };
  const dialog = el('dialog', { class: 'reset', test: 'reset-dialog', attrs }, form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const values = new FormData(form);
    const body = { by: String(values.get('by')), why: String(values.get('why')) };
    post(`lines/${encodeURIComponent(line)}/reset`, body, new AbortController().signal)
      .then(() => dialog.close())
      .catch((error: unknown) => {
        said.textContent = t('failed', { message: error instanceof Error ? error.message : '' });
      });
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** The buttons; `shown` is asked when one is pressed. */
export function lineActions(line: string, shown: () => ShownLine): HTMLElement {
  const copy = button(t('copy'), 'copy-line', (made) => {
    navigator.clipboard
      .writeText(summary(line, shown()))
      .then(() => t('copied'))
      .catch(() => t('notCopied'))
      .then((text) => {
        made.textContent = text;
        setTimeout(() => {
          made.textContent = t('copy');
        }, 2_000);
      })
      .catch(() => undefined);
  });
  const take = button('CSV', 'export-line', () => {
    download(`${line.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')}.csv`, csv(shown()), 'text/csv');
  });
  const reset = button(t('reset'), 'reset-line', () => resetDialog(line));
  return el('span', { class: 'actions' }, copy, take, reset);
}
