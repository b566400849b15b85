// Where in the log the records stand that began and ended an interruption of a line.

import type { DuckDBConnection } from '@duckdb/node-api';
import { selectRows } from './sql.js';

/** A record's place. */
export interface RawPlace {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * How many logs have followed one another in that partition, of a place that stands with an interruption
 * of the line; null when none of its interruptions was begun or ended by the record there.
 */
export async function logsOfPlace(
  connection: DuckDBConnection,
  lineId: number,
  { cluster, topic, partition, offset }: RawPlace,
): Promise<number | null> {
  const [row] = await selectRows<{ logs: number }>(
    connection,
    `select count(distinct g.log)::integer as logs
     from log_partition p join progress g on g.partition_id = p.partition_id
     where p.cluster = $cluster and p.topic = $topic and p.partition = $partition
       and (exists (from interruption_row i where i.line_id = $line_id
           and i.partition_id = p.partition_id and $offset in (i.first_offset, i.last_offset))
         or exists (from open_state o where o.line_id = $line_id
           and o.partition_id = p.partition_id and o.first_offset = $offset))`,
    { cluster, topic, partition, offset, line_id: lineId },
  );
  return row && row.logs > 0 ? row.logs : null;
}
