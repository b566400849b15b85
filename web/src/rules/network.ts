// Interruptions as the kernel takes them, by (line, partition): the starts and ends of one group after the
// other as 64-bit integers in two words, so that feeding a group is one copy. And which groups a rule can
// flag at all: without K starts within W of one another the rule has nothing to find, whatever comes
// between, so such a group need not be folded.

import type { Columns } from './columns.js';

const HIGH_WORD = 2 ** 32;

export interface Network {
  /** Rows before each group, and of all: group g has rows[g] .. rows[g + 1]. */
  readonly rows: Uint32Array;
  /** Start low, start high, end low, end high of each row. */
  readonly times: Uint32Array;
  readonly starts: Float64Array;
}

/** Lays interruptions out. */
function networkOf(
  counts: Uint32Array,
  starts: Float64Array,
  endOf: (row: number) => number,
): Network {
  const rows = new Uint32Array(counts.length + 1);
  for (let g = 0; g < counts.length; g++) rows[g + 1] = rows[g] + counts[g];
  const times = new Uint32Array(4 * starts.length);
  for (let row = 0; row < starts.length; row++) {
    const start = starts[row];
    const end = endOf(row);
    times[4 * row] = start % HIGH_WORD;
    times[4 * row + 1] = start / HIGH_WORD;
    times[4 * row + 2] = end % HIGH_WORD;
    times[4 * row + 3] = end / HIGH_WORD;
  }
  return { rows, times, starts };
}

/** The network of a period. */
export const observed = ({ counts, starts, endOf }: Columns): Network =>
  networkOf(counts, starts, endOf);

/** A seeded source of numbers in [0, 1): the same network at every visit. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / HIGH_WORD;
  };
}

const SEED = 2007;

/**
 * A quiet network: the same lines, each with as many starts as `counts` says, fallen by chance into the
 * period. What a rule flags in it is false.
 */
export function quietNetwork(counts: Uint32Array, fromMs: number, toMs: number): Network {
  const random = seeded(SEED);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const starts = new Float64Array(total);
  let row = 0;
  for (const count of counts) {
    const first = row;
    for (; row < first + count; row++) {
      starts[row] = fromMs + Math.floor(random() * (toMs - fromMs));
    }
    starts.subarray(first, row).sort();
  }
  return networkOf(counts, starts, (at) => starts[at]);
}

/** By group, the shortest time that holds `starts` starts that follow one another; Infinity: fewer. */
export function shortestSpans({ rows, starts }: Network, count: number): Float64Array {
  const spans = new Float64Array(rows.length - 1).fill(Infinity);
  for (let g = 0; g < spans.length; g++) {
    let shortest = Infinity;
    for (let row = rows[g] + count - 1; row < rows[g + 1]; row++) {
      const span = starts[row] - starts[row - count + 1];
      if (span < shortest) shortest = span;
    }
    spans[g] = shortest;
  }
  return spans;
}
