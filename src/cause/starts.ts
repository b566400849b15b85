// Interruption starts as growing columns, in the order of their times: what the cause engine reads.

/** Starts in the order of their times; those of one instant in any order. */
export class Starts {
  lines = new Int32Array(4096);
  times = new Float64Array(4096);
  /** 1 = explained by a cause: no part of a line's own rate. */
  explained = new Uint8Array(4096);
  count = 0;
  /** The first start that was ever known, forgotten ones included. */
  beganMs = Infinity;

  /** Adds starts in any order; returns the earliest of their times, Infinity for none. */
  add(lines: ArrayLike<number>, times: ArrayLike<number | bigint>): number {
    const added = times.length;
    if (added === 0) return Infinity;
    const order = Array.from({ length: added }, (_, i) => i);
    const timeOf = Float64Array.from({ length: added }, (_, i) => Number(times[i]));
    order.sort((a, b) => timeOf[a]! - timeOf[b]!);
    this.reserve(this.count + added);
    // Merged from the end: what is late moves the rest up.
    let old = this.count - 1;
    let to = this.count + added - 1;
    for (let i = added - 1; i >= 0; to--) {
      const row = order[i]!;
      if (old >= 0 && this.times[old]! > timeOf[row]!) {
        this.put(to, this.lines[old]!, this.times[old]!, this.explained[old]!);
        old--;
      } else {
        this.put(to, lines[row]!, timeOf[row]!, 0);
        i--;
      }
    }
    this.count += added;
    const fromMs = timeOf[order[0]!]!;
    this.beganMs = Math.min(this.beganMs, fromMs);
    return fromMs;
  }

  /** Forgets the first `rows`. */
  dropFirst(rows: number): void {
    this.lines.copyWithin(0, rows, this.count);
    this.times.copyWithin(0, rows, this.count);
    this.explained.copyWithin(0, rows, this.count);
    this.count -= rows;
  }

  /** Index of the first start not before a time. */
  firstFrom(atMs: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle]! < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private put(row: number, line: number, timeMs: number, explained: number): void {
    this.lines[row] = line;
    this.times[row] = timeMs;
    this.explained[row] = explained;
  }

  private reserve(count: number): void {
    if (count <= this.lines.length) return;
    const size = Math.max(count, this.lines.length * 2);
    const { lines, times, explained } = this;
    this.lines = new Int32Array(size);
    this.times = new Float64Array(size);
    this.explained = new Uint8Array(size);
    this.lines.set(lines);
    this.times.set(times);
    this.explained.set(explained);
  }
}
