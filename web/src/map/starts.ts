// The interruptions of the period in the order of time, by the map's line numbers, and what the map shows
// of them at an instant or over the whole period.

import type { LineMap } from '../../../src/api/contract.js';
import type { Columns } from '../rules/columns.js';
import { DOWN } from './paint.js';

export class Starts {
  /** By time; -1 as a line: not on the map. */
  private readonly times: Float64Array;
  private readonly ends: Float64Array;
  private readonly lines: Int32Array;

  constructor(map: LineMap, columns: Columns) {
    const numbers = new Map(map.lines.map((line, index) => [line, index]));
    const lineOf = new Int32Array(columns.rows);
    let row = 0;
    for (const [group, count] of columns.counts.entries()) {
      const line = numbers.get(columns.nameOf(columns.names[group])) ?? -1;
      lineOf.fill(line, row, row + count);
      row += count;
    }
    const order = Uint32Array.from({ length: columns.rows }, (_, index) => index);
    order.sort((a, b) => columns.starts[a] - columns.starts[b]);
    this.times = Float64Array.from(order, (index) => columns.starts[index]);
    this.ends = Float64Array.from(order, (index) => columns.endOf(index));
    this.lines = Int32Array.from(order, (index) => lineOf[index]);
  }

  /** How many began before a time. */
  private before(ms: number): number {
    let [low, high] = [0, this.times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Starts a line in [fromMs, toMs], and the lines down at toMs, into arrays of one entry a line. */
  read(fromMs: number, toMs: number, counts: Uint16Array, flags: Uint8Array): void {
    counts.fill(0);
    flags.fill(0);
    const first = this.before(fromMs);
    const last = this.before(toMs + 1);
    for (let row = 0; row < last; row += 1) {
      const line = this.lines[row];
      if (line < 0) continue;
      if (row >= first) counts[line] += 1;
      if (this.ends[row] > toMs) flags[line] |= DOWN;
    }
  }

  /** Starts of all lines in so many equal steps of [fromMs, toMs). */
  steps(fromMs: number, toMs: number, steps: number): number[] {
    const sums = Array.from({ length: steps }, () => 0);
    const last = this.before(toMs);
    for (let row = this.before(fromMs); row < last; row += 1) {
      const step = Math.floor(((this.times[row] - fromMs) / (toMs - fromMs)) * steps);
      if (this.lines[row] >= 0) sums[step] += 1;
    }
    return sums;
  }
}
