// One burst to its causes: the lines hit, what explains them, the components that cannot be told from
// it, and what is left unexplained.

import type { Hits } from './candidates.js';
import { BLAMED, type Explained, Localiser } from './localise.js';
import { GRID, NAMED_FROM, type Network } from './network.js';
import type { Rates } from './rates.js';
import { SameComponents } from './same.js';
import type { CauseSettings } from './settings.js';
import type { Starts } from './starts.js';
import type { BurstSpan } from './trigger.js';

/** A cause of a burst, in indices of the network. */
export interface BurstCause {
  readonly burst: BurstSpan;
  /** First line of the burst, at burst.fromMs. */
  readonly firstLine: number;
  /** From 1, the strongest first. */
  readonly rank: number;
  /** First and last of its own starts, ms. */
  readonly atMs: number;
  readonly untilMs: number;
  /** Those that cannot be told apart, the best first. */
  readonly components: readonly number[];
  /** Nothing recorded explains it: something unknown among the lines of `components`. */
  readonly isUnknown: boolean;
  /** Lines it explains, in the order of their starts, and those, ms. */
  readonly lines: readonly number[];
  readonly times: readonly number[];
  readonly members: number;
  readonly expected: number;
  readonly score: number;
  readonly share: number;
  /** Probability that it is this and nothing else that was looked at. */
  readonly confidence: number;
  /** The next best, with how much less likely they are (1 / odds). */
  readonly runnersUp: readonly RunnerUp[];
}

/** Another explanation of the same lines. */
export interface RunnerUp {
  readonly component: number;
  readonly isUnknown: boolean;
  /** Its probability over the cause's. */
  readonly odds: number;
}

const RUNNERS_UP_MAX = 3;

/** Half of a cause's starts within less than this count as within this, ms. */
const SHORTEST_MS = 1_000;

/** Explains bursts of one network. */
export class BurstEngine {
  private readonly network: Network;
  private readonly settings: CauseSettings;
  private readonly localiser: Localiser;
  private readonly same: SameComponents;

  constructor(network: Network, settings: CauseSettings) {
    this.network = network;
    this.settings = settings;
    this.localiser = new Localiser(network, settings);
    this.same = new SameComponents(network, settings.sameMin);
  }

  /** Explains the starts of a burst. `mayBe` leaves out works outside their windows, `moved` moves priors. */
  explain(
    burst: BurstSpan,
    starts: Starts,
    rates: Rates,
    mayBe: (component: number) => boolean = () => true,
    moved: (component: number) => number = () => 0,
  ): BurstCause[] {
    const { hits, times } = this.hitsOf(burst, starts, rates);
    const chosen = this.localiser.explain(hits, mayBe, moved);
    const firstLine = this.firstLine(burst, starts);
    return chosen.map((cause, index) =>
      this.describe(cause, hits, times, { burst, firstLine, rank: index + 1 }, mayBe),
    );
  }

  /** Of the lines whose starts begin the burst, the first by name. */
  private firstLine({ fromMs }: BurstSpan, starts: Starts): number {
    let first = -1;
    for (let row = starts.firstFrom(fromMs); starts.times[row] === fromMs; row++) {
      if (first < 0 || this.network.lines[starts.lines[row]!]! < this.network.lines[first]!) {
        first = starts.lines[row]!;
      }
    }
    return first;
  }

  /** The distinct lines hit, in the order of their first starts. */
  private hitsOf(burst: BurstSpan, starts: Starts, rates: Rates): { hits: Hits; times: number[] } {
    const lines: number[] = [];
    const times: number[] = [];
    const seen = new Set<number>();
    const to = starts.firstFrom(burst.untilMs + 1);
    for (let row = starts.firstFrom(burst.fromMs); row < to; row++) {
      const line = starts.lines[row]!;
      if (seen.has(line)) continue;
      seen.add(line);
      lines.push(line);
      times.push(starts.times[row]!);
    }
    const spanMs = this.spanMs(burst);
    const chance = Float64Array.from(lines, (line) => -Math.expm1(-rates.ofLineAt(line) * spanMs));
    return { hits: { lines: Int32Array.from(lines), chance }, times };
  }

  private spanMs({ fromMs, untilMs }: BurstSpan): number {
    return Math.max(this.settings.windowMs, untilMs - fromMs);
  }

  private describe(
    cause: Explained,
    hits: Hits,
    times: readonly number[],
    place: Pick<BurstCause, 'burst' | 'firstLine' | 'rank'>,
    mayBe: (component: number) => boolean,
  ): BurstCause {
    const { network } = this;
    const blamed = [cause, ...cause.joined]
      .flatMap((one) => this.localiser.blame(one))
      .filter(({ blame }) => blame >= BLAMED)
      .toSorted((a, b) => a.hit - b.hit);
    const size = [cause, ...cause.joined].reduce(
      (sum, { component }) => sum + network.size[component]!,
      0,
    );
    const weight = blamed.reduce((sum, row) => sum + row.weight, 0);
    const expected = blamed.reduce((sum, { hit }) => sum + hits.chance[hit]!, 0);
    const same = this.same.of(cause.component).filter(mayBe);
    const rivals = cause.others.filter(({ component }) => !same.includes(component));
    const against = rivals.reduce((sum, { score }) => sum + Math.exp(score - cause.score), 0);
    const chanceRate = Math.max(1e-12, expected / this.spanMs(place.burst));
    const [atMs, untilMs] = edges(
      blamed.map(({ hit }) => times[hit]!),
      chanceRate,
    );
    return {
      ...place,
      atMs,
      untilMs,
      components: same,
      isUnknown: cause.isUnknown,
      lines: blamed.map(({ hit }) => hits.lines[hit]!),
      times: blamed.map(({ hit }) => times[hit]!),
      members: Math.max(blamed.length, Math.round(size)),
      expected,
      score: cause.score,
      share: cause.share < NAMED_FROM ? GRID[cause.share]! : Math.min(1, weight / size),
      confidence: 1 / (1 + against + Math.exp(-cause.score)),
      runnersUp: rivals.slice(0, RUNNERS_UP_MAX).map(({ component, isUnknown, score }) => ({
        component,
        isUnknown,
        odds: Math.exp(score - cause.score),
      })),
    };
  }
}

/**
 * First and last start of the span that a cause's starts (in order) stand out in: where the sum of
 * ln(rate / chance rate) over its starts, less rate * time, is largest. `chance` = starts a millisecond
 * by chance.
 */
function edges(times: readonly number[], chance: number): [number, number] {
  const half = Math.ceil(times.length / 2);
  let shortest = Infinity;
  for (let i = 0; i + half <= times.length; i++) {
    shortest = Math.min(shortest, times[i + half - 1]! - times[i]!);
  }
  const rate = Math.max(half / Math.max(SHORTEST_MS, shortest), chance * 2);
  const gain = Math.log(rate / chance);
  let best = { value: 0, from: 0, to: 0 };
  let value = 0;
  let from = 0;
  for (let i = 0; i < times.length; i++) {
    const kept = i > 0 ? value - rate * (times[i]! - times[i - 1]!) : -1;
    if (kept <= 0) from = i;
    value = Math.max(0, kept) + gain;
    if (value > best.value) best = { value, from, to: i };
  }
  return [times[best.from]!, times[best.to]!];
}
