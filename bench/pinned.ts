// Measured work runs in a process of its own, pinned to one core where taskset is there, so that one
// side's heap, caches and threads never touch the other's. A child prints one JSON object as the last
// line of its stdout and takes its own time, from inside.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where children run: the core's number, or null when they cannot be pinned. */
export type Core = number | null;

/** What a piece of work took: by the clock, and by the core (a busy machine lengthens only the first). */
export interface Taken {
  readonly seconds: number;
  readonly cpu_s: number;
}

/** Starts the clock; the function that is returned reads it. */
export function startClock(): () => Taken {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  return () => {
    const seconds = (performance.now() - startMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { seconds, cpu_s: (user + system) / 1e6 };
  };
}

/** The last core this process may run on (the first often serves interrupts), if taskset is there. */
export function chooseCore(): Core {
  const core = lastAllowedCore();
  const probe = spawnSync('taskset', ['-c', String(core), 'true']);
  return probe.status === 0 ? core : null;
}

function lastAllowedCore(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/^Cpus_allowed_list:.*?(\d+)$/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Runs a module beside this one in a pinned process; the object it prints last. Throws with what the
 * child said when it fails, and when `signal` ends it.
 */
export async function runPinned<Report>(
  core: Core,
  module: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Report> {
  const script = fileURLToPath(new URL(module, import.meta.url));
  const node = [process.execPath, script, ...args];
  const [command, ...rest] = core === null ? node : ['taskset', '-c', String(core), ...node];
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${module} ended with ${code}: ${err.trim() || out.trim()}`);
  return JSON.parse(out.trim().split('\n').at(-1)!) as Report;
}
