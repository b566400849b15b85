// Rollups against a naive script over the rows themselves: random streams with late starts, ends that
// wait, other rules, resets and restarts, rolled up at any moment and in steps of few rows, cut in
// zones with half hours and daylight saving. Then periods of any edges.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offsetAt } from '../../src/config/zone.js';
import { periodTexts } from '../../src/store/period-sums.js';
import { QUERY_SETTINGS } from '../../src/store/queries.js';
import { readingClause } from '../../src/store/reading.js';
import { LONG_MS } from '../../src/store/rollup-facts.js';
import { rollUp, rowsWaiting } from '../../src/store/rollup.js';
import { selectRows } from '../../src/store/sql.js';
import type { Store } from '../../src/store/store.js';
import { viewTexts } from '../../src/store/views.js';
import { applyControl, controlled, detectorRules } from '../judge/detectors.js';
import { applySteps } from '../judge/scenario.js';
import { DEFAULT_RULES, Model } from '../model.js';
import { usesServices } from './service-fixture.js';
import { Life, sorted } from './store-life.js';

usesServices();

const SEED = 20061130;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ZONES = ['Asia/Shanghai', 'Asia/Kolkata', 'America/New_York', 'Australia/Lord_Howe'];

interface Sums {
  interruptions: number;
  outages: number;
  downMs: number;
  episodes: number;
  repeats: number;
  last: number | null;
}

interface Interruption extends Record<string, string | number | boolean | null> {
  line: string;
  start: number;
  until: number;
  outage: boolean;
}

/** The findings of the primary kind at c, by views that are held against the twin elsewhere. */
async function facts(store: Store, c: number) {
  const texts = viewTexts({ reading: 'reading_at', timeZone: store.timeZone });
  const { clause, parameters } = readingClause({ atMs: c });
  const rows = <Row extends Record<keyof Row, string | number | boolean | null>>(
    columns: string,
    view: string,
  ): Promise<Row[]> =>
    selectRows<Row>(store.writer, `${clause} select ${columns} from (${texts[view]})`, parameters);
  const found = await rows<{ line: string; start: number; end: number | null; class: string }>(
    'line, start_ms as start, end_ms as "end", class',
    'interruptions',
  );
  const interruptions = found.map(({ line, start, end, class: judged }): Interruption => {
    const known = Math.max(start, c);
    return { line, start, until: end ?? known, outage: judged === 'outage' };
  });
  const episodes = await rows<{ line: string; at: number; detector: string }>(
    'line, at_ms as "at", detector',
    'episodes',
  );
  const repeats = await rows<{ line: string; at: number }>(
    'line, start_ms as "at"',
    'repeat_faults',
  );
  return {
    interruptions,
    episodes: episodes.filter(({ detector }) => detector === 'window'),
    repeats,
  };
}

/** The instant at which a local midnight is, by trial of the offsets around it. */
function instantOf(zone: string, localMs: number): number {
  const tried = [
    localMs - offsetAt(zone, localMs - DAY_MS),
    localMs - offsetAt(zone, localMs + DAY_MS),
  ];
  return Math.min(...tried.filter((at) => at + offsetAt(zone, at) === localMs));
}

type Cut = (ms: number) => readonly [fromMs: number, untilMs: number];

const hourOf: Cut = (ms) => {
  const from = Math.floor(ms / HOUR_MS) * HOUR_MS;
  return [from, from + HOUR_MS];
};

function dayCut(zone: string): Cut {
  return (ms) => {
    const local = Math.floor((ms + offsetAt(zone, ms)) / DAY_MS) * DAY_MS;
    return [instantOf(zone, local), instantOf(zone, local + DAY_MS)];
  };
}

function monthCut(zone: string): Cut {
  return (ms) => {
    const local = new Date(ms + offsetAt(zone, ms));
    const [year, month] = [local.getUTCFullYear(), local.getUTCMonth()];
    return [
      instantOf(zone, Date.UTC(year, month, 1)),
      instantOf(zone, Date.UTC(year, month + 1, 1)),
    ];
  };
}

type Facts = Awaited<ReturnType<typeof facts>>;

/** Sums by name and bucket; `clips` = down time is cut at the buckets' edges. */
function naive(found: Facts, nameOf: (line: string) => string, cut: Cut, clips: boolean): object[] {
  const sums = new Map<string, Sums & { name: string; from: number; until: number }>();
  const at = (line: string, ms: number) => {
    const [from, until] = cut(ms);
    const key = `${nameOf(line)} ${from}`;
    const none = { interruptions: 0, outages: 0, downMs: 0, episodes: 0, repeats: 0, last: null };
    if (!sums.has(key)) sums.set(key, { name: nameOf(line), from, until, ...none });
    return sums.get(key)!;
  };
  for (const { line, start, until, outage } of found.interruptions) {
    const own = at(line, start);
    own.interruptions++;
    if (outage) own.outages++;
    own.last = Math.max(own.last ?? 0, start);
    own.downMs += (clips ? Math.min(until, own.until) : until) - start;
    let from = clips ? own.until : until;
    while (from < until) {
      const later = at(line, from);
      later.downMs += Math.min(until, later.until) - from;
      from = later.until;
    }
  }
  for (const { line, at: ms } of found.episodes) at(line, ms).episodes++;
  for (const { line, at: ms } of found.repeats) at(line, ms).repeats++;
  return [...sums.values()];
}

const COLUMNS = `from_ms as "from", until_ms as until, interruptions, outages, down_ms as "downMs",
  episodes, repeat_faults as repeats`;

function without(rows: object[]): object[] {
  return rows.map((row) => Object.assign(row, { last: undefined }));
}

const all = (): string => 'all';

async function expectRollups(store: Store, c: number): Promise<number> {
  const found = await facts(store, c);
  const { timeZone: zone } = store;
  const texts = viewTexts({ reading: 'reading_at', timeZone: zone });
  const { clause, parameters } = readingClause({ atMs: c });
  const read = (name: string, columns: string): Promise<Record<string, string>[]> =>
    selectRows(store.writer, `${clause} select ${columns} from (${texts[name]})`, parameters);
  const named = `'all' as name, ${COLUMNS}`;
  const hours = await read('interruptions_by_hour', named);
  expect(sorted(hours), 'hours').toEqual(sorted(without(naive(found, all, hourOf, false))));
  const days = await read('interruptions_by_day', named);
  expect(sorted(days), `days of ${zone}`).toEqual(
    sorted(without(naive(found, all, dayCut(zone), false))),
  );
  const months = await read('line_months', `line as name, ${COLUMNS}, last_start_ms as last`);
  expect(sorted(months), `months of ${zone}`).toEqual(
    sorted(naive(found, (line) => line, monthCut(zone), true)),
  );
  return months.length;
}

async function expectPeriod(store: Store, c: number, fromMs: number, toMs: number): Promise<void> {
  const { interruptions } = await facts(store, c);
  const wanted = new Map<string, Pick<Sums, 'interruptions' | 'outages' | 'downMs' | 'last'>>();
  for (const { line, start, until, outage } of interruptions) {
    if (start >= toMs || until < fromMs) continue;
    const sums = wanted.get(line) ?? { interruptions: 0, outages: 0, downMs: 0, last: null };
    wanted.set(line, sums);
    sums.downMs += Math.min(until, toMs) - Math.max(start, fromMs);
    if (start < fromMs) continue;
    sums.interruptions++;
    if (outage) sums.outages++;
    sums.last = Math.max(sums.last ?? 0, start);
  }
  const { clause, parameters } = readingClause({ atMs: c });
  const { started } = await periodTexts(store.writer, QUERY_SETTINGS, { fromMs, toMs });
  const found = await selectRows<Record<string, string>>(
    store.writer,
    `${clause} select l.line, interruptions, outages, down_ms as "downMs", last_start_ms as last
     from (${started}) s join line l using (line_id)
     where interruptions > 0 or down_ms > 0`,
    parameters,
  );
  const counted = [...wanted].filter(([, row]) => row.interruptions > 0 || row.downMs > 0);
  expect(sorted(found)).toEqual(sorted(counted.map(([line, row]) => Object.assign(row, { line }))));
}

const ends = fc.array(fc.constantFrom('go on', 'commit', 'roll up', 'roll up', 'restart'), {
  maxLength: 7,
});

describe('rollups', () => {
  it(`equal the rows, whenever they are made (seed ${SEED})`, async () => {
    let rows = 0;
    const property = fc.asyncProperty(
      controlled(40),
      detectorRules,
      ends,
      fc.constantFrom(...ZONES),
      fc.array(fc.tuple(fc.nat(400), fc.nat(400)), { minLength: 4, maxLength: 4 }),
      async ({ aliases, stretches }, rules, then, zone, periods) => {
        const life = new Life({ ...rules, staleAfterMs: null }, zone);
        const model = new Model(rules, aliases);
        await life.start();
        for (const [key, line] of aliases) await life.control({ kind: 'add-alias', key, line });
        for (const [i, stretch] of stretches.entries()) {
          await life.feed(stretch.steps);
          applySteps(model, stretch.steps);
          await life.control(stretch.control);
          applyControl(model, stretch.control);
          if (then[i] === undefined || then[i] === 'go on') continue;
          await life.commit();
          if (then[i] === 'roll up') await rollUp(life.store.writer, zone, 3);
          if (then[i] !== 'restart') continue;
          await life.stop();
          await life.start();
        }
        await life.commit();
        const c = (model.maxEffective ?? 0) + 200_001;
        rows += await expectRollups(life.store, c);
        for (const [from, length] of periods) {
          const fromMs = Math.max(0, c - from * DAY_MS - (from % 7));
          await expectPeriod(life.store, c, fromMs, fromMs + 1 + length * DAY_MS);
        }
        while ((await rollUp(life.store.writer, zone)) > 0);
        await expectRollups(life.store, c);
        for (const [from, length] of periods) {
          const fromMs = Math.max(0, c - from * DAY_MS);
          await expectPeriod(life.store, c, fromMs, fromMs + 1 + length * DAY_MS);
        }
        await life.stop();
      },
    );
    await fc.assert(property, { numRuns: 8, seed: SEED });
    expect(rows).toBeGreaterThan(50);
  }, 240_000);

  it('read an interruption of several years as a row, and are cut anew in another zone', async () => {
    const life = new Life(DEFAULT_RULES, 'Asia/Kolkata');
    await life.start();
    const first = 1_164_900_000_000;
    const times = [
      first,
      first + LONG_MS + 5,
      first + 2 * LONG_MS,
      first + 2 * LONG_MS + 40 * DAY_MS,
    ];
    await life.feed(
      times.map((time, i) => ({
        kind: 'event' as const,
        event: { line: 'A', time, state: i % 2 === 0 ? ('down' as const) : ('up' as const) },
      })),
    );
    await life.commit();
    expect(await rowsWaiting(life.store.writer)).toBeGreaterThan(0);
    expect(await rollUp(life.store.writer, 'Asia/Kolkata')).toBe(0);
    const c = times[3]! + 1;
    const count = async (table: string): Promise<number> => {
      const [row] = await selectRows<{ n: number }>(
        life.store.writer,
        `select count(*) as n from ${table}`,
      );
      return row.n;
    };
    expect(await count('rollup_long')).toBe(1);
    await expectRollups(life.store, c);
    await expectPeriod(life.store, c, first - DAY_MS, c);
    await expectPeriod(life.store, c, first + 100 * DAY_MS, first + LONG_MS + 1);
    await life.stop();
    life.timeZone = 'America/New_York';
    await life.start();
    expect(await count('rollup_mark')).toBe(0);
    await expectRollups(life.store, c);
    await rollUp(life.store.writer, 'America/New_York');
    await expectRollups(life.store, c);
    await life.stop();
  });
});
