// A month of the whole simulated network, followed naively event by event, against SPEC section 1's
// figures: no contradiction on any line, 510,000 momentary interruptions, planted causes that show.

import { beforeAll, describe, expect, it } from 'vitest';

import { monthOf } from '../../src/simulate/clock.js';
import { AlarmStream, PRODUCTS, buildNetwork, type Network } from '../../src/simulate/index.js';
import { planMonth } from '../../src/simulate/plan.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FROM_MS = Date.parse('2006-11-01T00:00:00+08:00');
const TO_MS = Date.parse('2006-12-01T00:00:00+08:00');

/** The lines of any of these components. */
function membersOf(network: Network, components: readonly number[]): Set<number> {
  const members = new Set<number>();
  for (const index of components) {
    for (const line of network.components[index].lines) members.add(line);
  }
  return members;
}

/** What a month of the whole network looks like, worked out naively from its events. */
interface Month {
  network: Network;
  stream: AlarmStream;
  momentary: Uint32Array;
  starts: number[][];
  outages: number;
  raises: number;
  caused: number;
  repeated: number;
  doubled: number;
}

function liveAMonth(): Month {
  const network = buildNetwork({ seed: 1 });
  const lines = network.lineNames.length;
  const stream = new AlarmStream(network, { seed: 1, fromMs: FROM_MS });
  const month: Month = {
    network,
    stream,
    momentary: new Uint32Array(lines),
    starts: Array.from({ length: lines }, () => []),
    outages: 0,
    raises: 0,
    caused: 0,
    repeated: 0,
    doubled: 0,
  };
  const active = Array.from({ length: lines }, () => new Set<string>());
  const lastMs = new Float64Array(lines);
  let beforeMs = FROM_MS;
  let contradictions = 0;
  stream.nextUntil(TO_MS, ({ line, timeMs, down, alarm, cause }) => {
    if (timeMs < beforeMs || timeMs === lastMs[line]) contradictions++;
    beforeMs = timeMs;
    lastMs[line] = timeMs;
    const own = active[line];
    if (down) {
      month.raises++;
      if (cause !== null) month.caused++;
      if (own.has(alarm)) month.repeated++;
      else if (own.size > 0) month.doubled++;
      else month.starts[line].push(timeMs);
      own.add(alarm);
      return;
    }
    if (!own.delete(alarm)) contradictions++;
    if (own.size > 0) return;
    if (timeMs - month.starts[line].at(-1)! < 60_000) month.momentary[line]++;
    else month.outages++;
  });
  expect(contradictions, 'events out of order, at one instant, or clears of nothing').toBe(0);
  return month;
}

describe('a month of 48,840 lines', () => {
  let month: Month;
  let momentary = 0;
  beforeAll(() => {
    month = liveAMonth();
    momentary = month.momentary.reduce((sum, count) => sum + count, 0);
  });

  it('has 510,000 momentary interruptions, and far fewer outages', () => {
    const meanMonths = (TO_MS - FROM_MS) / (30.4375 * DAY_MS);
    expect(momentary / meanMonths / 510_000).toBeGreaterThan(0.97);
    expect(momentary / meanMonths / 510_000).toBeLessThan(1.03);
    expect(month.outages).toBeGreaterThan(5_000);
    expect(month.outages).toBeLessThan(30_000);
  });

  it('is worst for International VPN, and has a heavy tail', () => {
    const { network } = month;
    const perLine = PRODUCTS.map((product, index) => {
      const counts = [...month.momentary].filter((_, line) => network.productOf[line] === index);
      return { name: product.name, mean: counts.reduce((x, y) => x + y, 0) / counts.length };
    }).toSorted((x, y) => y.mean - x.mean);
    expect(perLine[0].name).toBe('International VPN');
    expect(perLine[0].mean).toBeGreaterThan(2 * perLine[1].mean);
    const sorted = [...month.momentary].toSorted((x, y) => y - x);
    const worstTenth = sorted.slice(0, 4_884).reduce((x, y) => x + y, 0);
    expect(worstTenth / momentary).toBeGreaterThan(0.5);
    expect(sorted[24_420]).toBeLessThan(5);
    expect(sorted[0]).toBeGreaterThan(200);
  });

  it('repeats some raises, doubles some alarms and names some causes', () => {
    expect(month.repeated / month.raises).toBeGreaterThan(0.001);
    expect(month.repeated / month.raises).toBeLessThan(0.05);
    expect(month.doubled / month.raises).toBeGreaterThan(0.02);
    expect(month.doubled / month.raises).toBeLessThan(0.1);
    expect(month.caused / month.raises).toBeGreaterThan(0.03);
    expect(month.caused / month.raises).toBeLessThan(0.3);
  });

  it('plants bursts on the lines of their components, within 12 s', () => {
    const { network, stream } = month;
    const started = month.starts.map((starts) => new Set(starts));
    const bursts = stream.truth.bursts!;
    expect(bursts.length).toBeGreaterThan(400);
    for (const { components, lines, startsMs, atMs } of bursts) {
      const members = membersOf(network, components);
      const sound = lines.every((line, i) => {
        const inTime = startsMs[i] >= atMs && startsMs[i] < atMs + 12_000;
        return (
          members.has(line) && inTime && (startsMs[i] >= TO_MS || started[line].has(startsMs[i]))
        );
      });
      expect(sound).toBe(true);
    }
  });

  it('has bad plant: components whose lines are bad all month', () => {
    const { network } = month;
    const { badPlant } = planMonth(network, monthOf(FROM_MS));
    expect(badPlant.length).toBeGreaterThan(15);
    for (const { lines } of badPlant) {
      const mean = lines.reduce((sum, line) => sum + month.momentary[line], 0) / lines.length;
      expect(mean).toBeGreaterThan(1.7 * 10.44);
    }
  });

  it('works at night, on the lines of the works', () => {
    const hits = month.stream.truth.works!;
    expect(hits.length).toBeGreaterThan(100);
    const hours = hits.map(({ atMs }) => (atMs / HOUR_MS + 8) % 24);
    expect(Math.max(...hours)).toBeLessThan(5);
    const { network } = month;
    for (const { components, lines } of hits) {
      const members = membersOf(network, components);
      expect(lines.every((line) => members.has(line))).toBe(true);
    }
  });

  it('flaps tens to a few hundred times a day', () => {
    let episodes = 0;
    for (const starts of month.starts) {
      let since = 0;
      let open = false;
      starts.forEach((startMs, i) => {
        if (open && startMs - starts[i - 1] >= 1_800_000) {
          open = false;
          since = i;
        }
        const within = (k: number, windowMs: number): boolean =>
          i - since >= k - 1 && startMs - starts[i - k + 1] <= windowMs;
        if (open || !(within(4, 600_000) || within(5, HOUR_MS))) return;
        open = true;
        episodes++;
      });
    }
    expect(episodes / 30).toBeGreaterThan(30);
    expect(episodes / 30).toBeLessThan(400);
  });
});
