// What the page shows when the service or the network fails under it: the truth within five seconds of
// their return, and never something old as if it were new. Every frame is looked at.

import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HEAT_BUCKET_MS, type Status } from '../../src/api/contract.js';
import { statusOf } from '../host/api-fixture.js';
import { type PeriodService, periodService } from '../host/period-service.js';
import { launchChromium } from './launch.js';
import { BadNetwork } from './network.js';
import * as shown from './page.js';

const DAY_MS = 86_400_000;
const FROM = Date.parse('2006-11-01T00:00:00+08:00');
const READING = FROM + 20 * DAY_MS;
const LOST_WITHIN_MS = 5_000;
const TRUE_WITHIN_MS = 5_000;
/** What one machine that is busy with other tests may take longer. */
const BUSY_MS = 3_000;

const launched = await launchChromium();
if ('reason' in launched) console.warn(`SKIPPED: no Chromium for the page: ${launched.reason}`);
const reason = 'reason' in launched ? `, skipped, no Chromium: ${launched.reason}` : '';

const folder = mkdtempSync(join(tmpdir(), 'flapline-robust-'));
let service: PeriodService;
let network: BadNetwork;
let address = '';
let context: BrowserContext;
let page: Page;
/** What the service says now: lines down, and how far it has read. */
let truth = { down: 1, readingMs: READING };

/** The service's clock: years from the browser's, and it runs as any clock does. */
const serviceNowMs = (): number => READING + 4 * HEAT_BUCKET_MS + Date.now() - startedMs;
const startedMs = Date.now();

function statusNow(): Status {
  return {
    ...statusOf('', 'live'),
    nowMs: serviceNowMs(),
    readingMs: truth.readingMs,
    dataAgeMs: 1_000,
    downNow: truth.down,
    linesOnSeveralPartitions: 0,
    flappingNow: 0,
    partitions: [],
  };
}

interface Frame {
  readonly atMs: number;
  readonly state: string;
  readonly down: string;
  /** The heat map's panel is marked as old. */
  readonly old: boolean;
  readonly readingMs: number | null;
}

/** Notes what the page shows in every frame from now on. */
async function watch(): Promise<void> {
  await page.evaluate(`(() => {
    window.frames_ = [];
    const look = () => {
      const panel = document.querySelector('.heat-panel');
      window.frames_.push({
        atMs: Date.now(),
        state: document.body.dataset.state,
        down: document.querySelector('[data-test=down-now]')?.textContent ?? '',
        old: panel === null || panel.classList.contains('old'),
        readingMs: window.flapline.heat()?.readingMs ?? null,
      });
      requestAnimationFrame(look);
    };
    look();
  })()`);
}

const frames = (): Promise<Frame[]> => page.evaluate('window.frames_');

/** No frame calls itself live and shows, unmarked, what was true before. */
function neverMixed(all: readonly Frame[], before: number): void {
  const news = all.findIndex((frame) => frame.state === 'live' && frame.down === '2');
  expect(news).toBeGreaterThan(-1);
  const mixed = all.slice(news).filter((one) => one.state === 'live' && !one.old);
  expect(mixed.length).toBeGreaterThan(0);
  expect(mixed.filter((frame) => frame.readingMs === before)).toEqual([]);
}

/** Until the page shows the truth of now; in ms. */
async function untilTrue(): Promise<number> {
  const began = Date.now();
  await shown.untilLive(page, truth);
  return Date.now() - began;
}

/** The world goes on while the page does not see it. */
function goOn(): void {
  truth = { down: 2, readingMs: truth.readingMs + 2 * HEAT_BUCKET_MS };
}

/** Opens the desk, and notes every frame once it shows the truth. */
async function open(): Promise<void> {
  await page.goto(address);
  await untilTrue();
  await watch();
}

async function untilLost(): Promise<number> {
  const began = Date.now();
  await page.waitForSelector('body[data-state=lost]');
  expect(await page.isVisible('[data-test=banner].bad')).toBe(true);
  return Date.now() - began;
}

describe.skipIf(reason !== '')(`a page whose world fails${reason}`, () => {
  beforeAll(async () => {
    const month = { seed: 9, lines: 600, fromMs: FROM, readingMs: READING };
    service = await periodService(folder, month, {
      status: statusNow,
      reading: () => new Map([[service?.partition ?? 1, truth.readingMs]]),
    });
    await service.server.listen({ host: '127.0.0.1', port: 0 });
    network = new BadNetwork((service.server.server.address() as AddressInfo).port);
    address = await network.listen();
  }, 120_000);

  afterAll(async () => {
    if ('browser' in launched) await launched.browser.close();
    await network?.close();
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    if (!('browser' in launched)) return;
    truth = { down: 1, readingMs: READING };
    network.turn('fine');
    context = await launched.browser.newContext({ locale: 'en-US' });
    page = await context.newPage();
  });

  afterEach(() => context?.close());

  it('says that the service is gone, and shows the truth when it is back', async () => {
    await open();
    network.turn('cut');
    const lostMs = await untilLost();
    goOn();
    network.turn('fine');
    const trueMs = await untilTrue();
    neverMixed(await frames(), READING);
    console.log(`killed: lost shown after ${lostMs} ms, truth ${trueMs} ms after its return`);
    expect(lostMs).toBeLessThan(LOST_WITHIN_MS + BUSY_MS);
    expect(trueMs).toBeLessThan(TRUE_WITHIN_MS + BUSY_MS);
  });

  it('notices a network that carries nothing and does not break', async () => {
    await open();
    network.turn('frozen');
    const lostMs = await untilLost();
    goOn();
    network.turn('fine');
    const trueMs = await untilTrue();
    neverMixed(await frames(), READING);
    console.log(`frozen: lost shown after ${lostMs} ms, truth ${trueMs} ms after its return`);
    expect(lostMs).toBeLessThan(LOST_WITHIN_MS + BUSY_MS);
    expect(trueMs).toBeLessThan(TRUE_WITHIN_MS + BUSY_MS);
  });

  it('does not call itself live on a line too slow to be', async () => {
    await open();
    network.turn('slow');
    await page.waitForSelector('body:not([data-state=live])', { timeout: 60_000 });
    goOn();
    network.turn('fine');
    const trueMs = await untilTrue();
    neverMixed(await frames(), READING);
    console.log(`slow: truth ${trueMs} ms after the line was fast again`);
    expect(trueMs).toBeLessThan(TRUE_WITHIN_MS + BUSY_MS);
  });

  it('shows the truth after an hour asleep', async () => {
    await page.clock.install();
    await open();
    await page.clock.fastForward('01:00:00');
    goOn();
    const trueMs = await untilTrue();
    neverMixed(await frames(), READING);
    console.log(`asleep: truth ${trueMs} ms after waking`);
    expect(trueMs).toBeLessThan(TRUE_WITHIN_MS + BUSY_MS);
  });

  it('goes by the clock of the service, not by its own', async () => {
    await page.addInitScript(`(() => {
      const real = Date.now.bind(Date);
      Date.now = () => real() + ${3 * DAY_MS};
    })()`);
    await open();
    const heat = await shown.liveHeat(page);
    const end = heat.fromMs + heat.buckets * heat.bucketMs;
    expect(Math.abs(end - serviceNowMs())).toBeLessThan(6 * HEAT_BUCKET_MS);
    expect(await page.textContent('[data-test=data-age]')).toMatch(/^[1-9] s$/);
    expect((await shown.connection(page)).state).toBe('live');
  });
});
