// Interruption starts on their way to the causes: noted as they are found, passed on once they are
// stored. One that comes too late for what is worked out lowers, with its own commit, where work goes
// on: so a crash before it is looked at forgets it not.

import type { StoreWriter } from '../store/commit.js';
import { lowerCauseProgress } from '../store/causes.js';
import type { StartColumns } from './live.js';

/** Starts of one batch, by the store's line ids. */
export interface StoredStarts {
  /** Number of the batch. */
  readonly number: number;
  readonly parts: readonly StartColumns[];
  readonly count: number;
  /** When the first of them was found, by a monotonic clock, ms. */
  readonly notedMs: number;
}

/** Gathers starts until they are stored. */
export class CauseStarts {
  private readonly writer: StoreWriter;
  private readonly onStored: (starts: StoredStarts) => void;
  private parts: StartColumns[] = [];
  private earliestMs = Infinity;
  private notedMs = 0;
  /** Earliest times of batches that are being stored. */
  private readonly sealed = new Set<{ readonly earliestMs: number }>();
  /** Up to here causes are, or are about to be, worked out in the store. */
  toldMs = 0;

  constructor(writer: StoreWriter, onStored: (starts: StoredStarts) => void) {
    this.writer = writer;
    this.onStored = onStored;
  }

  /** Notes starts; the columns are kept. */
  note(lineIds: Int32Array, times: BigInt64Array): void {
    if (this.parts.length === 0) this.notedMs = performance.now();
    this.parts.push({ lineIds, times });
    for (const time of times) this.earliestMs = Math.min(this.earliestMs, Number(time));
  }

  /** The batch at hand is sealed next; returns what to call with its number once it is stored. */
  seal(): (number: number) => void {
    const { parts, earliestMs, notedMs } = this;
    if (parts.length === 0) return () => undefined;
    this.parts = [];
    this.earliestMs = Infinity;
    if (earliestMs < this.toldMs) {
      this.writer.order((connection) => lowerCauseProgress(connection, earliestMs));
    }
    const batch = { earliestMs };
    this.sealed.add(batch);
    const count = parts.reduce((sum, { times }) => sum + times.length, 0);
    return (number) => {
      this.sealed.delete(batch);
      this.onStored({ number, parts, count, notedMs });
    };
  }

  /** Earliest time of a start that is not stored yet, Infinity without one. */
  get waitingMs(): number {
    return Math.min(this.earliestMs, ...[...this.sealed].map(({ earliestMs }) => earliestMs));
  }
}
