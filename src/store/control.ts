// Control records: what changes the fold and is no event (SPEC section 5). Kept by partition, log,
// offset and order, committed with their effects, and merged into every replay: a record applies
// before the log's record at its offset. One kind so far: rules.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Rules } from '../config/rules.js';
import { selectRows } from './sql.js';

/** From `position` on, the log of a partition is judged by these rules. */
export interface RulesRecord {
  readonly position: number;
  readonly seq: number;
  readonly rules: Rules;
}

/** The rules records of a partition's log, in order. */
export async function readRulesRecords(
  connection: DuckDBConnection,
  partitionId: number,
  log: number,
): Promise<RulesRecord[]> {
  const rows = await selectRows<{ position: number; seq: number; payload: string }>(
    connection,
    `select position, seq, payload from control where partition_id = $partition and log = $log
       and kind = 'rules' order by position, seq`,
    { partition: partitionId, log },
  );
  return rows.map((row) => ({
    position: row.position,
    seq: row.seq,
    rules: JSON.parse(row.payload) as Rules,
  }));
}

/** Writes a rules record, in the transaction at hand. */
export async function writeRulesRecord(
  connection: DuckDBConnection,
  partitionId: number,
  log: number,
  record: RulesRecord,
): Promise<void> {
  await connection.run(`insert into control values ($1, $2, $3, $4, 'rules', $5)`, [
    partitionId,
    log,
    BigInt(record.position),
    record.seq,
    JSON.stringify(record.rules),
  ]);
}

/** True when both judge alike. */
export function sameRules(a: Rules, b: Rules): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
