// Repairs of components, and what came back: a component counts as repaired when the last of the tickets
// that name it is closed, or when the interruptions of a cause that an operator confirmed have ended. A
// cause that names it again within 30 days reopens it.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { NamedComponent } from '../cause/finding.js';
import { NAMED_TICKETS } from './cause-tickets.js';
import { causeFacts } from './cause-views.js';
import { interruptionFacts } from './facts.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { selectRows } from './sql.js';

/** A repaired line or component is watched for so long (SPEC section 7). */
export const WATCH_MS = 30 * 86_400_000;
/** Tickets of a component closed within so long of one another tell of one repair. */
const ONE_REPAIR_MS = 86_400_000;

/**
 * CTE `repaired`: (kind, component, repaired_ms, proof), proof = the tickets, or the cause that was
 * confirmed; one row a repair.
 */
export const REPAIRED = `${NAMED_TICKETS},
  closed as (
    select *, coalesce(closed_ms - lag(closed_ms) over (partition by kind, component
      order by closed_ms, ticket) > ${ONE_REPAIR_MS}, true) as is_next
    from named where closed_ms is not null),
  numbered as (
    select *, sum(is_next::integer) over (partition by kind, component order by closed_ms, ticket
      rows unbounded preceding) as repair_n from closed),
  confirmed as (
    select v.kind, v.component, v.cause, min(m.start_ms) as from_ms, max(m.start_ms) as to_ms
    from feedback_row v join cause_member m on m.cause = v.cause
    where v.verdict = 'confirmed' and v.withdrawn_ms is null group by v.kind, v.component, v.cause),
  ended as (
    select v.kind, v.component, v.cause, max(i.end_ms) as repaired_ms
    from confirmed v join cause_member m on m.cause = v.cause
    join (${interruptionFacts(QUERY_SETTINGS)}) i on i.line_id = m.line_id and i.start_ms = m.start_ms
    where i.start_ms >= (select min(from_ms) from confirmed)
      and i.start_ms <= (select max(to_ms) from confirmed)
    group by v.kind, v.component, v.cause having count(*) = count(i.end_ms)),
  repaired as (
    select kind, component, max(closed_ms) as repaired_ms,
      'ticket ' || string_agg(ticket, ', ' order by closed_ms, ticket) as proof
    from numbered group by kind, component, repair_n
    union all select kind, component, repaired_ms, 'cause ' || cause from ended)`;

/** CTE `again`: causes for the record that name a repaired component while it is watched. */
export const AGAIN = `again as (
    select r.kind, r.component, r.repaired_ms, r.proof, f.cause, f.at_ms, f.lines
    from repaired r join cause_component p
      on p.role = 'same' and p.kind = r.kind and p.component = r.component
    join (${causeFacts(QUERY_SETTINGS)}) f on f.cause = p.cause
      and f.at_ms > r.repaired_ms and f.at_ms < r.repaired_ms + ${WATCH_MS})`;

/** A repair that a cause reopens. Times in ms. */
export interface Reopened extends NamedComponent {
  kind: string;
  name: string;
  repairedMs: number;
  /** The tickets, or the cause that was confirmed. */
  proof: string;
}

/** The repairs that a cause of these components reopens, the last first. */
export async function reopenedBy(
  connection: DuckDBConnection,
  read: ReadAt,
  components: readonly NamedComponent[],
  atMs: number,
): Promise<Reopened[]> {
  const { clause, parameters } = readingClause(read.at);
  return selectRows<Reopened>(
    connection,
    `${clause}, ${REPAIRED}
     select r.kind, r.component as name, r.repaired_ms as "repairedMs", r.proof from repaired r
     join (select unnest(from_json($of::json, '[{"kind":"VARCHAR","name":"VARCHAR"}]'),
       max_depth := 2)) c on c.kind = r.kind and c.name = r.component
     where r.repaired_ms < $at and r.repaired_ms > $at - ${WATCH_MS}
     order by r.repaired_ms desc, r.kind, r.component`,
    { ...parameters, of: JSON.stringify(components), at: atMs },
  );
}
