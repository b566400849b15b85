// The loop that feeds a store. While the live views wait for lines which the store does not have, reading
// stops until what was found is stored and known; a loop that fails has ended only when nothing is written.

import type { DuckDBConnection } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import type { LogFrame } from '../../src/pipeline/fold.js';
import { StoreLoop } from '../../src/pipeline/store-loop.js';
import { heatWindow } from '../../src/store/coverage.js';
import { HeatModel } from '../../src/store/heat.js';
import { type Piping, openPiping } from './pipeline-fixture.js';
import { temporaryFolder, until, usesServices } from './service-fixture.js';

usesServices();

const T = 1_164_900_000_000;
const LINES = 50;
const ROUNDS = 8;
/** The starts of the first round and a half. */
const PARKED_MAX = 75;

/** Each line down once, later than in the round before, then up. */
function round(offset: number): LogFrame {
  const events = Array.from({ length: LINES }, (_, i) =>
    ['down', 'up'].map((state, j) => {
      const time = T + offset * 60_000 + j * 1_000;
      return JSON.stringify({ line: `${offset}-${i}`, time, state });
    }),
  );
  return {
    offset,
    timestamp: T + offset * 60_000,
    key: null,
    value: Buffer.from(events.flat().join('\n')),
  };
}

/** Feeds a store by hand. */
abstract class Feeding extends StoreLoop {
  protected readonly piping: Piping;
  protected readonly heat: HeatModel;

  constructor(piping: Piping, heat: HeatModel, refreshLive: () => Promise<void>) {
    super(piping.pipeline, {
      live: () => heat,
      refreshLive,
      onNote: () => undefined,
      onStored: () => undefined,
    });
    this.piping = piping;
    this.heat = heat;
  }

  start(onError: (error: unknown) => void): void {
    this.begin(onError);
  }

  protected seal() {
    return this.piping.pipeline.seal();
  }

  protected pauseMs(): number {
    return 3_600_000;
  }
}

/** Feeds all rounds without a pause. */
class Storm extends Feeding {
  /** Rounds after which the model was full, and still was when the waiting ended. */
  readonly full = { before: 0, after: 0 };
  hasEnded = false;

  protected async loop(): Promise<void> {
    const { piping, heat } = this;
    for (let offset = 0; offset < ROUNDS; offset++) {
      await piping.run.feed([round(offset)]);
      await piping.pipeline.takeNews(heat);
      if (heat.isFull) this.full.before++;
      await this.whileLiveIsFull();
      if (heat.isFull) this.full.after++;
    }
    await this.commitAll();
    await piping.pipeline.takeNews(heat);
    this.hasEnded = true;
  }
}

/** Fails while a batch is being written. */
class Failing extends Feeding {
  protected async loop(): Promise<void> {
    await this.piping.run.feed([round(0)]);
    await this.beginCommit();
    throw new Error('a defect');
  }
}

/** A loop over a new store, for `body`. */
async function feeding<T extends Feeding>(
  make: new (piping: Piping, heat: HeatModel, refreshLive: () => Promise<void>) => T,
  body: (loop: T, heat: HeatModel, reader: DuckDBConnection) => Promise<void>,
): Promise<void> {
  const piping = await openPiping(temporaryFolder());
  const reader = await piping.store.instance.connect();
  const heat = await HeatModel.load(reader, PARKED_MAX);
  await body(new make(piping, heat, () => heat.refresh(reader)), heat, reader);
  reader.closeSync();
  await piping.close();
}

it('a storm of new lines is read as fast as they are stored, and counted whole', () =>
  feeding(Storm, async (loop, heat, reader) => {
    const errors: unknown[] = [];
    loop.start((error) => errors.push(error));
    await until('the end of the storm', () => loop.hasEnded || errors.length > 0);
    await loop.stop();
    expect(errors).toEqual([]);
    expect(loop.full.before).toBeGreaterThan(1);
    expect(loop.full.after).toBe(0);
    await heat.refresh(reader);
    const [row] = heat.rows('branch', {}, heatWindow(T - 600_000, T + 3_600_000), new Map());
    expect(row!.starts.reduce((a, b) => a + b)).toBe(ROUNDS * LINES);
  }));

it('a loop that fails while a batch is being written has ended when that is stored', () =>
  feeding(Failing, async (loop) => {
    const failure = new Promise((resolve) => loop.start(resolve));
    expect(await failure).toEqual(new Error('a defect'));
    expect(loop.committer).toMatchObject({ busy: true, commits: 0 });
    await loop.stop();
    expect(loop.committer).toMatchObject({ busy: false, commits: 1 });
    expect(loop.failed).toBe(true);
  }));
