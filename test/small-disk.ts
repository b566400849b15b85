// A small disk of its own for a test: a tmpfs, which only root may mount. Where it cannot be mounted
// the tests that need it are skipped, and say so.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A mounted folder that can be filled. */
export interface SmallDisk {
  readonly folder: string;
  /** Fills it but for so many bytes. */
  fill(leftBytes: number): void;
  free(): void;
  unmount(): void;
}

/** Mounts a disk of so many bytes; null where that is not allowed. */
export function smallDisk(bytes: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'flapline-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill(leftBytes) {
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(ballast, new Uint8Array(Math.max(0, bavail * bsize - leftBytes)));
      } catch (error) {
        // Who is tested writes too: then it is full, and what was written of the ballast stays.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    free() {
      rmSync(ballast, { force: true });
    },
    unmount() {
      // At once, also when a process that a failed test left still holds a file of it.
      execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' });
      rmSync(folder, { recursive: true });
    },
  };
}

/** Whether small disks can be mounted here. */
export function canMount(): boolean {
  const disk = smallDisk(1 << 20);
  disk?.unmount();
  if (!disk) process.stderr.write('SKIPPED: a tmpfs cannot be mounted here (not root)\n');
  return disk !== null;
}
