// `--sort`: the events of a whole input kept as columns, then given back by time, stably. A rejected
// event has no time of its own: it keeps its place behind the event before it. 36 bytes an event.

import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../config/errors.js';
import type { Kernel } from '../kernel/kernel.js';

/** The event columns that a host fills, in order, with their bytes a row. */
export const EVENT_COLUMNS = [
  { column: L.EVENT_TIME, bytes: 8 },
  { column: L.EVENT_POSITION, bytes: 8 },
  { column: L.EVENT_TARGET, bytes: 4 },
  { column: L.EVENT_KEY, bytes: 4 },
  { column: L.EVENT_ALARM, bytes: 4 },
  { column: L.EVENT_CAUSE, bytes: 4 },
  { column: L.EVENT_STATE, bytes: 4 },
] as const;

/** Events that can be sorted: 100 M are 4 GB. */
export const SORT_EVENTS_MAX = 100_000_000;

const BATCH_ROWS = 8_192;
const TIME = 0;
const STATE = 6;

/** Keeps events and gives them back by time. */
export class EventSorter {
  private columns: Uint8Array[] = EVENT_COLUMNS.map(({ bytes }) => new Uint8Array(65_536 * bytes));
  private capacity = 65_536;
  private rows = 0;

  /** Takes the events that wait in a kernel's columns. Throws BAD_CONFIG beyond SORT_EVENTS_MAX. */
  take(kernel: Kernel): void {
    const count = kernel.control[L.CTL_EVENTS]!;
    this.makeRoom(this.rows + count);
    EVENT_COLUMNS.forEach(({ column, bytes }, i) => {
      const at = kernel.eventColumn(column);
      this.columns[i]!.set(kernel.bytes.subarray(at, at + count * bytes), this.rows * bytes);
    });
    this.timeRejected(count);
    this.rows += count;
  }

  /** All events, earliest first, in batches; each batch is overwritten by the next. */
  *batches(): Generator<{ rows: number; columns: Uint8Array[] }> {
    const times = new BigInt64Array(this.columns[TIME]!.buffer);
    const order = new Uint32Array(this.rows).map((_, i) => i);
    const keys = Float64Array.from({ length: this.rows }, (_, i) => Number(times[i]));
    order.sort((a, b) => keys[a]! - keys[b]! || a - b);
    const batch = EVENT_COLUMNS.map(({ bytes }) => new Uint8Array(BATCH_ROWS * bytes));
    for (let from = 0; from < this.rows; from += BATCH_ROWS) {
      const rows = Math.min(BATCH_ROWS, this.rows - from);
      EVENT_COLUMNS.forEach(({ bytes }, i) => {
        const source = words(this.columns[i]!, bytes);
        const target = words(batch[i]!, bytes);
        for (let row = 0; row < rows; row++) target[row] = source[order[from + row]!]!;
      });
      yield { rows, columns: batch };
    }
  }

  /** Gives a rejected event the time of the one before it. */
  private timeRejected(count: number): void {
    const times = new BigInt64Array(this.columns[TIME]!.buffer);
    const states = new Uint32Array(this.columns[STATE]!.buffer);
    for (let row = this.rows; row < this.rows + count; row++) {
      if (states[row] === L.STATE_REJECTED) times[row] = row > 0 ? times[row - 1]! : 0n;
    }
  }

  private makeRoom(rows: number): void {
    if (rows <= this.capacity) return;
    if (rows > SORT_EVENTS_MAX) {
      throw new FlaplineError(
        'BAD_CONFIG',
        `--sort holds at most ${SORT_EVENTS_MAX} events: sort the files beforehand`,
      );
    }
    this.capacity = Math.max(this.capacity * 2, rows);
    this.columns = this.columns.map((column, i) => {
      const larger = new Uint8Array(this.capacity * EVENT_COLUMNS[i]!.bytes);
      larger.set(column);
      return larger;
    });
  }
}

function words(bytes: Uint8Array, width: number): Float64Array | Uint32Array {
  return width === 8 ? new Float64Array(bytes.buffer) : new Uint32Array(bytes.buffer);
}
