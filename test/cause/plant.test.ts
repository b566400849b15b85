// Bad plant: a component whose lines are worse is ranked first and called bad; without one nothing is.

import { describe, expect, it } from 'vitest';
import { cutCounts, likelihoodRatio, rankPlant } from '../../src/cause/plant.js';
import { gammaTail, poissonTail } from '../../src/cause/poisson.js';
import { random, recordsOf, smallNetwork } from './networks.js';

function nodeOf(line: string): number {
  return Math.floor(Number(line.slice(1)) / 24);
}

function counts(seed: number, worse: (line: string) => boolean) {
  const { network } = recordsOf(smallNetwork(seed)).networkAt(0);
  const next = random(seed);
  const values = network.lines.map((line) => Math.floor(next() * 8) + (worse(line) ? 15 : 0));
  return { network, values };
}

describe('bad plant', () => {
  it('ranks the planted node first and calls it bad', () => {
    const { network, values } = counts(3, (line) => nodeOf(line) === 5);
    const [first] = rankPlant(network, values);
    expect(network.components[first!.component]).toEqual({ kind: 'node', name: 'n5' });
    expect(first).toMatchObject({ isBad: true });
    expect(first!.count).toBeGreaterThan(first!.expected);
  });

  it('ranks a planted card before its node', () => {
    const { network, values } = counts(
      3,
      (line) => nodeOf(line) === 5 && Number(line.slice(1)) % 3 === 1,
    );
    const [first] = rankPlant(network, values);
    expect(network.components[first!.component]).toEqual({ kind: 'card', name: 'c5-1' });
    expect(first!.p).toBeLessThan(0.01);
  });

  it('calls nothing bad where nothing is', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { network, values } = counts(seed, () => false);
      expect(rankPlant(network, values).filter(({ isBad }) => isBad)).toEqual([]);
    }
  });

  it('cuts counts, and knows its distributions', () => {
    expect([...cutCounts([1, 2, 3, 100], 0.5)]).toEqual([1, 2, 3, 3]);
    expect(likelihoodRatio(5, 10, 100)).toBe(0);
    expect(likelihoodRatio(20, 10, 100)).toBeCloseTo(20 * Math.log(2) + 80 * Math.log(80 / 90), 9);
    // P(gamma(n) > x) is P(Poisson(x) < n): for n = 3, exp(-x) (1 + x + x^2 / 2).
    for (const x of [0.5, 1, 2, 4, 9, 30]) {
      expect(gammaTail(3, x) / (Math.exp(-x) * (1 + x + x ** 2 / 2))).toBeCloseTo(1, 6);
    }
    expect(gammaTail(40, 30)).toBeCloseTo(1 - poissonTail(40, 30), 9);
  });
});
