// The plot under a heat map: uPlot gives time axis, cursor and plot area; the cells are painted once
// per change of data, on a canvas of their own under uPlot's: an image put there is taken as it is, while
// one drawn on another is drawn again, and a canvas meant to be read is copied at each change.

import uPlot from 'uplot';
import type { Heat } from '../../../src/api/contract.js';
import { columnsOf, type Column } from './heat-data.js';
import { paintEdge, paintNumbers } from './heat-numbers.js';
import { paintHeat } from './heat-paint.js';
import { paletteOf } from './palette.js';
import { theme } from '../shell/theme.js';
import { brushed, pointedItself, sharedCursor } from '../parts/shared-cursor.js';
import { timeAxis } from '../parts/time-axis.js';

const COLUMN_MIN_PX = 2;

export interface Place {
  row: number;
  timeMs: number;
}

export class HeatPlot {
  columns: Column[] = [];
  readonly over: HTMLElement;
  private readonly plot: uPlot;
  private readonly cells = document.createElement('canvas');
  private readonly cellsContext = this.cells.getContext('2d');
  /** The cells in device pixels; written again at each painting. */
  private image: ImageData | null = null;
  private isPainted = false;
  private heat: Heat;

  /**
   * `pointed` is told the row and time under the pointer, or null when it left. `numbersPx`: columns are
   * at least this wide and show numbers; 0: they do not.
   */
  constructor(
    box: HTMLElement,
    size: { width: number; height: number },
    heat: Heat,
    pointed: (at: Place | null) => void,
    private readonly numbersPx: number,
  ) {
    this.heat = heat;
    const range = (): [number, number] => [this.heat.fromMs, this.endMs()];
    const options: uPlot.Options = {
      ...size,
      padding: [0, 0, 0, 0],
      legend: { show: false },
      scales: { x: { time: false, range }, y: { range: [0, 1] } },
      axes: [timeAxis(), { show: false }],
      series: [{}, { show: false }],
      cursor: sharedCursor(),
      hooks: {
        drawClear: [(u) => this.draw(u)],
        setCursor: [(u) => pointed(pointedItself(u) ? this.underCursor(u) : null)],
        setSelect: [brushed],
      },
    };
    this.plot = new uPlot(options, this.data(), box);
    this.over = this.plot.over;
    this.plot.under.append(this.cells);
    this.show(heat, size);
  }

  show(heat: Heat, size: { width: number; height: number }): void {
    this.heat = heat;
    this.isPainted = false;
    const minPx = Math.max(COLUMN_MIN_PX, this.numbersPx * devicePixelRatio);
    this.columns = columnsOf(heat, size.width * devicePixelRatio, minPx);
    const { plot } = this;
    if (plot.width !== size.width || plot.height !== size.height) plot.setSize(size);
    plot.setData(this.data());
  }

  destroy(): void {
    this.plot.destroy();
  }

  columnAt(timeMs: number): Column | null {
    return this.columns.find((one) => timeMs >= one.fromMs && timeMs < one.toMs) ?? null;
  }

  /** Left edge and width of a time, as shares 0..1 of the plot area. */
  across(fromMs: number, toMs: number): { left: number; width: number } {
    const whole = this.endMs() - this.heat.fromMs;
    return { left: (fromMs - this.heat.fromMs) / whole, width: (toMs - fromMs) / whole };
  }

  private endMs(): number {
    return this.heat.fromMs + this.heat.buckets * this.heat.bucketMs;
  }

  private data(): uPlot.AlignedData {
    const times = [this.heat.fromMs, this.endMs()];
    return [times, [0, 0]];
  }

  /** Row and time at a point in client pixels; null outside the plot area. */
  under(x: number, y: number): Place | null {
    const box = this.over.getBoundingClientRect();
    const inside = x >= box.left && x < box.right && y >= box.top && y < box.bottom;
    const rows = this.heat.rows.length;
    if (!inside || rows === 0) return null;
    const row = Math.min(rows - 1, Math.floor(((y - box.top) / box.height) * rows));
    return { row, timeMs: this.plot.posToVal(x - box.left, 'x') };
  }

  private underCursor(u: uPlot): Place | null {
    const { left, top } = u.cursor;
    if (left === undefined || top === undefined || left < 0 || top < 0) return null;
    const box = u.over.getBoundingClientRect();
    return this.under(box.left + left, box.top + top);
  }

  private draw(u: uPlot): void {
    const width = Math.round(u.bbox.width);
    const height = Math.round(u.bbox.height);
    if (this.heat.rows.length === 0 || width < 1 || height < 1) return;
    const { heat, columns, image } = this;
    if (!this.isPainted || image?.width !== width || image.height !== height) {
      this.paint(width, height);
    }
    if (this.numbersPx > 0) paintNumbers(u, heat, columns);
    paintEdge(u, heat, columns);
  }

  private paint(width: number, height: number): void {
    const { heat, columns, cells } = this;
    let { image } = this;
    if (image?.width !== width || image.height !== height) {
      cells.width = width;
      cells.height = height;
      image = new ImageData(width, height);
      this.image = image;
    }
    const words = new Int32Array(image.data.buffer);
    const palette = paletteOf(theme(), heat.by === 'line');
    paintHeat({ words, width, height }, heat, columns, palette, devicePixelRatio);
    this.cellsContext?.putImageData(image, 0, 0);
    this.isPainted = true;
  }
}
