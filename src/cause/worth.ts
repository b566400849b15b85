// What recording a missing card or cable section would buy: how many more of a node's faults would be
// named. How many are named by the share of records missing was measured on planted faults (h = .6, 5 % of
// the records wrong, `npm run bench -- cause`); between the points it is a line.

import type { Network } from './network.js';

/** Share of faults named where 0, 10, ... 100 % of the node's records of the kind are missing. */
export const NAMED_SHARE: Readonly<Record<string, readonly number[]>> = {
  card: [1, 0.99, 0.99, 0.98, 0.98, 0.95, 0.95, 0.84, 0.71, 0.46, 0],
  cable: [1, 1, 1, 0.99, 0.99, 0.98, 0.97, 0.97, 0.96, 0.89, 0],
};

/** Half a fault is added, so that a short period tells nodes apart as well. */
const PRIOR_FAULTS = 0.5;

/** What is missing of one kind at one node, and what it is worth. */
export interface RecordWorth {
  readonly node: string;
  readonly kind: string;
  readonly lines: number;
  /** Lines without a record of the kind that fits. */
  readonly missing: number;
  /** Share of faults of the kind here that are expected to be named. */
  readonly named: number;
  /** Faults of the kind expected here over the period. */
  readonly faults: number;
  /** How many more of these would be named with one record more, and with all. */
  readonly gainOne: number;
  readonly gainAll: number;
}

/** Share of the faults of a kind that are named where such a share of the records is missing. */
export function namedShare(kind: string, missing: number): number {
  const points = NAMED_SHARE[kind];
  if (!points) return 1;
  const at = Math.min(1, Math.max(0, missing)) * (points.length - 1);
  const low = Math.min(points.length - 2, Math.floor(at));
  return points[low]! + (points[low + 1]! - points[low]!) * (at - low);
}

/**
 * Nodes with missing records, those first where one record more is worth most. `causesOf` = causes of a
 * kind that the period has: what of the faults was named. Faults are taken to come by lines.
 */
export function recordWorth(network: Network, causesOf: (kind: string) => number): RecordWorth[] {
  const { nodeLines, inner, components } = network;
  const placed = nodeLines.reduce((sum, lines) => sum + lines, 0);
  const found = inner.flatMap(({ kind, gaps }) => {
    const shareAt = (node: number, more: number): number =>
      namedShare(kind, Math.max(0, gaps[node]! - more) / nodeLines[node]!);
    let seen = 0;
    for (const [node, lines] of nodeLines.entries()) {
      if (lines > 0) seen += (lines / placed) * shareAt(node, 0);
    }
    const faults = (causesOf(kind) + PRIOR_FAULTS) / Math.max(seen, 1 / Math.max(1, placed));
    return components.flatMap(({ name }, node) => {
      const [lines, missing] = [nodeLines[node]!, gaps[node]!];
      if (lines === 0 || missing === 0) return [];
      const here = (faults * lines) / placed;
      const named = shareAt(node, 0);
      const gainOne = here * (shareAt(node, 1) - named);
      const gainAll = here * (1 - named);
      return [{ node: name, kind, lines, missing, named, faults: here, gainOne, gainAll }];
    });
  });
  return found.toSorted(
    (a, b) =>
      b.gainOne - a.gainOne ||
      b.gainAll - a.gainAll ||
      (a.node < b.node ? -1 : a.node > b.node ? 1 : a.kind < b.kind ? -1 : 1),
  );
}
