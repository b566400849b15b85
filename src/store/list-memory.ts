// What lists of an open database keep in memory between them; each list sees its own transaction's state.

import { HeldColumns } from './held-columns.js';
import { KeptStatements } from './kept-statements.js';
import { Scratch } from './scratch.js';
import { HISTORY_LIMITS, type HistoryLimits, InterruptionHistory } from './interruption-history.js';

/** One for all lists of an open database. */
export class ListMemory {
  readonly history: InterruptionHistory;
  readonly columns = new HeldColumns();
  readonly statements = new KeptStatements();
  readonly scratch = new Scratch();

  constructor(limits: HistoryLimits = HISTORY_LIMITS) {
    this.history = new InterruptionHistory(limits);
  }

  /** Forgets all: the database is closed, or another one. */
  clear(): void {
    this.history.clear();
    this.columns.clear();
    this.statements.clear();
    this.scratch.clear();
  }
}
