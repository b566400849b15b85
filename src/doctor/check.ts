// What doctor finds: one check a line, with what to change where something is wrong.

import type { ErrorCode } from '../config/errors.js';

/** ok; note: works, but know it; warning: will hurt one day; fault: will not work. */
export type CheckState = 'ok' | 'note' | 'warning' | 'fault';

/** One thing that was looked at. */
export interface Check {
  /** What was looked at: "partitions", "clocks". */
  readonly subject: string;
  readonly state: CheckState;
  /** What was found. */
  readonly text: string;
  /** What to change; null where nothing is to be done. */
  readonly advice: string | null;
  /** Of a fault: the error that a service would end with. */
  readonly code?: ErrorCode;
}

/** A check where nothing is to be done. */
export function fine(subject: string, text: string): Check {
  return { subject, state: 'ok', text, advice: null };
}

/** A part of a whole in words: "12 of 400 (3 %)". */
export function shareWords(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (100 * part) / whole;
  const digits = percent > 0 && percent < 10 ? 1 : 0;
  return `${part} of ${whole} (${percent.toFixed(digits)} %)`;
}
