// Faults of many lines at once: bursts from shared components and the doings of planned works.
// Invariant: every line hit belongs to one of the cause's components.

import type { CauseText } from './alarms.js';
import { HOUR_MS, MINUTE_MS } from './clock.js';
import type { ComponentKind } from './components.js';
import { faultOf, momentaryMs, outageMs, type Fault } from './fault.js';
import type { Network } from './network.js';
import { drawTargets, type Targets, type Work } from './plan.js';
import type { Random } from './random.js';
import {
  BURST_OUTAGE_SHARE,
  BURST_SHARE,
  PAIRED_BURST_SHARE,
  WORK_OUTAGE_SHARE,
  WORK_RETURN_SHARE,
  WORK_SHARE,
} from './rates.js';
import type { Hits, StreamTruth } from './truth.js';

const BURST_SPREAD_MS = 12_000;
const BURST_OUTAGE = { medianMs: 40 * MINUTE_MS, sigma: 0.9, jitterMs: 60_000 };
const BURST_CAUSE_SHARE = 0.5;
const BURST_CAUSES: Record<ComponentKind, CauseText> = {
  card: 'card',
  cable: 'fiber cut',
  trunk: 'fiber cut',
  node: 'node software',
  power: 'power',
  area: 'power',
};

const WORK_SPREAD_MS = 20_000;
const WORK_OVERRUN_SHARE = 0.03;
const WORK_CAUSE_SHARE = 0.6;

/** A burst: a share of one component's lines (seldom two components') within 12 s. */
export function drawBurst(
  network: Network,
  targets: Targets,
  atMs: number,
  random: Random,
  truth: StreamTruth,
  put: (fault: Fault) => void,
): void {
  const components = drawTargets(targets, PAIRED_BURST_SHARE, random);
  const outage = random.chance(BURST_OUTAGE_SHARE);
  const downMs = outageMs(BURST_OUTAGE.medianMs, BURST_OUTAGE.sigma, random);
  const hits: Hits = { atMs, components, outage, work: null, lines: [], startsMs: [] };
  truth.bursts?.push(hits);
  for (const index of components) {
    const { kind, lines } = network.components[index];
    const share = random.between(BURST_SHARE.low, BURST_SHARE.high);
    const cause = random.chance(BURST_CAUSE_SHARE) ? BURST_CAUSES[kind] : null;
    for (const line of lines) {
      if (!random.chance(share)) continue;
      const startMs = atMs + random.int(BURST_SPREAD_MS);
      const durationMs = outage ? downMs + random.int(BURST_OUTAGE.jitterMs) : momentaryMs(random);
      put(faultOf(line, startMs, durationMs, cause, hits));
    }
  }
}

/** What a work does: away in its first half, and back in its second. */
export function drawWorkHits(
  network: Network,
  work: Work,
  random: Random,
  truth: StreamTruth,
  put: (fault: Fault) => void,
): void {
  const lengthMs = work.endMs - work.startMs;
  const awayMs = work.startMs + Math.floor(lengthMs * random.between(0.1, 0.4));
  const overrunMs = random.chance(WORK_OVERRUN_SHARE) ? random.between(0.2, 1) * HOUR_MS : 0;
  const backMs = work.startMs + Math.floor(lengthMs * random.between(0.6, 0.9) + overrunMs);
  const outage = random.chance(WORK_OUTAGE_SHARE);
  const cause = random.chance(WORK_CAUSE_SHARE) ? 'planned work' : null;
  const share = random.between(WORK_SHARE.low, WORK_SHARE.high);
  const { components } = work;
  const hits: Hits = { atMs: awayMs, components, outage, work: work.name, lines: [], startsMs: [] };
  truth.works?.push(hits);
  for (const index of components) {
    for (const line of network.components[index].lines) {
      if (!random.chance(share)) continue;
      const startMs = awayMs + random.int(WORK_SPREAD_MS);
      const durationMs = outage
        ? backMs - startMs + random.int(WORK_SPREAD_MS)
        : momentaryMs(random);
      put(faultOf(line, startMs, durationMs, cause, hits));
      if (outage || !random.chance(WORK_RETURN_SHARE)) continue;
      put(faultOf(line, backMs + random.int(WORK_SPREAD_MS), momentaryMs(random), cause, hits));
    }
  }
}
