// Which rejected objects are kept as rows: a function of the log alone, whatever the batches and
// restarts. Of a Kafka log the first of each record and the first of each block of offsets, for the
// newest blocks; of a file the first in all. All are counted (progress.rejected).

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Reject } from '../kernel/rejects.js';
import type { LogState } from './progress.js';
import { selectRows } from './sql.js';

/** How many rows are kept. */
export const REJECTED_ROWS = {
  /** Of one record, at most. */
  perRecordMax: 10,
  /** Of a block of so many offsets, at most; of so many blocks. A file has one block. */
  perBlockMax: 1_000,
  blockOffsets: 100_000,
  blocksKept: 10,
  perFileMax: 10_000,
} as const;

/** A rejected object of a partition's log. */
export interface RejectedRow {
  readonly partitionId: number;
  readonly logNumber: number;
  /** Among those kept of its record, from 0 on. */
  readonly ordinal: number;
  readonly reject: Reject;
}

interface Counts {
  block: number;
  ofBlock: number;
  position: number;
  ofRecord: number;
}

/** Writes rows, on the connection's current transaction. */
export async function insertRejected(
  connection: DuckDBConnection,
  rows: readonly RejectedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await selectRows(
    connection,
    `insert into rejected select unnest($partitions)::integer, unnest($logs)::integer,
       unnest($positions), unnest($places), unnest($reasons), unnest($samples), now()`,
    {
      partitions: rows.map(({ partitionId }) => partitionId),
      logs: rows.map(({ logNumber }) => logNumber),
      positions: rows.map(({ reject }) => reject.position),
      places: rows.map(({ reject }) => reject.place),
      reasons: rows.map(({ reject }) => reject.reason),
      samples: rows.map(({ reject }) => reject.sample),
    },
  );
}

/** Counts what is kept of each log. */
export class RejectedRows {
  private readonly counts = new Map<string, Counts>();
  /** Below this position a log has no rows any more, by log. */
  private readonly droppedTo = new Map<string, number>();
  private readonly isFile: boolean;

  constructor(isFile: boolean) {
    this.isFile = isFile;
  }

  /** Takes up what the store holds of a log that goes on at `position`, the end of a record. */
  async load(
    connection: DuckDBConnection,
    partitionId: number,
    log: number,
    position: number,
  ): Promise<void> {
    const block = this.blockOf(position);
    const [row] = await selectRows<{ n: number }>(
      connection,
      `select count(*) as n from rejected where partition_id = $partition and log = $log
         and position >= $from`,
      { partition: partitionId, log, from: block * REJECTED_ROWS.blockOffsets },
    );
    this.goOn(partitionId, log, position, row!.n);
  }

  /** Takes up a log that goes on at `position`, of whose block so many are kept. */
  goOn(partitionId: number, log: number, position: number, ofBlock: number): void {
    const block = this.blockOf(position);
    this.counts.set(`${partitionId} ${log}`, { block, ofBlock, position: -1, ofRecord: 0 });
  }

  /** How many are kept of the block at `position`, where a log has been read to. */
  keptAt(partitionId: number, log: number, position: number): number {
    const counts = this.counts.get(`${partitionId} ${log}`);
    return counts?.block === this.blockOf(position) ? counts.ofBlock : 0;
  }

  /** Those that are kept; rejects of a log come in the order of their positions. */
  keep(rejects: readonly Reject[], partitionId: number, logNumber: number): RejectedRow[] {
    const key = `${partitionId} ${logNumber}`;
    const counts = this.counts.get(key) ?? { block: 0, ofBlock: 0, position: -1, ofRecord: 0 };
    this.counts.set(key, counts);
    const rows: RejectedRow[] = [];
    for (const reject of rejects) {
      if (!this.isKept(counts, reject.position)) continue;
      rows.push({ partitionId, logNumber, ordinal: counts.ofRecord - 1, reject });
    }
    return rows;
  }

  /**
   * Removes the rows of blocks that are no longer kept of a log, once a block; returns what to call when
   * that is committed.
   */
  async dropOld(
    connection: DuckDBConnection,
    { partitionId, log, position }: LogState,
  ): Promise<() => void> {
    const key = `${partitionId} ${log}`;
    const { blocksKept, blockOffsets } = REJECTED_ROWS;
    const from = (this.blockOf(position) - blocksKept + 1) * blockOffsets;
    if (this.isFile || from <= (this.droppedTo.get(key) ?? 0)) return () => undefined;
    await connection.run(
      'delete from rejected where partition_id = $1 and log = $2 and position < $3',
      [partitionId, log, BigInt(from)],
    );
    return () => void this.droppedTo.set(key, from);
  }

  private isKept(counts: Counts, position: number): boolean {
    const block = this.blockOf(position);
    if (block !== counts.block) Object.assign(counts, { block, ofBlock: 0 });
    if (position !== counts.position) Object.assign(counts, { position, ofRecord: 0 });
    const { perRecordMax, perBlockMax, perFileMax } = REJECTED_ROWS;
    if (counts.ofBlock >= (this.isFile ? perFileMax : perBlockMax)) return false;
    if (counts.ofRecord >= perRecordMax) return false;
    counts.ofBlock++;
    counts.ofRecord++;
    return true;
  }

  private blockOf(position: number): number {
    return this.isFile ? 0 : Math.floor(position / REJECTED_ROWS.blockOffsets);
  }
}
