// Makes the pictures of the user guide from a running service (`npm start`, some minutes old):
// `node dist/test/browser/guide.js [ADDRESS]`. What it is pointed at is real: nothing is drawn by hand.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Causes } from '../../src/api/cause-contract.js';
import type { Worst } from '../../src/api/contract.js';
import { ROOT } from '../../src/config/root.js';
import { launchChromium } from './launch.js';
import { openPage } from './pages-fixture.js';

const ADDRESS = process.argv[2] ?? 'http://127.0.0.1:8080';
const SIZE = { width: 1280, height: 760 };
const QUALITY = 0.4;
const DAY_MS = 86_400_000;
/** A cause of so many lines at most is read at a glance. */
const CAUSE_LINES = 60;
/** After what says that the page is whole: charts are drawn, numbers have come. */
const SETTLE_MS = 2_500;

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${ADDRESS}/api/${path}`);
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  return (await response.json()) as Answer;
}

/** Name of a picture, its address, and what is there once it is whole. */
type Picture = readonly [name: string, path: string, whole: string];

async function pictures(): Promise<Picture[]> {
  const { rows } = await ask<Worst>('worst?limit=1');
  const line = encodeURIComponent(rows[0]!.line);
  const now = Date.now();
  const { causes } = await ask<Causes>(`causes?from=${now - 30 * DAY_MS}&to=${now}&limit=200`);
  const large = causes.toSorted((a, b) => b.lines - a.lines);
  const shown = large.find(({ lines }) => lines <= CAUSE_LINES) ?? large[0];
  if (shown === undefined) throw new Error('the service has no root cause to show');
  return [
    ['desk', '', '[data-test=worst-short] tbody tr'],
    ['wall', 'wall?every=0', '.wall-view .heat canvas'],
    ['map', 'map', '[data-test=streaks] tbody tr'],
    ['line', `line/${line}?period=30d`, '[data-test=components] details'],
    ['cause', `causes/${encodeURIComponent(shown.id)}`, '[data-test=picture] i'],
    ['worst', 'worst?period=30d', '[data-test=worst] tbody tr'],
    ['targets', 'targets', '[data-test=scorecard] tbody tr'],
    ['rules', 'rules?period=7d&flap=3+in+10m', '.what-if-panel[data-moved]'],
    ['records', 'records', '[data-test=record-kinds] tbody tr'],
  ];
}

async function take(page: Page, tongue: string, [name, path, whole]: Picture): Promise<void> {
  await page.goto(`${ADDRESS}/${path}`);
  await page.waitForSelector(whole, { timeout: 120_000, state: 'attached' });
  await page.waitForTimeout(SETTLE_MS);
  const shot = (await page.screenshot()).toString('base64');
  // the browser itself makes WebP of it, which is half of a JPEG
  await page.goto('about:blank');
  const webp = await page.evaluate(`(async () => {
    const image = await createImageBitmap(
      await (await fetch('data:image/png;base64,${shot}')).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: ${QUALITY} });
    return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
  })()`);
  const file = join(ROOT, 'web', 'guide', `${name}-${tongue}.webp`);
  writeFileSync(file, Buffer.from(webp as string, 'base64'));
}

const launched = await launchChromium();
if ('reason' in launched) throw new Error(`no Chromium: ${launched.reason}`);
try {
  const all = await pictures();
  for (const [tongue, language] of [
    ['en', 'en-US'],
    ['zh', 'zh-CN'],
  ] as const) {
    const look = { language, colours: 'light', ...SIZE } as const;
    const { page, complaints } = await openPage(launched.browser, look);
    for (const one of all) await take(page, tongue, one);
    if (complaints.length > 0) throw new Error(`the page complains: ${complaints.join('; ')}`);
    await page.context().close();
  }
} finally {
  await launched.browser.close();
}
