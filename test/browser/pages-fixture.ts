// A store of a simulated network with all its records behind the API and the built page, and a Chromium
// that looks at it, for the tests of pages. Nothing moves: what is shown is read at the end of the data.

import type { Browser, Page } from 'playwright-core';
import type { ApiDeps } from '../../src/api/deps.js';
import { readTargets } from '../../src/kpi/targets-file.js';
import { openStore } from '../../src/store/store.js';
import { statusOf } from '../host/api-fixture.js';
import { serveStore } from '../host/served-store.js';
import { loadRecords, replayedPeriod } from '../kpi/year-fixture.js';

/** What is simulated. */
export interface Simulated {
  readonly seed: number;
  readonly lines: number;
  readonly fromMs: number;
  readonly months: number;
}

/** A network that is served. */
export interface Served {
  readonly address: string;
  readonly readingMs: number;
  /** Runs a statement over the store; its rows. */
  ask(sql: string): Promise<unknown[][]>;
  close(): Promise<void>;
}

/** Simulates and replays into `folder`, has `before` look at the closed store, then serves it. */
export async function servedNetwork(
  folder: string,
  simulated: Simulated,
  before: (storeFile: string) => Promise<void> = async () => undefined,
  deps: Partial<ApiDeps> = {},
): Promise<Served> {
  const made = await replayedPeriod(folder, simulated);
  await before(made.store);
  const store = await openStore(made.store);
  await loadRecords(store, folder);
  const newest = await store.writer.runAndReadAll('select max(effective_ms) from progress');
  const readingMs = Number(newest.getRows()[0]![0]);
  const { readers, server: serve, close } = await serveStore(store, readingMs);
  const { lines } = simulated;
  const status = { ...statusOf('', 'live'), nowMs: readingMs, readingMs, dataAgeMs: 0, lines };
  const server = await serve({ targets: readTargets(), status: () => status, ...deps });
  return {
    address: await server.listen({ host: '127.0.0.1', port: 0 }),
    readingMs,
    ask: async (sql) =>
      readers.read(async (connection) => (await connection.runAndReadAll(sql)).getRows()),
    close,
  };
}

/** How a page is opened. */
export interface PageLook {
  readonly language?: 'en-US' | 'zh-CN';
  readonly colours?: 'dark' | 'light';
  readonly width?: number;
  readonly height?: number;
}

/** A page of the browser, and what its console complained about. */
export async function openPage(
  browser: Browser,
  { language = 'en-US', colours = 'dark', width = 1920, height = 1080 }: PageLook = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    locale: language,
    colorScheme: colours,
    viewport: { width, height },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}
