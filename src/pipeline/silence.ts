// Silences of a partition: periods between its records, by their own timestamps, that are longer than
// the rules let a source be silent (SPEC section 2, coverage). The newest timestamp is kept with the
// kernel's state, so that silences are a function of the log alone: reading it again finds the same.

import * as L from '../../assembly/layout.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Interval } from '../store/coverage.js';
import type { LogFrame } from './fold.js';

/**
 * The silences that records[from] to records[until - 1] end. Each begins when it has lasted as long as
 * the rules allow; a record that is older than one before it ends none.
 */
export function silencesOf(
  kernel: Kernel,
  records: readonly LogFrame[],
  from: number,
  until: number,
): Interval[] {
  const { sourceSilenceMs } = kernel.options.rules;
  if (sourceSilenceMs === null) {
    kernel.control[L.CTL_NEWEST_RECORD_MS] = 0;
    return [];
  }
  const silences: Interval[] = [];
  let newestMs = kernel.control[L.CTL_NEWEST_RECORD_MS]!;
  for (let i = from; i < until; i++) {
    const { timestamp } = records[i]!;
    if (timestamp <= newestMs) continue;
    if (newestMs > 0 && timestamp - newestMs > sourceSilenceMs) {
      silences.push({ fromMs: newestMs + sourceSilenceMs, untilMs: timestamp });
    }
    newestMs = timestamp;
  }
  kernel.control[L.CTL_NEWEST_RECORD_MS] = newestMs;
  return silences;
}
