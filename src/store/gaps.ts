// Gaps in the coverage: those of a whole partition, positions lost or the partition unreadable, are
// open (until null) until it is read again; its silences are written when they have ended; those of a
// line end with its next event.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Interval } from './coverage.js';

/** Why a partition's lines are unknown for a time. */
export type GapReason = 'positions lost' | 'partition unreadable';

/** Why a partition's lines were unknown up to its next record. */
export const SOURCE_SILENT = 'source silent';

/** Why a line is unknown up to its next event. */
export const REJECTED_EVENT = 'rejected event';
export const STALE_ALARMS = 'stale alarms';

/** Opens a gap at `fromMs` (null = from the first data on) unless one of the kind is open. */
export async function openGap(
  connection: DuckDBConnection,
  partitionId: number,
  fromMs: number | null,
  reason: GapReason,
): Promise<void> {
  await connection.run(
    `insert into coverage_gap select $1, null, $2, null, $3 where not exists (select 1
       from coverage_gap where partition_id = $1 and line_id is null and until_ms is null
       and reason = $3)`,
    [partitionId, fromMs === null ? null : BigInt(fromMs), reason],
  );
}

/** Ends the open gaps of a kind at `untilMs`. */
export async function closeGap(
  connection: DuckDBConnection,
  partitionId: number,
  untilMs: number,
  reason: GapReason,
): Promise<void> {
  await connection.run(
    `update coverage_gap set until_ms = greatest($2, coalesce(from_ms, $2))
       where partition_id = $1 and line_id is null and until_ms is null and reason = $3`,
    [partitionId, BigInt(untilMs), reason],
  );
}

/** Adds periods in which a partition had no record for longer than the rules let it. */
export async function addSilences(
  connection: DuckDBConnection,
  partitionId: number,
  silences: readonly Interval[],
): Promise<void> {
  for (const { fromMs, untilMs } of silences) {
    await connection.run('insert into coverage_gap values ($1, null, $2, $3, $4)', [
      partitionId,
      BigInt(fromMs),
      BigInt(untilMs),
      SOURCE_SILENT,
    ]);
  }
}
