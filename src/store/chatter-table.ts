// The chatter of alarms (SPEC section 2): one row an alarm that was raised since chatter is on, replaced
// when it is raised again. Only a kernel that counts chatter has rows to give.

import * as L from '../../assembly/layout.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Kernel } from '../kernel/kernel.js';
import { type ColumnKind, type ColumnSource, TableAppender } from './chunks.js';

const KINDS: readonly ColumnKind[] = [
  'integer',
  'integer',
  'varchar',
  'integer',
  'integer',
  'double',
  'integer',
  'bigint',
  'bigint',
];
const STAGE = `create temp table chatter_stage (line_id integer, partition_id integer, key varchar,
  alarm_id integer, raises integer, inverse double, chatterings integer, raised_ms bigint,
  chattered_ms bigint)`;
/** An unnamed alarm has the id 0; without chattering there is no time of it. */
const STAGED = `select line_id, partition_id, key, nullif(alarm_id, 0) as alarm_id, raises, inverse,
  chatterings, raised_ms, if(chatterings > 0, chattered_ms, null) as chattered_ms from chatter_stage`;
const DELETE = `delete from chatter_row o using (${STAGED}) s where o.line_id = s.line_id
  and o.partition_id = s.partition_id and o.key = s.key and o.alarm_id is not distinct from s.alarm_id`;

const NO_NAME = new Uint8Array(0);

/** Stages the chatter of changed alarms and writes it, on the connection's current transaction. */
export class ChatterTable {
  private readonly connection: DuckDBConnection;
  private stage: TableAppender | null = null;
  private staged = 0;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Writes the chatter that changed in a kernel whose lines and alarms have the store's ids. */
  async write(kernel: Kernel, partitionId: number): Promise<void> {
    if (kernel.control[L.CTL_HISTORY_STRIDE] !== L.HISTORY_SIZE) return;
    const sources = sourcesOf(kernel, partitionId);
    for (;;) {
      const count = kernel.calls.takeChatter();
      if (count === 0) break;
      (await this.opened()).append(kernel.bytes.buffer as ArrayBuffer, count, sources);
      this.staged += count;
    }
    if (this.staged === 0) return;
    this.stage!.flush();
    await this.connection.run(DELETE);
    await this.connection.run(`insert into chatter_row ${STAGED}`);
    await this.connection.run('delete from chatter_stage');
    this.staged = 0;
  }

  /** Forgets what was not flushed, and lets go of the table. */
  close(): void {
    this.stage?.clear();
    this.stage?.close();
  }

  private async opened(): Promise<TableAppender> {
    if (!this.stage) {
      await this.connection.run(STAGE);
      this.stage = await TableAppender.open(this.connection, 'chatter_stage', KINDS, true);
    }
    return this.stage;
  }
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
