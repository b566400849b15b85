// Networks with planted causes from the shared generator, read as the bench needs them: records, starts
// and the truth. The generator is no part of the project: python3 and the shared folder are needed.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CauseHistory } from '../src/cause/history.js';
import { CauseRecords } from '../src/cause/records.js';
import type { CauseSettings } from '../src/cause/settings.js';
import { FlaplineError } from '../src/config/errors.js';
import { ROOT } from '../src/config/root.js';

/** The shared folder: generators and data. */
export const SHARED = resolve(process.env['FLAPLINE_SHARED'] ?? join(ROOT, '..', 'shared'));
const run = promisify(execFile);

/** A burst as it was planted; components with identical true members stand together. */
export interface PlantedBurst {
  readonly at: number;
  readonly hidden: boolean;
  readonly causes: readonly (readonly (readonly [kind: string, name: string])[])[];
  readonly hit: number;
}

/** A recorded membership. */
export type Row = readonly [line: string, kind: string, component: string];

/** One generated network. */
export interface PlantedNetwork {
  readonly rows: readonly Row[];
  readonly starts: readonly (readonly [line: string, timeMs: number])[];
  readonly bursts: readonly PlantedBurst[];
}

/** Path of a file beside the generator. Throws UNAVAILABLE without the shared folder. */
export function sharedCauses(file: string): string {
  const path = join(SHARED, 'causes', file);
  if (existsSync(path)) return path;
  throw new FlaplineError(
    'FILE_UNREADABLE',
    `${path} is missing: the cause bench needs the shared folder (FLAPLINE_SHARED names it)`,
  );
}

/** Networks in the order of their options; the next one is generated while one is used. */
export async function* plantedNetworks(
  all: readonly (readonly string[])[],
  signal: AbortSignal,
): AsyncGenerator<PlantedNetwork> {
  const root = await mkdtemp(join(tmpdir(), 'flapline-causes-'));
  const generate = (index: number): Promise<string> | null => {
    if (index >= all.length) return null;
    const folder = join(root, String(index));
    const args = [sharedCauses('generate.py'), folder, ...all[index]!];
    const made = run('python3', args, { signal }).then(() => folder);
    // It is awaited when its turn comes.
    made.catch(() => undefined);
    return made;
  };
  let next = generate(0);
  try {
    for (let index = 0; next !== null; index++) {
      const folder = await next;
      next = generate(index + 1);
      yield readNetwork(folder);
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await next?.catch(() => undefined);
    await rm(root, { recursive: true, force: true });
  }
}

/** The files of the generator: plain CSV without quotes, one object a line. */
function readNetwork(folder: string): PlantedNetwork {
  const text = (name: string): string[] =>
    readFileSync(join(folder, name), 'utf8').split(/\r?\n/).filter(Boolean);
  const rows = text('components.csv')
    .slice(1)
    .map((line) => line.split(',') as unknown as Row);
  const starts = text('events.ndjson')
    .map((line) => JSON.parse(line) as { line: string; time: number; state: string })
    .filter(({ state }) => state === 'down')
    .map(({ line, time }) => [line, time] as const);
  const { bursts } = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as {
    bursts: PlantedBurst[];
  };
  return { rows, starts, bursts };
}

/** The records as the engine takes them. */
export function recordsOf(rows: readonly Row[], settings: CauseSettings): CauseRecords {
  const records = new CauseRecords(settings);
  for (const [line, kind, component] of rows) {
    records.addComponent({ line, kind, component, fromMs: 0, untilMs: Infinity });
  }
  return records;
}

/** The causes of a network, all walked over. */
export function historyOf(
  { starts }: PlantedNetwork,
  records: CauseRecords,
  settings: CauseSettings,
): CauseHistory {
  const history = new CauseHistory(records, settings);
  const known = starts.filter(([line]) => records.indexOf(line) >= 0);
  history.add(
    known.map(([line]) => records.indexOf(line)),
    known.map(([, time]) => time),
  );
  history.walk(Infinity);
  history.walk(Number.MAX_SAFE_INTEGER);
  return history;
}
