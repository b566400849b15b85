// The heat map's legend: every colour with the number at which it begins, and the two looks
// that are no colour: hatched for little coverage, dotted for no data.

import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { t } from './words.js';
import { paletteOf } from './palette.js';
import { onTheme, theme } from '../shell/theme.js';

/** One look and what it means. */
export function legendKey(look: string, text: string): HTMLElement {
  return el('span', { class: 'special' }, el('i', { class: look }), el('span', { text }));
}

export class Legend {
  readonly element: HTMLElement;
  private readonly note = el('span', { class: 'dim' });
  private readonly swatches: HTMLElement[];
  private readonly endTheme: () => void;

  /** `title` and `keys`: other than those of a heat map. */
  constructor(
    private readonly perLine: boolean,
    title = perLine ? t('legendCount') : t('legendRate'),
    keys: readonly HTMLElement[] = [
      legendKey('striped', t('legendPartial')),
      legendKey('none', t('legendNone')),
    ],
  ) {
    const { steps } = paletteOf(theme(), perLine);
    const first = perLine ? '1' : '>0';
    const numbers = ['0', first, ...steps.map(String)];
    numbers[numbers.length - 1] += '+';
    this.swatches = numbers.map((text) => el('li', {}, el('i'), el('span', { text })));
    this.element = el(
      'footer',
      { class: 'legend', test: 'heat-legend' },
      el('span', { text: title }),
      el('ol', {}, ...this.swatches),
      ...keys,
      this.note,
    );
    this.endTheme = onTheme(() => this.colour());
    this.colour();
  }

  /** Says how many minutes one column speaks for, where that is more than a bucket. */
  columns(minutes: number): void {
    this.note.textContent = minutes > 5 ? t('legendWorst', { minutes: whole(minutes) }) : '';
  }

  destroy(): void {
    this.endTheme();
  }

  private colour(): void {
    const { css } = paletteOf(theme(), this.perLine);
    for (const [index, swatch] of this.swatches.entries()) {
      const box = swatch.firstElementChild;
      if (box instanceof HTMLElement) box.style.background = css[index];
    }
  }
}
