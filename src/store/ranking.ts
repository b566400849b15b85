// The first of many by two figures, without sorting all of them.

/** What is ranked: by `first`, then by `second`, both most first. */
export interface Ranked {
  readonly first: Int32Array | Float64Array;
  readonly second: Float64Array;
}

/**
 * The indices among `candidates` that are the first `limit`, and those that tie with the last of them;
 * in no order among ties.
 */
export function leaders(candidates: readonly number[], ranked: Ranked, limit: number): number[] {
  const { first, second } = ranked;
  const counts = new Map<number, number>();
  for (const index of candidates) counts.set(first[index]!, (counts.get(first[index]!) ?? 0) + 1);
  let [left, least] = [limit, -Infinity];
  for (const [value, count] of [...counts].toSorted(([a], [b]) => b - a)) {
    least = value;
    left -= count;
    if (left <= 0) break;
  }
  const near = candidates
    .filter((index) => first[index]! >= least)
    .toSorted((a, b) => first[b]! - first[a]! || second[b]! - second[a]!);
  const last = near[Math.min(limit, near.length) - 1];
  if (last === undefined) return [];
  let end = Math.min(limit, near.length);
  const ties = (index: number): boolean =>
    first[index] === first[last] && second[index] === second[last];
  while (end < near.length && ties(near[end]!)) end++;
  return near.slice(0, end);
}
