// The wall in a real Chromium: nothing but the picture until the mouse moves, pages that turn, full screen,
// a sound for what is new and only for that, and no old colour that looks like a fresh one.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '../../src/api/contract.js';
import { statusOf } from '../host/api-fixture.js';
import { type PeriodService, periodService } from '../host/period-service.js';
import { launchChromium } from './launch.js';
import { openPage } from './pages-fixture.js';
import { picture } from './page.js';

const launched = await launchChromium();
if ('reason' in launched) console.warn(`SKIPPED: no Chromium for the page: ${launched.reason}`);
const reason = 'reason' in launched ? `, skipped, no Chromium: ${launched.reason}` : '';

const DAY_MS = 86_400_000;
const FROM = Date.parse('2006-11-01T00:00:00+08:00');
const READING = FROM + 20 * DAY_MS;
const folder = mkdtempSync(join(tmpdir(), 'flapline-wall-'));

/** Counts tones in place of playing them: a machine without a sound card is silent. */
const COUNT_TONES = `window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...args) {
    window.tones += 1;
    return start.apply(this, args);
  };`;

describe.skipIf(reason !== '')(`the wall${reason}`, () => {
  let service: PeriodService;
  let address = '';
  let page: Page;
  let complaints: string[];
  /** What the service says beside its usual status. */
  let said: Partial<Status> = {};
  let openedMs = Date.now();

  beforeAll(async () => {
    const month = { seed: 9, lines: 600, fromMs: FROM, readingMs: READING };
    service = await periodService(folder, month, {
      status: () => ({
        ...statusOf('', 'live'),
        nowMs: READING + 1_000 + Date.now() - openedMs,
        readingMs: READING,
        dataAgeMs: 1_000,
        ...said,
      }),
    });
    address = `${await service.server.listen({ host: '127.0.0.1', port: 0 })}/wall`;
    if ('reason' in launched) return;
    ({ page, complaints } = await openPage(launched.browser));
    await page.addInitScript(COUNT_TONES);
  }, 120_000);

  afterAll(async () => {
    if ('browser' in launched) await launched.browser.close();
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(query: string): Promise<void> {
    openedMs = Date.now();
    await page.goto(`${address}?${query}`);
    await page.waitForSelector('.wall-view .heat canvas', { timeout: 60_000 });
  }

  const controls = () => page.locator('[data-test=wall-controls]');
  const cursor = () =>
    page.evaluate(`getComputedStyle(document.querySelector('.wall-view')).cursor`);

  it('shows no controls and no pointer until the mouse moves, and hides them again', async () => {
    await open('every=0');
    expect(await controls().isVisible()).toBe(false);
    expect(await cursor()).toBe('none');
    expect(await page.isVisible('.page-head')).toBe(false);
    await page.mouse.move(300, 300);
    await page.mouse.move(310, 310);
    await controls().waitFor();
    expect(await cursor()).not.toBe('none');
    await picture(page, 'wall-awake');
    await controls().waitFor({ state: 'hidden', timeout: 60_000 });
    expect(await cursor()).toBe('none');
    const scrolls = `document.documentElement.scrollHeight > innerHeight
      || document.documentElement.scrollWidth > innerWidth`;
    expect(await page.evaluate(scrolls)).toBe(false);
  });

  it('turns its pages by itself, stops and turns by keys', async () => {
    await open('pages=branch,product,node&every=5');
    const titled = (name: RegExp): Promise<void> =>
      page.locator('.heat-panel h2', { hasText: name }).waitFor({ timeout: 60_000 });
    for (const name of [/^Branch/, /^Product/, /^Node/, /^Branch/]) await titled(name);
    await page.keyboard.press(' ');
    await page.waitForURL((url) => url.searchParams.get('every') === '0');
    // it begins anew with the first page, and stands
    await titled(/^Branch/);
    await page.keyboard.press('n');
    await titled(/^Product/);
  });

  it('fills the screen with one key, and leaves it', async () => {
    await open('every=0');
    await page.keyboard.press('f');
    await page.waitForSelector('html:fullscreen', { state: 'attached' });
    await page.keyboard.press('f');
    await page.waitForSelector('html:not(:fullscreen)', { state: 'attached' });
  });

  it('rings once for a line that begins to flap, where sound is on', async () => {
    // each status says that something may be new, so that lists are asked again soon
    said = { changedFromMs: READING };
    let lines = ['GZ-1'];
    const flapping = () => ({
      readingMs: READING,
      total: lines.length,
      rows: lines.map((line) => ({
        line,
        branch: null,
        product: null,
        customer: null,
        partition: 0,
        rule: '4 in 10m',
        at: READING - 60_000,
        since: READING - 120_000,
        ends: READING + 1_800_000,
        interruptions: 4,
        down: false,
      })),
    });
    await page.route('**/api/flapping?*', (route) => route.fulfill({ json: flapping() }));
    const tones = () => page.evaluate('window.tones');
    const shows = (line: string) =>
      page.locator('[data-test=wall-flapping-lines] li').getByText(line).waitFor({
        timeout: 60_000,
      });
    for (const [query, rings] of [
      ['every=0', 0],
      ['every=0&sound=on', 1],
    ] as const) {
      lines = ['GZ-1'];
      await open(query);
      const muted = page.locator('[data-test=wall-muted]');
      await page.keyboard.press('x');
      await muted.waitFor({ state: 'hidden' });
      await shows('GZ-1');
      expect(await tones(), query).toBe(0);
      lines = ['GZ-1', 'GZ-2'];
      await shows('GZ-2');
      expect(Math.sign(Number(await tones())), query).toBe(rings);
    }
    const before = await tones();
    lines = ['GZ-1'];
    await page.locator('[data-test=wall-flapping-lines] li').getByText('GZ-2').waitFor({
      state: 'detached',
      timeout: 60_000,
    });
    expect(await tones()).toBe(before);
    await page.unroute('**/api/flapping?*');
    said = {};
    await page.keyboard.press('s');
    await page.waitForURL((url) => !url.searchParams.has('sound'));
  });

  it('takes the colour from what is old, and says so', async () => {
    await open('every=0');
    const filter = (selector: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).filter`);
    expect(await filter('.heat-panel .heat-plot canvas')).toBe('none');
    // the log is read no further: after a minute each panel is old
    said = { nowMs: READING + 3 * 60_000, dataAgeMs: 3 * 60_000 };
    await page.waitForSelector('body[data-state=stale]', { timeout: 60_000 });
    await page.waitForSelector('.heat-panel.aged', { timeout: 60_000 });
    expect(await filter('.heat-panel .heat-plot canvas')).toContain('grayscale(1)');
    expect(await page.innerText('.heat-panel .panel-age')).toContain('⚠');
    expect(await page.isVisible('[data-test=wall-banner].warn')).toBe(true);
    await picture(page, 'wall-old');
    said = {};
    expect(complaints).toEqual([]);
  });
});
