// How far the topic of findings is stored, in the transaction that stores them.

import type { DuckDBConnection } from '@duckdb/node-api';
import { selectRows } from './sql.js';

/** Where the findings of a partition go on. */
export interface FindingsRead {
  /** Next offset of the topic of findings. */
  readonly position: number;
  /** How far the input is read, behind what is no record. */
  readonly readTo: number;
}

/** Where those of a partition go on in a topic, null when none was read. */
export async function findingsRead(
  connection: DuckDBConnection,
  topic: string,
  partitionId: number,
): Promise<FindingsRead | null> {
  const [row] = await selectRows<{ position: number; readTo: number }>(
    connection,
    `select position, read_to as "readTo" from findings_read
       where topic = $topic and partition_id = $partition`,
    { topic, partition: partitionId },
  );
  return row ?? null;
}

/** Moves it on. */
export async function moveFindingsRead(
  connection: DuckDBConnection,
  topic: string,
  partitionId: number,
  { position, readTo }: FindingsRead,
): Promise<void> {
  await connection.run('delete from findings_read where topic = $1 and partition_id = $2', [
    topic,
    partitionId,
  ]);
  await connection.run('insert into findings_read values ($1, $2, $3, $4)', [
    topic,
    partitionId,
    BigInt(position),
    BigInt(readTo),
  ]);
}
