// Which components explain a burst: noisy-OR over soft memberships, greedy maximum a posteriori, then a
// swap and a backward pass (SPEC section 7). Only the lines that were hit are walked: what those that
// were not have to say stands summed up in the network. Ties go to the component that comes first.

import { type Candidate, Candidates, type Chosen, type Hits } from './candidates.js';
import { GRID, NAMED_FROM, type Network } from './network.js';
import { CAUSE_PRIOR, type CauseSettings, DIFFUSE_PRIOR, SHARE_PRIORS } from './settings.js';
import { type HitChance, type Reading, reinterpret } from './unrecorded.js';

/** A cause of a burst. */
export interface Explained extends Chosen {
  /** Log posterior odds of it against chance, nats. */
  readonly score: number;
  /** It stands for something that no record names. */
  readonly isUnknown: boolean;
  /** Nodes hit with it whose records are missing. */
  readonly joined: readonly Chosen[];
  /** What else might be behind its hits, the likeliest first. */
  readonly others: readonly Rival[];
}

/** Another explanation of a cause's hits. */
export interface Rival {
  readonly component: number;
  readonly score: number;
  readonly isUnknown: boolean;
}

/** How probably a cause is behind a hit. */
interface Blame {
  readonly hit: number;
  readonly weight: number;
  readonly blame: number;
  /** It, and nothing else. */
  readonly sole: number;
}

/** Blame from which a hit counts as explained by a cause. */
export const BLAMED = 0.5;
const EPSILON = 1e-9;
/** Rivals less likely by this many nats are not told of. */
const RIVAL_NATS = 20;

/** Explains hits by components. Made once for a network; a call leaves nothing behind. */
export class Localiser {
  private readonly network: Network;
  private readonly settings: CauseSettings;
  private readonly candidates: Candidates;
  /** How far feedback moves a component's prior, nats. */
  private moved: (component: number) => number = () => 0;
  private hits!: Hits;
  /** Probability that no chosen cause hits it, by hit. */
  private spared = new Float64Array(0);
  private chosen: Chosen[] = [];

  constructor(network: Network, settings: CauseSettings) {
    this.network = network;
    this.settings = settings;
    this.candidates = new Candidates(network);
  }

  /** The causes of a burst, the strongest first. `mayBe` leaves out works outside their windows, `moved` = nats that priors are moved by. */
  explain(
    hits: Hits,
    mayBe: (component: number) => boolean,
    moved: (component: number) => number = () => 0,
  ): Explained[] {
    this.hits = hits;
    this.moved = moved;
    this.spared = new Float64Array(hits.lines.length).fill(1);
    this.chosen = [];
    this.candidates.collect(hits.lines, this.settings.supportMin, mayBe);
    this.grow();
    if (this.chosen.length > 1) {
      this.swap();
      this.drop();
      this.grow();
    }
    const chosen = this.chosen.map((cause) =>
      this.without(cause, () => this.best(cause.component)!),
    );
    const explained = reinterpret(this.network, chosen, {
      gainAt: (cause, share) => this.without(cause, () => this.gainOf(cause.component, share)),
      hitsOf: (cause) => this.without(cause, () => this.hitsOf(cause)),
      prior: (cause) => this.prior(cause),
    });
    const causes: Explained[] = [];
    for (const cause of explained) {
      if (cause.score < this.settings.scoreMin) continue;
      causes.push({ ...cause, others: this.without(cause, () => this.othersThan(cause)) });
    }
    return causes.toSorted((a, b) => b.score - a.score || a.component - b.component);
  }

  /** What else might stand in a cause's place, the likeliest first. */
  private othersThan(cause: Reading): Rival[] {
    const rivals: Rival[] = [];
    for (const candidate of this.candidates.list) {
      const { component } = candidate;
      if (this.chosen.some((one) => one.component === component)) continue;
      if (candidate.bound <= cause.score - RIVAL_NATS) continue;
      const fit = this.fitOf(candidate);
      const score = fit.gain + this.prior(fit);
      const isClose = score > cause.score - RIVAL_NATS;
      if (isClose) rivals.push({ component, score, isUnknown: fit.share < NAMED_FROM });
    }
    return rivals.toSorted((a, b) => b.score - a.score || a.component - b.component);
  }

  /** ln prior of a component and a share. */
  prior({ component, share }: { component: number; share: number }): number {
    const isNamed = share >= NAMED_FROM;
    const ofShare = isNamed
      ? SHARE_PRIORS[share - NAMED_FROM]! + this.moved(component)
      : DIFFUSE_PRIOR;
    return this.network.prior[component]! + ofShare + CAUSE_PRIOR;
  }

  /** Of each hit, how probably this cause is behind it, and how probably it alone is. */
  blame(cause: Chosen): Blame[] {
    const candidate = this.candidates.of(cause.component);
    return this.without(cause, () => {
      const { hit, weight } = this.candidates;
      const rows: Blame[] = [];
      for (let i = candidate.from; i < candidate.to; i++) {
        const quiet = (1 - this.hits.chance[hit[i]!]!) * this.spared[hit[i]!]!;
        const own = weight[i]! * GRID[cause.share]!;
        const blame = own / (1 - quiet * (1 - own));
        rows.push({ hit: hit[i]!, weight: weight[i]!, blame, sole: blame * quiet });
      }
      return rows;
    });
  }

  /** Adds the best candidate as long as one is good enough. */
  private grow(): void {
    const { settings } = this;
    while (this.chosen.length < settings.causesMax) {
      const best = this.best();
      if (!best || !this.isEnough(best)) return;
      this.take(best);
    }
  }

  private isEnough(cause: Chosen): boolean {
    const { gainMin, scoreMin, supportMin } = this.settings;
    if (cause.gain < gainMin || cause.gain + this.prior(cause) < scoreMin) return false;
    return this.blame(cause).filter(({ sole }) => sole >= BLAMED).length >= supportMin;
  }

  /** Puts a better one in the place of each, once. */
  private swap(): void {
    for (const cause of this.chosen) {
      this.put(cause);
      const better = this.best();
      this.take(
        better && better.component !== cause.component && this.isEnough(better)
          ? better
          : this.best(cause.component)!,
      );
    }
  }

  /** Leaves out what the others explain. */
  private drop(): void {
    for (const cause of this.chosen.toReversed()) {
      this.put(cause);
      const again = this.best(cause.component)!;
      if (this.isEnough(again)) this.take(again);
    }
  }

  private take(cause: Chosen): void {
    this.chosen.push(cause);
    this.spare(cause, 1);
  }

  private put(cause: Chosen): void {
    this.chosen = this.chosen.filter((other) => other !== cause);
    this.spare(cause, -1);
  }

  private spare(cause: Chosen, power: 1 | -1): void {
    const { from, to } = this.candidates.of(cause.component);
    const { hit, weight } = this.candidates;
    for (let i = from; i < to; i++) {
      const quiet = 1 - weight[i]! * GRID[cause.share]!;
      this.spared[hit[i]!]! *= power === 1 ? quiet : 1 / quiet;
      this.candidates.outdate(this.hits.lines[hit[i]!]!);
    }
  }

  private gainOf(component: number, share: number): number {
    return this.gain(this.candidates.of(component), share);
  }

  /** Hits on a cause, with their probability by what else there is. */
  private hitsOf({ component }: Chosen): HitChance[] {
    const { from, to } = this.candidates.of(component);
    const rows: HitChance[] = [];
    for (let i = from; i < to; i++) {
      const hit = this.candidates.hit[i]!;
      const chance = 1 - (1 - this.hits.chance[hit]!) * this.spared[hit]!;
      rows.push({ line: this.hits.lines[hit]!, chance });
    }
    return rows;
  }

  private without<Result>({ component }: Chosen, see: () => Result): Result {
    const cause = this.chosen.find((one) => one.component === component);
    if (!cause) return see();
    this.spare(cause, -1);
    const result = see();
    this.spare(cause, 1);
    return result;
  }

  /**
   * The candidate, or this one component, with the largest posterior gain beside those chosen. Those whose
   * bound is below what others reach are not fitted.
   */
  private best(only: number | null = null): Chosen | null {
    if (only !== null) return this.fitOf(this.candidates.of(only));
    const { list } = this.candidates;
    let best: Chosen | null = null;
    let bestScore = -Infinity;
    const consider = (candidate: Candidate): void => {
      const { component } = candidate;
      if (this.chosen.some((one) => one.component === component)) return;
      const fit = this.fitOf(candidate);
      const score = fit.gain + this.prior(fit);
      const isFirst = best === null || component < best.component;
      if (score <= bestScore + (isFirst ? -EPSILON : EPSILON)) return;
      best = fit;
      bestScore = score;
    };
    for (const candidate of list) if (candidate.fit) consider(candidate);
    for (const candidate of list) {
      if (!candidate.fit && candidate.bound >= bestScore - EPSILON) consider(candidate);
    }
    return best;
  }

  private fitOf(candidate: Candidate): Chosen {
    if (candidate.fit) return candidate.fit;
    candidate.fit = this.fit(candidate);
    if (this.chosen.length === 0) {
      candidate.bound = candidate.fit.gain + this.prior(candidate.fit);
    }
    return candidate.fit;
  }

  /**
   * The best share of a candidate. The log-likelihood is concave in it: from a first guess shares are
   * tried on both sides until it has fallen twice.
   */
  private fit(candidate: Candidate): Chosen {
    const { component } = candidate;
    const lowest = this.network.isContainer[component] === 1 ? 0 : NAMED_FROM;
    const guess = (candidate.to - candidate.from) / this.network.size[component]!;
    let middle = GRID.findIndex((h) => h >= guess);
    middle = Math.max(lowest, middle < 0 ? GRID.length - 1 : middle);
    let best: Chosen = { component, share: middle, gain: this.gain(candidate, middle) };
    let bestScore = best.gain + this.prior(best);
    const guessed = best.gain;
    for (const step of [-1, 1]) {
      let last = guessed;
      for (let falls = 0, share = middle + step; falls < 2; share += step) {
        if (share < lowest || share >= GRID.length) break;
        const gain = this.gain(candidate, share);
        const score = gain + this.prior({ component, share });
        if (score > bestScore + EPSILON) {
          best = { component, share, gain };
          bestScore = score;
        }
        falls = gain < last ? falls + 1 : 0;
        last = gain;
      }
    }
    return best;
  }

  /** What a candidate with a share of GRID adds to the log-likelihood. */
  private gain({ component, from, to }: Candidate, share: number): number {
    const { chance } = this.hits;
    const h = GRID[share]!;
    let gain = this.network.quiet[component * GRID.length + share]!;
    // The product of ratios is kept, and its logarithm taken now and then: logarithms are dear.
    let product = 1;
    for (let i = from; i < to; i++) {
      const hit = this.candidates.hit[i]!;
      const quiet = 1 - this.candidates.weight[i]! * h;
      const before = (1 - chance[hit]!) * this.spared[hit]!;
      product *= (1 - before * quiet) / ((1 - before) * quiet);
      if (product > 1e200) {
        gain += Math.log(product);
        product = 1;
      }
    }
    return gain + Math.log(product);
  }
}
