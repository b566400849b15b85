// The penalty detector against data/rfc2439-damping: Figure 1 within 0.03, the cases of the text to the
// printed digits; and its edges: at exactly S, at exactly R, the ceiling.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decayed } from '../../assembly/decay.js';
import * as L from '../../assembly/layout.js';
import type { PenaltyDetector } from '../../src/config/rules.js';
import { BUILDS, onBothBuilds } from '../kernel/run.js';
import { describeShared, sharedIsPresent, sharedPath } from '../shared.js';
import { OneLine, TESTED } from './one-line.js';

/** A half-life in ms: so long that a ms is nothing. */
const H = 10_000_000;
const NO_CEILING = 30 * H;

interface Figure {
  readonly columns: readonly {
    readonly flap_period_in_half_lives: number;
    readonly reproduction: { readonly down_instants: string };
  }[];
  readonly rows_time_then_columns: readonly (readonly number[])[];
}

interface TextCase {
  readonly sequence?: readonly number[];
  readonly reaches?: Readonly<Record<string, number>>;
  readonly converges_about?: number;
  readonly converges_below?: number;
}

const DATA: { figure1: Figure; text_cases: readonly TextCase[] } | null = sharedIsPresent
  ? JSON.parse(readFileSync(sharedPath('data', 'rfc2439-damping', 'cases.json'), 'utf8'))
  : null;

/** The RFC's units: 1 at each unreachable. */
function penaltyOf(values: Partial<PenaltyDetector>): PenaltyDetector {
  return {
    ...TESTED,
    kind: 'penalty',
    halfLifeUpMs: H,
    halfLifeDownMs: H,
    penaltyDown: 1,
    penaltyUp: 0,
    suppress: 1.5,
    reuse: 0.75,
    maxSuppressMs: NO_CEILING,
    ...values,
  };
}

/** Figure 1: cut 1.5, reuse 0.75, ceiling 4.5 = reuse * 2^(log2 6). */
const FIGURE_1 = penaltyOf({ maxSuppressMs: Math.round(Math.log2(6) * H) });

/** The penalty at time t, from the kernel's state as it was at the last transition. */
function valueAt(line: OneLine, t: number): number {
  return decayed(line.real(L.PENALTY_VALUE), t - line.transition, H);
}

/** Instants in half-lives of the downs of a column: "k*P - 0.01 for k=1,2,.. while < 1.75". */
function downsOf(column: Figure['columns'][number]): number[] {
  const words = /^k\*P - ([\d.]+) .* while < ([\d.]+)$/.exec(column.reproduction.down_instants)!;
  const [less, until] = [Number(words[1]), Number(words[2])];
  const downs: number[] = [];
  for (let k = 1; k * column.flap_period_in_half_lives - less < until; k++) {
    downs.push(k * column.flap_period_in_half_lives - less);
  }
  return downs;
}

/** Penalties right after each of `count` unreachables, `period` ms apart. */
async function penalties(checked: boolean, period: number, count: number): Promise<number[]> {
  const line = new OneLine(penaltyOf({}), checked);
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    await line.event(i * period, 'down');
    values.push(line.real(L.PENALTY_VALUE));
    await line.event(i * period + period / 2, 'up');
  }
  return values;
}

const COLUMNS = onBothBuilds([0, 1, 2, 3].map((column) => ({ column })));

describeShared('data/rfc2439-damping', () => {
  it.each(COLUMNS)(
    'Figure 1, column $column, within 0.03 ($build)',
    async ({ column, checked }) => {
      const { columns, rows_time_then_columns: rows } = DATA!.figure1;
      const downs = downsOf(columns[column]);
      expect(downs.length).toBeGreaterThan(2);
      const line = new OneLine(FIGURE_1, checked);
      expect(rows).toHaveLength(44);
      for (const [time, ...values] of rows) {
        while (downs.length > 0 && downs[0] <= time) {
          const at = Math.round(downs.shift()! * H);
          await line.event(at, 'down');
          await line.event(at + 1, 'up');
        }
        expect(Math.abs(valueAt(line, time * H) - values[column]), `at ${time}`).toBeLessThan(0.03);
      }
    },
  );

  it.each(COLUMNS)(
    'Figure 1, column $column, is suppressed after 2 or 3 unreachables and used again after about 2 half-lives ($build)',
    async ({ column, checked }) => {
      const downs = downsOf(DATA!.figure1.columns[column]).map((each) => Math.round(each * H));
      const line = new OneLine(FIGURE_1, checked);
      for (const at of downs) {
        await line.event(at, 'down');
        await line.event(at + 1, 'up');
      }
      const [start] = line.of('flap-start');
      expect([downs[1], downs[2]]).toContain(start['at']);
      await line.read(downs.at(-1)! + 10 * H);
      const [end] = line.of('flap-end');
      // In column 0 the first penalty is below R again, 2^-0.5, when the second unreachable comes.
      const evidence = downs.slice(column === 0 ? 1 : 0);
      expect(end).toMatchObject({ interruptions: evidence.length, since: evidence[0] });
      const stableHalfLives = (Number(end['at']) - downs.at(-1)!) / H;
      expect(stableHalfLives).toBeGreaterThan(1.5);
      expect(stableHalfLives).toBeLessThanOrEqual(Math.log2(6) + 2 / H);
    },
  );

  it.each(BUILDS)('section 4.3: flapping at four times the decay rate ($build)', async (build) => {
    const { sequence, reaches, converges_about: limit } = DATA!.text_cases[0];
    const values = await penalties(build.checked, H / 4, 200);
    const printed = values.slice(0, sequence!.length).map((value) => Number(value.toFixed(2)));
    expect(printed).toEqual(sequence);
    expectReaches(values, reaches!);
    expect(values.at(-1)!.toFixed(3)).toBe(limit!.toFixed(3));
  });

  it.each(BUILDS)('section 4.3: flapping at twice the decay rate ($build)', async (build) => {
    const { reaches, converges_below: limit } = DATA!.text_cases[1];
    const values = await penalties(build.checked, H / 2, 200);
    expectReaches(values, reaches!);
    expect(values.at(-1)).toBeLessThan(limit!);
  });

  // The RFC prints neither the share of a period that a route is down nor when it becomes stable: both
  // shares here, over 12 minutes. Ceiling 4 = 0.5 * 2^(15 min / 5 min).
  const MINUTE = 60_000;
  const SAMPLE = penaltyOf({
    suppress: 1.25,
    reuse: 0.5,
    halfLifeUpMs: 5 * MINUTE,
    halfLifeDownMs: 15 * MINUTE,
    maxSuppressMs: 45 * MINUTE,
  });
  it.each(
    onBothBuilds([
      { periodMin: 2, share: 0.25, least: 13.5, most: 15 },
      { periodMin: 2, share: 0.75, least: 13.5, most: 15 },
      { periodMin: 4, share: 0.25, least: 9, most: 11 },
      { periodMin: 4, share: 0.75, least: 9, most: 11 },
    ]),
  )('section 4.7: period $periodMin min, $share of it down ($build)', async (given) => {
    const line = new OneLine(SAMPLE, given.checked);
    const period = given.periodMin * MINUTE;
    let stable = 0;
    for (let at = 0; at < 12 * MINUTE; at += period) {
      stable = at + period * given.share;
      await line.event(at, 'down');
      await line.event(stable, 'up');
    }
    expect(line.of('flap-start')).toMatchObject([{ at: period, since: 0 }]);
    await line.read(stable + 60 * MINUTE);
    const minutes = (Number(line.of('flap-end')[0]['at']) - stable) / MINUTE;
    expect(minutes).toBeGreaterThanOrEqual(given.least);
    expect(minutes).toBeLessThanOrEqual(given.most);
  });
});

/** `reaches` says after how many unreachables a value is reached. */
function expectReaches(values: readonly number[], reaches: Readonly<Record<string, number>>): void {
  expect(Object.keys(reaches).length).toBeGreaterThan(0);
  for (const [value, after] of Object.entries(reaches)) {
    expect(values.findIndex((each) => each >= Number(value)) + 1).toBe(after);
  }
}

describe('edges of the penalty detector', () => {
  const OURS = penaltyOf({
    halfLifeUpMs: 600_000,
    halfLifeDownMs: 600_000,
    penaltyDown: 1000,
    suppress: 3000,
    reuse: 1000,
    maxSuppressMs: 3_600_000,
  });

  it.each(BUILDS)('starts at exactly S ($build)', async ({ checked }) => {
    const line = new OneLine(OURS, checked);
    for (let i = 0; i < 3; i++) {
      await line.event(5, 'down');
      await line.event(5, 'up');
    }
    expect(line.real(L.PENALTY_VALUE)).toBe(3000);
    expect(line.of('flap-start')).toMatchObject([{ at: 5, since: 5 }]);
    const later = new OneLine(OURS, checked);
    for (const t of [5, 5, 6]) {
      await later.event(t, 'down');
      await later.event(t, 'up');
    }
    expect(later.of('flap-start')).toEqual([]);
  });

  it.each(BUILDS)('ends at the first ms below R, not at R itself ($build)', async ({ checked }) => {
    // 4000 = 4 R: exactly R after two half-lives.
    for (const [next, ended] of [
      [1_200_000, false],
      [1_200_001, true],
    ] as const) {
      const line = new OneLine(OURS, checked);
      for (let i = 0; i < 4; i++) {
        await line.event(0, 'down');
        await line.event(0, 'up');
      }
      await line.read(next);
      expect(line.of('flap-end')).toHaveLength(ended ? 1 : 0);
      await line.event(next, 'up');
      expect(line.flapping).toBe(!ended);
      await line.event(9_999_999, 'up');
      expect(line.of('flap-end').at(-1)).toMatchObject({
        at: 1_200_001,
        start: 0,
        interruptions: 4,
      });
    }
  });

  it.each(BUILDS)(
    'decays by the half-life of the state just left ($build)',
    async ({ checked }) => {
      const line = new OneLine(
        { ...OURS, halfLifeUpMs: 1000, halfLifeDownMs: 4000, maxSuppressMs: 20_000 },
        checked,
      );
      await line.event(0, 'down');
      await line.event(4000, 'up');
      expect(line.real(L.PENALTY_VALUE)).toBe(500);
      await line.event(5000, 'down');
      expect(line.real(L.PENALTY_VALUE)).toBe(1250);
    },
  );

  it.each(BUILDS)('rises no higher than R * 2^(Tmax/H) ($build)', async ({ checked }) => {
    const line = new OneLine({ ...OURS, maxSuppressMs: 1_800_000 }, checked);
    for (let i = 0; i < 20; i++) {
      await line.event(0, 'down');
      await line.event(0, 'up');
    }
    expect(line.real(L.PENALTY_VALUE)).toBe(8000);
    await line.read(1_800_000);
    expect(line.of('flap-end')).toEqual([]);
    await line.read(1_800_001);
    expect(line.of('flap-end')).toMatchObject([{ at: 1_800_001, interruptions: 20 }]);
  });
});
