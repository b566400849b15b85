// Components that cannot be told apart: those with the same members, as far as the records tell.

import type { Network } from './network.js';

/** Finds them in one network; keeps what it works with from call to call. */
export class SameComponents {
  private readonly network: Network;
  private readonly sameMin: number;
  /** Weight that a component shares with the one at hand; all zero between calls. */
  private readonly shared: Float64Array;

  /** `sameMin` = overlap of members (weighted Jaccard) from which two are the same. */
  constructor(network: Network, sameMin: number) {
    this.network = network;
    this.sameMin = sameMin;
    this.shared = new Float64Array(network.components.length);
  }

  /** A component, then those that cannot be told from it in the order of their indices. */
  of(component: number): number[] {
    const { size } = this.network;
    const own = size[component]!;
    const found = this.near(component);
    const same = found.filter((other) => {
      const both = this.shared[other]!;
      const all = own + size[other]! - both;
      return other !== component && both / all >= this.sameMin;
    });
    for (const other of found) this.shared[other] = 0;
    return [component, ...same.toSorted((a, b) => a - b)];
  }

  /**
   * Components of about its size that share some of the first of its members, with all they share: one
   * that has none of these lacks too much to be the same.
   */
  private near(component: number): number[] {
    const { byComponent, byLine, size } = this.network;
    const own = size[component]!;
    const found: number[] = [];
    let seen = 0;
    for (let i = byComponent.first[component]!; i < byComponent.first[component + 1]!; i++) {
      const line = byComponent.other[i]!;
      const weight = byComponent.weight[i]!;
      const isFirst = seen <= own * (1 - this.sameMin);
      seen += weight;
      for (let j = byLine.first[line]!; j < byLine.first[line + 1]!; j++) {
        const other = byLine.other[j]!;
        if (this.shared[other] === 0) {
          const ratio = size[other]! / own;
          if (!isFirst || ratio < this.sameMin || ratio * this.sameMin > 1) continue;
          found.push(other);
        }
        this.shared[other]! += Math.min(weight, byLine.weight[j]!);
      }
    }
    return found;
  }
}
