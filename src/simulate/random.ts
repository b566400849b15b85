// The simulator's only source of chance: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state,
// seeded by any number of integers. Invariant: the same keys give the same draws on every machine;
// nothing here reads a clock or Math.random.

const TWO_32 = 4_294_967_296;
const WARM_UP_ROUNDS = 12;

/** A seeded generator. Draws change its state; two with the same keys draw the same. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #round = 1;

  /** @param keys safe integers; order matters, so (seed, hour) and (hour, seed) differ */
  constructor(...keys: readonly number[]) {
    this.#a = 0x9e3779b9;
    this.#b = 0x243f6a88;
    this.#c = 0xb7e15162;
    for (const key of keys) {
      this.#absorb(key | 0);
      this.#absorb(Math.floor(key / TWO_32) | 0);
    }
    for (let i = 0; i < WARM_UP_ROUNDS; i++) this.uint32();
  }

  #absorb(word: number): void {
    this.#a = scramble(this.#a ^ word);
    this.#b = scramble((this.#b + this.#a) | 0);
    this.#c = scramble(this.#c ^ this.#b);
  }

  /** A whole number, 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#round) | 0;
    this.#round = (this.#round + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in the open interval (0, 1). */
  next(): number {
    return (this.uint32() + 0.5) / TWO_32;
  }

  /** Uniform between two numbers. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number, 0 to bound - 1. */
  int(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the items, which must not be empty. */
  choose<T>(items: readonly T[]): T {
    return items[this.int(items.length)];
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  exponential(mean: number): number {
    return -mean * Math.log(this.next());
  }

  /** Failures before the first success, in a series with this mean; at least 0. */
  geometric(mean: number): number {
    return Math.floor(Math.log(this.next()) / Math.log(mean / (mean + 1)));
  }

  /** Gamma with scale 1 (Marsaglia and Tsang 2000; shapes below 1 by their boost). */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * this.next() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Shuffles in place (Fisher and Yates). */
  shuffle(items: { [index: number]: number; readonly length: number }): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
  }
}

/** The finalizer of MurmurHash3: every bit of the word reaches every bit of the result. */
function scramble(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
