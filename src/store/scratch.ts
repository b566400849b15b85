// Arrays of numbers by line id, lent to a list for its time and given back. Made anew, some megabytes a
// list, they would have the garbage collector go through the whole heap at every other one.

/** Arrays of a kind that wait for the next lists. */
const WAITING_MAX = 64;

const KINDS = { int32: Int32Array, float64: Float64Array, uint8: Uint8Array } as const;

interface Arrays {
  readonly int32: Int32Array[];
  readonly float64: Float64Array[];
  readonly uint8: Uint8Array[];
}

const none = (): Arrays => ({ int32: [], float64: [], uint8: [] });

/** One for all lists of an open database. */
export class Scratch {
  private size = 0;
  private waiting = none();

  /** What one list may ask for: arrays of one size. */
  lend(size: number): Lent {
    if (size !== this.size) this.clear();
    this.size = size;
    return new Lent(size, this.waiting);
  }

  /** Lets go of those that wait. */
  clear(): void {
    this.waiting = none();
  }
}

/** What one list has been lent. */
export class Lent {
  private readonly size: number;
  private readonly waiting: Arrays;
  private readonly used = none();

  constructor(size: number, waiting: Arrays) {
    this.size = size;
    this.waiting = waiting;
  }

  /** Zeros, as those of the other kinds. */
  int32(): Int32Array {
    return this.one('int32') as Int32Array;
  }

  float64(): Float64Array {
    return this.one('float64') as Float64Array;
  }

  uint8(): Uint8Array {
    return this.one('uint8') as Uint8Array;
  }

  /** Gives all back: nobody looks at them any more. */
  end(): void {
    for (const kind of ['int32', 'float64', 'uint8'] as const) {
      const some: unknown[] = this.waiting[kind];
      for (const one of this.used[kind].splice(0)) if (some.length < WAITING_MAX) some.push(one);
    }
  }

  private one(kind: keyof Arrays): Arrays[keyof Arrays][number] {
    const made = this.waiting[kind].pop()?.fill(0) ?? new KINDS[kind](this.size);
    (this.used[kind] as unknown[]).push(made);
    return made;
  }
}
