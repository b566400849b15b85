// Bench: the page in headless Chromium. Goals: repaint of a heat map of 500 x 1,000 cells and of the map of
// 48,840 lines, what-if over a period of a million interruptions (one fetch, then a move), what is loaded
// before the first data and how long that takes on loopback, and whether a day of live updates, compressed,
// leaves the heap flat. Non-goals: the network, Kafka, other browsers. Times are medians; the machine draws
// without a GPU.

import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { ROOT } from '../src/config/root.js';
import { launchChromium } from '../test/browser/launch.js';
import { describeMachine, keepResult } from './machine.js';
import type { BenchOptions } from './main.js';
import { LOOK, hasHeat, heapSlope } from './web-heap.js';
import { type ServedNetwork, serveNetwork } from './web-service.js';

interface Size {
  readonly lines: number;
  readonly months: number;
  readonly repaints: number;
  /** Real seconds in which a day passes. */
  readonly daySeconds: number;
  readonly gates: Readonly<Partial<Record<keyof Figures, number>>>;
}

/** What is measured; kB are of 1,000 bytes. */
interface Figures {
  readonly heat_ms: number;
  readonly heat_drawn_ms: number;
  readonly map_ms: number;
  readonly whatif_ms: number;
  readonly whatif_judged_ms: number;
  readonly whatif_all_ms: number;
  readonly whatif_fetch_ms: number;
  readonly whatif_mb: number;
  readonly whatif_interruptions: number;
  readonly script_kb: number;
  readonly first_data_ms: number;
  readonly heap_slope_kb_per_h: number;
}

/** The network of SPEC section 1. */
const MAP_LINES = 48_840;

const FULL: Size = {
  lines: 48_840,
  months: 2,
  repaints: 60,
  daySeconds: 144,
  gates: {
    heat_ms: 8,
    map_ms: 16,
    whatif_ms: 150,
    whatif_fetch_ms: 1_000,
    whatif_mb: 16,
    script_kb: 150,
    first_data_ms: 1_000,
    heap_slope_kb_per_h: 20,
  },
};
/** The gates of a small network on any machine: far off what is reached, so that only a break trips them. */
const SMOKE: Size = {
  lines: 2_000,
  months: 1,
  repaints: 20,
  daySeconds: 30,
  gates: {
    heat_ms: 60,
    map_ms: 60,
    whatif_ms: 150,
    whatif_fetch_ms: 2_000,
    whatif_mb: 1,
    script_kb: 150,
    first_data_ms: 5_000,
    heap_slope_kb_per_h: 100,
  },
};

/** Rules that one moves to, each another than the one before. */
const MOVES = ['3 in 10m', '4 in 15m', '3 in 1h', '5 in 2h', '2 in 5m', '4 in 10m,5 in 1h'];
/** Rules for which nearly every line must be folded. */
const WIDE_MOVES = ['2 in 24h', '3 in 24h', '2 in 18h'];

/** Runs the bench. Throws when there is no Chromium or a gate is missed. */
export async function runWebBench({ smoke, keep, signal }: BenchOptions): Promise<void> {
  const size = smoke ? SMOKE : FULL;
  const machine = describeMachine();
  print(
    `on ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${machine.commit}`,
  );
  const launched = await launchChromium();
  if ('reason' in launched) throw new Error(`no Chromium: ${launched.reason}`);
  const folder = await mkdtemp(join(tmpdir(), 'flapline-bench-web-'));
  try {
    print(`Chromium ${launched.browser.version()}`);
    const painting = await timePainting(launched.browser, folder, size);
    const served = await serveNetwork(folder, { ...size, signal });
    const figures = await measure(launched.browser, served, size, painting).finally(() =>
      served.close(),
    );
    if (keep) print(`kept in ${keepResult('web', machine, { result: figures })}`);
    print(`RESULT ${JSON.stringify({ bench: 'web', ...figures, smoke })}`);
    judge(figures, size);
  } finally {
    await launched.browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function judge(figures: Figures, { gates }: Size): void {
  const missed = Object.entries(gates).flatMap(([name, most]) => {
    const value = figures[name as keyof Figures];
    return value > most ? [`${name} ${value} is above ${most}`] : [];
  });
  if (missed.length > 0) throw new Error(`gate missed: ${missed.join('; ')}`);
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** What the page's own painting takes, built and shown by itself (web/bench). */
async function timePainting(browser: Browser, folder: string, { repaints }: Size) {
  const outDir = join(folder, 'painting');
  const { build } = (await import(createRequire(import.meta.url).resolve('vite'))) as {
    build(options: object): Promise<unknown>;
  };
  const root = join(ROOT, 'web', 'bench');
  await build({
    root,
    configFile: false,
    base: './',
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  });
  const server = Fastify();
  await server.register(fastifyStatic, { root: outDir });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  const page = await browser.newPage(LOOK);
  try {
    await page.goto(address);
    await page.waitForFunction(() => 'bench' in globalThis);
    const asked = `window.bench.heat(500, 1000, ${repaints})`;
    const taken = ((await page.evaluate(asked)) as [number, number][]).slice(3);
    const heatMs = median(taken.map(([paint]) => paint));
    const drawnMs = median(taken.map(([, drawn]) => drawn));
    const mapped = (await page.evaluate(`window.bench.map(${MAP_LINES}, ${repaints})`)) as number[];
    const mapMs = rounded(median(mapped.slice(3)));
    print(
      `heat map of 500 x 1,000 cells: ${rounded(heatMs)} ms, drawn after ${rounded(drawnMs)} ms; ` +
        `map of ${MAP_LINES} lines: ${mapMs} ms`,
    );
    return { heatMs: rounded(heatMs), drawnMs: rounded(drawnMs), mapMs };
  } finally {
    await page.close();
    await server.close();
  }
}

async function measure(
  browser: Browser,
  served: ServedNetwork,
  size: Size,
  painting: { heatMs: number; drawnMs: number; mapMs: number },
): Promise<Figures> {
  const loaded = await firstData(browser, served);
  print(
    `${loaded.scriptKb} kB of script, first data after ${loaded.firstDataMs} ms (median of 5 visits)`,
  );
  const whatIf = await timeWhatIf(browser, served);
  print(
    `what-if over ${whatIf.interruptions} interruptions: ${whatIf.mb} MB in ${whatIf.fetchMs} ms, ` +
      `a move ${whatIf.moveMs} ms, judged in ${whatIf.judgedMs} ms, with wide rules in ${whatIf.allMs} ms`,
  );
  const slope = rounded(await heapSlope(browser, served, size.daySeconds));
  print(`heap over a day of updates in ${size.daySeconds} s: ${slope} kB an hour of it`);
  return {
    heat_ms: painting.heatMs,
    heat_drawn_ms: painting.drawnMs,
    map_ms: painting.mapMs,
    whatif_ms: whatIf.moveMs,
    whatif_judged_ms: whatIf.judgedMs,
    whatif_all_ms: whatIf.allMs,
    whatif_fetch_ms: whatIf.fetchMs,
    whatif_mb: whatIf.mb,
    whatif_interruptions: whatIf.interruptions,
    script_kb: loaded.scriptKb,
    first_data_ms: loaded.firstDataMs,
    heap_slope_kb_per_h: slope,
  };
}

/** Script that the first page loads, gzip, and when its heat map has rows. */
async function firstData(browser: Browser, { address }: ServedNetwork) {
  const times: number[] = [];
  let scriptKb = 0;
  for (let i = 0; i < 5; i++) {
    const page = await browser.newPage(LOOK);
    const bodies: Promise<Buffer>[] = [];
    page.on('response', (response) => {
      if (new URL(response.url()).pathname.endsWith('.js')) bodies.push(response.body());
    });
    await page.goto(address, { waitUntil: 'commit' });
    await page.waitForFunction(hasHeat, undefined, { polling: 'raf' });
    times.push((await page.evaluate('performance.now()')) as number);
    const bytes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
    scriptKb = rounded(bytes.reduce((sum, length) => sum + length, 0) / 1000);
    await page.close();
  }
  return { scriptKb, firstDataMs: rounded(median(times)) };
}

interface Opened {
  readonly interruptions: number;
  readonly bytes: number;
  readonly fetchMs: number;
}

/** A period of the whole store, then moves from an address to the next, until the answer is shown. */
async function timeWhatIf(browser: Browser, { address, fromMs, endMs }: ServedNetwork) {
  const fetches: number[] = [];
  const page = await browser.newPage(LOOK);
  let opened: Opened | null = null;
  for (let i = 0; i < 3; i++) {
    await page.goto(`${address}/rules?from=${fromMs}&to=${endMs + 1}`);
    await page.locator('.what-if-panel[data-moved]').waitFor({ timeout: 120_000 });
    const text = await page.locator('.what-if-panel').getAttribute('data-opened');
    opened = JSON.parse(text!) as Opened;
    fetches.push(opened.fetchMs);
  }
  const [moves, wide]: Moved[][] = [[], []];
  for (let i = 0; i < 3; i++) {
    for (const flap of MOVES) moves.push(await move(page, flap));
    for (const flap of WIDE_MOVES) wide.push(await move(page, flap));
  }
  await page.close();
  return {
    interruptions: opened!.interruptions,
    mb: rounded(opened!.bytes / 1e6),
    fetchMs: rounded(median(fetches)),
    moveMs: rounded(median(moves.map(({ shownMs }) => shownMs))),
    judgedMs: rounded(median(moves.map(({ tookMs }) => tookMs))),
    allMs: rounded(median(wide.map(({ tookMs }) => tookMs))),
  };
}

/** A move: ms until the page showed the answer, and of them what its worker took to judge. */
interface Moved {
  readonly shownMs: number;
  readonly tookMs: number;
}

/** Goes to other rules, until the page shows what they would have flagged. */
function move(page: Page, flap: string): Promise<Moved> {
  return page.evaluate(`(async () => {
    const panel = document.querySelector('.what-if-panel');
    const shown = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        observer.disconnect();
        resolve(performance.now());
      });
      observer.observe(panel, { attributes: true, attributeFilter: ['data-moved'] });
    });
    const url = new URL(location.href);
    url.searchParams.set('flap', ${JSON.stringify(flap)});
    const began = performance.now();
    history.replaceState(null, '', url);
    dispatchEvent(new PopStateEvent('popstate'));
    const shownMs = (await shown) - began;
    return { shownMs, tookMs: JSON.parse(panel.dataset.moved).tookMs };
  })()`);
}
