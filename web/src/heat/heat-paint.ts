// Paints a heat map into pixels: one filled scan line a row, copied down, then dots and stripes where
// data is missing or thin. Colours are looked up by the count of starts; nothing is made for a cell.
// Pixels are words of an ImageData of the plot's own device pixels; what they held before is written over.

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
/** Counts that have a place of their own in a row's colours, so that few are above them. */
const COUNTS_MIN = 256;

/** Pixels, row by row. */
export interface Image {
  /** Signed: a pixel is opaque, and no number above 2^31 has to be made of it. */
  readonly words: Int32Array;
  readonly width: number;
  readonly height: number;
}

/** Columns side by side that hold equally many buckets: all but the first and the last, which a period cuts. */
interface Run {
  begin: number;
  /** Behind the last. */
  end: number;
  /** Buckets in a column. */
  joined: number;
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
  readonly runs: readonly Readonly<Run>[];
  /** Whether pixels are left out between columns. */
  readonly hasGaps: boolean;
  /** 1 where a stripe is, by x + y up to a period more than the width. */
  readonly striped: Uint8Array;
  /** The column of each bucket. */
  readonly columnOf: Int32Array;
  /** Colours by count, by the number of lines of a row. */
  readonly colours: Map<number, Int32Array>;
}

/**
 * Of two counts, without a branch as Math.max has: whether there were starts cannot be predicted, and a
 * mispredicted branch a cell costs more than all the rest of it.
 */
const larger = (a: number, b: number): number => a - ((a - b) & ((a - b) >> 31));

function dots({ image, scale, palette, from, until }: Painting, i: number, y0: number, y1: number) {
  const { words, width } = image;
  const dot = palette.dot | 0;
  const period = DOT_PERIOD_PX * scale;
  for (let y = y0; y < y1; y += 1) {
    if (y % period >= scale) continue;
    for (let x = from[i]; x < until[i]; x += 1) if (x % period < scale) words[y * width + x] = dot;
  }
}

function stripes(painting: Painting, i: number, y0: number, y1: number) {
  const { image, scale, palette, from, until, striped } = painting;
  const { words, width } = image;
  const stripe = palette.stripe | 0;
  const period = STRIPE_PERIOD_PX * scale;
  for (let y = y0; y < y1; y += 1) {
    const shift = y % period;
    for (let x = from[i]; x < until[i]; x += 1) {
      if (striped[x + shift] === 1) words[y * width + x] = stripe;
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
  const made = new Int32Array(Math.max(COUNTS_MIN, found.length)).fill(found.at(-1)!);
  made.set(found);
  colours.set(row.lines, made);
  return made;
}

function paintRow(painting: Painting, row: HeatRow, y0: number, y1: number): void {
  const { words, width } = painting.image;
  const base = y0 * width;
  if (painting.hasGaps) words.fill(0, base, base + width);
  const colours = coloursOf(painting, row);
  for (const run of painting.runs) paintRun(painting, run, row.starts, colours, base);
  for (let y = y0 + 1; y < y1; y += 1) words.copyWithin(y * width, base, base + width);
  const { coverage } = row;
  let painted = -1;
  for (let bucket = nextThin(coverage, 0); bucket < coverage.length;) {
    const column = painting.columnOf[bucket];
    if (column !== painted) paintThin(painting, row, column, y0, y1);
    painted = column;
    bucket = nextThin(coverage, bucket + 1);
  }
}

/** The first bucket from `from` on that is not known well enough, or the length: nearly all are. */
function nextThin(coverage: readonly number[], from: number): number {
  let at = from;
  for (; at + 3 < coverage.length; at += 4) {
    if (coverage[at] < HATCH_BELOW || coverage[at + 1] < HATCH_BELOW) break;
    if (coverage[at + 2] < HATCH_BELOW || coverage[at + 3] < HATCH_BELOW) break;
  }
  while (at < coverage.length && coverage[at] >= HATCH_BELOW) at += 1;
  return at;
}

/** A run's part of the first scan line of a row, from pixel `base` on, as if every bucket were known. */
function paintRun(
  { image, first, from, until }: Painting,
  { begin, end, joined }: Readonly<Run>,
  starts: readonly number[],
  colours: Int32Array,
  base: number,
): void {
  const { words } = image;
  const top = colours.length - 1;
  const newest = joined - 1;
  for (let i = begin, bucket = first[begin]; i < end; i += 1, bucket += joined) {
    // Most have one bucket or two.
    let most = larger(starts[bucket], starts[bucket + newest]);
    for (let k = 1; k < newest; k += 1) most = larger(most, starts[bucket + k]);
    const pixel = colours[most <= top ? most : top];
    const left = base + from[i];
    const right = base + until[i];
    if (right <= left) continue;
    // Most are one or two pixels wide.
    words[left] = pixel;
    words[right - 1] = pixel;
    for (let x = left + 1; x < right - 1; x += 1) words[x] = pixel;
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

function runsOf(columns: readonly Column[]): Run[] {
  const runs: Run[] = [];
  for (const [i, { first, last }] of columns.entries()) {
    const joined = last - first;
    const newest = runs.at(-1);
    if (newest?.joined === joined) newest.end = i + 1;
    else runs.push({ begin: i, end: i + 1, joined });
  }
  return runs;
}

/** What the columns are in pixels. */
function acrossOf(columns: readonly Column[], buckets: number, width: number) {
  const pixelOf = (bucket: number): number => Math.round((bucket * width) / buckets);
  const first = Int32Array.from(columns, (column) => column.first);
  const last = Int32Array.from(columns, (column) => column.last);
  const from = first.map(pixelOf);
  const ends = last.map(pixelOf);
  const until = ends.map((end, i) => (end - from[i] >= COLUMN_GAP_FROM_PX ? end - 1 : end));
  const columnOf = new Int32Array(buckets);
  columns.forEach((column, i) => columnOf.fill(i, column.first, column.last));
  const hasGaps = until.some((end, i) => end < ends[i]);
  return { first, last, from, until, hasGaps, columnOf, runs: runsOf(columns) };
}

/** The whole map; `pixelRatio` = device pixels of a CSS pixel. */
export function paintHeat(
  image: Image,
  heat: Heat,
  columns: readonly Column[],
  palette: Palette,
  pixelRatio: number,
): void {
  const { width, height, words } = image;
  const scale = Math.max(1, Math.round(pixelRatio));
  const period = STRIPE_PERIOD_PX * scale;
  const striped = new Uint8Array(width + period);
  for (let at = 0; at < striped.length; at += period) striped.fill(1, at, at + STRIPE_PX * scale);
  const across = acrossOf(columns, heat.buckets, width);
  const colours = new Map<number, Int32Array>();
  const painting = { image, heat, palette, scale, striped, ...across, colours };
  for (const [index, row] of heat.rows.entries()) {
    const y0 = Math.round((index * height) / heat.rows.length);
    const end = Math.round(((index + 1) * height) / heat.rows.length);
    const gap = end - y0 >= ROW_GAP_FROM_PX ? scale * 2 : 0;
    const y1 = Math.max(y0 + 1, end - gap);
    paintRow(painting, row, y0, y1);
    words.fill(0, y1 * width, end * width);
  }
}
