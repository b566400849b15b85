// A real Chromium for the tests: the one inside the package @sparticuz/chromium, unpacked once a
// checkout (node_modules/.cache). Where the machine lacks libnss3 and its like, those that the same
// package carries are used. Nothing is downloaded and nothing needs root.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packaged from '@sparticuz/chromium';
import { chromium, type Browser } from 'playwright-core';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/flapline/', import.meta.url));
const START_TIMEOUT_MS = 20_000;

/** Arguments of the package that would make it less of a browser: the tests want its rules kept. */
const LEFT_OUT = new Set([
  '--single-process',
  '--disable-web-security',
  '--allow-running-insecure-content',
  '--disable-site-isolation-trials',
]);

/** A browser, or the reason why there is none. */
export type Launched = { browser: Browser } | { reason: string };

/** The package unpacks below the temporary folder, its libraries only where this names a Lambda. */
const SURROUNDINGS = (folder: string): Record<string, string> => ({
  TMPDIR: folder,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
});

async function unpackInto(folder: string): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, SURROUNDINGS(folder));
  try {
    await packaged.executablePath();
  } finally {
    for (const name of Object.keys(SURROUNDINGS(folder))) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

/** The folder with the unpacked browser; whole or not there, also when two unpack at a time. */
async function unpacked(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const manifest = await readFile(join(dirname(entry), '..', '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const folder = join(CACHE, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const own = await mkdtemp(join(CACHE, 'unpacking-'));
  try {
    await unpackInto(own);
    await rename(own, folder);
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function environment(folder: string, ownLibraries: boolean): Record<string, string> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  if (!existsSync('/etc/fonts/fonts.conf')) env['FONTCONFIG_PATH'] ??= join(folder, 'fonts');
  if (!ownLibraries) return env;
  const paths = [join(folder, 'al2023', 'lib'), env['LD_LIBRARY_PATH']];
  return { ...env, LD_LIBRARY_PATH: paths.filter(Boolean).join(':') };
}

/** Starts Chromium, with the machine's libraries or else with the package's own. Never throws. */
export async function launchChromium(): Promise<Launched> {
  const reasons: string[] = [];
  try {
    const folder = await unpacked();
    for (const ownLibraries of [false, true]) {
      try {
        const browser = await chromium.launch({
          executablePath: join(folder, 'chromium'),
          args: packaged.args.filter((argument) => !LEFT_OUT.has(argument)),
          env: environment(folder, ownLibraries),
          timeout: START_TIMEOUT_MS,
        });
        return { browser };
      } catch (error) {
        reasons.push(wordsOf(error));
      }
    }
  } catch (error) {
    reasons.push(wordsOf(error));
  }
  return { reason: reasons.join('; with the libraries of the package: ') };
}

/** What Chromium itself said, else the first line. */
function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const own = /error while loading[^\n]*|cannot open shared object[^\n]*/.exec(text);
  return own?.[0] ?? text.split('\n', 1)[0];
}
