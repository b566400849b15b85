// Where the generators take their decisions from: `choose(n)` gives an integer from 0 to n - 1, and 0
// is always the plainest choice. One generator so serves fast-check, which shrinks a tape of choices
// towards zeros, and long fuzz loops, which take them from a seeded generator.

import fc from 'fast-check';

/** An integer, 0 <= it < below. */
export type Choose = (below: number) => number;

/** Choices that one generated value may take from a tape; behind its end every choice is 0. */
const TAPE_MAX = 1500;
const CHOICE_MAX = 0xffff;

/** A fast-check arbitrary of what `make` makes; a failure shrinks to plainer choices. */
export function drawn<Value>(make: (choose: Choose) => Value): fc.Arbitrary<Value> {
  return fc
    .array(fc.nat(CHOICE_MAX), { maxLength: TAPE_MAX, size: 'max' })
    .map((tape) => make(tapeChoose(tape)));
}

function tapeChoose(tape: readonly number[]): Choose {
  let next = 0;
  return (below) => (next < tape.length ? tape[next++] % below : 0);
}

/** The same choices for the same seed, everywhere (mulberry32). */
export function seededChoose(seed: number): Choose {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** One of the items; the first is the plainest. */
export function pick<Item>(choose: Choose, items: readonly Item[]): Item {
  return items[choose(items.length)];
}

/** True about once in `times`. */
export function rarely(choose: Choose, times: number): boolean {
  return choose(times) === times - 1;
}

/** A list of `least` to `most` items. */
export function several<Item>(
  choose: Choose,
  least: number,
  most: number,
  make: (choose: Choose) => Item,
): Item[] {
  return Array.from({ length: least + choose(most - least + 1) }, () => make(choose));
}
