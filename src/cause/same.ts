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
    const { byComponent, byLine, size } = this.network;
    const found: number[] = [];
    for (let i = byComponent.first[component]!; i < byComponent.first[component + 1]!; i++) {
      const line = byComponent.other[i]!;
      const own = byComponent.weight[i]!;
      for (let j = byLine.first[line]!; j < byLine.first[line + 1]!; j++) {
        const other = byLine.other[j]!;
        if (this.shared[other] === 0) found.push(other);
        this.shared[other]! += Math.min(own, byLine.weight[j]!);
      }
    }
    const same = found.filter((other) => {
      const both = this.shared[other]!;
      const all = size[component]! + size[other]! - both;
      return other !== component && both / all >= this.sameMin;
    });
    for (const other of found) this.shared[other] = 0;
    return [component, ...same.toSorted((a, b) => a - b)];
  }
}
