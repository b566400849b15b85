// The faults and flapping of enrolled customers' lines as committed rows tell them, and the tickets whose
// repair did not hold. Outages that start in the window of a planned work are no faults here: the works
// are notified beforehand. What is shelved is told with its time: whether it waits is the notifier's.

import type { DuckDBConnection } from '@duckdb/node-api';
import { episodeFacts, interruptionFacts, lineFacts } from '../store/facts.js';
import { QUERY_SETTINGS, type ReadAt } from '../store/queries.js';
import { readingClause } from '../store/reading.js';
import { SHELVED } from '../store/shelves.js';
import { selectRows } from '../store/sql.js';
import type { Trouble } from './notice.js';

/** Outages with gaps up to this are one fault (SPEC section 2). */
const FAULT_GAP_MS = 4 * 3_600_000;
/** What ended longer ago is not looked at. */
const LOOK_BACK_MS = 7 * 86_400_000;
/** After a ticket closes its line is watched for so long (SPEC section 7). */
const WATCH_MS = 30 * 86_400_000;
/** Outages that began longer ago reopen no ticket any more: they are history, not news. */
const REOPENS_MS = 86_400_000;
/** Outages, episodes and tickets that are looked at in one pass; the newest. */
const ROWS_MAX = 100_000;

const ENROLLED = `enrolled as (
    select l.line_id, l.line, r.customer, r.branch, r.product, c.enrolled_ms
    from customer_row c join line_record r on r.customer = c.customer
    join line l on l.line = r.line
    where c.valid_to_ms is null and c.enrolled_ms is not null)`;

/** Lines as they stand, and until when they and their alarms are or were shelved. */
const STANDING = `standing as (select line_id, bool_or(down) as down
      from (${lineFacts(QUERY_SETTINGS)}) group by line_id),
    shelved as (${SHELVED})`;

type Found = Omit<Trouble, 'kind'>;

const COLUMNS = `e.line, e.customer, e.branch, e.product, coalesce(s.down, false) as down`;
const NO_TICKET = 'null as ticket, null as cause';
const OF_LINE = `left join standing s on s.line_id = e.line_id
    left join shelved w on w.line = e.line and w.alarm is null`;
const UNPLANNED = `anti join planned_mark m on m.line_id = f.line_id
    and m.partition_id = f.partition_id and m.n = f.n`;
/** Since when an outage is one. */
const DETECTED = `f.start_ms + ${60_000} + f.correction_ms`;

const OUTAGES = `select ${COLUMNS}, f.start_ms as "startMs", f.end_ms as "endMs", 1 as count,
    ${DETECTED} as "detectedMs", greatest(w.until_ms, x.until_ms) as "shelvedMs",
    ${NO_TICKET}
  from (${interruptionFacts(QUERY_SETTINGS)}) f join enrolled e on e.line_id = f.line_id ${OF_LINE}
  left join alarm a on a.alarm_id = f.alarm_id
  left join shelved x on x.line = e.line and x.alarm = a.alarm ${UNPLANNED}
  where f.outage and f.until_ms >= $since and f.start_ms >= e.enrolled_ms
  order by f.start_ms desc limit $rows`;

const EPISODES = `select ${COLUMNS}, f.since_ms as "startMs", f.at_ms as "detectedMs",
    f.end_ms as "endMs", f.interruptions as count, w.until_ms as "shelvedMs",
    ${NO_TICKET}
  from (${episodeFacts(QUERY_SETTINGS)}) f join enrolled e on e.line_id = f.line_id ${OF_LINE}
  where coalesce(f.end_ms, $since) >= $since and f.since_ms >= e.enrolled_ms
  order by f.at_ms desc limit $rows`;

/**
 * Tickets closed in the last 30 days with an outage since that is not known to have another cause, by
 * the newest such outage of the last day.
 */
const REOPENED = `select ${COLUMNS}, e.ticket, e.closed_ms as "startMs", null as "endMs",
    ${DETECTED} as "detectedMs", if(k.cause = e.cause, k.cause, null) as cause, 1 as count,
    w.until_ms as "shelvedMs"
  from (select t.ticket, t.cause, t.closed_ms, l.line_id, l.line,
      coalesce(r.customer, '') as customer, r.branch, r.product
    from ticket_row t join line l on l.line = t.line left join line_record r on r.line = t.line
    where t.valid_to_ms is null and t.kind = 'report'
      and t.closed_ms > $now - ${WATCH_MS} and t.closed_ms <= $now) e
  join (${interruptionFacts(QUERY_SETTINGS)}) f on f.line_id = e.line_id ${OF_LINE}
  left join cause k on k.cause_id = f.cause_id ${UNPLANNED}
  where f.outage and f.start_ms > e.closed_ms and f.start_ms >= $now - ${REOPENS_MS}
    and coalesce(k.cause = e.cause, true)
  qualify row_number() over (partition by e.line_id, e.closed_ms order by f.start_ms desc, e.ticket) = 1
  order by f.start_ms desc limit $rows`;

/**
 * Troubles that go on at nowMs or ended in the last week, of lines enrolled before they began, and the
 * tickets of any line that reopened in the last day.
 */
export async function troublesNow(
  connection: DuckDBConnection,
  read: ReadAt,
  nowMs: number,
): Promise<Trouble[]> {
  const { clause, parameters } = readingClause(read.at);
  const asked = { since: nowMs - LOOK_BACK_MS, now: nowMs, rows: ROWS_MAX };
  const select = (text: string): Promise<Found[]> =>
    selectRows<Found>(connection, text, { ...parameters, ...asked });
  const outages = await select(`${clause}, ${ENROLLED}, ${STANDING} ${OUTAGES}`);
  const episodes = await select(`${clause}, ${ENROLLED}, ${STANDING} ${EPISODES}`);
  const reopened = await select(`${clause}, ${STANDING} ${REOPENED}`);
  return [
    ...faultsOf(outages, nowMs),
    ...episodes.map((one) => Object.assign(one, { kind: 'flap' as const })),
    ...reopened.map((one) => Object.assign(one, { kind: 'reopened' as const })),
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
      const shelvedMs = earlier(before.shelvedMs, outage.shelvedMs);
      faults[at!] = { ...before, endMs: outage.endMs, count: before.count + 1, shelvedMs };
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

/** A fault is shelved as long as all its outages are. */
function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.min(a, b);
}
