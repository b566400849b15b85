// No leaked handle: a process that opened and closed every kind of client ends by itself.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENDS_WITHIN_MS = 20_000;

it('ends by itself after everything is closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flapline-ends-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await build({
      root: ROOT,
      configFile: false,
      logLevel: 'error',
      build: {
        ssr: join(ROOT, 'test/kafka/ends.child.ts'),
        outDir: folder,
        emptyOutDir: false,
        target: 'node20',
        rollupOptions: { output: { entryFileNames: 'child.mjs' } },
      },
    });
    const child = spawn(process.execPath, [join(folder, 'child.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: ENDS_WITHIN_MS,
    });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, said }).toEqual({ code: 0, said: 'closed\n' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
