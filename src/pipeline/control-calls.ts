// The calls of control records on a fold and its kernel: names go in through the inbox, a kernel
// without room is made larger, findings are drained where a table is full.

import * as L from '../../assembly/layout.js';
import type { Rules } from '../config/rules.js';
import { withRules } from '../kernel/snapshot.js';
import { mappingOf } from '../mapping/format.js';
import { sameRules } from '../store/control.js';
import type { RuleBook } from '../store/rule-book.js';
import type { ControlCalls } from './apply-control.js';
import type { Fold } from './fold.js';

/** `position` of the log is where what a change ends is said to have ended. */
export function controlCalls(fold: Fold, book: RuleBook, position: number): ControlCalls {
  return {
    changeRules: (rules) => changeRules(fold, book, rules),
    resetLine: (line) => resetLine(fold, line),
    setClass: (line, index) => setClass(fold, line, index),
    addAlias: (key, line) => fold.alias(key, line),
    endAlias: (key, line) => endAlias(fold, key, line, position),
    setMapping: async (text) => fold.kernel.useMapping(mappingOf(text)),
  };
}

async function changeRules(fold: Fold, book: RuleBook, rules: Rules): Promise<void> {
  if (sameRules(fold.kernel.options.rules, rules)) return;
  await fold.drain();
  const { ids } = book.idsOf(rules);
  fold.kernel = withRules(fold.kernel, rules, ids);
}

async function resetLine(fold: Fold, line: string): Promise<void> {
  const index = await fold.intern(L.DICTIONARY_KEYS, line);
  while (fold.kernel.calls.resetLine(index) === L.STOP_FINDINGS) await fold.drain();
}

async function setClass(fold: Fold, line: string, index: number): Promise<void> {
  for (;;) {
    const { written } = new TextEncoder().encodeInto(line, fold.kernel.inbox);
    if (fold.kernel.calls.setClass(written, index)) return;
    await fold.makeLarger();
  }
}

async function endAlias(fold: Fold, key: string, line: string, position: number): Promise<void> {
  // An event may have caused findings that fill a table: the drain leaves room for what ends here.
  await fold.drain();
  const encoder = new TextEncoder();
  const { inbox, calls } = fold.kernel;
  const keyBytes = encoder.encodeInto(key, inbox).written;
  const lineBytes = encoder.encodeInto(line, inbox.subarray(keyBytes)).written;
  calls.endAlias(keyBytes, lineBytes, position);
}
