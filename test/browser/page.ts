// What the browser tests do with the page: read what it shows, find a cell, look at its pixels,
// take a picture. Functions given to evaluate() run in the page and see only their argument.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Heat } from '../../src/api/contract.js';

/** Pictures for people; no part of the project. */
const OUTPUT = fileURLToPath(new URL('../output/', import.meta.url));

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Canvas {
  readonly textContent: string | null;
  readonly width: number;
  readonly height: number;
  getBoundingClientRect(): { left: number; top: number };
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
  };
}

interface Widths {
  readonly scrollWidth: number;
  readonly clientWidth: number;
}

/** What a page of ours has, as far as the tests look. */
interface InPage {
  readonly devicePixelRatio: number;
  readonly document: {
    readonly documentElement: Widths;
    querySelectorAll(selector: string): Iterable<Widths>;
    querySelector(selector: string): Canvas | null;
  };
  readonly flapline: {
    heat(): Heat | null;
    cellAt(row: number | string, timeMs: number): Point | null;
    state(): 'live' | 'stale' | 'lost';
    generation(): number;
  };
  requestAnimationFrame(then: () => void): number;
}

/** Waits until the page is live and shows a heat map. */
export async function liveHeat(page: Page): Promise<Heat> {
  await page.waitForFunction(() => {
    const { flapline } = globalThis as unknown as InPage;
    return flapline.state() === 'live' && (flapline.heat()?.rows.length ?? 0) > 0;
  });
  const heat = await page.evaluate(() => (globalThis as unknown as InPage).flapline.heat());
  return heat!;
}

/** Waits until the desk is live and shows so many lines down, and a heat map read so far. */
export async function untilLive(
  page: Page,
  truth: { readonly down: number; readonly readingMs: number },
): Promise<void> {
  await page.waitForFunction(
    ({ down, readingMs }) => {
      const { document, flapline } = globalThis as unknown as InPage;
      return (
        flapline.state() === 'live' &&
        document.querySelector('body[data-state=live]') !== null &&
        document.querySelector('[data-test=down-now]')?.textContent === String(down) &&
        flapline.heat()?.readingMs === readingMs &&
        document.querySelector('.heat-panel:not(.old)') !== null
      );
    },
    truth,
    { polling: 'raf' },
  );
}

/** Waits until the heat map shows a cell; its starts and its colour then. */
export async function cellNow(
  page: Page,
  row: string,
  timeMs: number,
): Promise<{ starts: number; colour: string }> {
  await page.waitForFunction(
    ([name, time]) => {
      const { flapline } = globalThis as unknown as InPage;
      return flapline.cellAt(name, time) !== null;
    },
    [row, timeMs] as const,
  );
  const heat = await liveHeat(page);
  const bucket = Math.floor((timeMs - heat.fromMs) / heat.bucketMs);
  const starts = heat.rows.find((one) => one.name === row)?.starts[bucket] ?? 0;
  const half = { x: 0.5, y: 0.5 };
  const [colour] = await coloursAt(page, await cellAt(page, row, timeMs), half);
  return { starts, colour };
}

/** What the page says of its connection, and how often it has connected. */
export function connection(page: Page): Promise<{ state: string; generation: number }> {
  return page.evaluate(() => {
    const { flapline } = globalThis as unknown as InPage;
    return { state: flapline.state(), generation: flapline.generation() };
  });
}

/** The middle of a cell in client pixels. */
export async function cellAt(page: Page, row: string, timeMs: number): Promise<Point> {
  const point = await page.evaluate(
    ([name, time]) => (globalThis as unknown as InPage).flapline.cellAt(name, time),
    [row, timeMs] as const,
  );
  if (point === null) throw new Error(`the heat map shows no cell of ${row} at ${timeMs}`);
  return point;
}

/** Colours (#rrggbbaa) of the heat map's pixels in a patch of 2 x 2 `half` around a point. */
export function coloursAt(page: Page, { x, y }: Point, half: Point): Promise<string[]> {
  return page.evaluate(
    ([cx, cy, dx, dy]) => {
      const inPage = globalThis as unknown as InPage;
      const canvas = inPage.document.querySelector('[data-test=heat] canvas')!;
      const box = canvas.getBoundingClientRect();
      const ratio = inPage.devicePixelRatio;
      const at = [(cx - dx - box.left) * ratio, (cy - dy - box.top) * ratio].map(Math.round);
      const size = [Math.max(1, dx * 2 * ratio), Math.max(1, dy * 2 * ratio)].map(Math.round);
      const { data } = canvas.getContext('2d').getImageData(at[0], at[1], size[0], size[1]);
      const colours = new Set<string>();
      for (let i = 0; i < data.length; i += 4) {
        const hex = Array.from(data.slice(i, i + 4), (byte) => byte.toString(16).padStart(2, '0'));
        colours.add(`#${hex.join('')}`);
      }
      return [...colours];
    },
    [x, y, half.x, half.y] as const,
  );
}

/** How many colours, three bits a channel, a canvas is drawn in. */
export function inksOf(page: Page, selector: string): Promise<number> {
  return page.evaluate((selected) => {
    const canvas = (globalThis as unknown as InPage).document.querySelector(selected)!;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set<string>();
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 200) {
        colours.add([data[i] >> 5, data[i + 1] >> 5, data[i + 2] >> 5].join());
      }
    }
    return colours.size;
  }, selector);
}

/** What a cell showed when its new count had been painted. */
export interface Painted {
  readonly atMs: number;
  readonly starts: number;
  readonly colour: string;
}

/**
 * Resolves at the first frame after one in which a cell has at least `starts` and another colour
 * than `before` on the canvas: then it is on the screen. Looks at every frame.
 */
export function paintedCell(
  page: Page,
  cell: { row: string; timeMs: number; starts: number; before: string },
): Promise<Painted> {
  return page.evaluate(async ({ row, timeMs, starts: wanted, before }) => {
    const inPage = globalThis as unknown as InPage;
    const frame = (): Promise<void> =>
      new Promise((resolve) => {
        inPage.requestAnimationFrame(() => resolve());
      });
    for (;;) {
      await frame();
      const heat = inPage.flapline.heat();
      const point = inPage.flapline.cellAt(row, timeMs);
      const canvas = inPage.document.querySelector('[data-test=heat] canvas');
      if (heat === null || point === null || canvas === null) continue;
      const bucket = Math.floor((timeMs - heat.fromMs) / heat.bucketMs);
      const starts = heat.rows.find((one) => one.name === row)?.starts[bucket] ?? 0;
      const box = canvas.getBoundingClientRect();
      const ratio = inPage.devicePixelRatio;
      const [x, y] = [(point.x - box.left) * ratio, (point.y - box.top) * ratio].map(Math.round);
      const { data } = canvas.getContext('2d').getImageData(x, y, 1, 1);
      const hex = Array.from(data, (byte) => byte.toString(16).padStart(2, '0'));
      const colour = `#${hex.join('')}`;
      if (starts < wanted || colour === before) continue;
      await frame();
      return { atMs: Date.now(), starts, colour };
    }
  }, cell);
}

/** A cell of one row. */
export interface Cell {
  readonly row: string;
  readonly timeMs: number;
}

/** Buckets to either side that are like a quiet cell: a column on the screen may hold several. */
const LIKE = 12;

/** A cell known to be without a start, and one of the same row without data. */
export function quietAndUnknown(heat: Heat): [quiet: Cell, unknown: Cell] {
  for (const { name: row, starts, coverage } of heat.rows) {
    const cell = (bucket: number): Cell => ({ row, timeMs: heat.fromMs + bucket * heat.bucketMs });
    const isQuiet = (_: number, middle: number): boolean =>
      middle >= LIKE &&
      starts.slice(middle - LIKE, middle + LIKE).every((count) => count === 0) &&
      coverage.slice(middle - LIKE, middle + LIKE).every((share) => share === 1);
    const quiet = starts.findIndex(isQuiet);
    if (quiet >= 0 && coverage.slice(0, LIKE).every((share) => share === 0)) {
      // well within, since the window may move on meanwhile
      return [cell(quiet), cell(LIKE / 2)];
    }
  }
  throw new Error('the heat map shows no row with quiet time and time without data');
}

/** Whether 中文 is drawn as more than boxes: two characters look different. */
export function hasChineseFont(page: Page): Promise<boolean> {
  return page.evaluate(`(() => {
    const draw = (text) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 40;
      const pen = canvas.getContext('2d');
      pen.font = '30px sans-serif';
      pen.fillText(text, 2, 32);
      return canvas.toDataURL();
    };
    return draw('广') !== draw('州');
  })()`);
}

/** How many pixels the page is wider than the window, or a list than its panel. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { document } = globalThis as unknown as InPage;
    const wide = [document.documentElement, ...document.querySelectorAll('.scroll')];
    return Math.max(...wide.map((element) => element.scrollWidth - element.clientWidth));
  });
}

/** Takes a picture of the window. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(OUTPUT, { recursive: true });
  await page.screenshot({ path: `${OUTPUT}${name}.png` });
}
