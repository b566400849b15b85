// What was planted in a stream: the truth that findings and KPIs are judged by. Invariant: a hit is
// told only when the line really went down for it (a line that was already down is not hit).

/** Lines that one cause took down together: a burst, or the doings of a planned work. */
export interface Hits {
  readonly atMs: number;
  /** indices in network.components */
  readonly components: readonly number[];
  /** true: one common outage; false: momentary interruptions */
  readonly outage: boolean;
  /** the work's name; null for a burst */
  readonly work: string | null;
  /** line indices, in the order of `startsMs`; a line may come twice */
  readonly lines: number[];
  readonly startsMs: number[];
}

/** A bout of flapping on one line. */
export interface Bout {
  readonly line: number;
  readonly atMs: number;
  readonly startsMs: number[];
}

/**
 * What a stream planted so far (up to an hour ahead of what it emitted), in the order of drawing;
 * about 10 MB a year of 48,840 lines. Null lists where the stream keeps no truth.
 */
export interface StreamTruth {
  readonly bursts: Hits[] | null;
  readonly works: Hits[] | null;
  readonly bouts: Bout[] | null;
}

/** Empty lists, or none at all. */
export function newTruth(keep: boolean): StreamTruth {
  return keep ? { bursts: [], works: [], bouts: [] } : { bursts: null, works: null, bouts: null };
}
