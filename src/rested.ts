// Work that is asked for often and costs something each time: it is done once for all who asked while it
// waited, never twice at a time, and rests so long that it takes a small share of the time.

/** It rests so many times as long as it took. */
const REST_TIMES = 19;

/** Bounds of what lies between two of its beginnings, ms. */
export interface RestLimits {
  readonly least: number;
  readonly most: number;
}

/** One piece of work. */
export class Rested {
  private readonly work: () => Promise<void>;
  private readonly limits: RestLimits;
  private timer: NodeJS.Timeout | null = null;
  private fromMs = 0;
  private isRunning = false;
  private isWanted = false;

  /** `work` must not throw. */
  constructor(work: () => Promise<void>, limits: RestLimits) {
    this.work = work;
    this.limits = limits;
  }

  /** Has it done, as soon as it has rested. */
  ask(): void {
    if (this.isRunning) this.isWanted = true;
    if (this.isRunning || this.timer) return;
    const waitMs = Math.max(0, this.fromMs - performance.now());
    this.timer = setTimeout(() => void this.run(), waitMs).unref();
  }

  private async run(): Promise<void> {
    this.timer = null;
    this.isRunning = true;
    const { least, most } = this.limits;
    const beganMs = performance.now();
    await this.work();
    const tookMs = performance.now() - beganMs;
    this.isRunning = false;
    this.fromMs = beganMs + Math.min(most, Math.max(least, (1 + REST_TIMES) * tookMs));
    if (this.isWanted) this.ask();
    this.isWanted = false;
  }
}
