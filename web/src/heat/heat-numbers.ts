// What is drawn over the cells of a heat map: numbers where the columns are wide enough to read them, so
// that no one has to tell colours apart, and the live edge up to which the log has been read.

import type uPlot from 'uplot';
import type { Heat } from '../../../src/api/contract.js';
import { rate } from '../shell/format.js';
import { cssColour, cssFont, theme } from '../shell/theme.js';
import { cellOf, type Column } from './heat-data.js';
import { inkOn, paletteOf, stepOf } from './palette.js';

/** Quieter cells stay without a number: the eye goes to those that have one. */
const NUMBER_FROM = 4;
const FONT_SHARE = 0.62;
const EDGE_PX = 2;

/** Numbers of the cells from NUMBER_FROM on. */
export function paintNumbers(u: uPlot, heat: Heat, columns: readonly Column[]): void {
  const { left, top, width, height } = u.bbox;
  const { ctx } = u;
  const palette = paletteOf(theme(), heat.by === 'line');
  const rowPx = height / heat.rows.length;
  const wide = (one: Column): number => ((one.last - one.first) * width) / heat.buckets;
  const widest = Math.max(...columns.map(wide));
  ctx.save();
  ctx.font = cssFont(Math.min(rowPx * FONT_SHARE, widest * FONT_SHARE));
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  for (const [index, row] of heat.rows.entries()) {
    for (const column of columns) {
      const { value } = cellOf(heat, row, column);
      if (value < NUMBER_FROM || wide(column) < widest * 0.8) continue;
      ctx.fillStyle = inkOn(palette.css[stepOf(value, palette.steps)]);
      const x = left + ((column.first + column.last) * width) / (2 * heat.buckets);
      ctx.fillText(rate(value), x, top + (index + 0.5) * rowPx, wide(column) - 2);
    }
  }
  ctx.restore();
}

/** A line where the data ends: behind the column that it ends in, so that it hides no cell. */
export function paintEdge(u: uPlot, { readingMs }: Heat, columns: readonly Column[]): void {
  if (readingMs === null) return;
  const newest = columns.find(({ fromMs, toMs }) => readingMs >= fromMs && readingMs < toMs);
  if (newest === undefined) return;
  const { top, height } = u.bbox;
  u.ctx.fillStyle = cssColour('--edge');
  const x = Math.round(u.valToPos(newest.toMs, 'x', true));
  u.ctx.fillRect(x, top, EDGE_PX * devicePixelRatio, height);
}
