// The Targets page in a real Chromium: ladder with its forecast, goals and scorecard of a simulated
// spring, in both languages, dark and light, without overflow and without a complaint on the console.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTargets } from '../../src/kpi/targets-file.js';
import { openStore } from '../../src/store/store.js';
import { type ServedStore, serveStore } from '../host/served-store.js';
import { loadRecords, replayedPeriod } from '../kpi/year-fixture.js';
import { launchChromium } from './launch.js';
import * as shown from './page.js';
import { openPage } from './pages-fixture.js';

const launched = await launchChromium();
if ('reason' in launched) console.warn(`SKIPPED: no Chromium for the page: ${launched.reason}`);
const reason = 'reason' in launched ? `, skipped, no Chromium: ${launched.reason}` : '';

const TARGETS = `ladder:
  kpi: momentary
  baseline: {month: 2006-12, value: 6264}
  steps: [{by: 2007-03, most: 5880}, {by: 2007-06, most: 5280}, {by: 2007-12, most: 3930}]
goals:
  - {kpi: customers_enrolled, least: 20}
  - {kpi: works_notified_department, least: 100}
  - {kpi: valid_report_rate_key, fall: 10, from: 2007-01}
  - {kpi: satisfaction, rise: 1, from: 2007-01}
`;

const folder = mkdtempSync(join(tmpdir(), 'flapline-targets-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(reason !== '')(`the Targets page${reason}`, () => {
  let served: ServedStore;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    writeFileSync(join(folder, 'targets.yaml'), TARGETS);
    const made = await replayedPeriod(folder, {
      seed: 3,
      lines: 600,
      fromMs: Date.parse('2007-01-01T00:00:00+08:00'),
      months: 4,
    });
    const store = await openStore(made.store);
    await loadRecords(store, folder);
    served = await serveStore(store, Date.parse('2007-04-18T12:00:00+08:00'));
    const server = await served.server({ targets: readTargets(join(folder, 'targets.yaml')) });
    const address = await server.listen({ host: '127.0.0.1', port: 0 });
    if ('reason' in launched) return;
    ({ page, complaints } = await openPage(launched.browser));
    await page.goto(`${address}/targets`);
  }, 240_000);

  afterAll(async () => {
    if ('browser' in launched) await launched.browser.close();
    await served?.close();
  });

  it('shows ladder, goals and scorecard, and draws bars in their colours', async () => {
    await page.waitForSelector('[data-test=scorecard] tbody tr', { timeout: 60_000 });
    await page.waitForSelector('[data-test=ladder] canvas', { timeout: 60_000 });
    expect(await page.locator('[data-test=scorecard] tbody tr').count()).toBe(21);
    expect(await page.locator('[data-test=goals] tbody tr').count()).toBe(4);
    const text = await page.locator('.ladder-panel header').innerText();
    expect(text).toMatch(/2007-04: [\d,]+ expected \(90 % band [\d,]+ – [\d,]+\)/);
    expect(text).toMatch(/next: 5,280 by 2007-06/);
    expect(await shown.inksOf(page, '[data-test=ladder] canvas')).toBeGreaterThan(5);
    await page.click('[data-test=as]');
    await page.waitForSelector('[data-test=ladder-table] tbody tr');
    const april = page.locator('[data-test=ladder-table] tr', { hasText: '2007-04' });
    expect(await april.innerText()).toMatch(
      /2007-04\s[\d,]+\s.*[\d,]+ \([\d,]+ – [\d,]+\)\s+running/s,
    );
    await page.click('[data-test=as]');
  }, 120_000);

  it('speaks both languages, dark and light, without overflow', async () => {
    for (const [width, height] of [
      [1920, 1080],
      [1366, 768],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (let i = 0; i < 2; i++) {
        await page.waitForSelector('[data-test=scorecard] tbody tr');
        await page.waitForSelector('[data-test=ladder] canvas');
        expect(await shown.overflow(page)).toBe(0);
        const language = await page.getAttribute('html', 'lang');
        const title = await page.locator('.ladder-panel h2').innerText();
        expect(title).toContain(language === 'en' ? 'Target ladder' : '目标阶梯');
        await shown.picture(page, `targets-${width}-${language}`);
        await page.click('[data-test=language]');
      }
    }
    await page.click('[data-test=theme]');
    await page.waitForSelector('[data-test=ladder] canvas');
    await shown.picture(page, 'targets-1366-light');
    expect(complaints).toEqual([]);
  }, 120_000);
});
