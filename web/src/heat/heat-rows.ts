// The text beside a heat map: row names as links at the left, lines flapping in the newest
// bucket with data at the right. Rows are as tall as the plot's.

import type { Heat } from '../../../src/api/contract.js';
import { el, setText } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { flappingNow, type HeatRow } from './heat-data.js';
import { t } from './words.js';

interface Entry {
  left: HTMLElement;
  link: HTMLAnchorElement;
  lines: HTMLElement;
  right: HTMLElement;
}

export class HeatRows {
  readonly left = el('ol', { class: 'heat-names' });
  readonly right = el('ol', { class: 'heat-side' });
  private entries: Entry[] = [];
  private lit = -1;

  constructor(private readonly hrefOf: (name: string) => string) {}

  show(heat: Heat, rowPx: number): void {
    if (this.entries.length !== heat.rows.length) this.make(heat.rows.length);
    for (const [index, row] of heat.rows.entries()) {
      this.fill(this.entries[index], row, heat.by === 'line');
    }
    for (const side of [this.left, this.right]) {
      side.style.gridAutoRows = `${rowPx}px`;
      side.classList.toggle('tight', rowPx < 18);
    }
  }

  /** Marks one row as pointed at; -1 for none. */
  highlight(index: number): void {
    if (index === this.lit) return;
    this.entries[this.lit]?.left.classList.remove('lit');
    this.entries[index]?.left.classList.add('lit');
    this.lit = index;
  }

  private make(count: number): void {
    this.entries = Array.from({ length: count }, () => {
      const link = el('a', { class: 'name' });
      const lines = el('span', { class: 'dim' });
      return { left: el('li', {}, link, lines), link, lines, right: el('li') };
    });
    this.left.replaceChildren(...this.entries.map((entry) => entry.left));
    this.right.replaceChildren(...this.entries.map((entry) => entry.right));
  }

  private fill(entry: Entry, row: HeatRow, perLine: boolean): void {
    const name = row.name === '' ? t('unnamed') : row.name;
    setText(entry.link, name);
    entry.link.href = this.hrefOf(row.name);
    entry.link.title = perLine ? name : `${name} · ${t('linesCount', { count: whole(row.lines) })}`;
    setText(entry.lines, perLine ? '' : whole(row.lines));
    const flapping = flappingNow(row);
    entry.right.classList.toggle('some', flapping !== null && flapping > 0);
    setText(entry.right, flapping === null ? '–' : flappingText(flapping, perLine));
  }
}

function flappingText(flapping: number, perLine: boolean): string {
  if (!perLine) return whole(flapping);
  return flapping > 0 ? t('isFlapping') : '';
}
