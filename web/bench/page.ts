// What the web bench times of the page's own painting, in a page of its own: `window.bench`. A repaint is all
// that the page's thread does for it; what the browser's drawing then takes, with a GPU that the processor
// emulates, is told apart by reading a pixel of the cells back (over another canvas: one that is read itself
// is drawn differently).

import type { Heat, LineMap } from '../../src/api/contract.js';
import { HeatPlot } from '../src/heat/heat-plot.js';
import { LineMapView } from '../src/map/line-map.js';

export interface Bench {
  /** Repaints a heat map of so many rows and buckets, another one each time; ms of each, on the page's
   * thread and until a pixel was read back. */
  heat(rows: number, buckets: number, times: number): Promise<[paint: number, drawn: number][]>;
  /** Repaints the map of so many lines with other states each time; ms of each on the page's thread. */
  map(lines: number, times: number): Promise<number[]>;
}

declare global {
  interface Window {
    bench: Bench;
  }
}

const BUCKET_MS = 300_000;
const FROM_MS = Date.UTC(2007, 0, 1);

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function heatOf(rows: number, buckets: number, seed: number): Heat {
  const random = seeded(seed);
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

const nextFrame = async (): Promise<void> => {
  await new Promise((resolve) => {
    requestAnimationFrame(resolve);
  });
};

const settled = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await Promise.resolve();
};

const heat: Bench['heat'] = async (rows, buckets, times) => {
  const box = document.querySelector<HTMLElement>('#plot')!;
  const maps = [1, 2, 3].map((seed) => heatOf(rows, buckets, seed));
  const size = { width: box.clientWidth, height: box.clientHeight };
  const plot = new HeatPlot(box, size, maps[0], () => undefined, 0);
  await settled();
  const cells = box.querySelector<HTMLCanvasElement>('.u-under canvas')!;
  const probe = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
  const taken: [number, number][] = [];
  for (let i = 0; i < times; i++) {
    const beganMs = performance.now();
    plot.show(maps[i % maps.length], size);
    await settled();
    const paintedMs = performance.now();
    probe.drawImage(cells, 0, 0);
    probe.getImageData(0, 0, 1, 1);
    taken.push([paintedMs - beganMs, performance.now() - beganMs]);
    await nextFrame();
  }
  plot.destroy();
  return taken;
};

const BRANCHES = 21;
const LINES_A_CARD = 16;
const CARDS_A_NODE = 8;

function mapOf(lines: number): LineMap {
  const every = (many: number, name: string): LineMap['cards'] =>
    Array.from({ length: Math.ceil(lines / many) }, (_, i) => ({
      at: i * many,
      name: `${name} ${i}`,
    }));
  return {
    lines: Array.from({ length: lines }, (_, i) => `line ${i}`),
    branches: every(Math.ceil(lines / BRANCHES), 'branch'),
    nodes: every(LINES_A_CARD * CARDS_A_NODE, 'node'),
    cards: every(LINES_A_CARD, 'card'),
  };
}

const map: Bench['map'] = async (lines, times) => {
  const view = new LineMapView(mapOf(lines), () => undefined);
  const plot = document.querySelector<HTMLElement>('#plot')!;
  view.element.style.cssText = 'position: relative; width: 1000px; height: 540px';
  const canvasBox = view.element.querySelector<HTMLElement>('.map-box')!;
  canvasBox.style.cssText = 'position: absolute; inset: 0';
  plot.replaceChildren(view.element);
  await nextFrame();
  await nextFrame();
  const random = seeded(1);
  const states = Array.from({ length: 3 }, () => ({
    counts: Uint16Array.from({ length: lines }, () => (random() < 0.1 ? random() * 30 : 0)),
    flags: Uint8Array.from({ length: lines }, () => (random() < 0.02 ? random() * 8 : 0)),
  }));
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const beganMs = performance.now();
    view.show(states[i % states.length]);
    taken.push(performance.now() - beganMs);
    await nextFrame();
  }
  view.destroy();
  return taken;
};

window.bench = { heat, map };
