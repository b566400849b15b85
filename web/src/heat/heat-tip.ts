// The readout of one heat cell: who, when, and every number with its unit. It floats beside
// the cell and is spoken when the cell is reached by keys.

import type { Heat } from '../../../src/api/contract.js';
import { el } from '../shell/dom.js';
import { percent, rate, whole } from '../shell/format.js';
import { kindOf, type Cell } from './heat-data.js';
import { t } from './words.js';
import { clock, monthDay } from '../shell/zone.js';

const GAP_PX = 12;

/** The sentences of a cell, the first being the strongest. */
export function cellWords(heat: Heat, cell: Cell): string[] {
  if (kindOf(cell.starts, cell.coverage) === 'none') return [t('noDataCell')];
  const words = [t('startsCell', { starts: whole(cell.starts) })];
  if (heat.by !== 'line') words.push(t('perThousand', { rate: rate(cell.value) }));
  words.push(t('flappingCell', { count: whole(cell.flapping) }));
  words.push(t('coverageCell', { share: percent(cell.coverage) }));
  return words;
}

export class HeatTip {
  readonly element = el('div', { class: 'tip', test: 'readout', attrs: { role: 'status' } });

  constructor() {
    this.element.hidden = true;
  }

  hide(): void {
    this.element.hidden = true;
  }

  /** Shows a cell beside `at`, inside `frame` (both in client pixels). */
  show(heat: Heat, cell: Cell, at: DOMRect, frame: DOMRect): void {
    const { element } = this;
    const name = cell.row.name === '' ? t('unnamed') : cell.row.name;
    const end = cell.bucketMs + heat.bucketMs;
    const time = `${monthDay(cell.bucketMs)} ${clock(cell.bucketMs)}–${clock(end)}`;
    const head = el('strong', {}, el('bdi', { text: name }), el('span', { text: ` · ${time}` }));
    const lines = cellWords(heat, cell).map((text) => el('span', { text }));
    element.replaceChildren(head, ...lines);
    element.hidden = false;
    const right = at.right + GAP_PX + element.offsetWidth <= frame.right;
    const x = right ? at.right + GAP_PX : at.left - GAP_PX - element.offsetWidth;
    const y = Math.min(at.top, frame.bottom - element.offsetHeight);
    element.style.left = `${Math.max(0, x - frame.left)}px`;
    element.style.top = `${Math.max(0, y - frame.top)}px`;
  }
}
