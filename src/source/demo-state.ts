// What the demo remembers between starts: from where its simulated network runs and how far its
// alarms were given to the embedded broker, which keeps records in memory only.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlaplineError, messageOf } from '../config/errors.js';

/** The demo's own file in the data folder. */
export interface DemoState {
  readonly seed: number;
  readonly lines: number;
  /** Where the simulated network begins. Epoch ms. */
  readonly anchorMs: number;
  /** Alarms before this time were loaded as history or produced. Epoch ms. */
  readonly producedUntilMs: number;
  /** Alarms that the broker lost in kills so far. */
  readonly lost: number;
  /** Everything produced was consumed and committed: the last stop was clean. */
  readonly clean: boolean;
}

const FILE = 'demo.json';

/** Reads the state; null before the first start. */
export function readDemoState(folder: string): DemoState | null {
  let text: string;
  try {
    text = readFileSync(join(folder, FILE), 'utf8');
  } catch {
    return null;
  }
  try {
    return JSON.parse(text) as DemoState;
  } catch (error) {
    throw new FlaplineError(
      'BAD_DATA',
      `${join(folder, FILE)} is no JSON (${messageOf(error)}): remove the folder to begin anew`,
    );
  }
}

/** Writes the state, whole or not at all. */
export function writeDemoState(folder: string, state: DemoState): void {
  const file = join(folder, FILE);
  writeFileSync(`${file}.part`, `${JSON.stringify(state)}\n`);
  renameSync(`${file}.part`, file);
}
