// Live views that wait for lines which the store does not have: reading stops until what was found is
// stored and known, so that a storm of new lines is counted whole and holds a bounded number of starts.

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

/** Feeds all rounds without a pause. */
class Feeding extends StoreLoop {
  private readonly piping: Piping;
  private readonly heat: HeatModel;
  /** Rounds after which the model was full, and still was when the waiting ended. */
  readonly full = { before: 0, after: 0 };
  hasEnded = false;

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

  protected seal() {
    return this.piping.pipeline.seal();
  }

  protected pauseMs(): number {
    return 3_600_000;
  }
}

it('a storm of new lines is read as fast as they are stored, and counted whole', async () => {
  const piping = await openPiping(temporaryFolder());
  const reader = await piping.store.instance.connect();
  const heat = await HeatModel.load(reader, PARKED_MAX);
  const loop = new Feeding(piping, heat, () => heat.refresh(reader));
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
  reader.closeSync();
  await piping.close();
});
