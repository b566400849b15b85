// Properties of the burst engine: what must not show in its causes, what must not lower a score, and
// its arithmetic against a naive twin.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CauseFinding } from '../../src/cause/finding.js';
import { Localiser } from '../../src/cause/localise.js';
import { GRID } from '../../src/cause/network.js';
import { DEFAULT_CAUSE_SETTINGS } from '../../src/cause/settings.js';
import { findingsOf, random, recordsOf, smallNetwork } from './networks.js';
import { logLikelihood } from './twin.js';

const seeds = fc.integer({ min: 1, max: 1_000_000 });
const RUNS = { numRuns: 25, seed: 7 };

function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const next = random(seed);
  const keyed = items.map((item) => ({ item, at: next() }));
  return keyed.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
}

/** What a finding says when its names are mapped. */
function facts(
  { at, until, lines, score, components }: CauseFinding,
  map: (name: string) => string,
): unknown {
  const names = components.map(({ kind, name }) => `${kind}/${map(name)}`).toSorted();
  return { at, until, lines, score, names };
}

describe('causes of a burst', () => {
  it('are found in most small networks', () => {
    let found = 0;
    for (let seed = 1; seed <= 20; seed++) if (findingsOf(smallNetwork(seed)).length > 0) found++;
    expect(found).toBeGreaterThanOrEqual(16);
  });

  it('do not depend on the order of records and starts, on duplicates or on pieces', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const network = smallNetwork(seed);
        const mixed = {
          rows: shuffled([...network.rows, ...network.rows.slice(0, 50)], seed),
          starts: shuffled(network.starts, seed + 1),
        };
        expect(findingsOf(mixed)).toEqual(findingsOf(network));
        expect(findingsOf(mixed, 5)).toEqual(findingsOf(network));
      }),
      RUNS,
    );
  });

  it('do not depend on what lines and components are called', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const network = smallNetwork(seed);
        const back = new Map<string, string>();
        const renamed = (name: string): string => {
          const digest = `x${(Math.imul(name.length * 31 + seed, 2_654_435_761) >>> 0) % 97}`;
          const other = `${digest}-${[...name].toReversed().join('')}`;
          back.set(other, name);
          return other;
        };
        const other = {
          rows: network.rows.map(
            ([line, kind, name]) => [renamed(line), kind, renamed(name)] as const,
          ),
          starts: network.starts.map(([line, time]) => [renamed(line), time] as const),
        };
        const original = findingsOf(network).map((one) => facts(one, (name) => name));
        expect(
          findingsOf(other).map((one) => facts(one, (name) => back.get(name) ?? name)),
        ).toEqual(original);
      }),
      RUNS,
    );
  });

  it('score no less with one more line hit', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const network = recordsOf(smallNetwork(seed)).networkAt(0).network;
        const next = random(seed);
        const component = Math.floor(next() * network.components.length);
        const { first, other } = network.byComponent;
        const members = [...other.subarray(first[component], first[component + 1])];
        const hit = shuffled(members, seed).slice(0, 3 + Math.floor(next() * members.length));
        const scores = [hit.slice(1), hit].map((lines) => {
          const hits = {
            lines: Int32Array.from(lines),
            chance: new Float64Array(lines.length).fill(1e-4),
          };
          return new Localiser(network, { ...DEFAULT_CAUSE_SETTINGS, supportMin: 1, causesMax: 1 })
            .explain(hits, (candidate) => candidate === component)
            .map(({ score }) => score)[0];
        });
        if (scores[0] === undefined) return;
        expect(scores[1]).toBeGreaterThanOrEqual(scores[0] - 1e-9);
      }),
      RUNS,
    );
  });

  it('gain what the naive twin says', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const network = recordsOf(smallNetwork(seed)).networkAt(0).network;
        const next = random(seed);
        const lines = network.lines.flatMap((_, line) => (next() < 0.08 ? [line] : []));
        const node = Math.floor(next() * network.lines.length);
        for (let line = node; line < Math.min(node + 20, network.lines.length); line++)
          lines.push(line);
        const distinct = [...new Set(lines)];
        const chance = Float64Array.from(distinct, () => 1e-5 + next() * 1e-3);
        const localiser = new Localiser(network, DEFAULT_CAUSE_SETTINGS);
        const causes = localiser.explain({ lines: Int32Array.from(distinct), chance }, () => true);
        const hits = new Map(distinct.map((line, i) => [line, chance[i]!]));
        const plain = causes.filter(({ joined }) => joined.length === 0);
        if (plain.length !== causes.length) return;
        const all = causes.map(({ component, share }) => ({ component, share: GRID[share]! }));
        const whole = logLikelihood(network, hits, all);
        for (const [i, cause] of causes.entries()) {
          const without = all.filter((_, other) => other !== i);
          expect(cause.gain).toBeCloseTo(whole - logLikelihood(network, hits, without), 6);
        }
      }),
      RUNS,
    );
  });
});
