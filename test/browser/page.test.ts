// The page in a real Chromium against the whole service: embedded broker, simulated network, store,
// API under its own content security policy. The tests of this file follow one another on one page.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEAT_BUCKET_MS, type Worst } from '../../src/api/contract.js';
import { type Service, type ServiceOptions, startService } from '../../src/app.js';
import { type LineProducer, openProducer } from '../../src/source/producer.js';
import { ask, serviceOptions } from '../host/service-fixture.js';
import { launchChromium } from './launch.js';
import * as shown from './page.js';

const LIT_WITHIN_MS = 2_000;
/** Alarms of a burst. */
const BURST = 60;
/** A bucket that ends sooner than this is waited out: its cell would move while it is watched. */
const BUCKET_LEFT_MS = 6_000;
/** Five seconds, and what a busy machine may add. */
const LOST_WITHIN_MS = 8_000;
const BACK_WITHIN_MS = 8_000;
/** For a test that opens many views on a busy machine. */
const LONG_MS = 240_000;
const TOKEN = 'let-me-in';
const WINDOW = { width: 1366, height: 768 };
const VIEWS = ['', '?by=product&period=7d', 'worst', 'worst?from=1&to=2', 'flapping'];

const launched = await launchChromium();
if ('reason' in launched) console.warn(`SKIPPED: no Chromium for the page: ${launched.reason}`);

/** A group of tests that needs the browser; without it, one that says why it is skipped. */
function describePage(name: string, body: () => void): void {
  const reason = 'reason' in launched ? `, skipped, no Chromium: ${launched.reason}` : '';
  describe.skipIf(reason !== '')(name + reason, body);
}

let folder = '';
let options: ServiceOptions;
let service: Service;
let producer: LineProducer;
let page: Page;
let complaints: string[] = [];
/** The burst's cell, once it was lit. */
let lit = { branch: '', timeMs: 0, lines: [] as string[] };

async function startAgain(replaced: Partial<ServiceOptions> = {}): Promise<void> {
  const port = Number(new URL(service.address).port);
  service = await startService({ ...options, port, ...replaced });
}

/** Lines of a branch that were interrupted lately, but are not down. */
async function calmLines(branch: string): Promise<string[]> {
  const query = `worst?limit=1000&branch=${encodeURIComponent(branch)}`;
  const { rows } = await ask<Worst>(service, query);
  return rows.filter((row) => !row.down).map((row) => row.line);
}

async function produce(lines: readonly string[], state: 'down' | 'up'): Promise<void> {
  for (const line of lines) {
    const alarm = { line, time: Date.now(), state, alarm: 'BROWSER_TEST' };
    await producer.produce(line, Buffer.from(JSON.stringify(alarm)));
  }
}

async function untilBucketLasts(): Promise<number> {
  const left = HEAT_BUCKET_MS - (Date.now() % HEAT_BUCKET_MS);
  if (left < BUCKET_LEFT_MS) await page.waitForTimeout(left + 100);
  return Math.floor(Date.now() / HEAT_BUCKET_MS) * HEAT_BUCKET_MS;
}

/** Produces a burst on one branch; how long until its cell was painted, in ms. */
async function burst(branch: string): Promise<number> {
  const lines = (await calmLines(branch)).slice(0, BURST);
  expect(lines.length).toBeGreaterThan(BURST / 3);
  const timeMs = await untilBucketLasts();
  const before = await shown.cellNow(page, branch, timeMs);
  const starts = before.starts + lines.length;
  const cell = { row: branch, timeMs, starts, before: before.colour };
  const painting = shown.paintedCell(page, cell);
  const producedMs = Date.now();
  await produce(lines, 'down');
  const painted = await painting;
  lit = { branch, timeMs, lines };
  const took = painted.atMs - producedMs;
  console.log(
    `${lines.length} alarms of ${branch}: painted ${took} ms after the first was produced ` +
      `(${before.colour} -> ${painted.colour})`,
  );
  await produce(lines, 'up');
  return took;
}

async function useLanguage(language: 'en' | 'zh'): Promise<void> {
  if ((await page.getAttribute('html', 'lang'))?.slice(0, 2) !== language) {
    await page.click('[data-test=language]');
  }
}

async function useTheme(theme: 'dark' | 'light'): Promise<void> {
  if ((await page.getAttribute('html', 'data-theme')) !== theme) {
    await page.click('[data-test=theme]');
  }
}

async function open(path: string): Promise<void> {
  await page.goto(service.address + path);
  await page.waitForSelector('main:not(:has(.loading)) .view');
}

async function prepare(): Promise<void> {
  if (!('browser' in launched)) return;
  folder = mkdtempSync(join(tmpdir(), 'flapline-page-'));
  const demo = { seed: 7, lines: 2_000, historyDays: 2 };
  options = serviceOptions(folder, { demo, commitEveryMs: 200 });
  service = await startService(options);
  producer = await openProducer({ brokers: service.brokers, topic: service.topic });
  const context = await launched.browser.newContext({
    viewport: WINDOW,
    locale: 'en-US',
    colorScheme: 'dark',
  });
  page = await context.newPage();
  page.on('console', (message) => {
    const ours = message.text().includes('getImageData');
    if (['error', 'warning'].includes(message.type()) && !ours) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(service.address)) complaints.push(`asked ${request.url()}`);
    if (request.url().includes(TOKEN)) complaints.push(`a token in ${request.url()}`);
  });
}

async function takeDown(): Promise<void> {
  if ('browser' in launched) await launched.browser.close();
  await producer?.close();
  await service?.stop();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
}

beforeAll(prepare);
afterAll(takeDown);

describePage('the page', () => {
  it('loads with nothing on the console, all of it from its own server', async () => {
    await page.goto(service.address);
    const heat = await shown.liveHeat(page);
    expect(heat.rows).toHaveLength(21);
    await page.waitForSelector('[data-test=worst-short] a.name');
    expect(complaints).toEqual([]);
  });

  it('shows every interruption once', async () => {
    const heat = await shown.liveHeat(page);
    const to = heat.fromMs + (heat.buckets - 2) * heat.bucketMs;
    const { rows } = await ask<Worst>(service, `worst?from=${heat.fromMs}&to=${to}&limit=1000`);
    const listed = rows.reduce((sum, row) => sum + row.interruptions, 0);
    const starts = heat.rows.flatMap((row) => row.starts.slice(0, heat.buckets - 2));
    expect(rows.length).toBeLessThan(1_000);
    expect(starts.reduce((sum, count) => sum + count, 0)).toBe(listed);
  });

  it('lights the cells of live alarms, within 2 s of their being produced at best', async () => {
    const took: number[] = [];
    for (const branch of ['东莞', '佛山', '深圳', '广州']) took.push(await burst(branch));
    // What else runs on the machine may hold one up.
    expect(Math.min(...took)).toBeLessThan(LIT_WITHIN_MS);
    await shown.picture(page, 'wall-burst');
  });

  it('leads from a cell to its lines and to the timeline of one in two clicks', async () => {
    const at = await shown.cellAt(page, lit.branch, lit.timeMs);
    await page.mouse.click(at.x, at.y);
    const first = page.locator('[data-test=lines] a.name').filter({ hasText: lit.lines[0] });
    await first.waitFor();
    const names = await page.locator('[data-test=lines] a.name').allTextContents();
    expect(names).toEqual(expect.arrayContaining(lit.lines));
    await shown.picture(page, 'cell');
    await first.click();
    await page.waitForSelector('[data-test=timeline] canvas');
    await page.waitForSelector('[data-test=interruptions] tbody tr');
    expect(await page.textContent('h1')).toBe(lit.lines[0]);
    expect(await page.textContent('[data-test=interruptions]')).toContain('BROWSER_TEST');
    await shown.picture(page, 'line');
  });

  it('shows the raw alarms of an interruption in one click, as Kafka keeps them', async () => {
    await page.click('[data-test=interruptions] tbody tr:first-child a.name');
    const raw = page.locator('[data-test=raw]');
    await expect.poll(() => raw.locator('pre').count(), { timeout: 60_000 }).toBe(2);
    const texts = await raw.locator('pre').allInnerTexts();
    expect(texts.map((text) => JSON.parse(text) as object)).toMatchObject([
      { line: lit.lines[0], state: 'down', alarm: 'BROWSER_TEST' },
      { line: lit.lines[0], state: 'up', alarm: 'BROWSER_TEST' },
    ]);
    await shown.picture(page, 'raw');
    const { searchParams } = new URL(page.url());
    const [partition, first] = searchParams.get('raw')!.split('.');
    // what no interruption of the line stands with is not told
    const line = encodeURIComponent(lit.lines[1]);
    const other = `${service.address}api/lines/${line}/raw?partition=${partition}&offset=${first}`;
    const named = (await (await fetch(other)).json()) as { error?: { code: string } };
    expect(named.error?.code).toBe('NOT_FOUND');
    await page.keyboard.press('Escape');
    await raw.waitFor({ state: 'detached' });
    expect(page.url()).not.toContain('raw=');
  });
});

describePage('its looks', () => {
  it(
    'speaks both languages in both themes and never scrolls sideways',
    async () => {
      const cjk = await shown.hasChineseFont(page);
      if (!cjk) console.log('no Chinese font on this machine: the pictures show boxes for 中文');
      for (const theme of ['dark', 'light'] as const) {
        for (const language of ['en', 'zh'] as const) {
          await useTheme(theme);
          await useLanguage(language);
          for (const [index, path] of VIEWS.entries()) {
            await open(path);
            expect(await shown.overflow(page), `${path} ${theme} ${language}`).toBe(0);
            const font = cjk ? '' : '-no-chinese-font';
            await shown.picture(page, `view${index}-${theme}-${language}${font}`);
          }
          const word = language === 'en' ? 'Flap heat map' : '瞬断热力图';
          expect(await page.textContent('[data-test=nav-desk]')).toBe(word);
        }
      }
      expect(complaints).toEqual([]);
    },
    LONG_MS,
  );

  it('never shows "no data" as it shows zero', async () => {
    await open('?period=7d');
    const heat = await shown.liveHeat(page);
    const cells = shown.quietAndUnknown(heat);
    for (const theme of ['dark', 'light'] as const) {
      await useTheme(theme);
      const [zero, none] = await Promise.all(
        cells.map(async ({ row, timeMs }) =>
          shown.coloursAt(page, await shown.cellAt(page, row, timeMs), { x: 0.5, y: 6 }),
        ),
      );
      expect(zero).toHaveLength(1);
      expect(none).not.toContain(zero[0]);
    }
  });
});

describePage('its connection', () => {
  it('says within seconds that it is lost, and comes back by itself', async () => {
    await open('');
    await useTheme('dark');
    await useLanguage('en');
    const before = await shown.connection(page);
    let began = Date.now();
    const stopped = service.stop();
    await page.waitForSelector('body[data-state=lost]');
    const lostMs = Date.now() - began;
    expect(await page.textContent('[data-test=state]')).toBe('connection lost');
    expect(await page.isVisible('[data-test=banner].bad')).toBe(true);
    await shown.picture(page, 'lost');
    await stopped;
    await startAgain();
    began = Date.now();
    await shown.liveHeat(page);
    await page.waitForSelector('main:not(:has(.old))');
    const backMs = Date.now() - began;
    console.log(`lost shown after ${lostMs} ms, back ${backMs} ms after the service was up`);
    expect(lostMs).toBeLessThan(LOST_WITHIN_MS);
    expect(backMs).toBeLessThan(BACK_WITHIN_MS);
    expect((await shown.connection(page)).generation).toBeGreaterThan(before.generation);
  });

  it('asks for a token where one is wanted, and never puts it into a URL', async () => {
    await service.stop();
    await startAgain({ tokens: { viewer: TOKEN, operator: null } });
    await page.waitForSelector('[data-test=login]');
    complaints = [];
    await page.fill('[data-test=token]', 'not-this');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-test=token-failure]:not(:empty)');
    await shown.picture(page, 'token');
    await page.fill('[data-test=token]', TOKEN);
    await page.keyboard.press('Enter');
    await shown.liveHeat(page);
    expect(page.url()).not.toContain(TOKEN);
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });
});
