// Counts per group and five-minute bucket for the last seven days, in two flat arrays used as rings
// over the bucket number: interruption starts, and lines flapping. 16 KiB a group; nothing per line.

import { BUCKET_MS } from './coverage.js';

/** Buckets held: seven days, and room for what is known of the near future. A power of two. */
const SLOTS = 2_048;
const SLOT_MASK = SLOTS - 1;

/** The bucket number of a time. */
export function bucketOf(ms: number): number {
  return Math.floor(ms / BUCKET_MS);
}

/** The ring of counts. Buckets older than the newest one's seven days are forgotten. */
export class HeatRing {
  readonly #groupsMax: number;
  readonly #starts: Uint32Array;
  readonly #flapping: Uint32Array;
  #newest = -1;

  constructor(groups: number) {
    this.#groupsMax = groups;
    this.#starts = new Uint32Array(groups * SLOTS);
    this.#flapping = new Uint32Array(groups * SLOTS);
  }

  /** The oldest bucket that is held; 0 while nothing is. */
  get oldest(): number {
    return Math.max(0, this.#newest - SLOTS + 1);
  }

  /** Makes room for a bucket; false when it is too old to be held. */
  #reach(bucket: number): boolean {
    if (bucket <= this.#newest) return bucket >= this.oldest;
    const from = Math.max(this.#newest + 1, bucket - SLOTS + 1);
    for (let b = from; b <= bucket; b += 1) {
      for (let g = 0; g < this.#groupsMax; g += 1) {
        this.#starts[g * SLOTS + (b & SLOT_MASK)] = 0;
        this.#flapping[g * SLOTS + (b & SLOT_MASK)] = 0;
      }
    }
    this.#newest = bucket;
    return true;
  }

  /** Counts one interruption start. */
  addStart(group: number, bucket: number): void {
    if (this.#reach(bucket)) this.#starts[group * SLOTS + (bucket & SLOT_MASK)] += 1;
  }

  /** Counts one flapping line in the buckets first..last. */
  addFlapping(group: number, first: number, last: number): void {
    if (last < first || !this.#reach(last)) return;
    for (let b = Math.max(first, this.oldest); b <= last; b += 1) {
      this.#flapping[group * SLOTS + (b & SLOT_MASK)] += 1;
    }
  }

  /** Adds a group's counts of the buckets from `first` on to the arrays. */
  addTo(group: number, first: number, starts: number[], flapping: number[]): void {
    for (let i = 0; i < starts.length; i += 1) {
      const bucket = first + i;
      if (bucket < this.oldest || bucket > this.#newest) continue;
      starts[i] += this.#starts[group * SLOTS + (bucket & SLOT_MASK)];
      flapping[i] += this.#flapping[group * SLOTS + (bucket & SLOT_MASK)];
    }
  }
}
