// Lines whose keys lie on several partitions of a topic: each partition folds its own part of them (SPEC
// section 2, line). A topic that is keyed by line has none.

import type { DuckDBConnection } from '@duckdb/node-api';
import { selectRows } from './sql.js';
import type { ViewDoc } from './view-docs.js';

/** The SELECT text of the documented view. */
export const SPLIT_LINES_VIEW = `select l.line, s.cluster, s.topic, s.partitions, s.effective_ms
    from (select o.line_id, p.cluster, p.topic, max(o.effective_ms) as effective_ms,
        string_agg(p.partition::varchar, ', ' order by p.partition) as partitions
      from open_state o join log_partition p on p.partition_id = o.partition_id
      group by o.line_id, p.cluster, p.topic having count(*) > 1) s
    join line l on l.line_id = s.line_id`;

/** What it holds. */
export const SPLIT_LINES_DOC: ViewDoc = {
  row: 'one a line whose keys lie on several partitions of a topic; `flapline rekey` gives it one',
  columns: {
    line: 'name of the line',
    cluster: 'name of the Kafka cluster, or of what stands for it',
    topic: 'topic, or what stands for it',
    partitions: 'numbers of its partitions, ascending: each holds a part of it, judged by itself',
    effective_ms: 'effective time of the last event of any of them',
  },
};

/** How many there are of a topic, and one of them. */
export interface SplitLines {
  readonly lines: number;
  readonly example: { readonly line: string; readonly partitions: string } | null;
}

/** Counts those of a topic: about 20 ms a million lines. */
export async function splitLines(
  connection: DuckDBConnection,
  cluster: string,
  topic: string,
): Promise<SplitLines> {
  const of = { cluster, topic };
  const [{ lines }] = await selectRows<{ lines: number }>(
    connection,
    `select count(*) as lines from (select line_id from open_state where partition_id in
       (select partition_id from log_partition where cluster = $cluster and topic = $topic)
       group by line_id having count(*) > 1)`,
    of,
  );
  if (lines === 0) return { lines, example: null };
  const [example] = await selectRows<{ line: string; partitions: string }>(
    connection,
    `select line, partitions from (${SPLIT_LINES_VIEW}) where cluster = $cluster and topic = $topic
       order by line limit 1`,
    of,
  );
  return { lines, example };
}
