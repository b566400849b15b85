// What lists of an open database keep in memory between them; each list sees its own transaction's state.

import { HeldColumns } from './held-columns.js';
import { HISTORY_LIMITS, type HistoryLimits, InterruptionHistory } from './interruption-history.js';

/** One for all lists of an open database. */
export class ListMemory {
  readonly history: InterruptionHistory;
  readonly columns = new HeldColumns();

  constructor(limits: HistoryLimits = HISTORY_LIMITS) {
    this.history = new InterruptionHistory(limits);
  }

  /** Forgets all: the database is another one. */
  clear(): void {
    this.history.clear();
    this.columns.clear();
  }
}
