// Runs the built command as a process of its own, as a user would, and gives what it wrote.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/src/bin.cjs', import.meta.url));

/** What a command left behind. */
export interface Outcome {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  /** Pieces written to standard input, one after the other. */
  readonly input?: Iterable<Uint8Array>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts a command; the caller ends it. */
export function startCommand(args: readonly string[], options: RunOptions = {}): ChildProcess {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run "npm run build" first`);
  const { FLAPLINE_SHARED: _, ...env } = process.env;
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { ...env, ...options.env },
    stdio: 'pipe',
  });
}

/** Runs a command to its end. */
export async function flapline(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const child = startCommand(args, options);
  const ended = outcomeOf(child);
  // A command that ends before it has read everything breaks the pipe: that is its own affair.
  child.stdin!.on('error', () => undefined);
  for (const piece of options.input ?? []) {
    if (!child.stdin!.write(piece)) {
      await Promise.race([new Promise((resolve) => child.stdin!.once('drain', resolve)), ended]);
    }
  }
  child.stdin!.end();
  return ended;
}

/** What a process leaves behind, when it has ended. */
export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout!.on('data', (piece: Buffer) => stdout.push(piece));
  child.stderr!.on('data', (piece: Buffer) => stderr.push(piece));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({
        code,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

/** Objects of NDJSON. */
export function objectsOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A folder that goes with the test file; the function names files in it. */
export function scratch(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'flapline-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}
