// Bad plant over a period: components whose lines are bad without acting together. Line counts are cut
// at their 95th percentile, so that a few wild lines do not speak for their neighbours; the component with
// the largest likelihood ratio is taken, its lines are removed, and again. Each is checked against all
// permutations of the counts, within its node where it lies in one, else over all lines: their mean and
// variance are exact, the tail is that of a gamma with both. No number is drawn.

import type { Network } from './network.js';
import { gammaTail } from './poisson.js';
import { INNER_KINDS } from './settings.js';

/** How plant is ranked. */
export interface PlantSettings {
  /** Quantile at which line counts are cut. */
  readonly cutAt: number;
  /** Components that are ranked. */
  readonly rankedMax: number;
  /** Lines that a component must have left. */
  readonly linesMin: number;
  /** Share of false ones among those said to be bad. */
  readonly falseDiscovery: number;
}

export const DEFAULT_PLANT_SETTINGS: PlantSettings = {
  cutAt: 0.95,
  rankedMax: 100,
  linesMin: 3,
  falseDiscovery: 0.05,
};

/** A component that is worse than its share. */
export interface BadPlant {
  readonly component: number;
  /** Interruptions of its lines, cut, and what the network's mean would give. */
  readonly count: number;
  readonly expected: number;
  /** Log-likelihood ratio, nats. */
  readonly score: number;
  /** Share of permutations in which its lines have as many. */
  readonly p: number;
  /** Bad at the false-discovery rate. */
  readonly isBad: boolean;
}

/** ln of (best rate inside and outside) over (one rate for all); 0 where it is not worse. */
export function likelihoodRatio(count: number, expected: number, total: number): number {
  if (count <= expected || expected <= 0 || total <= expected) return 0;
  const rest = total - count;
  const outside = rest > 0 ? rest * Math.log(rest / (total - expected)) : 0;
  return count * Math.log(count / expected) + outside;
}

/** Counts cut at a quantile of all lines'. */
export function cutCounts(counts: ArrayLike<number>, cutAt: number): Float64Array {
  const ordered = Float64Array.from(counts).toSorted();
  const most = ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * cutAt))] ?? 0;
  return Float64Array.from(counts, (count) => Math.min(count, Math.max(1, most)));
}

/** Ranks components by what their lines' counts of a period say; `counts` by line of the network. */
export function rankPlant(
  network: Network,
  counts: ArrayLike<number>,
  settings: PlantSettings = DEFAULT_PLANT_SETTINGS,
): BadPlant[] {
  return new Ranking(network, cutCounts(counts, settings.cutAt), settings).run();
}

class Ranking {
  private readonly network: Network;
  private readonly settings: PlantSettings;
  private readonly cut: Float64Array;
  private readonly total: number;
  private readonly mean: number;
  private readonly removed: Uint8Array;
  /** Of each component what is left: counts and lines, by weight. */
  private readonly count: Float64Array;
  private readonly lines: Float64Array;

  constructor(network: Network, cut: Float64Array, settings: PlantSettings) {
    this.network = network;
    this.settings = settings;
    this.cut = cut;
    this.total = cut.reduce((sum, count) => sum + count, 0);
    this.mean = this.total / Math.max(1, cut.length);
    this.removed = new Uint8Array(cut.length);
    this.count = new Float64Array(network.components.length);
    this.lines = network.size.slice();
    for (let line = 0; line < cut.length; line++) this.add(line, 1);
  }

  run(): BadPlant[] {
    const ranked: Omit<BadPlant, 'isBad'>[] = [];
    while (ranked.length < this.settings.rankedMax) {
      const component = this.best();
      if (component < 0) break;
      const [count, lines] = [this.count[component]!, this.lines[component]!];
      const score = this.score(count, lines);
      const p = this.chanceOf(component, count);
      ranked.push({ component, count, expected: lines * this.mean, score, p });
      this.remove(component);
    }
    const tested = this.network.size.filter((size) => size >= this.settings.linesMin).length;
    return withDiscoveries(ranked, this.settings.falseDiscovery, tested);
  }

  private add(line: number, sign: 1 | -1): void {
    const { first, other, weight } = this.network.byLine;
    for (let i = first[line]!; i < first[line + 1]!; i++) {
      this.count[other[i]!]! += sign * weight[i]! * this.cut[line]!;
      if (sign < 0) this.lines[other[i]!]! -= weight[i]!;
    }
  }

  private score(count: number, lines: number): number {
    return likelihoodRatio(count, lines * this.mean, this.total);
  }

  /** The component left with the largest ratio, -1 for none. */
  private best(): number {
    let best = -1;
    let most = 0;
    for (let component = 0; component < this.count.length; component++) {
      if (this.lines[component]! < this.settings.linesMin) continue;
      const score = this.score(this.count[component]!, this.lines[component]!);
      if (score <= most) continue;
      best = component;
      most = score;
    }
    return best;
  }

  /** What a bad component explains counts for no other any more. */
  private remove(component: number): void {
    const { first, other, weight } = this.network.byComponent;
    for (let i = first[component]!; i < first[component + 1]!; i++) {
      const line = other[i]!;
      if (weight[i]! < 0.5 || this.removed[line] === 1) continue;
      this.removed[line] = 1;
      this.add(line, -1);
    }
    this.lines[component] = 0;
  }

  /** Share of permutations of the counts in which the component has as many. */
  private chanceOf(component: number, count: number): number {
    const { first, other, weight } = this.network.byComponent;
    const pool = this.poolOf(component);
    let [sum, squares] = [0, 0];
    for (let i = first[component]!; i < first[component + 1]!; i++) {
      if (this.removed[other[i]!] === 1) continue;
      sum += weight[i]!;
      squares += weight[i]! ** 2;
    }
    const mean = pool.reduce((total, line) => total + this.cut[line]!, 0) / pool.length;
    const spread = pool.reduce((total, line) => total + (this.cut[line]! - mean) ** 2, 0);
    const variance = (spread / (pool.length - 1)) * (squares - sum ** 2 / pool.length);
    if (!(variance > 0) || !(mean > 0)) return 1;
    return gammaTail((mean * sum) ** 2 / variance, (count * mean * sum) / variance);
  }

  /** Lines left whose counts may be exchanged with the component's: its node's, or all. */
  private poolOf(component: number): number[] {
    const { nodeOf, components, byComponent } = this.network;
    const { first, other } = byComponent;
    const nodes = new Set<number>();
    for (let i = first[component]!; i < first[component + 1]!; i++) nodes.add(nodeOf[other[i]!]!);
    const isInner = INNER_KINDS.has(components[component]!.kind);
    const pool: number[] = [];
    for (let line = 0; line < this.cut.length; line++) {
      if (this.removed[line] === 0 && (!isInner || nodes.has(nodeOf[line]!))) pool.push(line);
    }
    return pool;
  }
}

/**
 * Benjamini and Hochberg over all components tested, of which the ranked are the most suspicious: the
 * most p-values of which at most the given share is expected to be chance.
 */
function withDiscoveries(
  ranked: readonly Omit<BadPlant, 'isBad'>[],
  share: number,
  tested: number,
): BadPlant[] {
  const ordered = ranked.map(({ p }) => p).toSorted((a, b) => a - b);
  let limit = -1;
  for (const [i, p] of ordered.entries()) if (p <= (share * (i + 1)) / tested) limit = p;
  return ranked.map((plant) => Object.assign({ isBad: plant.p <= limit }, plant));
}
