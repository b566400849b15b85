// Where the simulated faults come from, hour by hour: each line's own background, outages with
// repeats on chronic lines, flapping bouts, and (bursts.ts) bursts and works. Invariant: a fault
// starts in the hour that draws it or later, so an hour's faults are complete once that hour has
// been drawn.

import type { CauseText } from './alarms.js';
import { drawBurst, drawWorkHits } from './bursts.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './clock.js';
import { faultOf, momentaryMs, outageMs, type Fault } from './fault.js';
import { DEFAULT_LINES, type Network } from './network.js';
import type { Random } from './random.js';
import {
  BOUT,
  BOUTS_PER_DAY,
  BURSTS_PER_DAY,
  OUTAGES_PER_DAY,
  activityAt,
  type Rates,
} from './rates.js';
import type { Bout, StreamTruth } from './truth.js';

const OUTAGE = { medianMs: 25 * MINUTE_MS, sigma: 1.2 };
/** A line this many times worse than the mean repeats its faults. */
const CHRONIC_RATE = 4;
const REPEAT_SHARE = { chronic: 0.55, other: 0.12 };
const REPEAT_AFTER_MS = 5 * DAY_MS;
const OUTAGE_CAUSES: readonly (CauseText | null)[] = [
  null,
  null,
  null,
  'power',
  'fiber cut',
  'card',
  'customer equipment',
  'configuration',
];
const BACKGROUND_CAUSE_SHARE = 0.04;
const BACKGROUND_CAUSES: readonly CauseText[] = ['power', 'card', 'customer equipment'];

const BOUT_UNIFORM_SHARE = 0.1;
const BOUT_MOST = 200;
const BOUT_MEDIAN_MS = 3_000;
const BOUT_SIGMA = 0.6;
const BOUT_PAUSE_MS = 1_000;

/** Draws the faults that originate in the hour at hourMs and hands each to `put`, in no order. */
export function drawFaults(
  network: Network,
  rates: Rates,
  hourMs: number,
  random: Random,
  truth: StreamTruth,
  put: (fault: Fault) => void,
): void {
  const size = rates.lineCount / DEFAULT_LINES;
  const activity = activityAt(hourMs);
  const each = (perHour: number, draw: (startMs: number) => void): void => {
    if (perHour <= 0) return;
    const meanMs = HOUR_MS / perHour;
    for (let t = random.exponential(meanMs); t < HOUR_MS; t += random.exponential(meanMs)) {
      draw(hourMs + Math.floor(t));
    }
  };
  each(rates.backgroundPerHour * activity, (startMs) => {
    const cause = random.chance(BACKGROUND_CAUSE_SHARE) ? random.choose(BACKGROUND_CAUSES) : null;
    put(faultOf(rates.lines.pick(random), startMs, momentaryMs(random), cause));
  });
  each(((OUTAGES_PER_DAY * size) / 24) * activity, (startMs) =>
    drawOutage(rates, startMs, random, put),
  );
  each(((BOUTS_PER_DAY * size) / 24) * activity, (startMs) =>
    drawBout(rates, startMs, random, truth, put),
  );
  const { bursts } = rates;
  if (bursts !== null) {
    each(((BURSTS_PER_DAY * size) / 24) * activity, (startMs) =>
      drawBurst(network, bursts, startMs, random, truth, put),
    );
  }
  for (const work of rates.plan.works) {
    if (work.startMs < hourMs || work.startMs >= hourMs + HOUR_MS || work.cancelled) continue;
    drawWorkHits(network, work, random, truth, put);
  }
}

function drawOutage(
  rates: Rates,
  firstMs: number,
  random: Random,
  put: (fault: Fault) => void,
): void {
  const line = rates.outageLines.pick(random);
  const cause = random.choose(OUTAGE_CAUSES);
  const repeat = rates.rate[line] >= CHRONIC_RATE ? REPEAT_SHARE.chronic : REPEAT_SHARE.other;
  let startMs = firstMs;
  do {
    const durationMs = outageMs(OUTAGE.medianMs, OUTAGE.sigma, random);
    put(faultOf(line, startMs, durationMs, cause));
    startMs += Math.floor(durationMs + HOUR_MS + random.exponential(REPEAT_AFTER_MS));
  } while (random.chance(repeat));
}

function drawBout(
  rates: Rates,
  firstMs: number,
  random: Random,
  truth: StreamTruth,
  put: (fault: Fault) => void,
): void {
  const uniform = random.chance(BOUT_UNIFORM_SHARE);
  const line = uniform ? random.int(rates.lineCount) : rates.lines.pick(random);
  const shape = random.chance(BOUT.fast.share) ? BOUT.fast : BOUT.slow;
  const count = Math.min(BOUT_MOST, shape.least + random.geometric(shape.meanMore));
  const bout: Bout = { line, atMs: firstMs, startsMs: [] };
  truth.bouts?.push(bout);
  let startMs = firstMs;
  for (let i = 0; i < count; i++) {
    const durationMs = random.logNormal(BOUT_MEDIAN_MS, BOUT_SIGMA);
    put(faultOf(line, startMs, durationMs, null, null, bout));
    startMs += Math.floor(durationMs + BOUT_PAUSE_MS + random.exponential(shape.meanGapMs));
  }
}
