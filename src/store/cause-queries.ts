// Causes as they are asked for: those of a period that are for the record, and the lines of one with how
// they are now. A cause is closed once the interruptions that it explains have ended.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { CauseFinding, NamedComponent } from '../cause/finding.js';
import { causeFacts } from './cause-views.js';
import { interruptionFacts } from './facts.js';
import {
  GROUP_CONDITION,
  type GroupFilter,
  QUERY_SETTINGS,
  type ReadAt,
  groupParameters,
} from './queries.js';
import type { Period } from './period-parts.js';
import { readingClause } from './reading.js';
import { type SqlParameters, selectRows, splitTotal } from './sql.js';

/** A burst is cut long before: starts of a cause's lines lie so near to it, ms. */
const NEAR_MS = 3_600_000;

/** How the interruptions of a cause's lines are at the reading time. */
export interface CauseNow {
  /** Lines whose interruption goes on. */
  readonly linesDown: number;
  /** When the last one ended, null while one goes on. */
  readonly closedMs: number | null;
}

/** A cause for the record. */
export type StoredCause = CauseFinding & CauseNow;

/** A line of a cause. Times in ms. */
export interface CauseLine {
  line: string;
  start: number;
  /** Null while the interruption goes on. */
  end: number | null;
  branch: string | null;
  customer: string | null;
  keyCustomer: boolean | null;
}

/** Which causes. */
export interface CauseQuestion {
  readonly period: Period;
  /** Only this one. */
  readonly id?: string;
  /** Those of whose components one is of this kind. */
  readonly kind?: string;
  /** Those that explain an interruption of this line. */
  readonly line?: string;
  /** Those with a line of the group. */
  readonly filter: GroupFilter;
  readonly limit: number;
}

/** `ends`, of the causes `picked`: lines down, and when the last interruption ended. */
export const CAUSE_ENDS = `ends as (
    select m.cause, count(*) filter (i.end_ms is null) as down, max(i.end_ms) as closed_ms
    from cause_member m join picked p on p.cause = m.cause
    join (select * from (${interruptionFacts(QUERY_SETTINGS)})
      where start_ms >= $near_from and start_ms < $near_to) i
      on i.line_id = m.line_id and i.start_ms = m.start_ms group by m.cause)`;

/** What CAUSE_ENDS needs. */
export function nearParameters({ fromMs, toMs }: Period): SqlParameters {
  const toMax = Number.MAX_SAFE_INTEGER;
  return { near_from: fromMs - NEAR_MS, near_to: Math.min(toMax, toMs + NEAR_MS) };
}

interface Row {
  id: string;
  at: number;
  until: number;
  lines: number;
  members: number;
  expected: number;
  score: number;
  share: number;
  confidence: number;
  parts: string | null;
  linesDown: number;
  closedMs: number | null;
}

interface Part extends NamedComponent {
  readonly role: 'same' | 'within' | 'next' | 'work';
  readonly odds: number | null;
}

/** True of a cause `f` that has a line of the group asked for. */
export const CAUSE_OF_GROUP = `(($branch is null and $product is null and $customer is null)
    or exists (select 1 from cause_member m join line l on l.line_id = m.line_id
      left join line_record r on r.line = l.line where m.cause = f.cause and ${GROUP_CONDITION}))`;

/** Causes that begin in the period, the newest first, and how many there are. */
export async function causesIn(
  connection: DuckDBConnection,
  read: ReadAt,
  { period, id, kind, line, filter, limit }: CauseQuestion,
): Promise<{ total: number; causes: StoredCause[] }> {
  const { clause, parameters } = readingClause(read.at);
  const rows = await selectRows<Row & { total: number }>(
    connection,
    `${clause},
     picked as (select f.*, count(*) over () as total from (${causeFacts(QUERY_SETTINGS)}) f
       where f.at_ms >= $from and f.at_ms < $to and ($id is null or f.cause = $id)
         and ($kind is null or exists (select 1 from cause_component p
           where p.cause = f.cause and p.role in ('same', 'work') and p.kind = $kind))
         and ($line is null or exists (select 1 from cause_member m
           join line l on l.line_id = m.line_id where m.cause = f.cause and l.line = $line))
         and ${CAUSE_OF_GROUP}
       order by f.at_ms desc, f.cause limit $limit),
     ${CAUSE_ENDS},
     parts as (select c.cause, to_json(list({'role': c.role, 'kind': c.kind, 'name': c.component,
         'odds': c.odds} order by c.role, c.place))::varchar as parts
       from cause_component c join picked p on p.cause = c.cause group by c.cause)
     select f.cause as id, f.at_ms as "at", f.until_ms as "until", f.lines, f.members, f.expected,
       f.score, f.share, f.confidence, p.parts, coalesce(e.down, 0) as "linesDown",
       if(e.down > 0, null, e.closed_ms) as "closedMs", f.total
     from picked f left join ends e on e.cause = f.cause left join parts p on p.cause = f.cause
     order by f.at_ms desc, f.cause`,
    {
      ...parameters,
      ...groupParameters(filter),
      id: id ?? null,
      kind: kind ?? null,
      line: line ?? null,
      from: period.fromMs,
      to: period.toMs,
      ...nearParameters(period),
      limit,
    },
  );
  const { total, rows: picked } = splitTotal(rows);
  return { total, causes: picked.map(causeOf) };
}

function causeOf({ parts: text, ...row }: Row): StoredCause {
  const parts = JSON.parse(text ?? '[]') as Part[];
  const of = (role: Part['role']): Part[] => parts.filter((part) => part.role === role);
  const named = ({ kind, name }: Part): NamedComponent => ({ kind, name });
  const within = of('within').map(named);
  return {
    ...row,
    kind: 'cause',
    components: within.length > 0 ? [{ kind: 'unknown', name: '' }] : of('same').map(named),
    works: of('work').map(({ name }) => name),
    runnersUp: of('next').map((part) => ({ components: [named(part)], odds: part.odds ?? 0 })),
    ...(within.length > 0 && { within }),
  };
}

/** Lines as pairs (line, start). */
type Pairs = readonly { readonly line: string; readonly start: number }[];

/** The lines of a stored cause, or those given, in the order of their starts. */
export async function causeLines(
  connection: DuckDBConnection,
  read: ReadAt,
  of: string | Pairs,
): Promise<CauseLine[]> {
  const { clause, parameters } = readingClause(read.at);
  const isStored = typeof of === 'string';
  const members = isStored
    ? 'select line_id, start_ms from cause_member where cause = $of'
    : `select l.line_id, m.start as start_ms from (select unnest(from_json($of::json,
         '[{"line":"VARCHAR","start":"BIGINT"}]'), max_depth := 2)) m join line l on l.line = m.line`;
  return selectRows<CauseLine>(
    connection,
    `${clause}, members as (${members}),
     ends as (select i.line_id, i.start_ms, if(bool_or(i.end_ms is null), null, max(i.end_ms)) as end_ms
       from (${interruptionFacts(QUERY_SETTINGS)}) i
       semi join members m on m.line_id = i.line_id and m.start_ms = i.start_ms
       where i.start_ms >= (select min(start_ms) from members)
         and i.start_ms <= (select max(start_ms) from members)
       group by i.line_id, i.start_ms)
     select l.line, m.start_ms as start, e.end_ms as "end", r.branch, r.customer,
       r.key_customer as "keyCustomer"
     from members m join line l on l.line_id = m.line_id
     left join ends e on e.line_id = m.line_id and e.start_ms = m.start_ms
     left join line_record r on r.line = l.line order by m.start_ms, l.line`,
    { ...parameters, of: isStored ? of : JSON.stringify(of) },
  );
}
