// Child of the replay bench: the same file through the peer's SQL into a new DuckDB file. The clock
// runs from just before the file is opened until the checkpoint is done, as on our side.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ROOT } from '../src/config/root.js';
import { type Taken, startClock } from './pinned.js';

/** What the child prints. */
export interface PeerReport extends Taken {
  readonly events: number;
}

const [file, database] = process.argv.slice(2) as [string, string];
const text = readFileSync(join(ROOT, 'bench', 'duckdb-replay.sql'), 'utf8');
const sql = text.replaceAll('$FILE', () => file.replaceAll("'", "''"));
const took = startClock();
const instance = await DuckDBInstance.create(database);
const connection = await instance.connect();
await connection.run(sql);
const taken = took();
const counted = await connection.runAndReadAll('select count(*) from event');
const events = Number(counted.getRows()[0]![0]);
connection.closeSync();
instance.closeSync();
const report: PeerReport = { ...taken, events };
process.stdout.write(`${JSON.stringify(report)}\n`);
