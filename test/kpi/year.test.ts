// Every KPI of a simulated year against the naive script: every month, group and variant, to the unit.
// FLAPLINE_KPI_YEAR=1 takes the whole network (48,840 lines, about 13 M events) instead of 1,200 lines.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KPIS, readFigures } from '../../src/kpi/figures.js';
import { monthOf, monthsBetween } from '../../src/kpi/month.js';
import { DIMENSIONS } from '../../src/kpi/kpi.js';
import { openStore, type Store } from '../../src/store/store.js';
import { naiveFigures } from './naive.js';
import { loadRecords, replayedPeriod } from './year-fixture.js';

const WHOLE = process.env['FLAPLINE_KPI_YEAR'] === '1';
const LINES = WHOLE ? 48_840 : 1_200;
const MINUTES = 60_000;
const FROM_MS = Date.parse('2007-01-01T00:00:00+08:00');

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.abs(b);

const folder = mkdtempSync(join(tmpdir(), 'flapline-kpi-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a simulated year', () => {
  let store: Store;
  let expected: Map<string, [number, number]>;
  /** The same by month: at full size there are millions. */
  const ofMonth = new Map<string, Map<string, [number, number]>>();

  beforeAll(async () => {
    const made = await replayedPeriod(folder, {
      seed: 20070101,
      lines: LINES,
      fromMs: FROM_MS,
      months: 12,
    });
    console.log(
      `${LINES} lines, ${made.summary.events} events: replayed in ${(made.replayMs / 1000).toFixed(1)} s`,
    );
    store = await openStore(made.store, { memory: '4GB', threads: 2 });
    await loadRecords(store, folder);
    const begun = performance.now();
    expected = await naiveFigures(folder);
    for (const [key, figure] of expected) {
      const month = key.split('|', 2)[1]!;
      const own = ofMonth.get(month);
      if (own) own.set(key, figure);
      else ofMonth.set(month, new Map([[key, figure]]));
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${expected.size} figures counted naively in ${seconds} s`);
  }, 20 * MINUTES);
  afterAll(() => store.close());

  it.each(monthsBetween('2007-01', '2007-12'))(
    '%s: every KPI equals the naive figure',
    async (month) => {
      const wanted = monthOf(month, 'Asia/Shanghai');
      const found = await readFigures(store.writer, wanted, 'latest', DIMENSIONS);
      const told = new Map(
        found!.rows.map((row) => [
          `${row.kpi}|${month}|${row.dimension}|${row.name}|${row.variant}`,
          [row.numerator, row.denominator ?? 0] as [number, number],
        ]),
      );
      const naive = ofMonth.get(month)!;
      const keys = new Set([...told.keys(), ...naive.keys()]);
      const different = [...keys].flatMap((key) => {
        const ours = told.get(key) ?? [0, 0];
        const theirs = naive.get(key) ?? [0, 0];
        return near(ours[0], theirs[0]) && near(ours[1], theirs[1]) ? [] : [{ key, ours, theirs }];
      });
      expect(different.length, JSON.stringify(different.slice(0, 12), null, 1)).toBe(0);
      const some = [...naive.values()].filter(([numerator]) => numerator > 0);
      expect(some.length).toBeGreaterThan(LINES);
      expect(found!.rows.filter(({ coverage }) => coverage === null).length).toBe(
        found!.rows.filter(({ dimension, name }) => !groupHasLines(dimension, name)).length,
      );
    },
    10 * MINUTES,
  );

  it('tells every KPI, and planned figures that are not nothing', () => {
    const kpis = new Set([...expected.keys()].map((key) => key.split('|', 1)[0]));
    expect([...kpis].toSorted()).toEqual([...KPIS.keys()].toSorted());
    for (const kpi of ['momentary', 'outages', 'unavailable_seconds', 'repeat_fault_rate']) {
      const planned = [...expected].filter(
        ([key]) => key.startsWith(`${kpi}|`) && key.endsWith('planned'),
      );
      expect(
        planned.some(([, [numerator]]) => numerator > 0),
        kpi,
      ).toBe(true);
    }
  });

  /** Customers without a line have figures of enrolment only. */
  function groupHasLines(dimension: string, name: string): boolean {
    return expected.has(`availability|2007-01|${dimension}|${name}|gross`);
  }
});
