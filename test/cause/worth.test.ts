// What a missing record is worth: between the measured points a line, nothing where nothing is missing,
// most where many lines lack it and a record more moves most; all figures by hand on a small network.

import { describe, expect, it } from 'vitest';
import { namedShare, recordWorth } from '../../src/cause/worth.js';
import { recordsOf } from './networks.js';

describe('the worth of a record', () => {
  it('follows the measured points', () => {
    expect(namedShare('card', 0)).toBe(1);
    expect(namedShare('card', 1)).toBe(0);
    expect(namedShare('card', 0.75)).toBeCloseTo((0.84 + 0.71) / 2, 12);
    for (const kind of ['card', 'cable']) {
      const shares = Array.from({ length: 101 }, (_, i) => namedShare(kind, i / 100));
      expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    }
  });

  it('is what more of the faults would be named', () => {
    // Three nodes of ten lines; of their card records none, half and nine are missing.
    const rows: [string, string, string][] = [];
    for (const [node, kept] of [10, 5, 1].entries()) {
      for (let i = 0; i < 10; i++) {
        rows.push([`L${node}-${i}`, 'node', `n${node}`]);
        if (i < kept) rows.push([`L${node}-${i}`, 'card', `c${node}`]);
      }
    }
    const { network } = recordsOf({ rows, starts: [] }).networkAt(0);
    const found = recordWorth(network, () => 20);
    expect(found.map(({ node, kind, missing }) => [node, kind, missing])).toEqual([
      ['n2', 'card', 9],
      ['n1', 'card', 5],
    ]);
    // 20.5 were named, of a share of (1 + .95 + .46) / 3; a third of all is each node's.
    const here = 20.5 / ((1 + 0.95 + 0.46) / 3) / 3;
    expect(found[0]!.faults).toBeCloseTo(here, 9);
    expect(found[0]!.gainOne).toBeCloseTo(here * (0.71 - 0.46), 9);
    expect(found[0]!.gainAll).toBeCloseTo(here * (1 - 0.46), 9);
    expect(found[1]!.gainOne).toBeCloseTo(here * (0.98 - 0.95), 9);
  });
});
