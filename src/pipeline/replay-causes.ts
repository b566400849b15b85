// Root causes of a replay: interruption starts are copied as columns on their way out of the kernel,
// and judged together at the end, at the replay's reading time.

import * as L from '../../assembly/layout.js';
import type { CauseRecords } from '../cause/records.js';
import type { CauseSettings } from '../cause/settings.js';
import type { Kernel } from '../kernel/kernel.js';
import type { CauseChange } from '../store/causes.js';
import { CauseWork } from './cause-work.js';

/** Collects starts and finds their causes. */
export class ReplayCauses {
  private readonly work: CauseWork;
  private kernel: Kernel | null = null;

  constructor(records: CauseRecords, settings: CauseSettings) {
    const nameOf = (line: number): string => this.kernel!.name(L.DICTIONARY_KEYS, line);
    this.work = new CauseWork(records, settings, nameOf);
  }

  /** Copies the starts that wait in the kernel's tables; lines by its own indices. */
  take(kernel: Kernel): void {
    const count = kernel.foundCount(L.KIND_START);
    if (count === 0) return;
    this.kernel = kernel;
    const lineAt = kernel.foundColumn(L.KIND_START, L.FOUND_LINE) / 4;
    const timeAt = kernel.foundColumn(L.KIND_START, L.FOUND_FROM) / 8;
    this.work.add(
      kernel.u32.subarray(lineAt, lineAt + count),
      kernel.i64.subarray(timeAt, timeAt + count),
    );
  }

  /** The causes that are for the record at the reading time, in the order of their times. */
  settle(atMs: number): CauseChange {
    this.work.walk(atMs);
    const change = this.work.change(atMs, Infinity)!;
    const found = change.found.toSorted(
      ({ finding: a }, { finding: b }) => a.at - b.at || (a.id < b.id ? -1 : 1),
    );
    return { ...change, found };
  }
}
