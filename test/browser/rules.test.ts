// The Rules page in a real Chromium: what-if by the kernel in the page's worker finds line by line what
// `flapline backtest` finds over the same store, and a proposal is a flapline.yaml.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rulesOf } from '../../src/config/rules-file.js';
import { DEFAULT_RULES, type Rules, parseDuration, parseFlapRule } from '../../src/config/rules.js';
import { ConfigSchema } from '../../src/config/schema.js';
import { readYaml } from '../../src/config/yaml-file.js';
import { type BacktestResult, backtest } from '../../src/pipeline/backtest.js';
import { launchChromium } from './launch.js';
import { type Served, openPage, servedNetwork } from './pages-fixture.js';

const launched = await launchChromium();
if ('reason' in launched) console.warn(`SKIPPED: no Chromium for the page: ${launched.reason}`);
const reason = 'reason' in launched ? `, skipped, no Chromium: ${launched.reason}` : '';

const folder = mkdtempSync(join(tmpdir(), 'flapline-rules-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FROM_MS = Date.parse('2007-03-01T00:00:00+08:00');
const DAY_MS = 86_400_000;
/** Of every line that differs, not only of those shown. */
const LINES = 100_000;

interface Moved {
  readonly stored: number;
  readonly found: number;
  readonly flagged: BacktestResult['flagged'];
  readonly different: number;
}

/** Rules and a period; from null: the whole store. */
interface Case {
  readonly flap: readonly string[];
  readonly quiet: string;
  readonly from: number | null;
}

const CASES: readonly Case[] = [
  { flap: ['4 in 10m', '5 in 1h'], quiet: '30m', from: null },
  { flap: ['2 in 10m'], quiet: '10m', from: null },
  { flap: ['2 in 1h', '6 in 24h'], quiet: '24h', from: FROM_MS + 31 * DAY_MS + 7_777 },
  { flap: ['20 in 24h'], quiet: '30s', from: FROM_MS + 40 * DAY_MS },
];

function rulesIn({ flap, quiet }: Case): Rules {
  return {
    ...DEFAULT_RULES,
    flap: flap.map((words) => parseFlapRule(words, 'flap')),
    quietMs: parseDuration(quiet, 'quiet'),
  };
}

describe.skipIf(reason !== '')(`the Rules page${reason}`, () => {
  let served: Served;
  let page: Page;
  let complaints: string[];
  const judged: BacktestResult[] = [];

  beforeAll(async () => {
    served = await servedNetwork(
      folder,
      { seed: 11, lines: 1_000, fromMs: FROM_MS, months: 2 },
      async (storeFile) => {
        for (const one of CASES) {
          const options = { storeFile, rules: rulesIn(one), toMs: null, atMs: null, limit: LINES };
          judged.push(await backtest({ ...options, fromMs: one.from }));
        }
      },
    );
    if ('reason' in launched) return;
    ({ page, complaints } = await openPage(launched.browser));
  }, 180_000);

  afterAll(async () => {
    if ('browser' in launched) await launched.browser.close();
    await served?.close();
  });

  /** What the page says of rules over a period. */
  async function moved(one: Case): Promise<{ moved: Moved; lines: string[][] }> {
    const query = new URLSearchParams({
      flap: one.flap.join(','),
      quiet: one.quiet,
      from: String(one.from ?? 0),
      to: String(served.readingMs + 1),
    });
    await page.goto(`${served.address}/rules?${query.toString()}`);
    const box = page.locator('.what-if-panel[data-moved]');
    await box.waitFor({ timeout: 60_000 });
    const text = await box.getAttribute('data-moved');
    const rows = await page.locator('[data-test=what-if-lines] tbody tr').all();
    const lines = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
    return { moved: JSON.parse(text!) as Moved, lines };
  }

  it('finds what a back-test finds, over the whole store and with a lead', async () => {
    for (const [i, one] of CASES.entries()) {
      const found = await moved(one);
      const expected = judged[i]!;
      const { flagged, stored, found: under } = expected;
      expect(found.moved, one.flap.join()).toMatchObject({
        stored: stored.flapEpisodes,
        found: under.flapEpisodes,
        flagged,
      });
      const differing = new Map(
        expected.lines
          .filter((line) => line.stored.flapEpisodes !== line.found.flapEpisodes)
          .map((line) => [line.line, [line.stored.flapEpisodes, line.found.flapEpisodes]]),
      );
      expect(found.moved.different).toBe(differing.size);
      expect(found.lines).toHaveLength(Math.min(200, differing.size));
      for (const [line, was, would] of found.lines) {
        expect([Number(was), Number(would)], line).toEqual(differing.get(line!));
      }
    }
    // The cases are worth something: they flag more, fewer and other lines than today's rules.
    expect(judged[0]!.stored.flapEpisodes).toBeGreaterThan(20);
    expect(judged[1]!.flagged.onlyFound).toBeGreaterThan(5);
    expect(judged[3]!.flagged.onlyStored).toBeGreaterThan(5);
  }, 120_000);

  it('follows a slider, writes the rules into the address, and goes back to today', async () => {
    await page.goto(`${served.address}/rules?period=30d`);
    const flagged = page.locator('[data-test=flagged] dd');
    await page.locator('.what-if-panel[data-moved]').waitFor();
    const before = Number(await flagged.innerText());
    await page.locator('[data-test=rule-controls] input[type=range]').nth(2).focus();
    await page.keyboard.press('Home');
    await page.waitForURL(/flap=4\+in\+10m%2C2\+in\+1h/);
    await expect.poll(async () => Number(await flagged.innerText())).toBeGreaterThan(before);
    await page.click('[data-test=as-today]');
    await expect.poll(async () => Number(await flagged.innerText())).toBe(before);
  });

  it('saves a proposal that flapline.yaml takes, and changes nothing in the service', async () => {
    await page.goto(`${served.address}/rules?flap=3+in+20m&quiet=45m`);
    await page.locator('.what-if-panel[data-moved]').waitFor();
    const waiting = page.waitForEvent('download');
    await page.click('[data-test=save-proposal]');
    const file = join(folder, 'flapline.yaml');
    await (await waiting).saveAs(file);
    expect(readFileSync(file, 'utf8')).toContain('# A proposal, made by what-if');
    const read = readYaml(file, ConfigSchema);
    const proposed = rulesOf(read, read.value.rules!, ['rules']);
    const one = { flap: ['3 in 20m'], quiet: '45m', from: null };
    expect(proposed).toEqual(rulesIn(one));
    const [[rules]] = await served.ask(`select count(*) from control where kind = 'rules'`);
    expect(Number(rules)).toBe(1);
    expect(complaints).toEqual([]);
  });
});
