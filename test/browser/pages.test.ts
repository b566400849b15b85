// Line, Worst, Records and Rules in a real Chromium over a simulated spring: what they say follows from the
// store; both languages, dark and light, a wall, a laptop and a phone; no serious finding of axe-core and no
// complaint on the console. And the walk: someone new answers from the pages alone.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFindings } from './accessible.js';
import { launchChromium } from './launch.js';
import { type PageLook, type Served, openPage, servedNetwork } from './pages-fixture.js';
import { overflow, picture } from './page.js';

const launched = await launchChromium();
if ('reason' in launched) console.warn(`SKIPPED: no Chromium for the page: ${launched.reason}`);
const reason = 'reason' in launched ? `, skipped, no Chromium: ${launched.reason}` : '';

const folder = mkdtempSync(join(tmpdir(), 'flapline-pages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FROM_MS = Date.parse('2007-03-01T00:00:00+08:00');
const MONTH = 'period=30d';

/** What each page shows once it is whole. */
const PAGES = (line: string): readonly (readonly [path: string, whole: string])[] => [
  [`line/${encodeURIComponent(line)}?${MONTH}`, '[data-test=components] details'],
  [`worst?${MONTH}`, '[data-test=worst] tbody tr'],
  ['records', '[data-test=record-kinds] tbody tr'],
  [`rules?${MONTH}&flap=3+in+10m`, '.what-if-panel[data-moved]'],
];

const texts = (page: Page, selector: string): Promise<string[]> =>
  page.locator(selector).allInnerTexts();

/** Panels that are lower than their title, or lie on the one before; and what is wider than the window. */
const squeezed = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const boxes = [...document.querySelectorAll('.panel')].map((panel) => ({
      name: panel.querySelector('h2')?.textContent ?? panel.className,
      title: panel.querySelector('header')?.offsetHeight ?? 0,
      box: panel.getBoundingClientRect(),
    }));
    const low = boxes.filter(({ box, title }) => box.height < title + 20);
    const on = boxes.filter(({ box }, i) => boxes.slice(0, i).some(({ box: other }) =>
      box.top < other.bottom - 1 && other.top < box.bottom - 1 &&
      box.left < other.right - 1 && other.left < box.right - 1));
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = scrollWidth > clientWidth ? ['the page'] : [];
    return [...low.map(({ name }) => 'low: ' + name), ...on.map(({ name }) => 'on another: ' + name),
      ...wide.map((name) => 'wide: ' + name)];
  })()`);

describe.skipIf(reason !== '')(`the pages${reason}`, () => {
  let served: Served;
  /** The worst line of the last thirty days, by the store. */
  let worst: { line: string; branch: string; customer: string; interruptions: number };

  beforeAll(async () => {
    const spring = { seed: 5, lines: 1_000, fromMs: FROM_MS, months: 2 };
    served = await servedNetwork(folder, spring);
    const since = served.readingMs + 1 - 30 * 86_400_000;
    const [row] = await served.ask(
      `select i.line, r.branch, r.customer, count(*)::integer from interruptions i
       join line_records r on r.line = i.line where start_ms >= ${since}
       group by all order by 4 desc, sum(coalesce(end_ms, ${served.readingMs}) - start_ms) desc, 1
       limit 1`,
    );
    const [line, branch, customer, interruptions] = row as [string, string, string, number];
    worst = { line, branch, customer, interruptions };
  }, 180_000);

  afterAll(async () => {
    if ('browser' in launched) await launched.browser.close();
    await served?.close();
  });

  /** Opens a page, works with it, and looks at what the console said. */
  async function on(
    path: string,
    whole: string,
    look: PageLook,
    work: (page: Page) => Promise<void>,
  ): Promise<void> {
    if ('reason' in launched) return;
    const { page, complaints } = await openPage(launched.browser, look);
    await page.goto(`${served.address}/${path}`);
    await page.waitForSelector(whole, { timeout: 60_000, state: 'attached' });
    await work(page);
    expect(complaints, path).toEqual([]);
    await page.context().close();
  }

  it('of a line say figures with their rules, components, patterns, and take a copy away', async () => {
    const [[path, whole]] = PAGES(worst.line);
    await on(path!, whole!, {}, async (page) => {
      const figures = (await texts(page, '[data-test=line-facts] > div')).join('\n');
      expect(figures).toMatch(new RegExp(`Interruptions\\s+${worst.interruptions}\\s`));
      expect(figures).toMatch(/≥ 1m · rules v1/);
      expect(figures).toMatch(/4 in 10m, 5 in 1h; quiet 30m · rules v1/);
      expect(await page.locator('.who').innerText()).toContain(worst.customer);
      const week = await texts(page, '[data-test=week] td');
      expect(week).toHaveLength(7 * 24);
      expect(week.reduce((sum, text) => sum + Number(text), 0)).toBe(worst.interruptions);
      const [neighbour] = await texts(page, '[data-test=components] details[open] li a');
      expect(neighbour).toMatch(/^[A-Z]{2}-/);
      const waiting = page.waitForEvent('download');
      await page.click('[data-test=export-line]');
      const file = join(folder, 'line.csv');
      await (await waiting).saveAs(file);
      const rows = readFileSync(file, 'utf8').trimEnd().split('\r\n');
      expect(rows[0]).toBe('\uFEFFn,start,end,class,planned,alarm,cause');
      expect(rows).toHaveLength(1 + Math.min(1_000, worst.interruptions));
    });
  });

  it('rank by line, component, customer, product and branch, and lead on', async () => {
    await on(`worst?${MONTH}`, '[data-test=worst] tbody tr', {}, async (page) => {
      const [first] = await texts(page, '[data-test=worst] tbody tr:first-child .name');
      expect(first).toBe(worst.line);
      const heads = new Set<string>();
      for (const by of ['component', 'customer', 'product', 'branch']) {
        await page.click(`[data-test=by-${by}]`);
        await page.waitForSelector(`[data-test=by-${by}][aria-current]`);
        await page.waitForSelector('[data-test=worst] tbody tr');
        heads.add((await texts(page, '[data-test=worst] th'))[0]!);
        expect(await page.locator('[data-test=worst] tbody tr').count()).toBeGreaterThan(2);
      }
      expect([...heads]).toEqual(['Component', 'Customer', 'Product', 'Branch']);
      const name = page.locator('[data-test=worst] tbody tr:first-child a.name');
      const branch = await name.innerText();
      await name.click();
      await page.waitForURL((url) => url.searchParams.get('branch') === branch);
      await page.waitForSelector('[data-test=by-line][aria-current]');
      await page.waitForSelector('[data-test=worst] tbody tr');
      const belonging = await texts(page, '[data-test=worst] tbody td:first-child .sub');
      expect(belonging.every((text) => text.startsWith(branch))).toBe(true);
    });
  });

  it('tell how complete the records are, and whose have gaps', async () => {
    await on('records', '[data-test=record-kinds] tbody tr', {}, async (page) => {
      const kinds = (await texts(page, '[data-test=record-kinds] tbody tr')).join('\n');
      expect(kinds).toMatch(/lines\s+1,000\s+0/);
      expect(await page.locator('[data-test=record-components] tbody tr').count()).toBeGreaterThan(
        3,
      );
      expect(await page.locator('[data-test=record-gaps] tbody tr').count()).toBeGreaterThan(0);
      expect(await page.locator('[data-test=record-imports] tbody tr').count()).toBeGreaterThan(0);
      expect(await page.locator('[data-test=unseen-lines] li').count()).toBeGreaterThan(0);
    });
  });

  it('have links that give what they show as CSV and XLSX', async () => {
    const pages = [
      [`worst?by=branch&${MONTH}`, '[data-test=worst] tbody tr', 'worst'],
      ['records', '[data-test=record-kinds] tbody tr', 'record-gaps'],
      ['flapping', '[data-test=export-flapping-csv]', 'flapping'],
      ['targets', '[data-test=scorecard] tbody tr', 'scorecard'],
    ] as const;
    for (const [path, whole, list] of pages) {
      await on(path, whole, { language: 'zh-CN' }, async (page) => {
        const take = async (format: 'csv' | 'xlsx') => {
          const link = page.locator(`a[data-test=export-${list}-${format}]`);
          const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
          expect(file.suggestedFilename()).toBe(`${list}.${format}`);
          return readFileSync(await file.path());
        };
        const csv = (await take('csv')).toString();
        expect(csv.startsWith('\uFEFF'), list).toBe(true);
        const xlsx = await take('xlsx');
        expect(xlsx.subarray(0, 2).toString(), list).toBe('PK');
        if (list === 'worst') {
          const rows = await page.locator('[data-test=worst] tbody tr').count();
          expect(csv.trimEnd().split('\r\n')).toHaveLength(1 + rows);
        }
      });
    }
  });

  it('are accessible in both languages and themes, on a wall, a laptop and a phone', async () => {
    const looks: readonly Required<PageLook>[] = [
      { language: 'en-US', colours: 'dark', width: 1920, height: 1080 },
      { language: 'zh-CN', colours: 'light', width: 1366, height: 768 },
      { language: 'zh-CN', colours: 'dark', width: 390, height: 844 },
      { language: 'en-US', colours: 'light', width: 390, height: 844 },
    ];
    for (const [path, whole] of PAGES(worst.line)) {
      for (const look of looks) {
        await on(path, whole, look, async (page) => {
          const { language, colours, width } = look;
          const name = `${path.split(/[/?]/)[0]}-${width}-${language}-${colours}`;
          await picture(page, name);
          expect(await seriousFindings(page), name).toEqual([]);
          const wide = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect(wide, name).toBe(0);
          if (width === 1920 && path.startsWith('worst')) expect(await overflow(page)).toBe(0);
        });
      }
    }
  }, 240_000);

  it('lay no panel on another and squeeze none, on a phone', async () => {
    const all = ['', 'map', 'causes?period=30d', 'targets', 'flapping', 'wall?every=0'];
    const paths = [...all, ...PAGES(worst.line).map(([path]) => path)];
    for (const path of paths) {
      for (const language of ['en-US', 'zh-CN'] as const) {
        await on(
          path,
          '.panel tbody tr, .panel canvas, .panel .empty:not([hidden])',
          { language, width: 390, height: 844 },
          async (page) => {
            await expect.poll(() => squeezed(page), { timeout: 60_000 }).toEqual([]);
          },
        );
      }
    }
  }, 240_000);

  it('answer someone new: which branch, which line, since when, why, who, planned, before, target', async () => {
    const day = served.readingMs + 1 - 86_400_000;
    const starts = `select i.line, r.branch, r.customer, i.start_ms, i.cause
      from interruptions i join line_records r on r.line = i.line where i.start_ms >= ${day}`;
    const [[branch]] = (await served.ask(
      `select branch from (${starts}) group by branch order by count(*) desc, branch limit 1`,
    )) as [[string]];
    const [[line, customer, first]] = (await served.ask(
      `select line, customer, min(start_ms)::double from (${starts}) where branch = '${branch}'
       group by all order by count(*) desc, line limit 1`,
    )) as [[string, string, number]];
    await on('worst?by=branch&period=24h', '[data-test=worst] tbody tr', {}, async (page) => {
      const step = (n: number, name: string): Promise<void> => picture(page, `walk-${n}-${name}`);
      // Which branch is worst now? The first of the list, and it leads to its lines.
      const leader = page.locator('[data-test=worst] tbody tr:first-child a.name');
      expect(await leader.innerText()).toBe(branch);
      await step(1, 'branch');
      await leader.click();
      await page.waitForSelector('[data-test=by-line][aria-current]');
      await expect
        .poll(async () => (await texts(page, '[data-test=worst] tbody .sub'))[0], {
          timeout: 30_000,
        })
        .toMatch(new RegExp(`^${branch}`));
      // Which line? The first again.
      expect(await leader.innerText()).toBe(line);
      await step(2, 'line');
      await leader.click();
      await page.waitForSelector('[data-test=components] details');
      await page.waitForSelector('[data-test=interruptions] tbody tr');
      // Since when? The last row of its interruptions in the period.
      const since = await texts(
        page,
        '[data-test=interruptions] tbody tr:last-child td:nth-child(2)',
      );
      const local = new Date(first + 8 * 3_600_000).toISOString();
      expect(since[0]).toBe(local.slice(0, 19).replace('T', ' '));
      // Why? The causes its interruptions were raised with, and what else lies on its card.
      expect((await texts(page, '[data-test=interruptions] td.fill')).length).toBeGreaterThan(0);
      expect((await texts(page, '[data-test=components] summary'))[0]).toMatch(/card.*lines/s);
      // Who is the customer?
      expect(await page.locator('.who').innerText()).toContain(customer);
      await step(3, 'since-why-who');
      // Is it planned work? The figure, against the marks of the store.
      const planned = await served.ask(
        `select count(*)::integer from planned_interruptions
         where line = '${line}' and start_ms >= ${day}`,
      );
      const figure = page.locator('[data-test=line-facts] > div', { hasText: 'Planned' });
      expect(await figure.locator('dd').first().innerText()).toBe(String(planned[0]![0]));
      // Did it happen before? Thirty days of it, and its repeat faults.
      await page.click('[data-test=period-30d]');
      await page.waitForURL(/period=30d/);
      await page.waitForSelector('[data-test=interruptions] tbody tr');
      const [[before]] = (await served.ask(
        `select count(*)::integer from repeat_faults
         where line = '${line}' and start_ms >= ${served.readingMs + 1 - 30 * 86_400_000}`,
      )) as [[number]];
      const repeats = page.locator('[data-test=line-facts] > div', { hasText: 'Repeat faults' });
      await expect.poll(() => repeats.locator('dd').first().innerText()).toBe(String(before));
      await step(4, 'before');
      // Are we on target this month? Ladder, forecast and next step.
      await page.click('a[href^="./targets"], a[href^="targets"], a[href$="/targets"]');
      await page.waitForSelector('[data-test=scorecard] tbody tr', { timeout: 60_000 });
      expect(await page.locator('.ladder-panel header').innerText()).toMatch(
        /2007-0\d: [\d,]+ expected/,
      );
      await step(5, 'target');
    });
  }, 180_000);
});
