// What a notice says, and what its identity is: kind, line, start of the fault or episode, step.

/** Steps: one start, digests while it goes on, one end. */
export type Step = 'start' | 'end' | `digest-${number}`;

/** A fault (outages with gaps of at most 4 h) or a flapping episode of an enrolled customer's line. */
export interface Trouble {
  readonly kind: 'fault' | 'flap';
  readonly line: string;
  readonly customer: string;
  readonly branch: string | null;
  readonly product: string | null;
  readonly startMs: number;
  /** When its condition held; the KPI's clock begins there. */
  readonly detectedMs: number;
  /** Null while it goes on. */
  readonly endMs: number | null;
  /** Outages of the fault, or interruptions of the episode, so far. */
  readonly count: number;
  /** Down at the reading time. */
  readonly down: boolean;
}

/** A notice that is to be sent. */
export interface Notice extends Trouble {
  readonly id: string;
  readonly step: Step;
}

/** The notice of a step. */
export function noticeOf(trouble: Trouble, step: Step): Notice {
  const { kind, line, startMs } = trouble;
  return { ...trouble, step, id: `${kind}/${encodeURIComponent(line)}/${startMs}/${step}` };
}

/** A notice in a sentence. */
export function sentenceOf({ kind, step, line, customer, count, down }: Notice): string {
  const what = kind === 'fault' ? 'fault' : 'flapping';
  const said = step === 'start' ? 'begins' : step === 'end' ? 'has ended' : 'goes on';
  const counted = `${count} ${kind === 'fault' ? 'outage' : 'interruption'}${count === 1 ? '' : 's'}`;
  return `${customer}, line ${line}: ${what} ${said} (${counted}, ${down ? 'down' : 'up'} now)`;
}
