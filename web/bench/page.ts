// What the web bench times of the page's own painting, in a page of its own: `window.bench`. A repaint is all
// that the page's thread does for it; what the browser's drawing then takes, without a GPU, is told apart by
// reading a pixel back.

import type { Heat } from '../../src/api/contract.js';
import { HeatPlot } from '../src/heat/heat-plot.js';

export interface Bench {
  /** Repaints a heat map of so many rows and buckets, another one each time; ms of each, on the page's
   * thread and until a pixel was read back. */
  heat(rows: number, buckets: number, times: number): Promise<[paint: number, drawn: number][]>;
}

declare global {
  interface Window {
    bench: Bench;
  }
}

const BUCKET_MS = 300_000;
const FROM_MS = Date.UTC(2007, 0, 1);

function heatOf(rows: number, buckets: number, seed: number): Heat {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const row = (i: number): Heat['rows'][number] => ({
    name: `row ${i}`,
    lines: 100,
    starts: Array.from({ length: buckets }, () => (random() < 0.2 ? Math.floor(random() * 40) : 0)),
    flapping: Array.from({ length: buckets }, () => 0),
    coverage: Array.from({ length: buckets }, () => (random() < 0.02 ? 0.3 : 1)),
  });
  return {
    by: 'branch',
    fromMs: FROM_MS,
    bucketMs: BUCKET_MS,
    buckets,
    rows: Array.from({ length: rows }, (_, i) => row(i)),
    totalRows: rows,
    readingMs: FROM_MS + buckets * BUCKET_MS,
  };
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await Promise.resolve();
};

const heat: Bench['heat'] = async (rows, buckets, times) => {
  const box = document.querySelector<HTMLElement>('#plot')!;
  const maps = [1, 2, 3].map((seed) => heatOf(rows, buckets, seed));
  const size = { width: box.clientWidth, height: box.clientHeight };
  const plot = new HeatPlot(box, size, maps[0], () => undefined, 0);
  await settled();
  const canvas = box.querySelector('canvas')!;
  const taken: [number, number][] = [];
  for (let i = 0; i < times; i++) {
    const beganMs = performance.now();
    plot.show(maps[i % maps.length], size);
    await settled();
    const paintedMs = performance.now();
    canvas.getContext('2d')!.getImageData(0, 0, 1, 1);
    taken.push([paintedMs - beganMs, performance.now() - beganMs]);
    await new Promise((resolve) => {
      requestAnimationFrame(resolve);
    });
  }
  plot.destroy();
  return taken;
};

window.bench = { heat };
