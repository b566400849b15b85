// Every page of the shell's own in both themes, both languages and three sizes: nothing wider than the
// window, nothing on the console, no serious finding of axe-core; the way from the map to a line by one
// click each, and by keys.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PeriodService, periodService } from '../host/period-service.js';
import { launchChromium } from './launch.js';
import * as shown from './page.js';

const DAY_MS = 86_400_000;
const FROM = Date.parse('2006-11-01T00:00:00+08:00');
const READING = FROM + 20 * DAY_MS;
const LONG_MS = 300_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The pages, and what says that they show their data. */
const PAGES: readonly (readonly [path: string, shows: string])[] = [
  ['', '[data-test=worst-short] tbody tr'],
  ['?as=table&by=node', '[data-test=heat-table] tbody tr'],
  ['wall', '.wall-view .heat canvas'],
  ['map', '[data-test=streaks] :is(tbody tr, .empty)'],
  ['flapping', '[data-test=flapping] :is(tbody tr, .empty)'],
  [`cell?branch=${encodeURIComponent('广州')}&t=${READING - DAY_MS / 2}`, '[data-test=lines]'],
];
const SIZES = { desk: [1920, 1080], laptop: [1366, 768], phone: [390, 844] } as const;

const launched = await launchChromium();
if ('reason' in launched) console.warn(`SKIPPED: no Chromium for the page: ${launched.reason}`);
const reason = 'reason' in launched ? `, skipped, no Chromium: ${launched.reason}` : '';

const folder = mkdtempSync(join(tmpdir(), 'flapline-access-'));
let service: PeriodService;
let address = '';
let context: BrowserContext;
let page: Page;
const complaints: string[] = [];

async function open(path: string, shows: string): Promise<void> {
  await page.goto(address + path);
  await page.waitForSelector(shows);
}

/** What axe-core finds serious or critical, in words. */
async function seriousFindings(): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')))`);
}

/** The theme and language that the next page opens with. */
async function use(theme: string, language: string): Promise<void> {
  await page.evaluate(
    `localStorage.setItem('flapline.theme', '${theme}');
     localStorage.setItem('flapline.language', '${language}')`,
  );
}

const LOOKS = ['dark', 'light'].flatMap((theme) => ['en', 'zh'].map((tongue) => [theme, tongue]));

describe.skipIf(reason !== '')(`every page${reason}`, () => {
  beforeAll(async () => {
    const month = { seed: 4, lines: 2_000, fromMs: FROM, readingMs: READING };
    service = await periodService(folder, month);
    address = `${await service.server.listen({ host: '127.0.0.1', port: 0 })}/`;
    if (!('browser' in launched)) return;
    context = await launched.browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' });
    page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
  }, 180_000);

  afterAll(async () => {
    if ('browser' in launched) await launched.browser.close();
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(LOOKS)(
    'has no serious finding and fits: %s, %s',
    async (theme, tongue) => {
      const problems: string[] = [];
      await use(theme, tongue);
      for (const [index, [path, shows]] of PAGES.entries()) {
        for (const [size, [width, height]] of Object.entries(SIZES)) {
          // the sizes differ in layout only: two of the looks show it
          if (size !== 'desk' && (theme === 'dark') !== (tongue === 'en')) continue;
          await page.setViewportSize({ width, height });
          if (size === 'desk') await open(path, shows);
          await page.waitForTimeout(150);
          const wide = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          if (Number(wide) > 0) problems.push(`${path} ${size}: ${wide} px too wide`);
          await shown.picture(page, `access-${index}-${size}-${theme}-${tongue}`);
          if (size === 'laptop') continue;
          for (const one of await seriousFindings()) problems.push(`${path} ${size}: ${one}`);
        }
      }
      expect([...problems, ...complaints]).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'leads from map to cell to line in one click each, and anywhere by keys',
    async () => {
      await page.setViewportSize({ width: 1366, height: 768 });
      await use('dark', 'en');
      await open('?by=node&period=7d&class=momentary', '[data-test=heat] canvas');
      const heat = (await shown.liveHeat(page))!;
      const row = heat.rows[0]!;
      const bucket = row.starts.findIndex((count) => count > 0);
      const at = await shown.cellAt(page, row.name, heat.fromMs + bucket * heat.bucketMs);
      await page.mouse.click(at.x, at.y);
      await page.waitForSelector('[data-test=lines] a.name');
      const url = new URL(page.url());
      expect(url.pathname).toBe('/cell');
      expect(url.searchParams.get('class')).toBe('momentary');
      expect(url.searchParams.get('component')).toBe(row.name);
      await page.click('[data-test=lines] a.name');
      await page.waitForURL((to) => to.pathname.startsWith('/line/'));
      await page.goBack();
      await page.waitForSelector('[data-test=lines] a.name');
      for (const [keys, path] of Object.entries({ gm: '/map', gb: '/wall', gh: '/' })) {
        for (const key of keys) await page.keyboard.press(key);
        await page.waitForURL((to) => to.pathname === path);
      }
      await page.keyboard.press('?');
      expect(await page.locator('dialog.keys kbd').count()).toBeGreaterThan(10);
    },
    LONG_MS,
  );

  it(
    'shows all lines at once, plays a day back and resumes live with one key',
    async () => {
      await open('map', '[data-test=line-map] canvas');
      const lines = () => page.evaluate('window.flapline.map()?.lines');
      await expect.poll(lines, { timeout: 60_000 }).toBe(2_000);
      const live = await page.textContent('[data-test=playback-time]');
      await page.locator('[data-test=scrub]').focus();
      for (let i = 0; i < 5; i += 1) await page.keyboard.press('PageDown');
      await page.waitForURL((to) => to.searchParams.has('at'));
      const then = await page.textContent('[data-test=playback-time]');
      expect(then).toMatch(/^2006-11-2\d \d\d:\d\d:\d\d$/);
      await page.reload();
      await page.waitForSelector('[data-test=streaks] :is(tbody tr, .empty)');
      expect(await page.textContent('[data-test=playback-time]')).toBe(then);
      await page.keyboard.press('l');
      await page.waitForURL((to) => !to.searchParams.has('at'));
      expect(await page.textContent('[data-test=playback-time]')).toBe(live);
    },
    LONG_MS,
  );
});
