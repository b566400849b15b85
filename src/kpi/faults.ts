// Faults for KPIs (SPEC section 2): outages of a line with gaps of at most four hours are one fault; in
// net figures without planned ones, in planned figures of these alone. A fault repeats when it starts
// at most 30 days after the line's previous fault ended.

import type { Kpi } from './kpi.js';

const FAULT_GAP_MS = 4 * 3_600_000;
const REPEAT_MS = 30 * 86_400_000;

/** A fault; causeId is that of its first outage that has one, -1 = none has. */
export interface Fault {
  readonly startMs: number;
  readonly repeats: boolean;
  /** It repeats, and the fault before has the same cause. */
  readonly sameCause: boolean;
  readonly causeId: number;
}

/** Outages of one line, one after the other, to faults. */
export class Faults {
  private readonly tell: (fault: Fault) => void;
  /** -1 = there is none yet. */
  private startMs = -1;
  private causeId = -1;
  private previousCauseId = -1;
  /** When the last outage before the fault ended, and the last one of all. */
  private beforeMs = -Infinity;
  private untilMs = -Infinity;

  constructor(tell: (fault: Fault) => void) {
    this.tell = tell;
  }

  /** Adds an outage that does not begin before the one added last; causeId -1 = none is known. */
  add(startMs: number, untilMs: number, causeId: number): void {
    if (startMs - this.untilMs > FAULT_GAP_MS) {
      this.endFault();
      this.startMs = startMs;
      this.beforeMs = this.untilMs;
      this.causeId = causeId;
    } else if (this.causeId < 0) this.causeId = causeId;
    this.untilMs = Math.max(this.untilMs, untilMs);
  }

  /** Tells what is left; the next outage is of another line. */
  end(): void {
    this.endFault();
    this.previousCauseId = -1;
    this.untilMs = -Infinity;
  }

  private endFault(): void {
    const { startMs, causeId } = this;
    if (startMs < 0) return;
    const repeats = startMs - this.beforeMs <= REPEAT_MS;
    const sameCause = repeats && causeId >= 0 && causeId === this.previousCauseId;
    this.tell({ startMs, repeats, sameCause, causeId });
    this.previousCauseId = causeId;
    this.startMs = -1;
  }
}

function share(where: string): Kpi['figures'] {
  const of = (variant: string) => ({
    numerator: `count(*) filter (variant = '${variant}' and ${where})`,
    denominator: `count(*) filter (variant = '${variant}')`,
  });
  return { gross: of('gross'), planned: of('planned'), net: of('net') };
}

const FAULT = {
  version: 1,
  unit: '%',
  better: 'less',
  from: 'from kpi_fault',
  scale: 100,
} as const;

export const FAULT_KPIS: readonly Kpi[] = [
  {
    ...FAULT,
    name: 'repeat_fault_rate',
    definition: 'faults that start at most 30 days after the previous fault of the line / faults',
    figures: share('repeats'),
  },
  {
    ...FAULT,
    name: 'repeat_fault_rate_same_cause',
    definition: 'the same where both have the same cause',
    figures: share('same_cause'),
  },
  {
    ...FAULT,
    name: 'unknown_cause_share',
    definition: 'faults without a cause / faults',
    figures: share('cause_id is null'),
  },
];
