// Whether a day of live updates, compressed, leaves the page's heap flat: the service's clock runs, the page
// follows it as it follows a live service, and the heap that is used after a collection is looked at.

import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { ServedNetwork } from './web-service.js';

const HEAP_SAMPLES = 24;
/** A browser without a locale of its own breaks uPlot's number format. */
export const LOOK = { viewport: { width: 1920, height: 1080 }, locale: 'en-US' } as const;

/** In the page: whether its heat map shows rows. */
export function hasHeat(): boolean {
  interface InPage {
    readonly flapline?: { heat(): { readonly rows: readonly unknown[] } | null };
  }
  return ((globalThis as InPage).flapline?.heat()?.rows.length ?? 0) > 0;
}

/** Used heap after a collection against the day's hours, as a line through the samples, kB an hour. */
export async function heapSlope(
  browser: Browser,
  { address, endMs, setClock }: ServedNetwork,
  daySeconds: number,
): Promise<number> {
  const beginMs = endMs - 86_400_000;
  setClock(beginMs);
  const page = await browser.newPage(LOOK);
  const session = await page.context().newCDPSession(page);
  await page.goto(address);
  await page.waitForFunction(hasHeat);
  const samples: [hour: number, kb: number][] = [];
  const stepMs = 100;
  const steps = (daySeconds * 1000) / stepMs;
  const beganMs = Date.now();
  for (let step = 1; step <= steps; step++) {
    setClock(beginMs + (86_400_000 * step) / steps);
    // What a collection takes is caught up with.
    await delay(Math.max(0, beganMs + step * stepMs - Date.now()));
    if (step % Math.floor(steps / HEAP_SAMPLES) !== 0) continue;
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    samples.push([(24 * step) / steps, usedSize / 1000]);
  }
  await page.close();
  setClock(endMs);
  // The first hours fill caches and compile code.
  return slopeOf(samples.slice(Math.floor(samples.length / 4)));
}

function slopeOf(samples: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: (sample: readonly [number, number]) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(([hour]) => hour), mean(([, kb]) => kb)];
  const above = samples.reduce((sum, [hour, kb]) => sum + (hour - x) * (kb - y), 0);
  const below = samples.reduce((sum, [hour]) => sum + (hour - x) ** 2, 0);
  return above / below;
}
