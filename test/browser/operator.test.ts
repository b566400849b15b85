// What operators do on the line page, in a real Chromium: notes, shelving, a reset. A viewer is refused and
// asked for the operator's token, which serves for that one action and is kept nowhere.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusOf } from '../host/api-fixture.js';
import { seriousFindings } from './accessible.js';
import { launchChromium } from './launch.js';
import { type Served, openPage, servedNetwork } from './pages-fixture.js';
import { picture } from './page.js';

const launched = await launchChromium();
if ('reason' in launched) console.warn(`SKIPPED: no Chromium for the page: ${launched.reason}`);
const reason = 'reason' in launched ? `, skipped, no Chromium: ${launched.reason}` : '';

const FROM_MS = Date.parse('2007-03-01T00:00:00+08:00');
const DAY_MS = 86_400_000;
const [VIEWER, OPERATOR] = ['only-looks', 'may-act'];
const NOTE = 'renewed the <b>connector</b> of the A end';

const folder = mkdtempSync(join(tmpdir(), 'flapline-operator-'));

describe.skipIf(reason !== '')(`an operator on the line page${reason}`, () => {
  let served: Served;
  let page: Page;
  let complaints: string[];
  let alarm = '';
  const resets: unknown[] = [];

  beforeAll(async () => {
    const spring = { seed: 5, lines: 300, fromMs: FROM_MS, months: 1 };
    served = await servedNetwork(folder, spring, undefined, {
      // shelves go by the wall clock, as notices do
      status: () => ({ ...statusOf('', 'live'), nowMs: Date.now(), dataAgeMs: 0 }),
      tokens: { viewer: VIEWER, operator: OPERATOR },
      reset: async (request) => {
        resets.push(request);
        return [{ partition: 0, log: 0, position: 7 }];
      },
    });
    if ('reason' in launched) return;
    const [[line, named]] = (await served.ask(
      `select line, alarm from interruptions where alarm is not null
       group by all order by count(*) desc, line limit 1`,
    )) as [[string, string]];
    alarm = named;
    ({ page, complaints } = await openPage(launched.browser, { width: 1366, height: 768 }));
    const period = `from=${served.readingMs - 29 * DAY_MS}&to=${served.readingMs + 1}`;
    await page.goto(`${served.address}/line/${encodeURIComponent(line)}?${period}`);
    await page.fill('[data-test=token]', VIEWER);
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-test=components] details', { timeout: 60_000 });
    // what it complained about before the viewer's token was given
    complaints.length = 0;
  }, 180_000);

  afterAll(async () => {
    if ('browser' in launched) await launched.browser.close();
    await served?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Fills the open dialog and sends it: first as the viewer, who is refused, then as the operator. */
  async function act(name: string, values: Readonly<Record<string, string>>): Promise<void> {
    const dialog = page.locator(`[data-test=${name}-dialog]`);
    for (const [field, value] of Object.entries(values)) {
      await dialog.locator(`input[name=${field}]`).fill(value);
    }
    const token = dialog.locator('[data-test=operator-token]');
    expect(await token.isVisible()).toBe(false);
    await dialog.locator('[type=submit]').click();
    await token.waitFor();
    await token.fill('wrong');
    await dialog.locator('[type=submit]').click();
    await dialog.getByText('This token is not valid.').waitFor();
    await picture(page, `operator-${name}`);
    expect(await seriousFindings(page), name).toEqual([]);
    await token.fill(OPERATOR);
    await dialog.locator('[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
  }

  it('writes a note, which is text and stands with who and when', async () => {
    await page.getByText('Nobody has written anything down.').waitFor();
    await page.click('[data-test=note-line]');
    await act('note', { by: 'Li Wei', text: NOTE });
    const notes = page.locator('[data-test=notes] li');
    await notes.first().waitFor();
    expect(await notes.allInnerTexts()).toEqual([
      expect.stringMatching(
        /^renewed the <b>connector<\/b> of the A end\s+Li Wei · \d{4}-\d\d-\d\d /,
      ),
    ]);
    expect(await served.ask('select who, note from line_notes')).toEqual([['Li Wei', NOTE]]);
  });

  it('shelves an alarm with a reason and an end, and ends it', async () => {
    await page.click('[data-test=shelve-line]');
    const dialog = page.locator('[data-test=shelve-dialog]');
    // the name is proposed from then on
    expect(await dialog.locator('input[name=by]').inputValue()).toBe('Li Wei');
    await dialog.locator('select[name=alarm]').selectOption(alarm);
    await dialog.locator('select[name=hours]').selectOption('720');
    await act('shelve', { why: 'splicing' });
    const state = page.locator('[data-test=line-state]');
    await state.getByText(`no notices of ${alarm} until`).waitFor();
    expect(await state.innerText()).toMatch(/until .*: splicing \(Li Wei\)/);
    const [[left]] = await served.ask(
      `select until_ms - ${Date.now()} from shelves where alarm = '${alarm}' and ended_ms is null`,
    );
    expect(Math.abs(Number(left) - 30 * DAY_MS)).toBeLessThan(10 * 60_000);
    await page.click('[data-test=unshelve-line]');
    await act('unshelve', {});
    await state.getByText('no notices').waitFor({ state: 'detached' });
    expect(await page.isVisible('[data-test=unshelve-line]')).toBe(false);
    expect(await served.ask('select ended_by from shelves')).toEqual([['Li Wei']]);
  });

  it('resets the line, with who and why', async () => {
    await page.click('[data-test=reset-line]');
    await act('reset', { by: 'Wang', why: 'card changed' });
    expect(resets).toEqual([{ line: expect.any(String), by: 'Wang', why: 'card changed' }]);
  });

  it('leaves the browser as it was: a viewer', async () => {
    const kept = await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })');
    expect(kept).not.toContain(OPERATOR);
    const cookies = await page.context().cookies();
    expect(cookies.map(({ value }) => value)).toEqual([VIEWER]);
    expect(complaints.filter((text) => !/ 40[13] /.test(text))).toEqual([]);
  });
});
