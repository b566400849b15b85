// What a result was measured on, and results kept with it: a number without its hardware, date and
// commit says nothing.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../src/config/root.js';

/** The machine and the code of a run. */
export interface Machine {
  readonly date: string;
  /** null = not known; `-dirty` when files differ from it. */
  readonly commit: string | null;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
}

/** Describes this machine and this checkout. */
export function describeMachine(): Machine {
  const git = spawnSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { cwd: ROOT });
  return {
    date: new Date().toISOString(),
    commit: git.status === 0 ? git.stdout.toString().trim() : null,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

/** Keeps a result as bench/results/DATE-NAME.json; the file's path in the project. */
export function keepResult(name: string, machine: Machine, result: object): string {
  const path = join('bench', 'results', `${machine.date.slice(0, 10)}-${name}.json`);
  mkdirSync(join(ROOT, 'bench', 'results'), { recursive: true });
  writeFileSync(join(ROOT, path), `${JSON.stringify({ machine, ...result }, null, 2)}\n`);
  return path;
}

/** The middle of some numbers: the lower one of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1]!;
}
