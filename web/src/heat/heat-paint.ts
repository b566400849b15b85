// Paints a heat map into an ImageData of the plot's own device pixels: one filled scan line a
// row, copied down, then dots and stripes where data is missing or thin. About 1 ms for 1400 x
// 600 pixels.

import type { Heat } from '../../../src/api/contract.js';
import { kindOf, valueOf, worstBucket, type Column, type HeatRow } from './heat-data.js';
import { stepOf, type Palette } from './palette.js';

/** Columns and rows at least this wide get a gap between them. */
const COLUMN_GAP_FROM_PX = 7;
const ROW_GAP_FROM_PX = 8;
const DOT_PERIOD_PX = 6;
const STRIPE_PERIOD_PX = 6;
const STRIPE_PX = 2;

interface Span {
  x0: number;
  x1: number;
}

/** Device pixels of a column on a plot that is `width` wide. */
function spanOf(heat: Heat, column: Column, width: number): Span {
  const x0 = Math.round((column.first * width) / heat.buckets);
  const x1 = Math.round((column.last * width) / heat.buckets);
  const gap = x1 - x0 >= COLUMN_GAP_FROM_PX ? 1 : 0;
  return { x0, x1: x1 - gap };
}

interface Target {
  words: Uint32Array;
  width: number;
  scale: number;
  palette: Palette;
}

function dots(target: Target, span: Span, y0: number, y1: number): void {
  const period = DOT_PERIOD_PX * target.scale;
  for (let y = y0; y < y1; y += 1) {
    if (y % period >= target.scale) continue;
    for (let x = span.x0; x < span.x1; x += 1) {
      if (x % period < target.scale) target.words[y * target.width + x] = target.palette.dot;
    }
  }
}

function stripes(target: Target, span: Span, y0: number, y1: number): void {
  const period = STRIPE_PERIOD_PX * target.scale;
  const thick = STRIPE_PX * target.scale;
  for (let y = y0; y < y1; y += 1) {
    for (let x = span.x0; x < span.x1; x += 1) {
      const striped = (x + y) % period < thick;
      if (striped) target.words[y * target.width + x] = target.palette.stripe;
    }
  }
}

/** The columns of a map, with the pixels that each has in every row. */
interface Across {
  columns: Column[];
  spans: Span[];
}

function paintRow(
  target: Target,
  heat: Heat,
  row: HeatRow,
  { columns, spans }: Across,
  y0: number,
  y1: number,
) {
  const { words, width, palette } = target;
  const base = y0 * width;
  const special: { span: Span; paint: typeof dots }[] = [];
  for (let i = 0; i < columns.length; i += 1) {
    const bucket = worstBucket(row, columns[i]);
    const starts = row.starts[bucket];
    const kind = kindOf(starts, row.coverage[bucket]);
    const span = spans[i];
    const none = kind === 'none';
    const step = starts === 0 ? 0 : stepOf(valueOf(heat, row, starts), palette.steps);
    const pixel = none ? palette.ground : palette.pixels[step];
    // Most are a few pixels wide: a loop costs less than a call.
    for (let x = base + span.x0; x < base + span.x1; x += 1) words[x] = pixel;
    if (kind !== 'full') special.push({ span, paint: none ? dots : stripes });
  }
  for (let y = y0 + 1; y < y1; y += 1) words.copyWithin(y * width, base, base + width);
  for (const { span, paint } of special) paint(target, span, y0, y1);
}

/** The whole map on a transparent image of `width` x `height` device pixels. */
export function paintHeat(
  heat: Heat,
  columns: Column[],
  palette: Palette,
  width: number,
  height: number,
  pixelRatio: number,
): ImageData {
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  const target = { words, width, scale: Math.max(1, Math.round(pixelRatio)), palette };
  const across = { columns, spans: columns.map((column) => spanOf(heat, column, width)) };
  for (const [index, row] of heat.rows.entries()) {
    const y0 = Math.round((index * height) / heat.rows.length);
    const end = Math.round(((index + 1) * height) / heat.rows.length);
    const gap = end - y0 >= ROW_GAP_FROM_PX ? target.scale * 2 : 0;
    paintRow(target, heat, row, across, y0, Math.max(y0 + 1, end - gap));
  }
  return image;
}
