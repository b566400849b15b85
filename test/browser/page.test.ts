// The page in a real Chromium against the whole service: embedded broker, simulated network, store,
// API under its own content security policy. The tests of this file follow one another on one page.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Heat, Worst } from '../../src/api/contract.js';
import { HEAT_BUCKET_MS } from '../../src/api/contract.js';
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
const LOST_WITHIN_MS = 5_000;
const BACK_WITHIN_MS = 8_000;
const TOKEN = 'let-me-in';
const WINDOW = { width: 1366, height: 768 };
const VIEWS = ['#/', '#/?by=product&range=7d', '#/worst', '#/worst?period=custom', '#/flapping'];

const launched = await launchChromium();
const reason = 'reason' in launched ? launched.reason : null;

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
  await page.waitForFunction(() => document.querySelector('.old') === null);
  const [before] = await shown.coloursAt(page, await shown.cellAt(page, branch, timeMs), {
    x: 0.5,
    y: 0.5,
  });
  const painting = shown.paintedCell(page, { row: branch, timeMs, starts: lines.length, before });
  const producedMs = Date.now();
  await produce(lines, 'down');
  const painted = await painting;
  lit = { branch, timeMs, lines };
  const took = painted.atMs - producedMs;
  console.log(
    `${lines.length} alarms of ${branch}: painted ${took} ms after the first was produced ` +
      `(${before} -> ${painted.colour})`,
  );
  await produce(lines, 'up');
  return took;
}
