// Chronic lines against a naive twin that asks of every time at which anything changes whether one of
// the conditions holds: random lives of lines over months, limits met exactly, several reading times.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readingClause } from '../../src/store/reading.js';
import { selectRows } from '../../src/store/sql.js';
import { viewTexts } from '../../src/store/views.js';
import { DAY, HOUR, MINUTE, T, type Fixture, emptyStore, insert } from './store-fixture.js';

const WINDOW = 30 * DAY;
const SEED = 20061130;

interface Stay {
  readonly start: number;
  /** null = open. */
  readonly end: number | null;
}

interface Life {
  readonly interruptions: readonly Stay[];
  readonly episodes: readonly Stay[];
}

interface Chronic {
  readonly reasons: string;
  readonly held: number;
  readonly outages: number;
  readonly down: number;
  readonly momentary: number;
  readonly days: number;
}

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);

/** What the conditions look at, at time t of a line read at c. */
function measures({ interruptions, episodes }: Life, t: number, c: number, offsetMs: number) {
  const endOf = ({ end }: Stay): number => Math.min(end ?? c, c);
  const counted = interruptions.filter(({ start }) => start > t - WINDOW && start <= t);
  // An open one is what it reads as at c; one that began behind c is not counted.
  const outages = counted.filter((one) => (one.end ?? c) - one.start >= MINUTE).length;
  const down = interruptions.map((one) => {
    return Math.max(0, Math.min(endOf(one), t) - Math.max(one.start, t - WINDOW));
  });
  const days = new Set<number>();
  for (const one of episodes) {
    const last = Math.max(one.start, Math.min(one.end === null ? c : one.end - 1, c));
    const [from, until] = [Math.max(one.start, t - WINDOW + 1), Math.min(last, t)];
    const dayOf = (ms: number): number => Math.floor((ms + offsetMs) / DAY);
    if (from > until) continue;
    for (let day = dayOf(from); day <= dayOf(until); day++) days.add(day);
  }
  return { outages, momentary: counted.length - outages, down: sum(down), days: days.size };
}

const CONDITIONS = {
  down: (m: ReturnType<typeof measures>) => m.down > DAY,
  flapping: (m: ReturnType<typeof measures>) => m.days >= 3,
  momentary: (m: ReturnType<typeof measures>) => m.momentary >= 60,
  outages: (m: ReturnType<typeof measures>) => m.outages > 3,
};

/** All times in (c - 30 d, c] between which no condition begins and ends again. */
function turns({ interruptions, episodes }: Life, c: number, offsetMs: number): number[] {
  const times = [...interruptions, ...episodes].flatMap(({ start, end }) => [start, end ?? c]);
  const midnights = Array.from({ length: 62 }, (_, i) => {
    return (Math.floor((c + offsetMs) / DAY) - i) * DAY - offsetMs;
  });
  const near = [...times, ...midnights].flatMap((ms) => [ms, ms + WINDOW]);
  const all = [c, c - WINDOW + 1, ...near.flatMap((ms) => [ms - 1, ms, ms + 1])];
  const within = all.filter((ms) => ms > c - WINDOW && ms <= c);
  return [...new Set(within)].toSorted((a, b) => a - b);
}

/** The last time up to c at which a condition held, null when it did not within 30 days. */
function lastHeld(holdsAt: (t: number) => boolean, times: readonly number[]): number | null {
  const at = times.findLastIndex(holdsAt);
  if (at < 0) return null;
  let [held, not] = [times[at], times[at + 1] ?? times[at] + 1];
  while (not - held > 1) {
    const middle = Math.floor((held + not) / 2);
    if (holdsAt(middle)) held = middle;
    else not = middle;
  }
  return held;
}

/** A line as the view must show it at c, null when it is not chronic. */
function chronicOf(whole: Life, c: number, offsetMs: number): Chronic | null {
  const begun = ({ start }: Stay): boolean => start <= c;
  const life = {
    interruptions: whole.interruptions.filter(begun),
    episodes: whole.episodes.filter(begun),
  };
  const times = turns(life, c, offsetMs);
  const held = Object.entries(CONDITIONS).flatMap(([reason, holds]) => {
    const last = lastHeld((t) => holds(measures(life, t, c, offsetMs)), times);
    return last === null ? [] : [{ reason, last }];
  });
  if (held.length === 0) return null;
  return {
    reasons: held.map(({ reason }) => reason).join(', '),
    held: Math.max(...held.map(({ last }) => last)),
    ...measures(life, c, c, offsetMs),
  };
}

const HOLDS = [0, 1_000, MINUTE - 1, MINUTE, MINUTE, 6 * HOUR, 12 * HOUR, DAY, DAY + 1];
const GAPS = [0, MINUTE, HOUR, 10 * HOUR, DAY, 5 * DAY, 10 * DAY, WINDOW - 1, WINDOW, WINDOW + 1];
const stays = (holds: readonly number[], times: readonly number[]) =>
  fc
    .tuple(
      fc.array(
        fc.record({
          gap: fc.constantFrom(...GAPS),
          hold: fc.constantFrom(...holds),
          times: fc.constantFrom(...times),
          spread: fc.constantFrom(0, HOUR, 6 * HOUR, DAY),
        }),
        { maxLength: 6 },
      ),
      fc.boolean(),
    )
    .map(([moves, open]) => {
      let now = T;
      const made: Stay[] = moves.flatMap(({ gap, hold, times: count, spread }) => {
        now += gap;
        return Array.from({ length: count }, () => {
          const start = now;
          now += hold + spread;
          return { start, end: start + hold };
        });
      });
      const last = made.at(-1);
      if (open && last) made[made.length - 1] = { start: last.start, end: null };
      return made;
    });
const life: fc.Arbitrary<Life> = fc.record({
  interruptions: stays(HOLDS, [1, 1, 2, 3, 4, 20, 59, 60]),
  episodes: stays([0, 30 * MINUTE, 10 * HOUR, DAY, 2 * DAY], [1, 2, 3]),
});

let store: Fixture;

beforeAll(async () => {
  store = await emptyStore();
  const { connection } = store;
  await insert(connection, 'rule', { rule_id: 1, detector: 'window', rule: '4 in 10m' });
  await insert(connection, 'rule', { rule_id: 2, detector: 'other', rule: 'penalty' });
  const partition = { partition_id: 1, cluster: 'c', topic: 't', partition: 0 };
  await insert(connection, 'log_partition', partition);
  for (const id of [0, 1]) await insert(connection, 'line', { line_id: id, line: `${id}` });
});

afterAll(() => store.connection.closeSync());

async function fill(lives: readonly Life[]): Promise<void> {
  const { connection } = store;
  for (const table of ['interruption_row', 'episode_row', 'open_state']) {
    await connection.run(`delete from ${table}`);
  }
  for (const [id, { interruptions, episodes }] of lives.entries()) {
    const ended = interruptions.flatMap(({ start, end }, i) =>
      end === null ? [] : [`(${id}, 1, ${i + 1}, ${start}, ${end})`],
    );
    const columns = 'line_id, partition_id, n, start_ms, end_ms';
    if (ended.length > 0) {
      await connection.run(`insert into interruption_row (${columns}) values ${ended.join(', ')}`);
    }
    const last = interruptions.findIndex(({ end }) => end === null);
    const flapping = episodes.find(({ end }) => end === null);
    await insert(connection, 'open_state', {
      line_id: id,
      partition_id: 1,
      down: last >= 0,
      unknown: false,
      n: interruptions.length,
      effective_ms: 0,
      start_ms: interruptions[last]?.start ?? null,
      outage_after_ms: MINUTE,
      correction_ms: 0,
      uncertain: false,
      episode_rule_id: flapping ? 1 : null,
      episode_at_ms: flapping?.start ?? null,
      episode_since_ms: flapping?.start ?? null,
      episode_ends_ms: flapping ? Number.MAX_SAFE_INTEGER : null,
      episode_interruptions: flapping ? 4 : null,
    });
    // Another detector's flapping makes no line chronic.
    for (const rule of [1, 2]) {
      for (const { start, end } of rule === 1 ? episodes : [{ start: T, end: T + WINDOW }]) {
        if (end === null) continue;
        await insert(connection, 'episode_row', {
          line_id: id,
          partition_id: 1,
          rule_id: rule,
          at_ms: start,
          since_ms: start,
          end_ms: end,
          interruptions: 4,
        });
      }
    }
  }
}

function chronicAt(c: number, timeZone: string): Promise<(Chronic & { line: string })[]> {
  const text = viewTexts({ reading: 'reading_at', timeZone })['chronic_lines'];
  const { clause, parameters } = readingClause({ atMs: c });
  return selectRows(
    store.connection,
    `${clause} select line, reasons, held_ms as held, outages, down_ms as down, momentary,
       flapping_days as days from (${text}) order by line`,
    parameters,
  );
}

/** Zones with an offset that never changed in these months. */
const ZONES = [
  ['Asia/Shanghai', 8 * HOUR],
  ['Asia/Kathmandu', 5 * HOUR + 45 * MINUTE],
] as const;

/** Outages of a minute; the last one starts so many minutes after the first. */
function fourOutages(lastMinutes: number): Life {
  const interruptions = [0, 1, 2, lastMinutes].map((minutes) => {
    return { start: T + minutes * MINUTE, end: T + (minutes + 1) * MINUTE };
  });
  return { interruptions, episodes: [] };
}

describe('chronic lines', () => {
  it(`are those that the twin finds, at any time (seed ${SEED})`, async () => {
    const seen = new Map<string, number>();
    const property = fc.asyncProperty(
      fc.tuple(life, life),
      fc.constantFrom(...ZONES),
      fc.array(fc.tuple(fc.nat(150), fc.constantFrom(-1, 0, 1, 7 * HOUR)), { maxLength: 4 }),
      async (lives, [zone, offsetMs], times) => {
        await fill(lives);
        const ends = lives.flatMap(({ interruptions, episodes }) =>
          [...interruptions, ...episodes].map(({ start, end }) => end ?? start),
        );
        const latest = Math.max(T, ...ends);
        const edges = [latest, latest + WINDOW - 1, latest + WINDOW, latest + 2 * WINDOW];
        const drawn = times.map(([days, ms]) => T + days * DAY + ms);
        for (const c of [...edges, ...drawn]) {
          const wanted = lives.flatMap((one, id) => {
            const chronic = chronicOf(one, c, offsetMs);
            return chronic ? [{ line: `${id}`, ...chronic }] : [];
          });
          expect(await chronicAt(c, zone), `at ${c}`).toEqual(wanted);
          for (const { reasons } of wanted) seen.set(reasons, (seen.get(reasons) ?? 0) + 1);
        }
      },
    );
    await fc.assert(property, { numRuns: 60, seed: SEED });
    for (const reason of Object.keys(CONDITIONS)) {
      const alone = seen.get(reason) ?? 0;
      expect(alone, reason).toBeGreaterThan(3);
    }
  }, 400_000);

  it('need the first of the four outages less than 30 days before the last', async () => {
    await fill([fourOutages(WINDOW / MINUTE), fourOutages(WINDOW / MINUTE - 1)]);
    const found = await chronicAt(T + WINDOW + DAY, 'Asia/Shanghai');
    expect(found).toMatchObject([{ line: '1', held: T + WINDOW - 1 }]);
  });

  it('end exactly 30 days after a condition last held', async () => {
    const starts = [0, 1, 2, 3].map((i) => ({ start: T + i * HOUR, end: T + i * HOUR + MINUTE }));
    await fill([
      { interruptions: starts, episodes: [] },
      { interruptions: [], episodes: [] },
    ]);
    const first = T + 3 * HOUR;
    const zone = 'Asia/Shanghai';
    expect(await chronicAt(first - 1, zone)).toEqual([]);
    expect(await chronicAt(first, zone)).toMatchObject([{ reasons: 'outages', held: first }]);
    const last = T + WINDOW - 1;
    expect(await chronicAt(last + WINDOW, zone)).toMatchObject([{ held: last, outages: 0 }]);
    expect(await chronicAt(last + WINDOW + 1, zone)).toEqual([]);
  });
});
