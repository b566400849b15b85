// What came of a move: lines and episodes against today's, false flags of a quiet network, lines that differ.

import { el, setText } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { language } from '../shell/i18n.js';
import { KeyedTable, type TableColumn } from '../parts/table.js';
import { lineHref } from '../shell/view.js';
import type { WhatIf, WhatIfLine } from './session.js';
import { t } from './words.js';

/** Byar's approximation of one end of a 95 % interval. */
const byar = (n: number, sign: number): number =>
  n * (1 - 1 / (9 * n) + (sign * 1.96) / (3 * Math.sqrt(n))) ** 3;

/** A 95 % interval of a Poisson count. */
const poisson95 = (count: number): [low: number, high: number] => [
  count === 0 ? 0 : byar(count, -1),
  byar(count + 1, 1),
];

function few(value: number): string {
  const maximumFractionDigits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language(), { maximumFractionDigits }).format(value);
}

function signed(change: number): string {
  return change === 0 ? '±0' : `${change > 0 ? '+' : '−'}${whole(Math.abs(change))}`;
}

/** A column of counts. */
const counted = (title: string, of: (row: WhatIfLine) => number): TableColumn<WhatIfLine> => ({
  title,
  class: 'number',
  text: (row) => whole(of(row)),
});

/** What it is today, and the change against it. */
const against = (before: number, change: number): string =>
  `${t('today')} ${whole(before)} (${signed(change)})`;

/** One large figure with words around it. */
class Figure {
  readonly element: HTMLElement;
  private readonly value = el('dd');
  private readonly note = el('p', { class: 'dim' });

  constructor(title: string, test: string) {
    const term = el('dl', {}, el('dt', { text: title }), this.value);
    this.element = el('div', { class: 'answer', test }, term, this.note);
  }

  show(value: string, note: string, look = ''): void {
    setText(this.value, value);
    setText(this.note, note);
    this.value.className = look;
  }
}

export class WhatIfResult {
  private readonly lines = new Figure(t('linesFlagged'), 'flagged');
  private readonly episodes = new Figure(t('episodes'), 'episodes');
  private readonly quiet = new Figure(t('falseFlags'), 'false-flags');
  private readonly split = el('div', { class: 'split', attrs: { role: 'img' } });
  private readonly keys = el('ul', { class: 'split-keys' });
  readonly element: HTMLElement;
  readonly table: KeyedTable<WhatIfLine>;

  constructor(span: () => { from: number; to: number }) {
    const answers = [this.lines, this.episodes, this.quiet].map(({ element }) => element);
    this.element = el(
      'div',
      { class: 'what-if-result', attrs: { 'aria-live': 'polite' } },
      el('div', { class: 'answers' }, ...answers),
      this.split,
      this.keys,
    );
    this.table = new KeyedTable<WhatIfLine>(
      [
        {
          title: t('line'),
          class: 'fill',
          text: (row) => row.line,
          href: (row) => lineHref(row.line, span().from, span().to),
        },
        counted(t('today'), (row) => row.stored),
        counted(t('wouldBe'), (row) => row.found),
        {
          title: t('change'),
          class: 'number strong',
          text: (row) => signed(row.found - row.stored),
          mark: (row) => (row.found > row.stored ? 'more' : 'less'),
        },
      ],
      (row) => row.line,
      { caption: t('differing'), empty: t('noDifference'), test: 'what-if-lines' },
    );
  }

  show(found: WhatIf): void {
    const { both, onlyStored, onlyFound } = found.flagged;
    const [was, would] = [both + onlyStored, both + onlyFound];
    this.lines.show(whole(would), against(was, would - was));
    this.episodes.show(whole(found.found), against(found.stored, found.found - found.stored));
    const [low, high] = poisson95(found.quiet).map((count) => few(count / found.months));
    const rate = found.quiet / found.months;
    this.quiet.show(few(rate), t('falseHint', { low, high }), rate >= 1 ? 'is-warn' : 'is-ok');
    this.showSplit([
      ['only-stored', onlyStored, t('onlyToday')],
      ['both', both, t('both')],
      ['only-found', onlyFound, t('onlyFound')],
    ]);
    this.table.update([...found.lines]);
  }

  private showSplit(parts: readonly (readonly [string, number, string])[]): void {
    const bars = parts.map(([look, count]) => {
      const bar = el('i', { class: look });
      bar.style.flexGrow = String(count);
      return bar;
    });
    this.split.replaceChildren(...bars);
    const texts = parts.map(([, count, text]) => `${text}: ${whole(count)}`);
    this.split.setAttribute('aria-label', texts.join(', '));
    this.keys.replaceChildren(
      ...parts.map(([look], i) => el('li', { class: `split-${look}`, text: texts[i] })),
    );
  }
}
