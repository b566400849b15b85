// Where each line's cell lies: rows from left to right in the order of the network, every branch on a new
// row. The cells are as large as fit. All numbers are device pixels.

import type { LineMap } from '../../../src/api/contract.js';

const CELL_MAX_PX = 28;
/** Between two branches. */
const GAP_PX = 3;

export interface Geometry {
  readonly width: number;
  readonly height: number;
  /** Width and height of a cell, with the gap to the next. */
  readonly cell: number;
  readonly cellHeight: number;
  readonly columns: number;
  /** Upper left corner of each line's cell, as an index of a pixel. */
  readonly corners: Int32Array;
  /** Upper and lower edge of each branch. */
  readonly bands: readonly { readonly top: number; readonly bottom: number }[];
}

/** Where branch `index` ends. */
const endOf = ({ branches, lines }: LineMap, index: number): number =>
  branches[index + 1]?.at ?? lines.length;

function rowsWith(map: LineMap, columns: number): number {
  const rows = map.branches.map(({ at }, index) => Math.ceil((endOf(map, index) - at) / columns));
  return rows.reduce((sum, count) => sum + count, 0);
}

/** Gaps below the branches but the last: with room for the name of each, where the height has it. */
function gapsOf(heights: readonly number[], height: number, namePx: number): number[] {
  const between = heights.slice(1);
  const roomy = between.map((below, index) =>
    Math.max(GAP_PX, Math.ceil(namePx - (heights[index] + below) / 2)),
  );
  const sum = [...heights, ...roomy].reduce((total, px) => total + px, 0);
  return sum <= height ? roomy : between.map(() => GAP_PX);
}

/**
 * The largest cells with which all lines fit into width x height; at least one pixel each. The middles of
 * branches are `namePx` apart where there is room.
 */
export function geometryOf(map: LineMap, width: number, height: number, namePx: number): Geometry {
  const room = Math.max(1, height - GAP_PX * Math.max(0, map.branches.length - 1));
  let cell = CELL_MAX_PX;
  while (cell > 1 && rowsWith(map, Math.max(1, Math.floor(width / cell))) * cell > room) cell -= 1;
  const columns = Math.max(1, Math.floor(width / cell));
  const rows = Math.max(1, rowsWith(map, columns));
  const cellHeight = Math.max(cell, Math.min(2 * cell, Math.floor(room / rows)));
  const heights = map.branches.map(
    ({ at }, index) => Math.ceil((endOf(map, index) - at) / columns) * cellHeight,
  );
  const gaps = gapsOf(heights, height, namePx);
  const corners = new Int32Array(map.lines.length);
  const bands: { top: number; bottom: number }[] = [];
  let top = 0;
  for (const [index, { at }] of map.branches.entries()) {
    const end = endOf(map, index);
    for (let line = at; line < end; line += 1) {
      const place = line - at;
      const y = top + Math.floor(place / columns) * cellHeight;
      corners[line] = y * width + (place % columns) * cell;
    }
    const bottom = top + heights[index];
    bands.push({ top, bottom });
    top = bottom + (gaps[index] ?? 0);
  }
  return { width, height: Math.max(height, top), cell, cellHeight, columns, corners, bands };
}

/** The line at a point, -1 where there is none. */
export function lineAt(map: LineMap, geometry: Geometry, x: number, y: number): number {
  const branch = geometry.bands.findIndex(({ top, bottom }) => y >= top && y < bottom);
  const column = Math.floor(x / geometry.cell);
  if (branch < 0 || column < 0 || column >= geometry.columns) return -1;
  const row = Math.floor((y - geometry.bands[branch].top) / geometry.cellHeight);
  const line = map.branches[branch].at + row * geometry.columns + column;
  return line < endOf(map, branch) ? line : -1;
}
