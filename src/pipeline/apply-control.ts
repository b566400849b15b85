// What each kind of control record does to a fold, over a small interface, so that nothing here knows
// the kernel. Nothing is looked up and no clock is read: a record alone decides.

import type { Rules } from '../config/rules.js';
import type { ControlChange } from '../store/control.js';

/** What control records ask of a fold; each call is done when it resolves. */
export interface ControlCalls {
  changeRules(rules: Rules): Promise<void>;
  /** Ends the line's open episodes at its last effective time, forgets its starts. */
  resetLine(line: string): Promise<void>;
  /** Index of a class of the rules in force, 0 = none. */
  setClass(line: string, index: number): Promise<void>;
  /** Behind the aliases that the key has; one that it has already changes nothing. */
  addAlias(key: string, line: string): Promise<void>;
  /** Clears the key's alarms on the line at the line's last effective time. */
  endAlias(key: string, line: string): Promise<void>;
  /** null = the native form. */
  setMapping(text: string | null): Promise<void>;
}

/** Applies one change. */
export async function applyControl(change: ControlChange, calls: ControlCalls): Promise<void> {
  switch (change.kind) {
    case 'rules':
      return calls.changeRules(change.rules);
    case 'reset':
      return calls.resetLine(change.line);
    case 'class':
      for (const line of change.lines) await calls.setClass(line, change.index);
      return;
    case 'alias':
      for (const [key, line] of change.end) await calls.endAlias(key, line);
      for (const [key, line] of change.add) await calls.addAlias(key, line);
      return;
    case 'mapping':
      return calls.setMapping(change.text);
  }
}
