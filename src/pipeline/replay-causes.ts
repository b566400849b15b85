// Root causes of a replay: interruption starts are copied as columns on their way out of the kernel,
// and judged together at the end, at the replay's reading time.

import * as L from '../../assembly/layout.js';
import { type CauseFinding, causeFindings } from '../cause/finding.js';
import { CauseHistory } from '../cause/history.js';
import type { CauseRecords } from '../cause/records.js';
import { DEFAULT_CAUSE_SETTINGS } from '../cause/settings.js';
import type { Kernel } from '../kernel/kernel.js';

/** Of a line of the kernel: not looked up yet. */
const UNSEEN = -2;

/** Collects starts and finds their causes. */
export class ReplayCauses {
  private readonly records: CauseRecords;
  private readonly history: CauseHistory;
  /** Index in the records by the kernel's line, -1 = no record names it. */
  private recordOf = new Int32Array(0);

  constructor(records: CauseRecords) {
    this.records = records;
    this.history = new CauseHistory(records, DEFAULT_CAUSE_SETTINGS);
  }

  /** Copies the starts that wait in the kernel's tables. */
  take(kernel: Kernel): void {
    const count = kernel.foundCount(L.KIND_START);
    if (count === 0) return;
    const lineAt = kernel.foundColumn(L.KIND_START, L.FOUND_LINE) / 4;
    const timeAt = kernel.foundColumn(L.KIND_START, L.FOUND_FROM) / 8;
    const lines = new Int32Array(count);
    const times = new Float64Array(count);
    let known = 0;
    for (let row = 0; row < count; row++) {
      const record = this.find(kernel, kernel.u32[lineAt + row]!);
      if (record < 0) continue;
      lines[known] = record;
      times[known++] = Number(kernel.i64[timeAt + row]!);
    }
    this.history.add(lines.subarray(0, known), times.subarray(0, known));
  }

  /** The causes that are for the record at the reading time, in the order of their times. */
  findings(atMs: number): CauseFinding[] {
    this.history.walk(atMs);
    const works = (fromMs: number, untilMs: number): ReadonlySet<string> =>
      this.records.activeWorks(fromMs, untilMs);
    return this.history
      .settled(atMs)
      .flatMap((burst) => causeFindings(burst, works))
      .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  private find(kernel: Kernel, line: number): number {
    if (line >= this.recordOf.length) {
      const larger = new Int32Array(Math.max(1024, line * 2)).fill(UNSEEN);
      larger.set(this.recordOf);
      this.recordOf = larger;
    }
    if (this.recordOf[line] === UNSEEN) {
      this.recordOf[line] = this.records.indexOf(kernel.name(L.DICTIONARY_KEYS, line));
    }
    return this.recordOf[line]!;
  }
}
