// Services as processes of their own: built once a test file from the sources (never a stale dist),
// started with options, killed or stopped by their process ids. What still runs ends with its test.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { ServiceOptions } from '../../src/app.js';
import { ROOT } from '../../src/config/root.js';
import { until } from './service-fixture.js';

let folder: string | null = null;
const running = new Set<ChildProcess>();

/** A service in a process of its own. */
export interface ChildService {
  readonly address: string;
  readonly brokers: string;
  readonly topic: string;
  readonly notes: readonly string[];
  /** Sends a signal to it, by its id. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGTERM; throws unless it ends cleanly. */
  stop(): Promise<void>;
}

/** A process that is starting. */
export interface StartingChild {
  readonly notes: readonly string[];
  /** The code of the error that ended the start, once there is one. */
  readonly failed: Promise<{ readonly failed: string; readonly code: string | null }>;
  kill(): Promise<void>;
}

/** Builds the child before the tests of a file; ends what still runs after each. */
export function usesChildren(): void {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flapline-child-'));
    // The program finds its kernel and its packages from where it lies.
    for (const name of ['node_modules', 'package.json', 'dist']) {
      symlinkSync(join(ROOT, name), join(folder, name));
    }
    await build({
      root: ROOT,
      configFile: false,
      logLevel: 'error',
      build: {
        ssr: join(ROOT, 'test/host/service.child.ts'),
        outDir: join(folder, 'built'),
        target: 'node20',
        rollupOptions: { output: { entryFileNames: 'child.mjs' } },
      },
    });
  });
  afterEach(async () => {
    for (const child of running) await kill(child);
  });
  afterAll(() => {
    if (folder) rmSync(folder, { recursive: true });
  });
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await ended(child);
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

interface SaidByChild {
  readonly note?: string;
  readonly address?: string;
  readonly brokers?: string;
  readonly topic?: string;
  readonly failed?: string;
  readonly code?: string | null;
  readonly stopped?: boolean;
}

function launch(options: ServiceOptions): { child: ChildProcess; said: SaidByChild[] } {
  const script = join(folder!, 'built', 'child.mjs');
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const said: SaidByChild[] = [];
  createInterface(child.stdout!).on('line', (line) => said.push(JSON.parse(line) as SaidByChild));
  return { child, said };
}

const notesOf = (said: readonly SaidByChild[]): string[] =>
  said.flatMap(({ note }) => (note === undefined ? [] : [note]));

/** Starts a process and does not wait. */
export function startingChild(options: ServiceOptions): StartingChild {
  const { child, said } = launch(options);
  return {
    get notes() {
      return notesOf(said);
    },
    get failed() {
      return until('the start fails', () => {
        const found = said.find(({ failed }) => failed !== undefined);
        return found && { failed: found.failed!, code: found.code ?? null };
      });
    },
    kill: () => kill(child),
  };
}

/** Starts a process and waits until its service is up. Throws what it fails with. */
export async function startChild(options: ServiceOptions): Promise<ChildService> {
  const { child, said } = launch(options);
  const up = await until('the child is up', () => {
    const failed = said.find((each) => each.failed !== undefined)?.failed;
    if (failed !== undefined) throw new Error(`the child failed: ${failed}`);
    if (child.exitCode !== null) throw new Error(`the child ended with ${child.exitCode}`);
    return said.find(({ address }) => address !== undefined);
  });
  return {
    address: up.address!,
    brokers: up.brokers!,
    topic: up.topic!,
    get notes() {
      return notesOf(said);
    },
    signal: (signal) => void child.kill(signal),
    kill: () => kill(child),
    async stop() {
      child.kill('SIGTERM');
      const code = await ended(child);
      const failed = said.find((each) => each.failed !== undefined)?.failed;
      if (code !== 0 || failed !== undefined) throw new Error(`ended with ${code}: ${failed}`);
    },
  };
}
