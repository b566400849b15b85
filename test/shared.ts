// Finds the shared folder (reference events and findings), which is no part of the project: it lies
// beside the checkout, or where FLAPLINE_SHARED points. Without it the tests that need it are skipped
// visibly: each group shows as one skipped test that says why.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, it } from 'vitest';

const PROJECT_ROOT = new URL('..', import.meta.url);
const BESIDE = fileURLToPath(new URL('../shared', PROJECT_ROOT));
const FOLDER = resolve(process.env['FLAPLINE_SHARED'] ?? BESIDE);

/** The four sets of data/expected. */
export const EXPECTED_SETS = ['18V', '18Vlag', 'bgp2016', 'bgp2016lag'] as const;

/** Whether the shared folder is there. */
export const sharedIsPresent = existsSync(join(FOLDER, 'data', 'expected'));

/** The path of a file in the shared folder, e.g. sharedPath('data', 'expected', 'README.txt'). */
export function sharedPath(...parts: string[]): string {
  return join(FOLDER, ...parts);
}

/** A `describe` that needs the shared folder; without it, one skipped test that says why. */
export function describeShared(name: string, body: () => void): void {
  if (sharedIsPresent) {
    describe(name, body);
    return;
  }
  describe(name, () => {
    it.skip('skipped: no folder "shared" beside the checkout, and FLAPLINE_SHARED names none');
  });
}

/** The bytes of the events of a set of data/expected, unzipped. */
export function expectedEvents(set: string): Buffer {
  return gunzipSync(readFileSync(sharedPath('data', 'expected', `${set}.events.ndjson.gz`)));
}

/** The findings of a set of data/expected, one object each. */
export function expectedFindings(set: string): Record<string, unknown>[] {
  const file = sharedPath('data', 'expected', `${set}.findings.ndjson.gz`);
  return linesOf(gunzipSync(readFileSync(file))).map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  );
}

/** The lines of a text file that are not empty. */
export function linesOf(bytes: Buffer): string[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}
