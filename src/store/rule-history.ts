// The rules by which a partition's log was judged, one version after the other: its control records of
// the kind. Version 1 is the first; what is judged today is judged by the last.

import type { DuckDBConnection } from '@duckdb/node-api';
import { DEFAULT_RULES, type Rules } from '../config/rules.js';
import { rulesOfPayload } from './control.js';
import { selectRows } from './sql.js';

/** Versions of a partition that are told, the newest of them. */
const VERSIONS_MAX = 50;
const RESETS_MAX = 50;

/** Rules that hold from a place of a log on. */
export interface RulesVersion {
  readonly version: number;
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly log: number;
  readonly position: number;
  readonly rules: Rules;
}

/** Versions of the rules of a partition, or of all (null), the newest first within each. */
export async function rulesVersions(
  connection: DuckDBConnection,
  partitionId: number | null,
): Promise<RulesVersion[]> {
  const rows = await selectRows<Omit<RulesVersion, 'rules'> & { payload: string }>(
    connection,
    `select c.version, p.cluster, p.topic, p.partition, c.log, c.position, c.payload
     from (select *, row_number() over (partition by partition_id order by log, position, seq)
         as version, count(*) over (partition by partition_id) as versions
       from control where kind = 'rules' and ($partition is null or partition_id = $partition)) c
     join log_partition p on p.partition_id = c.partition_id
     where c.version > c.versions - ${VERSIONS_MAX}
     order by p.cluster, p.topic, p.partition, c.version desc`,
    { partition: partitionId },
  );
  return rows.map(({ payload, ...row }) => Object.assign(row, { rules: rulesOfPayload(payload) }));
}

/** The rules in force at the end of what is stored, with their version; 0 = none was written yet. */
export async function rulesInForce(
  connection: DuckDBConnection,
): Promise<{ version: number; rules: Rules }> {
  const [row] = await selectRows<{ version: number; payload: string }>(
    connection,
    `select payload, (select count(*) from control o where o.kind = 'rules'
         and o.partition_id = c.partition_id) as version
     from control c where kind = 'rules' order by log desc, position desc, seq desc limit 1`,
  );
  if (!row) return { version: 0, rules: DEFAULT_RULES };
  return { version: row.version, rules: rulesOfPayload(row.payload) };
}

/** A reset of a line by an operator. */
export interface ResetTold {
  line: string;
  by: string;
  why: string;
  /** Epoch milliseconds. */
  requested: number;
}

/** The newest resets. */
export function recentResets(connection: DuckDBConnection): Promise<ResetTold[]> {
  return selectRows<ResetTold>(
    connection,
    `select payload->>'line' as line, any_value(payload->>'by') as "by",
       any_value(payload->>'why') as why, (payload->>'requestedMs')::bigint as requested
     from control where kind = 'reset' group by line, requested
     order by requested desc, line limit ${RESETS_MAX}`,
  );
}
