// The causes page in a real Chromium over a store with planted causes: list, one with its picture and its
// lines, an operator's verdict and its withdrawal, both languages, nothing for axe-core to complain of;
// and the API's answers beneath it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CauseDetail, Causes } from '../../src/api/cause-contract.js';
import type { ApiTokens } from '../../src/api/deps.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { replay } from '../../src/pipeline/replay.js';
import { readRecordText } from '../../src/records/read.js';
import { type Store, openStore } from '../../src/store/store.js';
import { plantedAlarms, plantedRecords } from '../cause/planted.js';
import { type ServedStore, serveStore } from '../host/served-store.js';
import { launchChromium } from './launch.js';
import * as shown from './page.js';

const launched = await launchChromium();
if ('reason' in launched) console.warn(`SKIPPED: no Chromium for the page: ${launched.reason}`);
const reason = 'reason' in launched ? `, skipped, no Chromium: ${launched.reason}` : '';

const T = 1_164_900_000_000;
const SEED = 9;
const READING_MS = T + 3_600_000;
const BURSTS = 6;
const { events, planted } = plantedAlarms(SEED, T, BURSTS, 300_000);
const DOUBTED = {
  doubts: [{ line: 'GZ-1', kind: 'card', component: 'N1-C2', node: 'N7' }],
  nodes: [
    { node: 'N7', lines: 20, missing: 0.45 },
    { node: 'N1', lines: 12, missing: 0 },
  ],
};
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const folder = mkdtempSync(join(tmpdir(), 'flapline-causes-page-'));
let store: Store;
let served: ServedStore;

beforeAll(async () => {
  const { components, lines } = plantedRecords(SEED);
  const file = join(folder, 'events.ndjson');
  const last = { line: 'elsewhere', time: READING_MS, state: 'down' };
  writeFileSync(file, [...events, last].map((event) => JSON.stringify(event)).join('\n'));
  const options = { timeZone: 'Asia/Shanghai' };
  await replay({
    files: [file],
    sort: false,
    rules: DEFAULT_RULES,
    starts: false,
    zone: [],
    records: [
      readRecordText('lines', 'lines.csv', lines, options),
      readRecordText('components', 'components.csv', components, options),
    ],
    storeFile: join(folder, 'causes.duckdb'),
  });
  store = await openStore(join(folder, 'causes.duckdb'));
  served = await serveStore(store, READING_MS);
}, 120_000);

afterAll(async () => {
  await served?.close();
  rmSync(folder, { recursive: true, force: true });
});

const serving = (tokens: ApiTokens | null): Promise<FastifyInstance> =>
  served.server({
    causes: {
      causes: () => ({ provisional: [], isWorking: false }),
      onCauses: () => () => undefined,
      doubts: () => DOUBTED,
      judge: async (statement) => void (await statement(store.writer)),
    },
    tokens,
  });

const as = (token: string) => ({ authorization: `Bearer ${token}` });

const PERIOD = `from=${T}&to=${READING_MS}`;

describe('causes over HTTP', () => {
  it('take the verdict of an operator, show what it moves, and give it back', async () => {
    const server = await serving({ viewer: 'seen', operator: 'done' });
    const list = await server.inject({ url: `/api/causes?${PERIOD}`, headers: as('seen') });
    const { causes, total } = list.json<Causes>();
    expect(total).toBe(causes.length);
    const { id, components } = causes.at(-1)!;
    const url = `/api/causes/${encodeURIComponent(id)}`;
    const say = (token: string, payload: object) =>
      server.inject({ method: 'POST', url: `${url}/feedback`, headers: as(token), payload });
    expect((await say('seen', { verdict: 'confirm', by: 'me' })).statusCode).toBe(403);
    expect((await say('done', { verdict: 'perhaps', by: 'me' })).statusCode).toBe(400);
    expect((await say('done', { verdict: 'confirm' })).statusCode).toBe(400);
    expect((await say('done', { verdict: 'relabel', by: 'me' })).json()).toMatchObject({
      error: { code: 'BAD_REQUEST', message: expect.stringContaining('"as"') },
    });
    expect((await say('done', { verdict: 'confirm', by: 'Li Wei', why: 'burnt' })).statusCode).toBe(
      200,
    );
    const detail = async (): Promise<CauseDetail> =>
      (await server.inject({ url, headers: as('seen') })).json<CauseDetail>();
    const { kind, name } = components[0]!;
    expect(await detail()).toMatchObject({
      feedback: [{ verdict: 'confirmed', kind, component: name, who: 'Li Wei', why: 'burnt' }],
      priors: [{ kind, name, confirmed: 1, refuted: 0, nats: Math.log(2) }],
    });
    const other = { kind: 'cable', name: 'k7' };
    await say('done', { verdict: 'relabel', by: 'Wang', as: other });
    const said = (await detail()).feedback.map(
      ({ verdict, component }) => `${verdict} ${component}`,
    );
    expect(said.toSorted()).toEqual(
      [`confirmed ${name}`, 'confirmed k7', `refuted ${name}`].toSorted(),
    );
    await say('done', { verdict: 'withdraw', by: 'Wang' });
    const { feedback, priors } = await detail();
    expect(priors).toEqual([]);
    expect(feedback.every(({ withdrawnBy }) => withdrawnBy === 'Wang')).toBe(true);
    expect((await server.inject({ url: '/api/causes/none', headers: as('seen') })).statusCode).toBe(
      404,
    );
  });
});

describe.skipIf(reason !== '')(`the causes page${reason}`, () => {
  let page: Page;
  let address: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    if ('reason' in launched) return;
    address = await (await serving(null)).listen({ host: '127.0.0.1', port: 0 });
    page = await launched.browser.newPage({
      locale: 'en-US',
      viewport: { width: 1366, height: 768 },
    });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${address}/causes?${PERIOD}`);
  }, 120_000);

  afterAll(async () => {
    if ('browser' in launched) await launched.browser.close();
  });

  /** What axe-core finds wrong; a heading of the first level would be the shell's. */
  async function wrong(): Promise<string[]> {
    await page.evaluate(readFileSync(AXE, 'utf8'));
    return page.evaluate(`axe.run({ rules: { 'page-has-heading-one': { enabled: false } } }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`);
  }

  it('lists what was planted, in both languages', async () => {
    await page.waitForSelector('[data-test=causes] tbody tr', { timeout: 60_000 });
    expect(await page.locator('[data-test=causes] tbody tr').count()).toBeGreaterThanOrEqual(
      BURSTS,
    );
    const text = await page.locator('[data-test=causes]').innerText();
    for (const { kind, name } of planted) expect(text).toContain(`${kind} ${name}`);
    expect(text).toMatch(/lines in [\d.]+ s; .* expected by chance/);
    expect(await shown.overflow(page)).toBe(0);
    expect(await wrong()).toEqual([]);
    await page.click('[data-test=language]');
    await page.waitForSelector('[data-test=causes] tbody tr');
    expect(await page.locator('[data-test=causes]').innerText()).toMatch(/条线路中有 \d+ 条中断/);
    await shown.picture(page, 'causes-zh');
    await page.click('[data-test=language]');
  }, 120_000);

  it('shows one with its lines by time, and takes a verdict back again', async () => {
    await page.waitForSelector('[data-test=causes] tbody tr');
    await page.locator('[data-test=causes] tbody tr a').first().click();
    await page.waitForSelector('[data-test=picture] i', { timeout: 60_000 });
    expect(await page.locator('[data-test=picture] i').count()).toBe(24);
    const lines = await page.locator('[data-test=cause-lines] tbody tr').count();
    expect(await page.locator('[data-test=evidence]').innerText()).toMatch(
      new RegExp(`^${lines} of `),
    );
    await page.click('[data-test=confirm]');
    await page.fill('[data-test=confirm-dialog] input[name=by]', 'Li Wei');
    await page.fill('[data-test=confirm-dialog] input[name=why]', 'burnt');
    await page.click('[data-test=confirm-dialog] [type=submit]');
    const feedback = page.locator('[data-test=feedback]');
    await feedback.getByText('2 times as likely').waitFor();
    expect(await feedback.innerText()).toMatch(/confirmed · Li Wei, .* · burnt/);
    await shown.picture(page, 'cause-en');
    expect(await wrong()).toEqual([]);
    await page.click('[data-test=withdraw]');
    await page.click('[data-test=withdraw-dialog] [type=submit]');
    await feedback.getByText('withdrawn by Li Wei').waitFor();
    expect(await feedback.innerText()).not.toContain('times as likely');
    expect(await page.isVisible('[data-test=withdraw]')).toBe(false);
    expect(complaints).toEqual([]);
  }, 120_000);

  it('takes what it was instead, and then holds that likelier', async () => {
    const cause = (await page.innerText('.cause-head .note')).split(' = ')[0]!;
    await page.click('[data-test=relabel]');
    const dialog = page.locator('[data-test=relabel-dialog]');
    expect(await dialog.locator('h2').innerText()).toContain(cause);
    await dialog.locator('select[name=kind]').selectOption('cable');
    await dialog.locator('input[name=component]').fill('k7 <b>');
    await dialog.locator('[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
    const feedback = page.locator('[data-test=feedback]');
    await feedback.getByText(`cable k7 <b> confirmed · Li Wei`).waitFor();
    await feedback.getByText(`${cause} refuted · Li Wei`).waitFor();
    expect(complaints).toEqual([]);
  }, 120_000);

  it('tells on the records page which component records are in doubt or missing', async () => {
    await page.goto(`${address}/records`);
    const doubts = page.locator('[data-test=record-doubts] tbody tr');
    await doubts.first().waitFor();
    expect(await doubts.allInnerTexts()).toEqual([
      expect.stringMatching(/^GZ-1\s+\S.* N1-C2\s+N7$/),
    ]);
    const nodes = await page.locator('[data-test=record-nodes] tbody tr').allInnerTexts();
    expect(nodes.map((text) => text.split(/\s+/))).toEqual([
      ['N7', '20', '45', '%'],
      ['N1', '12', '0', '%'],
    ]);
  });
});
