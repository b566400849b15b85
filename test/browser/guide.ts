// Makes the pictures of the user guide from a running service (`npm start`, some minutes old):
// `node dist/test/browser/guide.js [ADDRESS]`. What it is pointed at is real: nothing is drawn by hand. It
// waits until the service is ready, and takes a picture again where the service was too busy for it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Causes } from '../../src/api/cause-contract.js';
import type { Worst } from '../../src/api/contract.js';
import { ROOT } from '../../src/config/root.js';
import { launchChromium } from './launch.js';
import { type PageLook, openPage } from './pages-fixture.js';

type Opened = Awaited<ReturnType<typeof openPage>>;

const ADDRESS = process.argv[2] ?? 'http://127.0.0.1:8080';
const SIZE = { width: 1280, height: 760 };
const QUALITY = 0.4;
const DAY_MS = 86_400_000;
/** A cause of so many lines at most is read at a glance. */
const CAUSE_LINES = 60;
/** After what says that the page is whole: charts are drawn, numbers have come. */
const SETTLE_MS = 2_500;

const READY_WITHIN_MS = 300_000;
const AGAIN_AFTER_MS = 5_000;
const ATTEMPTS = 5;
/** How a browser tells an answer of a service that is not ready or too busy. */
const BUSY = /\b503\b/;

async function untilReady(): Promise<void> {
  const last = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${ADDRESS}/readyz`).catch(() => null);
    if (answer?.ok === true) return;
    if (Date.now() > last) {
      throw new Error(`${ADDRESS}/readyz: ${answer === null ? 'no answer' : await answer.text()}`);
    }
    await delay(AGAIN_AFTER_MS);
  }
}

async function ask<Answer>(path: string): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${ADDRESS}/api/${path}`);
    if (response.ok) return (await response.json()) as Answer;
    const said = `${path}: HTTP ${response.status}: ${await response.text()}`;
    if (response.status !== 503 || attempt === ATTEMPTS) throw new Error(said);
    await delay(AGAIN_AFTER_MS);
  }
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

/** Takes a picture of which the page does not complain; again where the service was too busy for it. */
async function takeWhole(
  { page, complaints }: Opened,
  tongue: string,
  picture: Picture,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await take(page, tongue, picture);
    const said = complaints.splice(0);
    if (said.length === 0) return;
    if (attempt === ATTEMPTS || !said.every((one) => BUSY.test(one))) {
      throw new Error(`${picture[1]}: the page complains: ${said.join('; ')}`);
    }
    await delay(AGAIN_AFTER_MS);
    await untilReady();
  }
}

/** Complaints with the address that was asked for: the console does not say it. */
async function openTelling(browser: Browser, look: PageLook): Promise<Opened> {
  const opened = await openPage(browser, look);
  opened.page.on('response', (response) => {
    const status = response.status();
    if (status >= 400) opened.complaints.push(`${response.url()}: HTTP ${status}`);
  });
  return opened;
}

await untilReady();
const launched = await launchChromium();
if ('reason' in launched) throw new Error(`no Chromium: ${launched.reason}`);
try {
  const all = await pictures();
  for (const [tongue, language] of [
    ['en', 'en-US'],
    ['zh', 'zh-CN'],
  ] as const) {
    const look = { language, colours: 'light', ...SIZE } as const;
    const opened = await openTelling(launched.browser, look);
    for (const one of all) await takeWhole(opened, tongue, one);
    await opened.page.context().close();
  }
} finally {
  await launched.browser.close();
}
