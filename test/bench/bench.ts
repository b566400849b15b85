// A bench as its users run it: a process of its own, from the built files.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url));
const RESULT = 'RESULT ';

/** Runs `npm run bench -- ARGS` to its end. */
export function bench(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

/** What a bench that ran to its end says it measured: its last line. */
export function resultOf({ stdout, stderr }: ReturnType<typeof bench>): Record<string, unknown> {
  const last = stdout.trim().split('\n').at(-1)!;
  expect(last, stderr).toMatch(/^RESULT \{/);
  return JSON.parse(last.slice(RESULT.length)) as Record<string, unknown>;
}
