// What was wrong in the input, for people: the first few objects with their place and a sample, then
// counts by reason.

import type { Reject } from '../kernel/rejects.js';
import type { BadRow } from '../records/csv.js';
import { count, countOf, printable } from './output.js';

const SHOWN_MAX = 20;
const SAMPLE_CHARACTERS_MAX = 120;

/** Tells rejections as they come, and sums them up. */
export class RejectLog {
  private readonly reasons = new Map<string, number>();
  private told = 0;
  private readonly note: (text: string) => void;

  constructor(note: (text: string) => void) {
    this.note = note;
  }

  /** Takes a rejected object. */
  take(file: string, { place, reason, sample }: Reject): void {
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    if (this.told >= SHOWN_MAX) return;
    this.told++;
    const shown = sample === '' ? '' : `: ${printable(sample).slice(0, SAMPLE_CHARACTERS_MAX)}`;
    this.note(`${file === '-' ? 'standard input' : file}, ${place}: ${printable(reason)}${shown}`);
  }

  /** Says how many were rejected, by reason; `total` counts those that were not described too. */
  sumUp(total: number): void {
    if (total === 0) return;
    this.note(`${countOf(total, 'object')} rejected:`);
    const rows = [...this.reasons].toSorted((a, b) => b[1] - a[1]);
    const described = rows.reduce((sum, [, times]) => sum + times, 0);
    for (const [reason, times] of rows) this.note(`  ${count(times)} × ${printable(reason)}`);
    if (total > described) this.note(`  ${count(total - described)} not described`);
  }
}

/** Tells bad rows of records: the first few as they come; `end` counts the rest. */
export function badRowLog(note: (text: string) => void): {
  take: (bad: BadRow) => void;
  end: () => void;
} {
  let rows = 0;
  return {
    take({ file, row, reason }) {
      rows++;
      if (rows <= SHOWN_MAX) note(`${file}, line ${row}: ${printable(reason)}; not loaded`);
    },
    end() {
      if (rows > SHOWN_MAX) note(`${countOf(rows - SHOWN_MAX, 'more bad row')} not loaded`);
    },
  };
}
