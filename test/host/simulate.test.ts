// The simulated network and its stream against SPEC section 1's figures and their own promises: a
// function of the seed, the stream however it is sliced. (A whole month: simulate-month.test.ts.)

import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  AlarmStream,
  BRANCHES,
  PRODUCTS,
  buildNetwork,
  prepareEventBytes,
  writeEvent,
  type Network,
} from '../../src/simulate/index.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FROM_MS = Date.parse('2006-11-01T00:00:00+08:00');
const TO_MS = Date.parse('2006-12-01T00:00:00+08:00');

const sha = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

function networkHash(network: Network): string {
  const { records, customers, components, rate } = network;
  const shared = components.map(({ kind, name, lines }) => [kind, name, [...lines]]);
  return sha(JSON.stringify([records, customers, shared, [...rate]]));
}

function streamHash(
  network: Network,
  seed: number,
  cutsMs: readonly number[],
  variant = 0,
): string {
  const hash = createHash('sha256');
  const stream = new AlarmStream(network, { seed, fromMs: FROM_MS, variant });
  for (const untilMs of cutsMs) {
    stream.nextUntil(untilMs, (e) => {
      hash.update(`${e.line} ${e.timeMs} ${e.down} ${e.alarm} ${e.cause} ${e.severity}\n`);
    });
  }
  return hash.digest('hex');
}

describe('the network', () => {
  const network = buildNetwork({ seed: 7 });

  it('is a function of its seed', () => {
    expect(networkHash(buildNetwork({ seed: 7 }))).toBe(networkHash(network));
    expect(networkHash(buildNetwork({ seed: 8 }))).not.toBe(networkHash(network));
  });

  it("has SPEC's branches with their scores", () => {
    const written =
      '广州 80, 深圳 77.7, 东莞 73.7, 佛山 78.9, 珠海 79.6, 中山 79, 江门 81, 揭阳 84.4, 湛江 84.6, ' +
      '清远 87.9, 汕尾 75, 汕头 81.6, 茂名 89.4, 阳江 84.9, 肇庆 86, 河源 85.1, 惠州 85.2, ' +
      '梅州 95.2, 韶关 82.6, 潮州 71.4, 云浮 86.3';
    expect(BRANCHES.map(({ name, score }) => `${name} ${score}`).join(', ')).toBe(written);
    expect(BRANCHES.filter((b) => b.fewSamples).map((b) => b.name)).toEqual(['潮州', '云浮']);
    expect(new Set(network.records.map((record) => record.branch)).size).toBe(21);
  });

  it('names 48,840 lines by branch and product', () => {
    expect(network.lineNames).toHaveLength(48_840);
    expect(new Set(network.lineNames).size).toBe(48_840);
    expect(network.lineNames).toContain('GZ-DDN-0001');
    network.lineNames.forEach((name, line) => {
      const [branch, product, number] = name.split('-');
      expect(branch).toBe(BRANCHES[network.branchOf[line]].code);
      expect(product).toBe(PRODUCTS[network.productOf[line]].code);
      expect(number).toMatch(/^\d{4,}$/);
    });
  });

  it('places every line on one card, cable, node, power room and area, and on trunks', () => {
    const times = new Map<string, Uint8Array>();
    for (const { kind, lines } of network.components) {
      if (!times.has(kind)) times.set(kind, new Uint8Array(48_840));
      for (const line of lines) times.get(kind)![line]++;
    }
    for (const kind of ['card', 'cable', 'node', 'power', 'area']) {
      expect(times.get(kind)!.every((count) => count === 1)).toBe(true);
    }
    expect(times.get('trunk')!.every((count) => count >= 1 && count <= 3)).toBe(true);
    const nodes = network.components.filter(({ kind }) => kind === 'node');
    expect(nodes.length).toBeGreaterThan(600);
    expect(nodes.length).toBeLessThan(640);
  });

  it('has customers enough for the lists of SPEC section 1', () => {
    const key = network.customers.filter((customer) => customer.key);
    expect(network.customers).toHaveLength(3_000);
    expect(new Set(network.customers.map(({ name }) => name)).size).toBe(3_000);
    expect(key.filter(({ enrolledDaysBefore }) => enrolledDaysBefore !== null)).toHaveLength(20);
    expect(
      key.filter(({ inspectedDaysBefore }) => inspectedDaysBefore !== null).length,
    ).toBeGreaterThanOrEqual(85);
    const keyRecords = network.records.filter((record) => record.keyCustomer);
    expect(keyRecords.length / 48_840).toBeGreaterThan(0.15);
    expect(keyRecords.length / 48_840).toBeLessThan(0.35);
    const complete = keyRecords.filter(
      (r) => r.aEnd && r.zEnd && r.circuitType && r.bandwidthKbps !== null && r.contact,
    );
    expect(complete.length / keyRecords.length).toBeGreaterThan(0.8);
    expect(complete.length / keyRecords.length).toBeLessThan(0.95);
  });

  it('refuses sizes and seeds outside its range', () => {
    expect(() => buildNetwork({ seed: 1, lines: 20 })).toThrow(/lines is 20/);
    expect(() => buildNetwork({ seed: -1 })).toThrow(/seed is -1/);
    expect(buildNetwork({ seed: 1, lines: 21 }).lineNames).toHaveLength(21);
  });
});

describe('the stream', () => {
  const small = buildNetwork({ seed: 3, lines: 2_000 });
  const wholeMs = FROM_MS + 3 * DAY_MS + 1_234_567;

  it('is a function of network, seed and variant', () => {
    const hash = streamHash(small, 5, [wholeMs]);
    expect(streamHash(small, 5, [wholeMs])).toBe(hash);
    expect(streamHash(small, 6, [wholeMs])).not.toBe(hash);
    expect(streamHash(small, 5, [wholeMs], 1)).not.toBe(hash);
  });

  it('is the same however it is sliced', () => {
    const hash = streamHash(small, 5, [wholeMs]);
    const cut = fc.integer({ min: FROM_MS, max: wholeMs });
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 40 }), (cuts) => {
        const slices = [...cuts.toSorted((x, y) => x - y), wholeMs];
        expect(streamHash(small, 5, slices)).toBe(hash);
      }),
      { numRuns: 12 },
    );
  });

  it('begins at its start, also inside an hour', () => {
    const fromMs = FROM_MS + 1_000_001;
    const times: number[] = [];
    const stream = new AlarmStream(small, { seed: 5, fromMs });
    stream.nextUntil(fromMs + DAY_MS, (event) => times.push(event.timeMs));
    expect(times.length).toBeGreaterThan(500);
    expect(times[0]).toBeGreaterThanOrEqual(fromMs);
    expect(times.at(-1)).toBeLessThan(fromMs + DAY_MS);
  });

  it('clears every raise in the end', () => {
    const stream = new AlarmStream(buildNetwork({ seed: 3 }), { seed: 9, fromMs: FROM_MS });
    const open = new Set<string>();
    stream.nextUntil(FROM_MS + DAY_MS, ({ line, alarm, down }) => {
      if (down) open.add(`${line} ${alarm}`);
      else open.delete(`${line} ${alarm}`);
    });
    expect(open.size).toBeGreaterThan(0);
    stream.nextUntil(FROM_MS + 3 * DAY_MS, ({ line, alarm, down }) => {
      if (!down) open.delete(`${line} ${alarm}`);
    });
    expect(open.size).toBe(0);
  });

  it('works on the smallest network', () => {
    const least = buildNetwork({ seed: 1, lines: 21 });
    let events = 0;
    new AlarmStream(least, { seed: 1, fromMs: FROM_MS }).nextUntil(TO_MS, () => events++);
    expect(events).toBeGreaterThan(0);
  });

  it('writes native NDJSON', () => {
    const bytes = prepareEventBytes(small.lineNames);
    const buffer = Buffer.alloc(bytes.maxBytes);
    const stream = new AlarmStream(small, { seed: 5, fromMs: FROM_MS });
    stream.nextUntil(FROM_MS + DAY_MS, (e) => {
      const end = writeEvent(buffer, 0, e, bytes);
      expect(buffer[end - 1]).toBe(10);
      expect(JSON.parse(buffer.toString('utf8', 0, end))).toEqual({
        line: small.lineNames[e.line],
        time: e.timeMs,
        state: e.down ? 'down' : 'up',
        alarm: e.alarm,
        severity: e.severity,
        ...(e.cause === null ? {} : { cause: e.cause }),
      });
    });
  });
});
