// What the operator's records say of one line: its own record, tickets, planned works, and the components
// it lies on with the other lines there. Every list is bounded.

import type { DuckDBConnection } from '@duckdb/node-api';
import { RECORD_KINDS } from '../config/record-kinds.js';
import { interruptionFacts, lineFacts } from './facts.js';
import type { Period } from './period-parts.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { type Cell, selectRows } from './sql.js';

/** Tickets and works of a line that are told, the newest of them. */
const RECORDS_MAX = 200;
/** Other lines of a component that are named, the worst of them. */
const NEIGHBOURS_MAX = 10;

/** A ticket of the line, epoch milliseconds. */
export interface LineTicket {
  ticket: string;
  kind: string;
  opened: number;
  closed: number | null;
  valid: boolean | null;
  cause: string | null;
}

/** A planned work that touches the line; `interruptions` start in its window. */
export interface LineWork {
  work: string;
  status: string;
  start: number;
  end: number;
  notifiedCustomer: number | null;
  interruptions: number;
}

/** Another line of a component. */
export interface Neighbour {
  line: string;
  interruptions: number;
  down: boolean;
  flapping: boolean;
}

/** A component of the line, with what its lines did in the period. */
export interface LineComponent {
  kind: string;
  component: string;
  since: number | null;
  /** Its lines, this one among them. */
  lines: number;
  interrupted: number;
  down: number;
  flapping: number;
  neighbours: Neighbour[];
}

/** The record in force of a line, columns by name; null when there is none. */
export async function recordOf(
  connection: DuckDBConnection,
  line: string,
): Promise<Record<string, Cell> | null> {
  const columns = RECORD_KINDS.lines.columns.map(({ stored }) => stored).join(', ');
  const rows = await selectRows<Record<string, Cell>>(
    connection,
    `select ${columns} from line_record where line = $line`,
    { line },
  );
  return rows[0] ?? null;
}

/** The newest tickets of a line. */
export function ticketsOf(connection: DuckDBConnection, line: string): Promise<LineTicket[]> {
  return selectRows<LineTicket>(
    connection,
    `select ticket, kind, opened_ms as opened, closed_ms as closed, valid, cause
     from ticket_row where line = $line and valid_to_ms is null
     order by opened_ms desc, ticket limit ${RECORDS_MAX}`,
    { line },
  );
}

/** The newest works that touch a line, those ahead too. */
export function worksOf(connection: DuckDBConnection, line: string): Promise<LineWork[]> {
  return selectRows<LineWork>(
    connection,
    `with marks as (select m.start_ms from planned_mark m join line l on l.line_id = m.line_id
       where l.line = $line)
     select k.work, any_value(w.status) as status, min(w.start_ms) as start,
       max(w.end_ms) as "end", min(w.notified_customer_ms) as "notifiedCustomer",
       (select count(*) from marks m where m.start_ms >= min(k.from_ms)
         and m.start_ms < max(k.until_ms)) as interruptions
     from work_line k join work_row w on w.work = k.work and w.valid_to_ms is null
     where k.line = $line group by k.work
     order by start desc, k.work limit ${RECORDS_MAX}`,
    { line },
  );
}

type Row = Omit<LineComponent, 'neighbours'> & {
  neighbour: string | null;
  neighbourInterruptions: number;
  neighbourDown: boolean;
  neighbourFlapping: boolean;
};

/** From the card to the area: what a line lies on, the nearest first. */
const ORDER = `list_position(['port', 'card', 'cable', 'trunk', 'node', 'power', 'area'], c.kind)`;

/**
 * The components of a line with their other lines, those with most interruptions in the period first.
 */
export async function componentsOf(
  connection: DuckDBConnection,
  read: ReadAt,
  line: string,
  { fromMs, toMs }: Period,
): Promise<LineComponent[]> {
  const { clause, parameters } = readingClause(read.at);
  const rows = await selectRows<Row>(
    connection,
    `${clause},
     mine as (select kind, component, nullif(valid_from_ms, 0) as since from component_row
       where line = $line and valid_to_ms is null),
     members as (select m.kind, m.component, m.since, c.line, l.line_id from mine m
       join component_row c on c.kind = m.kind and c.component = m.component
         and c.valid_to_ms is null
       left join line l on l.line = c.line),
     among as (select distinct line_id from members where line_id is not null),
     counted as (select line_id, count(*) as n from (${interruptionFacts(QUERY_SETTINGS)})
       where start_ms >= $from and start_ms < $to and line_id in (from among) group by line_id),
     standing as (select line_id, bool_or(down) as down, bool_or(flapping) as flapping
       from (${lineFacts(QUERY_SETTINGS)}) where line_id in (from among) group by line_id),
     told as (select m.*, coalesce(n.n, 0) as n, coalesce(s.down, false) as down,
         coalesce(s.flapping, false) as flapping
       from members m left join counted n on n.line_id = m.line_id
       left join standing s on s.line_id = m.line_id),
     c as (select kind, component, any_value(since) as since, count(*) as lines,
         count(*) filter (n > 0) as interrupted, count(*) filter (down) as down,
         count(*) filter (flapping) as flapping from told group by kind, component),
     others as (select *, row_number() over (partition by kind, component
         order by n desc, down desc, line) as place
       from told where line <> $line)
     select c.kind, c.component, c.since, c.lines, c.interrupted, c.down, c.flapping,
       o.line as neighbour, coalesce(o.n, 0) as "neighbourInterruptions",
       coalesce(o.down, false) as "neighbourDown",
       coalesce(o.flapping, false) as "neighbourFlapping"
     from c left join others o on o.kind = c.kind and o.component = c.component
       and o.place <= ${NEIGHBOURS_MAX}
     order by ${ORDER} nulls last, c.kind, c.component, o.place`,
    { ...parameters, line, from: fromMs, to: toMs },
  );
  const found: LineComponent[] = [];
  for (const row of rows) {
    const last = found.at(-1);
    const isNew = last?.kind !== row.kind || last.component !== row.component;
    const { kind, component, since, lines, interrupted, down, flapping } = row;
    if (isNew) {
      found.push({ kind, component, since, lines, interrupted, down, flapping, neighbours: [] });
    }
    if (row.neighbour === null) continue;
    found.at(-1)!.neighbours.push({
      line: row.neighbour,
      interruptions: row.neighbourInterruptions,
      down: row.neighbourDown,
      flapping: row.neighbourFlapping,
    });
  }
  return found;
}
