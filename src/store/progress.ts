// How far each log has been read, by (cluster, topic, log identity, partition), and the dictionary
// of those partitions. Written in the commit's transaction, read at start.

import * as L from '../../assembly/layout.js';
import { BIGINT, type DuckDBConnection, LIST, listValue } from '@duckdb/node-api';
import type { Kernel } from '../kernel/kernel.js';
import { selectRows } from './sql.js';

/** A partition of a topic of a cluster. */
export interface PartitionName {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
}

/** A partition's log and the position in it. */
export interface LogState extends PartitionName {
  readonly partitionId: number;
  /** Log identity: raised when the topic was made again. */
  readonly log: number;
  /** The next offset to read; for a file, bytes read. */
  readonly position: number;
  /** Timestamp and hash of the record before the position: is it still the one we read? */
  readonly lastTimestampMs: number | null;
  readonly lastHash: number | null;
}

/** A log of which nothing has been read. */
export function newLog(name: PartitionName, partitionId: number): LogState {
  return { ...name, partitionId, log: 0, position: 0, lastTimestampMs: null, lastHash: null };
}

/** The id of a partition, given when it is new. */
export async function partitionIdOf(
  connection: DuckDBConnection,
  name: PartitionName,
): Promise<number> {
  const values = { cluster: name.cluster, topic: name.topic, partition: name.partition };
  const found = await selectRows<{ partition_id: number }>(
    connection,
    `select partition_id from log_partition
       where cluster = $cluster and topic = $topic and partition = $partition`,
    values,
  );
  if (found[0]) return found[0].partition_id;
  const made = await selectRows<{ partition_id: number }>(
    connection,
    `insert into log_partition
       select coalesce(max(partition_id), 0) + 1, $cluster, $topic, $partition from log_partition
       returning partition_id`,
    values,
  );
  return made[0]!.partition_id;
}

/** The ids of the partitions in which a line has a state, ascending. */
export async function partitionsOfLine(
  connection: DuckDBConnection,
  line: string,
): Promise<number[]> {
  const rows = await selectRows<{ id: number }>(
    connection,
    `select o.partition_id as id from open_state o join line l using (line_id)
       where l.line = $line order by 1`,
    { line },
  );
  return rows.map(({ id }) => id);
}

/** The current log of every partition of a topic that the store knows. */
export async function readProgress(
  connection: DuckDBConnection,
  cluster: string,
  topic: string,
): Promise<LogState[]> {
  return selectRows<LogState & Record<string, string | number | null>>(
    connection,
    `select p.cluster, p.topic, p.partition, p.partition_id as "partitionId", g.log, g.position,
       g.last_timestamp_ms as "lastTimestampMs", g.last_hash as "lastHash"
     from progress g join log_partition p on p.partition_id = g.partition_id
     where p.cluster = $cluster and p.topic = $topic and g.log =
       (select max(h.log) from progress h where h.partition_id = g.partition_id)
     order by p.partition`,
    { cluster, topic },
  );
}

/** Events of a topic that are stored, and their largest effective time; null before the first. */
export async function storedTotals(
  connection: DuckDBConnection,
  cluster: string,
  topic: string,
): Promise<{ events: number; effectiveMs: number | null }> {
  const [row] = await selectRows<{ events: number; effectiveMs: number | null }>(
    connection,
    `select coalesce(sum(events), 0)::bigint as events, max(effective_ms) as "effectiveMs"
     from progress g join log_partition p on p.partition_id = g.partition_id
     where p.cluster = $cluster and p.topic = $topic and g.log =
       (select max(h.log) from progress h where h.partition_id = g.partition_id)`,
    { cluster, topic },
  );
  return row;
}

/** How many counters a row has. */
const COUNTERS = 7;

/** A partition's progress and counters, as they are to be written. */
export interface ProgressRow {
  readonly log: LogState;
  readonly counters: readonly (bigint | null)[];
}

/** The progress of a kernel that has read its log up to a position. */
export function progressOf(kernel: Kernel, log: LogState): ProgressRow {
  const count = (slot: number): bigint => BigInt(kernel.control[slot]!);
  const known = (slot: number): bigint | null => (kernel.control[slot]! < 0 ? null : count(slot));
  const counters = [
    known(L.CTL_FIRST_MS),
    known(L.CTL_EFFECTIVE_MS),
    count(L.CTL_EVENTS_APPLIED),
    count(L.CTL_LATE),
    count(L.CTL_DUPLICATES),
    count(L.CTL_REJECTED),
    count(L.CTL_NEWEST_RECORD_MS),
  ];
  return { log, counters };
}

/** Columns of the table `progress` in its order, and what a row holds in each. */
const COLUMNS: readonly (readonly [string, (row: ProgressRow) => bigint | null])[] = [
  ['integer', ({ log }) => BigInt(log.partitionId)],
  ['integer', ({ log }) => BigInt(log.log)],
  ['bigint', ({ log }) => BigInt(log.position)],
  ['bigint', ({ log }) => (log.lastTimestampMs === null ? null : BigInt(log.lastTimestampMs))],
  ['bigint', ({ log }) => (log.lastHash === null ? null : BigInt(log.lastHash))],
  ...Array.from(
    { length: COUNTERS },
    (_, i) => ['bigint', (row: ProgressRow) => row.counters[i]] as const,
  ),
];
const UNNESTED = COLUMNS.map(([type], i) => `unnest($${i + 1})::${type}`);
const DELETE = `delete from progress where (partition_id, log) in (select unnest($1), unnest($2))`;
const INSERT = `insert into progress select ${UNNESTED.join(', ')}`;

/** Writes the progress of partitions in place of that of the same logs: two statements for all. */
export async function writeProgress(
  connection: DuckDBConnection,
  rows: readonly ProgressRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const values = COLUMNS.map(([, of]) => listValue(rows.map(of)));
  const types = COLUMNS.map(() => LIST(BIGINT));
  await connection.run(DELETE, values.slice(0, 2), types.slice(0, 2));
  await connection.run(INSERT, values, types);
}
