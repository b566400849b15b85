// Child of the replay bench: one file through flapline's replay into a new store. The clock runs from
// just before `replay` (it opens the store and compiles the kernel) until the store is closed.

import { DEFAULT_RULES } from '../src/config/rules.js';
import { replay } from '../src/pipeline/replay.js';

/** What the child prints. */
export interface OursReport {
  readonly seconds: number;
  readonly events: number;
  readonly lines: number;
  readonly late: number;
  readonly rejected: number;
}

const [file, storeFile] = process.argv.slice(2) as [string, string];
const start = performance.now();
const { events, lines, late, rejected } = await replay({
  files: [file],
  sort: false,
  rules: DEFAULT_RULES,
  starts: false,
  zone: [],
  storeFile,
});
const seconds = (performance.now() - start) / 1000;
const report: OursReport = { seconds, events, lines, late, rejected };
process.stdout.write(`${JSON.stringify(report)}\n`);
