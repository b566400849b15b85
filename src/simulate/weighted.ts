// A draw of an index with given weights in constant time: Walker's alias table, built by Vose's
// method. Invariant: index i comes with probability weights[i] / total, exactly up to rounding.

import type { Random } from './random.js';

/** An index 0 to n - 1 drawn by weight; n draws cost n times two random numbers. */
export class WeightedChoice {
  /** The sum of the weights. */
  readonly total: number;
  readonly #threshold: Float64Array;
  readonly #alias: Int32Array;

  /** @param weights not negative; where all are zero (total 0) nothing may be picked */
  constructor(weights: ArrayLike<number>) {
    const size = weights.length;
    let total = 0;
    for (let i = 0; i < size; i++) total += weights[i];
    this.total = total;
    this.#threshold = new Float64Array(size).fill(1);
    this.#alias = new Int32Array(size);
    const share = new Float64Array(size);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < size; i++) {
      share[i] = (weights[i] * size) / total;
      (share[i] < 1 ? small : large).push(i);
    }
    while (small.length > 0 && large.length > 0) {
      const poor = small.pop()!;
      const rich = large[large.length - 1];
      this.#threshold[poor] = share[poor];
      this.#alias[poor] = rich;
      share[rich] += share[poor] - 1;
      if (share[rich] < 1) small.push(large.pop()!);
    }
  }

  pick(random: Random): number {
    const slot = random.int(this.#alias.length);
    return random.next() < this.#threshold[slot] ? slot : this.#alias[slot];
  }
}
