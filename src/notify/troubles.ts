// The faults and flapping of enrolled customers' lines as committed rows tell them. Outages that start in
// the window of a planned work are no faults here: the works are notified beforehand.

import type { DuckDBConnection } from '@duckdb/node-api';
import { episodeFacts, interruptionFacts, lineFacts } from '../store/facts.js';
import { QUERY_SETTINGS, type ReadAt } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { selectRows } from '../store/sql.js';
import type { Trouble } from './notice.js';

/** Outages with gaps up to this are one fault (SPEC section 2). */
const FAULT_GAP_MS = 4 * 3_600_000;
/** What ended longer ago is not looked at. */
const LOOK_BACK_MS = 7 * 86_400_000;
/** Outages and episodes that are looked at in one pass; the newest. */
const ROWS_MAX = 100_000;

const ENROLLED = `enrolled as (
    select l.line_id, l.line, r.customer, r.branch, r.product, c.enrolled_ms
    from customer_row c join line_record r on r.customer = c.customer
    join line l on l.line = r.line
    where c.valid_to_ms is null and c.enrolled_ms is not null)`;

interface Found {
  line: string;
  customer: string;
  branch: string | null;
  product: string | null;
  startMs: number;
  detectedMs: number;
  endMs: number | null;
  count: number;
  down: boolean;
}

/** Troubles that go on at nowMs or ended in the last week, of lines enrolled before they began. */
export async function troublesNow(
  connection: DuckDBConnection,
  read: ReadAt,
  nowMs: number,
): Promise<Trouble[]> {
  const { clause, parameters } = readingClause(read.at);
  const asked = { ...parameters, since: nowMs - LOOK_BACK_MS, rows: ROWS_MAX };
  const standing = `standing as (select line_id, bool_or(down) as down
    from (${lineFacts(QUERY_SETTINGS)}) group by line_id)`;
  const columns = `e.line, e.customer, e.branch, e.product, coalesce(s.down, false) as down`;
  const outages = await selectRows<Found>(
    connection,
    `${clause}, ${ENROLLED}, ${standing}
     select ${columns}, f.start_ms as "startMs", f.end_ms as "endMs", 1 as count,
       f.start_ms + ${60_000} + f.correction_ms as "detectedMs"
     from (${interruptionFacts(QUERY_SETTINGS)}) f join enrolled e on e.line_id = f.line_id
     left join standing s on s.line_id = f.line_id
     anti join planned_mark m on m.line_id = f.line_id and m.partition_id = f.partition_id
       and m.n = f.n
     where f.outage and f.until_ms >= $since and f.start_ms >= e.enrolled_ms
     order by f.start_ms desc limit $rows`,
    asked,
  );
  const episodes = await selectRows<Found>(
    connection,
    `${clause}, ${ENROLLED}, ${standing}
     select ${columns}, f.since_ms as "startMs", f.at_ms as "detectedMs", f.end_ms as "endMs",
       f.interruptions as count
     from (${episodeFacts(QUERY_SETTINGS)}) f join enrolled e on e.line_id = f.line_id
     left join standing s on s.line_id = f.line_id
     where coalesce(f.end_ms, $since) >= $since and f.since_ms >= e.enrolled_ms
     order by f.at_ms desc limit $rows`,
    asked,
  );
  return [
    ...faultsOf(outages, nowMs),
    ...episodes.map((episode) => Object.assign(episode, { kind: 'flap' as const })),
  ];
}

/** Joins the outages of each line; the end of a fault is known when 4 h have passed behind it. */
function faultsOf(outages: readonly Found[], nowMs: number): Trouble[] {
  const faults: Trouble[] = [];
  const last = new Map<string, number>();
  for (const outage of outages.toReversed()) {
    const at = last.get(outage.line);
    const before = at === undefined ? undefined : faults[at];
    const joined =
      before !== undefined && outage.startMs - (before.endMs ?? outage.startMs) <= FAULT_GAP_MS;
    if (joined) {
      faults[at!] = { ...before, endMs: outage.endMs, count: before.count + 1 };
    } else {
      last.set(outage.line, faults.push({ ...outage, kind: 'fault' }) - 1);
    }
  }
  for (const [i, fault] of faults.entries()) {
    const isOver = fault.endMs !== null && nowMs - fault.endMs > FAULT_GAP_MS;
    if (!isOver) faults[i] = { ...fault, endMs: null };
  }
  return faults;
}
