// Causes do not depend on how the starts came: late, in pieces, walked over to any bound, with old ones
// forgotten or the work begun again from what was settled, they are those of one walk.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causeFindings } from '../../src/cause/finding.js';
import { type Burst, CauseHistory, SETTLE_MS } from '../../src/cause/history.js';
import { CauseRecords } from '../../src/cause/records.js';
import { DEFAULT_CAUSE_SETTINGS } from '../../src/cause/settings.js';
import { random, smallNetwork } from './networks.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SETTINGS = {
  ...DEFAULT_CAUSE_SETTINGS,
  historyDays: 1,
  burstMaxMs: 20_000,
  // Few lines: of what little is known much is learnt.
  ratePriorMs: HOUR_MS,
};

interface Scene {
  readonly records: CauseRecords;
  /** In the order of their times. */
  readonly lines: readonly number[];
  readonly times: readonly number[];
}

/** Five days with bursts that hang together, and records that change on the third. */
function scene(seed: number): Scene {
  const next = random(seed);
  const records = new CauseRecords(SETTINGS);
  for (const [i, [line, kind, component]] of smallNetwork(seed).rows.entries()) {
    const fromMs = i % 40 === 0 ? 3 * DAY_MS - HOUR_MS : 0;
    records.addComponent({ line, kind, component, fromMs, untilMs: Infinity });
  }
  const starts: [number, number][] = [];
  for (let day = 0; day < 5; day++) {
    const { starts: own } = smallNetwork(seed + day);
    const againMs = 15_000 + Math.floor(next() * 30_000);
    for (const [line, time] of own) {
      if (records.indexOf(line) < 0) continue;
      const atMs = day * DAY_MS + time;
      starts.push([records.indexOf(line), atMs]);
      if (next() < 0.6) starts.push([records.indexOf(line), atMs + againMs]);
    }
  }
  starts.sort((a, b) => a[1] - b[1]);
  return { records, lines: starts.map(([line]) => line), times: starts.map(([, time]) => time) };
}

function textsOf(bursts: readonly Burst[]): string[] {
  return bursts.flatMap((burst) =>
    causeFindings(burst, () => new Set()).map(({ finding }) => JSON.stringify(finding)),
  );
}

function whole({ records, lines, times }: Scene): Burst[] {
  const history = new CauseHistory(records, SETTINGS);
  history.add(lines, times);
  history.walk(Infinity);
  history.walk(Number.MAX_SAFE_INTEGER);
  return history.bursts;
}

const seeds = fc.integer({ min: 1, max: 100_000 });
const RUNS = { numRuns: 20, seed: 11 };

describe('causes of a history', () => {
  it('are there at all, and bursts hang together', () => {
    const bursts = whole(scene(3));
    expect(textsOf(bursts).length).toBeGreaterThan(5);
    const touching = bursts.filter(
      ({ span }, i) => span.fromMs <= (bursts[i - 1]?.span.untilMs ?? -1),
    );
    expect(touching.length).toBeGreaterThan(0);
  });

  it('do not depend on lateness, nor on what was forgotten', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const all = scene(seed);
        const next = random(seed);
        const history = new CauseHistory(all.records, SETTINGS);
        let late: number[] = [];
        const add = (rows: readonly number[]): void => {
          history.add(
            rows.map((row) => all.lines[row]!),
            rows.map((row) => all.times[row]!),
          );
        };
        const settled = new Map<number, string[]>();
        const keep = (bursts: readonly Burst[]): void => {
          for (const burst of bursts) settled.set(burst.span.triggerMs, textsOf([burst]));
        };
        for (let row = 0; row < all.times.length; row++) {
          if (next() < 0.1) late.push(row);
          else add([row]);
          if (next() < 0.2) history.walk(all.times[row]! + Math.floor(next() * 40_000));
          if (late.length > 0 && next() < 0.1) {
            add(late);
            late = [];
          }
          const fromMs = (late.length > 0 ? all.times[late[0]!]! : all.times[row]!) - HOUR_MS;
          if (next() > 0.02) continue;
          keep(history.settled(fromMs));
          history.forget(fromMs);
        }
        add(late);
        history.walk(Infinity);
        history.walk(Number.MAX_SAFE_INTEGER);
        keep(history.bursts);
        const texts = [...settled].toSorted(([a], [b]) => a - b).flatMap(([, text]) => text);
        expect(texts).toEqual(textsOf(whole(all)));
        // What no rate needs any more is gone.
        expect(history.starts.count).toBeLessThan(all.times.length);
      }),
      RUNS,
    );
  });

  it('do not depend on where work was begun again', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const all = scene(seed);
        const wanted = whole(all);
        const next = random(seed);
        const row = Math.floor(next() * all.times.length);
        const before = new CauseHistory(all.records, SETTINGS);
        before.add(all.lines.slice(0, row), all.times.slice(0, row));
        const boundMs = all.times[row]!;
        before.walk(boundMs);
        const settled = before.settled(boundMs);
        const unsettled = before.bursts.find(({ span }) => span.untilMs + SETTLE_MS >= boundMs);
        const open = before.open?.triggerMs ?? Infinity;
        const resumeMs = Math.min(boundMs, unsettled?.span.triggerMs ?? open);
        const after = new CauseHistory(all.records, SETTINGS);
        after.add(all.lines, all.times);
        after.resume(
          settled.map(({ span, causes }) => ({
            span,
            lines: causes.flatMap(({ lines }) => lines),
          })),
          resumeMs,
        );
        after.walk(Infinity);
        after.walk(Number.MAX_SAFE_INTEGER);
        const known = settled.filter(({ span }) => span.triggerMs < resumeMs);
        expect(textsOf([...known, ...after.bursts])).toEqual(textsOf(wanted));
      }),
      RUNS,
    );
  });
});
