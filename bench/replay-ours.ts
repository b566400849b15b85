// Child of the replay bench: one file through flapline's replay into a new store. The clock runs from
// just before `replay` (it opens the store and compiles the kernel) until the store is closed.

import { DEFAULT_RULES } from '../src/config/rules.js';
import { replay } from '../src/pipeline/replay.js';
import { type Taken, startClock } from './pinned.js';

/** What the child prints. */
export interface OursReport extends Taken {
  readonly events: number;
  readonly lines: number;
  readonly late: number;
  readonly rejected: number;
}

const [file, storeFile] = process.argv.slice(2) as [string, string];
const took = startClock();
const { events, lines, late, rejected } = await replay({
  files: [file],
  sort: false,
  rules: DEFAULT_RULES,
  starts: false,
  zone: [],
  storeFile,
});
const report: OursReport = { ...took(), events, lines, late, rejected };
process.stdout.write(`${JSON.stringify(report)}\n`);
