// A command line run inside the test's process: quick, and what it wrote.

import { vi } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import type { Outcome } from './command.js';

/** Runs a command line to its end. */
export async function inProcess(args: readonly string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text, ...rest) => {
      written[name] += String(text);
      for (const callback of rest) if (typeof callback === 'function') callback();
      return true;
    }),
  );
  try {
    return { code: await runProgram(args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
