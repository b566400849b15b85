// The painter of heat maps against a naive twin that asks, of every pixel, what it shows.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Heat } from '../../src/api/contract.js';
import { cellOf, columnsOf, kindOf } from '../../web/src/heat/heat-data.js';
import { paintHeat } from '../../web/src/heat/heat-paint.js';
import { type Palette, stepOf } from '../../web/src/heat/palette.js';

const PALETTE: Palette = {
  steps: [0.5, 1, 2, 4, 8, 15, 30, 60],
  css: [],
  pixels: Uint32Array.from({ length: 10 }, (_, i) => 100 + i),
  ground: 1,
  dot: 2,
  stripe: 3,
};

const row = (buckets: number) =>
  fc.record({
    name: fc.string(),
    lines: fc.constantFrom(0, 1, 7, 1_000),
    starts: fc.array(fc.oneof(fc.constant(0), fc.nat(10), fc.nat(2_000)), {
      minLength: buckets,
      maxLength: buckets,
    }),
    flapping: fc.constant(Array.from({ length: buckets }, () => 0)),
    coverage: fc.array(fc.constantFrom(0, 0.3, 0.5, 1), {
      minLength: buckets,
      maxLength: buckets,
    }),
  });

const HEAT: fc.Arbitrary<Heat> = fc
  .record({
    buckets: fc.integer({ min: 1, max: 60 }),
    by: fc.constantFrom('branch', 'line'),
    fromMs: fc.nat(100).map((n) => n * 300_000),
  })
  .chain(({ buckets, by, fromMs }) =>
    fc.array(row(buckets), { minLength: 1, maxLength: 20 }).map((rows) => ({
      by: by as Heat['by'],
      fromMs,
      bucketMs: 300_000,
      buckets,
      rows,
      totalRows: rows.length,
      readingMs: null,
    })),
  );

/** Which of `count` equal parts of `length` pixels holds a pixel, and whether it is in the part's gap. */
function partAt(pixel: number, edges: readonly number[], gapFrom: number, gap: number) {
  const index = edges.findIndex((edge, i) => pixel >= edge && pixel < edges[i + 1]);
  const end = edges[index + 1];
  return { index, isGap: end - edges[index] >= gapFrom && pixel >= end - gap };
}

function naivePixel(heat: Heat, width: number, height: number, scale: number) {
  const columns = columnsOf(heat, width, 2);
  const edgeOf = (bucket: number): number => Math.round((bucket * width) / heat.buckets);
  const across = [0, ...columns.map(({ last }) => edgeOf(last))];
  const down = [0, ...heat.rows.map((_, i) => Math.round(((i + 1) * height) / heat.rows.length))];
  const columnAt = Array.from({ length: width }, (_, x) => partAt(x, across, 7, 1));
  const lineAt = Array.from({ length: height }, (_, y) => partAt(y, down, 8, 2 * scale));
  return (x: number, y: number): number => {
    const [column, line] = [columnAt[x], lineAt[y]];
    if (column.isGap || line.isGap) return 0;
    const { starts, value, coverage } = cellOf(heat, heat.rows[line.index], columns[column.index]);
    const kind = kindOf(starts, coverage);
    if (kind === 'none') {
      const isDot = x % (6 * scale) < scale && y % (6 * scale) < scale;
      return isDot ? PALETTE.dot : PALETTE.ground;
    }
    if (kind === 'hatched' && (x + y) % (6 * scale) < 2 * scale) return PALETTE.stripe;
    return PALETTE.pixels[stepOf(value, PALETTE.steps)];
  };
}

test('every pixel is what a naive look at it says', () => {
  const size = fc.record({
    width: fc.integer({ min: 120, max: 400 }),
    height: fc.integer({ min: 20, max: 120 }),
    scale: fc.constantFrom(1, 2),
  });
  fc.assert(
    fc.property(HEAT, size, (heat, { width, height, scale }) => {
      const words = new Int32Array(width * height).fill(-7);
      paintHeat({ words, width, height }, heat, columnsOf(heat, width, 2), PALETTE, scale);
      const naive = naivePixel(heat, width, height, scale);
      const wanted = words.map((_, at) => naive(at % width, Math.floor(at / width)));
      const wrong = words.findIndex((word, at) => word !== wanted[at]);
      expect(wrong, `pixel ${wrong}: ${words[wrong]}, not ${wanted[wrong]}`).toBe(-1);
    }),
    { numRuns: 100 },
  );
});
