// Paints a heat map into pixels: one filled scan line a row, copied down, then dots and stripes where
// data is missing or thin. Colours are looked up by the count of starts; nothing is made for a cell.
// Pixels are words of an ImageData of the plot's own device pixels.

import type { Heat } from '../../../src/api/contract.js';
import {
  HATCH_BELOW,
  kindOf,
  valueOf,
  worstBucket,
  type Column,
  type HeatRow,
} from './heat-data.js';
import { stepOf, type Palette } from './palette.js';

/** Columns and rows at least this wide get a gap between them. */
const COLUMN_GAP_FROM_PX = 7;
const ROW_GAP_FROM_PX = 8;
const DOT_PERIOD_PX = 6;
const STRIPE_PERIOD_PX = 6;
const STRIPE_PX = 2;

/** Pixels, row by row, transparent before they are painted. */
export interface Image {
  /** Signed: a pixel is opaque, and no number above 2^31 has to be made of it. */
  readonly words: Int32Array;
  readonly width: number;
  readonly height: number;
}

/** What does not change from row to row. */
interface Painting {
  readonly image: Image;
  readonly heat: Heat;
  readonly palette: Palette;
  /** Device pixels of a CSS pixel, whole. */
  readonly scale: number;
  /** Buckets of each column: the first, and behind the last; and pixels. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly from: Int32Array;
  readonly until: Int32Array;
  /** The column of each bucket. */
  readonly columnOf: Int32Array;
  /** Colours by count, by the number of lines of a row. */
  readonly colours: Map<number, Int32Array>;
}

/**
 * Of two counts, without a branch as Math.max and Math.min have: whether there were starts cannot be
 * predicted, and a mispredicted branch a cell costs more than all the rest of it.
 */
const larger = (a: number, b: number): number => a - ((a - b) & ((a - b) >> 31));
const smaller = (a: number, b: number): number => b + ((a - b) & ((a - b) >> 31));

function dots({ image, scale, palette, from, until }: Painting, i: number, y0: number, y1: number) {
  const { words, width } = image;
  const dot = palette.dot | 0;
  const period = DOT_PERIOD_PX * scale;
  for (let y = y0; y < y1; y += 1) {
    if (y % period >= scale) continue;
    for (let x = from[i]; x < until[i]; x += 1) if (x % period < scale) words[y * width + x] = dot;
  }
}

function stripes(
  { image, scale, palette, from, until }: Painting,
  i: number,
  y0: number,
  y1: number,
) {
  const { words, width } = image;
  const stripe = palette.stripe | 0;
  const period = STRIPE_PERIOD_PX * scale;
  const thick = STRIPE_PX * scale;
  for (let y = y0; y < y1; y += 1) {
    for (let x = from[i]; x < until[i]; x += 1) {
      if ((x + y) % period < thick) words[y * width + x] = stripe;
    }
  }
}

/** Colours of the counts in a row; the last one holds for all above it too. */
function coloursOf({ heat, palette, colours }: Painting, row: HeatRow): Int32Array {
  const known = colours.get(row.lines);
  if (known) return known;
  const { steps, pixels } = palette;
  const found: number[] = [];
  for (let step = 0, value = 0; step <= steps.length;) {
    value = valueOf(heat, row, found.length);
    // A row without lines has no rate.
    if (value === 0 && found.length > 0) break;
    step = stepOf(value, steps);
    found.push(pixels[step]);
  }
  const made = Int32Array.from(found);
  colours.set(row.lines, made);
  return made;
}

function paintRow(painting: Painting, row: HeatRow, y0: number, y1: number): void {
  const { words, width } = painting.image;
  const base = y0 * width;
  paintLine(painting, row, base);
  for (let y = y0 + 1; y < y1; y += 1) words.copyWithin(y * width, base, base + width);
  const { coverage } = row;
  let painted = -1;
  for (let bucket = 0; bucket < coverage.length; bucket += 1) {
    if (coverage[bucket] >= HATCH_BELOW) continue;
    const column = painting.columnOf[bucket];
    if (column !== painted) paintThin(painting, row, column, y0, y1);
    painted = column;
  }
}

/** The first scan line of a row, from pixel `base` on, as if every bucket were known. */
function paintLine(painting: Painting, row: HeatRow, base: number): void {
  const { first, last, from, until } = painting;
  const { words } = painting.image;
  const { starts } = row;
  const colours = coloursOf(painting, row);
  const top = colours.length - 1;
  for (let i = 0; i < first.length; i += 1) {
    // Most have one bucket or two.
    const newest = last[i] - 1;
    let most = larger(starts[first[i]], starts[newest]);
    for (let bucket = first[i] + 1; bucket < newest; bucket += 1) {
      most = larger(most, starts[bucket]);
    }
    const pixel = colours[smaller(most, top)];
    const begin = base + from[i];
    const end = base + until[i];
    if (end <= begin) continue;
    // Most are one or two pixels wide.
    words[begin] = pixel;
    words[end - 1] = pixel;
    for (let x = begin + 1; x < end - 1; x += 1) words[x] = pixel;
  }
}

/** A column of which some bucket is thin: that with the most starts speaks for it. */
function paintThin(painting: Painting, row: HeatRow, column: number, y0: number, y1: number) {
  const { first, last, from, until, image, palette } = painting;
  const bucket = worstBucket(row.starts, row.coverage, first[column], last[column]);
  const kind = kindOf(row.starts[bucket], row.coverage[bucket]);
  if (kind === 'hatched') stripes(painting, column, y0, y1);
  if (kind !== 'none') return;
  for (let y = y0; y < y1; y += 1) {
    image.words.fill(
      palette.ground,
      y * image.width + from[column],
      y * image.width + until[column],
    );
  }
  dots(painting, column, y0, y1);
}

/** The whole map; `pixelRatio` = device pixels of a CSS pixel. */
export function paintHeat(
  image: Image,
  heat: Heat,
  columns: readonly Column[],
  palette: Palette,
  pixelRatio: number,
): void {
  const { width, height } = image;
  const pixelOf = (bucket: number): number => Math.round((bucket * width) / heat.buckets);
  const first = Int32Array.from(columns, (column) => column.first);
  const last = Int32Array.from(columns, (column) => column.last);
  const from = first.map(pixelOf);
  const until = last.map((bucket, i) => {
    const end = pixelOf(bucket);
    return end - from[i] >= COLUMN_GAP_FROM_PX ? end - 1 : end;
  });
  const scale = Math.max(1, Math.round(pixelRatio));
  const columnOf = new Int32Array(heat.buckets);
  columns.forEach((column, i) => columnOf.fill(i, column.first, column.last));
  const colours = new Map<number, Int32Array>();
  const across = { first, last, from, until, columnOf };
  const painting = { image, heat, palette, scale, ...across, colours };
  for (const [index, row] of heat.rows.entries()) {
    const y0 = Math.round((index * height) / heat.rows.length);
    const end = Math.round(((index + 1) * height) / heat.rows.length);
    const gap = end - y0 >= ROW_GAP_FROM_PX ? scale * 2 : 0;
    paintRow(painting, row, y0, Math.max(y0 + 1, end - gap));
  }
}
