// What one takes away of a line: its address with the figures, and its interruptions.

import type { Timeline } from '../../../src/api/contract.js';
import type { LineDetail } from '../../../src/api/line-contract.js';
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

/** The buttons; `shown` is asked when one is pressed. */
export function takeButtons(line: string, shown: () => ShownLine): HTMLElement[] {
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
  return [copy, take];
}
