// The heat map as an element: names, plot, lines flapping, the cell pointed at and its
// readout. It fills the element that holds it, follows its size and the theme, and can be
// walked with the arrow keys.

import type { Heat } from '../../../src/api/contract.js';
import { el } from '../shell/dom.js';
import { cellOf, type Cell } from './heat-data.js';
import { HeatPlot, type Place } from './heat-plot.js';
import { HeatRows } from './heat-rows.js';
import { HeatTip } from './heat-tip.js';
import { t } from './words.js';
import { onTheme, remPixels } from '../shell/theme.js';
import { axisPx } from '../parts/time-axis.js';

/** Height of the columns' titles, as in the style sheet. */
const HEAD_REM = 1.3;
const ROW_MIN_REM = 0.9;
const ROW_MAX_REM = 9;

/** Arrow keys: rows down, columns right. */
const MOVES: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

const clamp = (index: number, count: number): number => Math.max(0, Math.min(count - 1, index));

export interface HeatMapOptions {
  test: string;
  /** What a row is: branch, product, line. */
  rowTitle: string;
  label: (heat: Heat) => string;
  /** Where a row's name leads. */
  rowHref: (name: string) => string;
  open: (cell: Cell) => void;
  /** A time that is outlined: the cell one came from. */
  mark: { fromMs: number; toMs: number } | null;
  /** Columns are at least this wide, in rem, and their numbers stand in them; absent: none. */
  numbersFromRem?: number;
  /** Told how many minutes the widest column speaks for. */
  columns: (minutes: number) => void;
}

export class HeatMap {
  readonly element: HTMLElement;
  heat: Heat | null = null;
  private readonly rows: HeatRows;
  private readonly tip = new HeatTip();
  private readonly outline = el('div', { class: 'heat-outline' });
  private readonly mark = el('div', { class: 'heat-mark' });
  private readonly box = el('div', {
    class: 'heat-plot',
    attrs: { role: 'application', tabindex: '0' },
  });
  private readonly empty = el('p', { class: 'empty', text: t('emptyHeat') });
  private readonly frame: HTMLElement;
  private readonly observer: ResizeObserver;
  private readonly endTheme: () => void;
  private plot: HeatPlot | null = null;
  private size = { width: 0, height: 0 };
  private chosen: Place | null = null;

  constructor(private readonly options: HeatMapOptions) {
    this.rows = new HeatRows(options.rowHref);
    const grid = el(
      'div',
      { class: 'heat-grid' },
      el('div', { class: 'heat-head' }, el('span', { text: options.rowTitle })),
      el('div'),
      el('div', { class: 'heat-head end' }, el('span', { text: t('flappingColumn') })),
      this.rows.left,
      this.box,
      this.rows.right,
    );
    this.empty.hidden = true;
    this.frame = el('div', { class: 'heat-frame' }, grid, this.empty, this.tip.element);
    this.element = el('div', { class: 'heat', test: options.test }, this.frame);
    this.outline.hidden = true;
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.frame);
    this.endTheme = onTheme(() => this.remake());
    this.box.addEventListener('keydown', (event) => this.key(event));
    this.box.addEventListener('blur', () => this.choose(null));
    this.box.addEventListener('click', (event) => {
      this.choose(this.plot?.under(event.clientX, event.clientY) ?? null);
      this.openChosen();
    });
  }

  show(heat: Heat): void {
    this.heat = heat;
    this.box.setAttribute('aria-label', this.options.label(heat));
    this.empty.hidden = heat.rows.length > 0;
    this.layout();
  }

  destroy(): void {
    this.observer.disconnect();
    this.endTheme();
    this.plot?.destroy();
  }

  /** The middle of a row's cell at a time, in client pixels; null where it is not shown. */
  cellAt(row: number, timeMs: number): { x: number; y: number } | null {
    const column = this.plot?.columnAt(timeMs) ?? null;
    if (this.plot === null || this.heat === null || column === null) return null;
    const box = this.plot.over.getBoundingClientRect();
    const { left, width } = this.plot.across(column.fromMs, column.toMs);
    const rowPx = box.height / this.heat.rows.length;
    return { x: box.left + (left + width / 2) * box.width, y: box.top + (row + 0.5) * rowPx };
  }

  private resized(): void {
    const { clientWidth: width, clientHeight: height } = this.frame;
    if (width === this.size.width && height === this.size.height) return;
    this.size = { width, height };
    this.remake();
  }

  private remake(): void {
    this.plot?.destroy();
    this.plot = null;
    this.layout();
  }

  private layout(): void {
    const { heat, size } = this;
    if (heat === null || size.width === 0) return;
    const rem = remPixels();
    const count = Math.max(1, heat.rows.length);
    const fitting = Math.floor((size.height - axisPx() - rem * HEAD_REM) / count);
    const rowPx = Math.max(rem * ROW_MIN_REM, Math.min(rem * ROW_MAX_REM, fitting));
    this.rows.show(heat, rowPx);
    const plotSize = {
      width: Math.max(50, this.box.clientWidth),
      height: Math.round(rowPx * count + axisPx()),
    };
    if (this.plot === null) {
      const numbersPx = (this.options.numbersFromRem ?? 0) * rem;
      this.plot = new HeatPlot(this.box, plotSize, heat, (at) => this.pointed(at), numbersPx);
      this.plot.over.append(this.mark, this.outline);
    } else {
      this.plot.show(heat, plotSize);
    }
    this.placeMark();
    this.choose(this.chosen);
    const widest = Math.max(0, ...this.plot.columns.map((one) => one.toMs - one.fromMs));
    this.options.columns(Math.round(widest / 60_000));
  }

  private placeMark(): void {
    const { mark } = this.options;
    this.mark.hidden = mark === null;
    if (mark === null || this.plot === null) return;
    const { left, width } = this.plot.across(mark.fromMs, mark.toMs);
    this.mark.style.left = `${left * 100}%`;
    this.mark.style.width = `${width * 100}%`;
  }

  private chosenCell(): Cell | null {
    if (this.heat === null || this.plot === null || this.chosen === null) return null;
    const row = this.heat.rows[this.chosen.row];
    const column = this.plot.columnAt(this.chosen.timeMs);
    return row === undefined || column === null ? null : cellOf(this.heat, row, column);
  }

  private choose(next: Place | null): void {
    this.chosen = next;
    const { heat, plot } = this;
    const cell = this.chosenCell();
    this.outline.hidden = cell === null;
    this.rows.highlight(cell === null || next === null ? -1 : next.row);
    if (cell === null || next === null || heat === null || plot === null) {
      this.tip.hide();
      return;
    }
    const { left, width } = plot.across(cell.column.fromMs, cell.column.toMs);
    const rowShare = 1 / heat.rows.length;
    this.outline.style.left = `${left * 100}%`;
    this.outline.style.width = `${width * 100}%`;
    this.outline.style.top = `${next.row * rowShare * 100}%`;
    this.outline.style.height = `${rowShare * 100}%`;
    const at = this.outline.getBoundingClientRect();
    this.tip.show(heat, cell, at, this.frame.getBoundingClientRect());
  }

  private pointed(at: Place | null): void {
    const keyed = at === null && this.box.matches(':focus-visible');
    if (!keyed) this.choose(at);
  }

  private openChosen(): void {
    const cell = this.chosenCell();
    if (cell !== null) this.options.open(cell);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.openChosen();
    const move = MOVES[event.key];
    if (move === undefined || this.heat === null || this.plot === null) return;
    event.preventDefault();
    const { columns } = this.plot;
    const cell = this.chosenCell();
    const from = cell === null ? columns.length - 1 : columns.indexOf(cell.column) + move[1];
    const row = cell === null ? 0 : (this.chosen?.row ?? 0) + move[0];
    const column = columns[clamp(from, columns.length)];
    this.choose({ row: clamp(row, this.heat.rows.length), timeMs: column.fromMs });
  }
}
