// What a notice says, and what its identity is: kind, line, start of what it is about, step.

/** Steps: one start, digests while it goes on, one end. */
export type Step = 'start' | 'end' | `digest-${number}`;

/**
 * A fault (outages with gaps of at most 4 h) or a flapping episode of an enrolled customer's line, or a
 * ticket whose repair did not hold.
 */
export interface Trouble {
  readonly kind: 'fault' | 'flap' | 'reopened';
  readonly line: string;
  readonly customer: string;
  readonly branch: string | null;
  readonly product: string | null;
  /** Of a ticket: when it was closed. */
  readonly startMs: number;
  /** When its condition held; the KPI's clock begins there. */
  readonly detectedMs: number;
  /** Null while it goes on. */
  readonly endMs: number | null;
  /** Outages of the fault, or interruptions of the episode, so far. */
  readonly count: number;
  /** Down at the reading time. */
  readonly down: boolean;
  /** Until when an operator has, or had, shelved it; null = not since it began. */
  readonly shelvedMs: number | null;
  /** The ticket that reopens, and the cause it had that came back; null where that is not known. */
  readonly ticket: string | null;
  readonly cause: string | null;
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
export function sentenceOf(notice: Notice): string {
  const { kind, step, line, customer, count, down, ticket, cause } = notice;
  const where = customer === '' ? `line ${line}` : `${customer}, line ${line}`;
  const state = down ? 'down' : 'up';
  if (kind === 'reopened') {
    const as = cause === null ? 'its cause not known yet' : `the same cause, ${cause}`;
    return `${where}: ticket ${ticket} reopens (${as}, ${state} now)`;
  }
  const said = step === 'start' ? 'begins' : step === 'end' ? 'has ended' : 'goes on';
  const counted = `${count} ${kind === 'fault' ? 'outage' : 'interruption'}${count === 1 ? '' : 's'}`;
  return `${where}: ${kind === 'fault' ? 'fault' : 'flapping'} ${said} (${counted}, ${state} now)`;
}
