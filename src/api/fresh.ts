// Answers that cost seconds and change slowly: the last one is given at once, and a new one is made
// behind it once it is older than `maxAgeMs`. Bounded: the entry not asked for longest goes first.

/** Keeps answers by key. */
export class Fresh {
  private readonly entries = new Map<string, { value: unknown; madeMs: number }>();
  private readonly pending = new Map<string, Promise<unknown>>();
  private readonly maxAgeMs: number;
  private readonly entriesMax: number;

  constructor(maxAgeMs: number, entriesMax: number) {
    this.maxAgeMs = maxAgeMs;
    this.entriesMax = entriesMax;
  }

  /** The answer of a key, made by `make` when there is none; one that is old is made anew behind it. */
  async get<T>(key: string, make: () => Promise<T>): Promise<T> {
    const entry = this.entries.get(key);
    if (entry === undefined) return this.made(key, make);
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (Date.now() - entry.madeMs > this.maxAgeMs) {
      // What fails is tried again by the next who asks; the answer before stands until then.
      this.made(key, make).catch(() => undefined);
    }
    return entry.value as T;
  }

  private made<T>(key: string, make: () => Promise<T>): Promise<T> {
    const running = this.pending.get(key) as Promise<T> | undefined;
    if (running) return running;
    const work = make()
      .then((value) => {
        this.entries.delete(key);
        this.entries.set(key, { value, madeMs: Date.now() });
        const [oldest] = this.entries.keys();
        if (this.entries.size > this.entriesMax) this.entries.delete(oldest!);
        return value;
      })
      .finally(() => this.pending.delete(key));
    this.pending.set(key, work);
    return work;
  }
}
