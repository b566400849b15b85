// Silences of a partition: however its records are cut into feeds, commits and restarts, the view says
// what a walk over the timestamps says; off by default.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES, type Rules } from '../../src/config/rules.js';
import type { LogFrame } from '../../src/pipeline/fold.js';
import { readingClause } from '../../src/store/reading.js';
import { selectRows } from '../../src/store/sql.js';
import { viewTexts } from '../../src/store/views.js';
import { type Piping, openPiping } from './pipeline-fixture.js';
import { temporaryFolder, usesServices } from './service-fixture.js';

usesServices();

const T = 1_164_900_000_000;
const ALLOWED_MS = 60_000;
const RULES: Rules = { ...DEFAULT_RULES, maxSkewMs: null, sourceSilenceMs: ALLOWED_MS };

/** One partition in a store that can be left and taken up again. */
class Watched {
  private readonly folder = temporaryFolder();
  private parts: Piping | null = null;
  readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  async open(): Promise<void> {
    const capacities = { lines: 64, keyBytes: 4_096, inboxBytes: 65_536 };
    this.parts = await openPiping(this.folder, { rules: this.rules, capacities });
  }

  async close(): Promise<void> {
    await this.parts!.close();
  }

  /** The position from which the log is to be read. */
  get position(): number {
    return this.parts!.run.log.position;
  }

  async feed(records: readonly LogFrame[]): Promise<void> {
    await this.parts!.run.feed(records);
  }

  async commit(): Promise<void> {
    await this.parts!.pipeline.commit(null);
  }

  async snapshot(): Promise<void> {
    await this.parts!.pipeline.snapshot();
  }

  /** Gaps of the whole partition as they read at `c`. */
  async gaps(c: number): Promise<object[]> {
    const { coverage_gaps: view } = viewTexts({ reading: 'reading_at', timeZone: 'Asia/Shanghai' });
    const { clause, parameters } = readingClause({ atMs: c });
    return selectRows(
      this.parts!.store.writer,
      `${clause} select from_ms as "from", until_ms as until, reason from (${view}) order by from_ms`,
      parameters,
    );
  }
}

function recordsAt(times: readonly number[]): LogFrame[] {
  return times.map((timestamp, offset) => {
    const event = { line: 'x', time: T, state: offset % 2 === 0 ? 'down' : 'up' };
    return { offset, timestamp, key: null, value: Buffer.from(JSON.stringify(event)) };
  });
}

/** By the words: between the newest record so far and the next newer one, and up to c behind the last. */
function silences(times: readonly number[], c: number): object[] {
  const found: object[] = [];
  let newest: number | null = null;
  for (const time of times) {
    if (time <= 0 || (newest !== null && time <= newest)) continue;
    if (newest !== null && time > newest + ALLOWED_MS) {
      found.push({ from: newest + ALLOWED_MS, until: time, reason: 'source silent' });
    }
    newest = time;
  }
  if (newest !== null && c > newest + ALLOWED_MS) {
    found.push({ from: newest + ALLOWED_MS, until: null, reason: 'source silent' });
  }
  return found;
}

describe('a partition that is silent', () => {
  it('is unknown once it was silent for longer than allowed, to its next record', async () => {
    const watched = new Watched(RULES);
    await watched.open();
    await watched.feed(recordsAt([T, T + 60_000, T + 120_001]));
    await watched.commit();
    const first = { from: T + 120_000, until: T + 120_001, reason: 'source silent' };
    expect(await watched.gaps(T + 180_001)).toEqual([first]);
    expect(await watched.gaps(T + 180_002)).toEqual([
      first,
      { from: T + 180_001, until: null, reason: 'source silent' },
    ]);
    await watched.close();
  });

  it('is known where no rule says how long it may be', async () => {
    const watched = new Watched(DEFAULT_RULES);
    await watched.open();
    await watched.feed(recordsAt([T, T + 86_400_000]));
    await watched.commit();
    expect(await watched.gaps(T + 200_000_000)).toEqual([]);
    await watched.close();
  });

  it('is found the same however its log is cut and whatever is restarted', async () => {
    const gap = fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: -30_000, max: 70_000 }) },
      fc.constantFrom(ALLOWED_MS, ALLOWED_MS + 1, 600_000, -3_600_000),
    );
    const step = fc.record({
      gap,
      none: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      next: fc.constantFrom('feed', 'feed', 'commit', 'snapshot', 'kill'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
        let at = T;
        const times = steps.map(({ gap: ms, none }) => (none ? -1 : (at += ms)));
        const records = recordsAt(times);
        const watched = new Watched(RULES);
        await watched.open();
        for (const [i, { next }] of steps.entries()) {
          await watched.feed(records.slice(watched.position, i + 1));
          if (next === 'commit' || next === 'snapshot') await watched.commit();
          if (next === 'snapshot') await watched.snapshot();
          if (next === 'kill') {
            await watched.close();
            await watched.open();
          }
        }
        await watched.feed(records.slice(watched.position));
        await watched.commit();
        const c = Math.max(...times) + 2 * ALLOWED_MS;
        expect(await watched.gaps(c)).toEqual(silences(times, c));
        await watched.close();
      }),
      { numRuns: 5, seed: 20061130, endOnFailure: true },
    );
  }, 180_000);
});
