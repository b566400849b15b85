// The components that lines hit in a burst lie on, with the hits of each as rows of columns: what the
// search walks over. Arrays are kept from burst to burst.

import type { Network } from './network.js';

/** Lines hit in one burst, each once, with the probability of that happening by chance. */
export interface Hits {
  readonly lines: Int32Array;
  readonly chance: Float64Array;
}

/** A component with the share of its members that it hit. */
export interface Chosen {
  readonly component: number;
  /** Index in GRID. */
  readonly share: number;
  /** Log-likelihood that it adds to the others, nats. */
  readonly gain: number;
}

/** A component with its rows. */
export interface Candidate {
  readonly component: number;
  readonly from: number;
  readonly to: number;
  /** The share that explains the hits best beside the causes chosen; null = to be worked out. */
  fit: Chosen | null;
  /** Its score beside no other cause: what others explain it explains no more, so no score is above it. */
  bound: number;
}

/** Candidates of one burst, in the order of the components. */
export class Candidates {
  list: Candidate[] = [];
  /** By row: index of the hit, and its weight on the component. */
  hit = new Int32Array(1024);
  weight = new Float64Array(1024);
  private readonly network: Network;
  private readonly slot: Int32Array;
  private readonly at: Int32Array;

  constructor(network: Network) {
    this.network = network;
    this.slot = new Int32Array(network.components.length);
    this.at = new Int32Array(network.components.length).fill(-1);
  }

  /** The candidate of a component that is one. */
  of(component: number): Candidate {
    return this.list[this.at[component]!]!;
  }

  /** Takes the components with at least `hitsMin` of the lines. */
  collect(lines: Int32Array, hitsMin: number, mayBe: (component: number) => boolean): void {
    const { first, other } = this.network.byLine;
    const touched: number[] = [];
    for (const line of lines) {
      for (let i = first[line]!; i < first[line + 1]!; i++) {
        const component = other[i]!;
        if (this.slot[component]!++ === 0) touched.push(component);
      }
    }
    touched.sort((a, b) => a - b);
    for (const { component } of this.list) this.at[component] = -1;
    this.list = [];
    let rows = 0;
    for (const component of touched) {
      const count = this.slot[component]!;
      this.slot[component] = 0;
      if (count < hitsMin || !mayBe(component)) continue;
      this.at[component] = this.list.length;
      this.list.push({ component, from: rows, to: rows + count, fit: null, bound: Infinity });
      rows += count;
    }
    this.fill(lines, rows);
  }

  /** Candidates that a line lies on are to be fitted anew. */
  outdate(line: number): void {
    const { first, other } = this.network.byLine;
    for (let i = first[line]!; i < first[line + 1]!; i++) {
      const at = this.at[other[i]!]!;
      if (at >= 0) this.list[at]!.fit = null;
    }
  }

  private fill(lines: Int32Array, rows: number): void {
    if (rows > this.hit.length) {
      this.hit = new Int32Array(rows * 2);
      this.weight = new Float64Array(rows * 2);
    }
    const { first, other, weight } = this.network.byLine;
    const next = Int32Array.from(this.list, ({ from }) => from);
    for (let hit = 0; hit < lines.length; hit++) {
      for (let i = first[lines[hit]!]!; i < first[lines[hit]! + 1]!; i++) {
        const at = this.at[other[i]!]!;
        if (at < 0) continue;
        const row = next[at]!++;
        this.hit[row] = hit;
        this.weight[row] = weight[i]!;
      }
    }
  }
}
