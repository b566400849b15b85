// The chatter of alarms (SPEC section 2): one row an alarm that was raised since chatter is on, replaced
// when it is raised again. Only a kernel that counts chatter has rows to give.

import * as L from '../../assembly/layout.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Kernel } from '../kernel/kernel.js';
import type { ColumnKind, ColumnSource, RowSink } from './chunks.js';

/** The stage, which is a temporary table, and the kinds of its columns. */
export const CHATTER_TABLES = {
  chatter_stage: [
    'integer',
    'integer',
    'varchar',
    'integer',
    'integer',
    'double',
    'integer',
    'bigint',
    'bigint',
  ] as readonly ColumnKind[],
};
const STAGE = `create temp table if not exists chatter_stage (line_id integer, partition_id integer, key varchar,
  alarm_id integer, raises integer, inverse double, chatterings integer, raised_ms bigint,
  chattered_ms bigint)`;
/** An unnamed alarm has the id 0; without chattering there is no time of it. */
const STAGED = `select line_id, partition_id, key, nullif(alarm_id, 0) as alarm_id, raises, inverse,
  chatterings, raised_ms, if(chatterings > 0, chattered_ms, null) as chattered_ms from chatter_stage`;
const DELETE = `delete from chatter_row o using (${STAGED}) s where o.line_id = s.line_id
  and o.partition_id = s.partition_id and o.key = s.key and o.alarm_id is not distinct from s.alarm_id`;

const NO_NAME = new Uint8Array(0);

/** Makes the stage, for a connection that has just been opened. */
export async function createChatterStage(connection: DuckDBConnection): Promise<void> {
  await connection.run(STAGE);
}

/** Stages the chatter that changed in a kernel whose lines and alarms have the store's ids. */
export function stageChatter(
  sink: RowSink<keyof typeof CHATTER_TABLES>,
  kernel: Kernel,
  partitionId: number,
): number {
  if (kernel.control[L.CTL_HISTORY_STRIDE] !== L.HISTORY_SIZE) return 0;
  const sources = sourcesOf(kernel, partitionId);
  for (let staged = 0; ;) {
    const count = kernel.calls.takeChatter();
    if (count === 0) return staged;
    sink.append('chatter_stage', kernel.bytes.buffer as ArrayBuffer, count, sources);
    staged += count;
  }
}

/** Writes what was staged in the place of what was known of the same alarms; empties the stage. */
export async function writeChatter(connection: DuckDBConnection): Promise<void> {
  await connection.run(DELETE);
  await connection.run(`insert into chatter_row ${STAGED}`);
  await connection.run('delete from chatter_stage');
}

/** Forgets the chatter of a partition: it is no longer counted. */
export async function forgetChatter(
  connection: DuckDBConnection,
  partitionId: number,
): Promise<void> {
  await connection.run('delete from chatter_row where partition_id = $1', [partitionId]);
}

function sourcesOf(kernel: Kernel, partitionId: number): ColumnSource[] {
  const at = (column: number): number =>
    kernel.region(L.REGION_CHATTER) + L.CHATTER_CAPACITY * column;
  const keys = at(L.CHATTER_KEY) / 4;
  const keyName = (row: number): Uint8Array => {
    const key = kernel.u32[keys + row]!;
    return key === 0 ? NO_NAME : Buffer.from(kernel.name(L.DICTIONARY_KEYS, key));
  };
  return [
    { at: at(L.CHATTER_LINE) },
    { constant: partitionId },
    { texts: keyName },
    { at: at(L.CHATTER_ALARM) },
    { at: at(L.CHATTER_COUNT) },
    { at: at(L.CHATTER_INVERSE) },
    { at: at(L.CHATTER_CHATTERED) },
    { at: at(L.CHATTER_RAISED) },
    { at: at(L.CHATTER_AT) },
  ];
}
