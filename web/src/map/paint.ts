// Paints the map of lines into an ImageData: a filled cell a line, its colour by interruption starts;
// down is a hollow cell, flapping has a frame, no data is dotted. 48,840 lines in a few milliseconds.

import type { Geometry } from './geometry.js';

/** What lines are, beside their counts. */
export const DOWN = 1;
export const FLAPPING = 2;
export const UNKNOWN = 4;

const COUNT_MAX = 255;
/** Transparent: what lies behind the canvas. */
const GROUND = 0;
/** Cells at least this large have a gap between them, and shapes. */
const SHAPES_FROM_PX = 4;

export interface MapColours {
  /** Pixels by count, 0 to COUNT_MAX. */
  readonly counts: Uint32Array;
  readonly down: number;
  readonly flapping: number;
  readonly dot: number;
}

/** Fills a rectangle. */
function fill(
  words: Uint32Array,
  corner: number,
  width: number,
  wide: number,
  high: number,
  pixel: number,
): void {
  for (let y = 0, from = corner; y < high; y += 1, from += width) {
    words.fill(pixel, from, from + wide);
  }
}

/** Draws the whole map over what the image held. `counts` and `flags` have one entry a line. */
export function paintMap(
  image: ImageData,
  geometry: Geometry,
  counts: Uint16Array,
  flags: Uint8Array,
  colours: MapColours,
): void {
  const words = new Uint32Array(image.data.buffer);
  const { corners, bands, cell, cellHeight, width } = geometry;
  const shaped = cell >= SHAPES_FROM_PX;
  const wide = shaped ? cell - 1 : cell;
  const high = shaped ? cellHeight - 1 : cellHeight;
  words.fill(GROUND);
  for (let line = 0; line < corners.length; line += 1) {
    const corner = corners[line];
    const count = counts[line];
    const isBlank = (flags[line] & UNKNOWN) !== 0 && count === 0;
    const pixel = isBlank ? GROUND : colours.counts[count > COUNT_MAX ? COUNT_MAX : count];
    for (let x = 0; x < wide; x += 1) words[corner + x] = pixel;
  }
  // One scan line a row of cells is drawn; the others are copies of it.
  for (const { top, bottom } of bands) {
    for (let y = top; y < bottom; y += cellHeight) {
      for (let copy = 1; copy < high; copy += 1) {
        words.copyWithin((y + copy) * width, y * width, (y + 1) * width);
      }
    }
  }
  for (let line = 0; line < corners.length; line += 1) {
    const flag = flags[line];
    if (flag === 0) continue;
    const corner = corners[line];
    const count = counts[line];
    if ((flag & (DOWN | FLAPPING)) === 0) {
      if (count === 0) words[corner + (high >> 1) * width + (wide >> 1)] = colours.dot;
      continue;
    }
    const isDown = (flag & DOWN) !== 0;
    fill(words, corner, width, wide, high, isDown ? colours.down : colours.flapping);
    const inside = isDown ? GROUND : colours.counts[count > COUNT_MAX ? COUNT_MAX : count];
    if (shaped) fill(words, corner + width + 1, width, wide - 2, high - 2, inside);
  }
}
