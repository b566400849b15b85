// Whether the real broker can be started here: Apache Kafka in the cache folder (install.sh puts it
// there) and Java. Tests that need it are skipped visibly without it, and say what to do.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../src/config/root.js';

/** Where Kafka's jars lie. */
export const KAFKA_FOLDER =
  process.env['FLAPLINE_KAFKA'] ?? join(homedir(), '.cache', 'flapline', 'kafka');

const POM = join('test', 'kafka', 'broker', 'pom.xml');

/** Why no real broker can be started, and what to do; null when it can. */
export function kafkaProblem(): string | null {
  const installed = join(KAFKA_FOLDER, 'pom.xml');
  const wanted = readFileSync(join(ROOT, POM), 'utf8');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
    return `no Apache Kafka as ${POM} names it in ${KAFKA_FOLDER}: run "npm run kafka" (needs Maven)`;
  }
  if (spawnSync('java', ['-version']).status !== 0) return 'no Java on the PATH';
  return null;
}
