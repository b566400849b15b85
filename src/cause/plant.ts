// Bad plant over a period: components whose lines are bad without acting together. Line counts are cut
// at their 95th percentile, so that a few wild lines do not speak for their neighbours; the component with
// the largest likelihood ratio is taken, its lines are removed, and again. Each is checked against all
// permutations of the counts, within its node where it lies in one, else over all lines: their mean and
// variance are exact, the tail is that of a gamma with both. No number is drawn.

import type { Network } from './network.js';
import { gammaTail } from './poisson.js';
import { SameComponents } from './same.js';
import { DEFAULT_CAUSE_SETTINGS, INNER_KINDS } from './settings.js';

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
  /** Components with this overlap of members (weighted Jaccard) cannot be told apart. */
  readonly sameMin: number;
}

export const DEFAULT_PLANT_SETTINGS: PlantSettings = {
  cutAt: 0.95,
  rankedMax: 100,
  linesMin: 3,
  falseDiscovery: 0.05,
  sameMin: DEFAULT_CAUSE_SETTINGS.sameMin,
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
  /** It, then those that cannot be told from it. */
  readonly same: readonly number[];
  /** Lines that it explains: of none that stands before it. */
  readonly lines: readonly number[];
  /** What else explains most of the same lines, and its ratio. */
  readonly next: { readonly component: number; readonly score: number } | null;
  /** The false-discovery rate at which it is called bad, and whether it is at the settings'. */
  readonly q: number;
  readonly isBad: boolean;
}

type Ranked = Omit<BadPlant, 'isBad' | 'q'>;

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

/**
 * Ranks components by what their lines' counts of a period say; `counts` by line of the network. Planned
 * works are no plant.
 */
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
  private readonly same: SameComponents;
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
    this.same = new SameComponents(network, settings.sameMin);
    this.count = new Float64Array(network.components.length);
    this.lines = network.size.slice();
    for (let line = 0; line < cut.length; line++) this.add(line, 1);
    for (const [component, { kind }] of network.components.entries()) {
      if (kind === 'work') this.lines[component] = 0;
    }
  }

  run(): BadPlant[] {
    const ranked: Ranked[] = [];
    while (ranked.length < this.settings.rankedMax) {
      const component = this.best();
      if (component < 0) break;
      const [count, expected] = [this.count[component]!, this.lines[component]! * this.mean];
      const score = this.score(component);
      const p = this.chanceOf(component, count);
      const same = this.same.of(component).filter((other) => this.lines[other]! > 0);
      const lines = this.linesOf(component);
      const next = this.nextTo(same, lines);
      ranked.push({ component, count, expected, score, p, same, lines, next });
      this.remove(component, lines);
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

  private score(component: number): number {
    return likelihoodRatio(this.count[component]!, this.lines[component]! * this.mean, this.total);
  }

  /** The component left with the largest ratio, -1 for none. */
  private best(): number {
    let best = -1;
    let most = 0;
    for (let component = 0; component < this.count.length; component++) {
      if (this.lines[component]! < this.settings.linesMin) continue;
      const score = this.score(component);
      if (score <= most) continue;
      best = component;
      most = score;
    }
    return best;
  }

  /** Lines left that rather lie on it than not. */
  private linesOf(component: number): number[] {
    const { first, other, weight } = this.network.byComponent;
    const lines: number[] = [];
    for (let i = first[component]!; i < first[component + 1]!; i++) {
      if (weight[i]! >= 0.5 && this.removed[other[i]!] === 0) lines.push(other[i]!);
    }
    return lines;
  }

  /** Of the components on which half of the lines lie, but for `same`, the one with the largest ratio. */
  private nextTo(same: readonly number[], lines: readonly number[]): BadPlant['next'] {
    const { first, other, weight } = this.network.byLine;
    const shared = new Map<number, number>();
    for (const line of lines) {
      for (let i = first[line]!; i < first[line + 1]!; i++) {
        shared.set(other[i]!, (shared.get(other[i]!) ?? 0) + weight[i]!);
      }
    }
    let next: BadPlant['next'] = null;
    for (const component of [...shared.keys()].toSorted((a, b) => a - b)) {
      if (shared.get(component)! * 2 < lines.length || same.includes(component)) continue;
      const score = this.score(component);
      if (score > (next?.score ?? 0)) next = { component, score };
    }
    return next;
  }

  /** What a bad component explains counts for no other any more. */
  private remove(component: number, lines: readonly number[]): void {
    for (const line of lines) {
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
function withDiscoveries(ranked: readonly Ranked[], share: number, tested: number): BadPlant[] {
  const ordered = [...ranked.keys()].toSorted((a, b) => ranked[a]!.p - ranked[b]!.p);
  const rates = new Float64Array(ranked.length);
  let q = 1;
  for (let i = ordered.length - 1; i >= 0; i--) {
    q = Math.min(q, (ranked[ordered[i]!]!.p * tested) / (i + 1));
    rates[ordered[i]!] = q;
  }
  return ranked.map((plant, i) =>
    Object.assign({ q: rates[i]!, isBad: rates[i]! <= share }, plant),
  );
}
