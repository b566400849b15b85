// The guard of planned works: an international circuit is hit by at most one a calendar month. New
// works are judged in the order of their starts, each against those recorded and those before it that
// may be. A work belongs to the month of its start; cancelled ones do not count.

import type { DuckDBConnection } from '@duckdb/node-api';
import { offsetAt, parseMoment } from '../config/zone.js';
import type { RecordRow } from '../records/values.js';
import { monthOf } from './local-time.js';
import { WINDOW_MARGIN_MS } from './planned.js';
import { holdsAt } from './record-views.js';
import { selectRows } from './sql.js';

/** A circuit that a work would hit a second time in a month. */
export interface SecondHit {
  readonly line: string;
  readonly customer: string | null;
  /** The works that hit it in that month. */
  readonly works: string;
}

/** What the guard says of a work. Times in epoch ms. */
export interface WorkVerdict {
  readonly work: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Calendar month of its start, such as 2007-01. */
  readonly month: string;
  readonly allowed: boolean;
  /** Why it is refused, '' when it is not. */
  readonly reason: string;
  /** Lines and international circuits that it touches. */
  readonly lines: number;
  readonly circuits: number;
  /** Circuits that would be hit a second time: how many, and the first of them. */
  readonly secondHits: number;
  readonly hits: SecondHit[];
  /** Windows of the same length, weekday and time of day in the next months that hit none of them. */
  readonly freeWindows: { startMs: number; endMs: number }[];
}

const HITS_SHOWN = 100;
const FREE_WINDOWS = 3;
const MONTHS_AHEAD = 24;
const DAY_MS = 86_400_000;

interface Circuit {
  line: string;
  customer: string | null;
}

interface Proposed {
  readonly work: string;
  readonly startMs: number;
  readonly endMs: number;
  lines: number;
  readonly circuits: Circuit[];
}

/** Works of a circuit by `month line`. */
type Hits = Map<string, string[]>;

/** Judges works, rows of works.csv. Reads only. */
export async function checkWorks(
  connection: DuckDBConnection,
  rows: readonly RecordRow[],
  timeZone: string,
): Promise<WorkVerdict[]> {
  const works = await proposedWorks(connection, rows);
  const names = [...new Set(rows.map((row) => String(row['work'])))];
  const hits = await recordedHits(connection, works, names, timeZone);
  return works.map((work) => judge(work, hits, timeZone));
}

/** The works that are planned or running, with their circuits, by start. */
async function proposedWorks(
  connection: DuckDBConnection,
  rows: readonly RecordRow[],
): Promise<Proposed[]> {
  const open = rows.filter(({ status }) => status === 'planned' || status === 'running');
  const works = new Map<string, Proposed>();
  for (const { work, start_ms: start, end_ms: end } of open) {
    const times = { startMs: Number(start), endMs: Number(end), lines: 0, circuits: [] };
    works.set(String(work), { work: String(work), ...times });
  }
  if (open.length === 0) return [];
  const text = (column: string): string[] => open.map((row) => String(row[column]));
  const number = (column: string): number[] => open.map((row) => Number(row[column]));
  const found = await selectRows<Circuit & { work: string; international: boolean | null }>(
    connection,
    `with proposed as (select unnest($work::varchar[]) as work, unnest($kind::varchar[]) as kind,
         unnest($component::varchar[]) as component, unnest($start::bigint[]) as start_ms,
         unnest($end::bigint[]) as end_ms),
       touched as (
         select p.work, p.start_ms, c.line from proposed p
         join component_row c on c.kind = p.kind and c.component = p.component
           and c.valid_from_ms < p.end_ms + ${WINDOW_MARGIN_MS}
           and (c.valid_to_ms is null or c.valid_to_ms > p.start_ms - ${WINDOW_MARGIN_MS})
         union select work, start_ms, component from proposed where kind = 'line')
     select t.work, t.line, r.customer, r.international
     from touched t left join line_row r on r.line = t.line and ${holdsAt('r', 't.start_ms')}
     order by t.work, t.line`,
    {
      work: text('work'),
      kind: text('kind'),
      component: text('component'),
      start: number('start_ms'),
      end: number('end_ms'),
    },
  );
  for (const { work, line, customer, international } of found) {
    const proposed = works.get(work)!;
    proposed.lines++;
    if (international === true) proposed.circuits.push({ line, customer });
  }
  return [...works.values()].toSorted((a, b) => a.startMs - b.startMs);
}

/** Works on record of the circuits concerned, but those that are proposed anew. */
async function recordedHits(
  connection: DuckDBConnection,
  works: readonly Proposed[],
  names: readonly string[],
  timeZone: string,
): Promise<Hits> {
  const hits: Hits = new Map();
  const lines = [...new Set(works.flatMap(({ circuits }) => circuits.map(({ line }) => line)))];
  if (lines.length === 0) return hits;
  const found = await selectRows<{ month: string; line: string; work: string }>(
    connection,
    `select ${monthOf('start_ms', timeZone)} as month, line, work from work_line
     where line in (select unnest($lines::varchar[]))
       and work not in (select unnest($works::varchar[])) order by start_ms, work`,
    { lines, works: names },
  );
  for (const { month, line, work } of found) note(hits, month, line, work);
  return hits;
}

function note(hits: Hits, month: string, line: string, work: string): void {
  const works = hits.get(`${month} ${line}`);
  if (works) works.push(work);
  else hits.set(`${month} ${line}`, [work]);
}

function judge(proposed: Proposed, hits: Hits, timeZone: string): WorkVerdict {
  const { work, startMs, endMs, lines, circuits } = proposed;
  const month = localText(startMs, timeZone).slice(0, 7);
  const second = circuits.flatMap(({ line, customer }): SecondHit[] => {
    const works = hits.get(`${month} ${line}`);
    return works ? [{ line, customer, works: works.join(', ') }] : [];
  });
  const allowed = second.length === 0;
  if (allowed) for (const { line } of circuits) note(hits, month, line, work);
  const circuit =
    second.length === 1 ? '1 international circuit' : `${second.length} international circuits`;
  return {
    work,
    startMs,
    endMs,
    month,
    allowed,
    reason: allowed ? '' : `it would be the second planned work of ${circuit} in ${month}`,
    lines,
    circuits: circuits.length,
    secondHits: second.length,
    hits: second.slice(0, HITS_SHOWN),
    freeWindows: allowed ? [] : freeWindows(proposed, hits, timeZone),
  };
}

/** The first day of the same weekday, at the same time of day, of the next months without a hit. */
function freeWindows(
  { startMs, endMs, circuits }: Proposed,
  hits: Hits,
  timeZone: string,
): { startMs: number; endMs: number }[] {
  const local = localText(startMs, timeZone);
  const [year, month, day] = local.slice(0, 10).split('-').map(Number);
  const weekday = new Date(Date.UTC(year!, month! - 1, day)).getUTCDay();
  const windows: { startMs: number; endMs: number }[] = [];
  for (let ahead = 1; ahead <= MONTHS_AHEAD && windows.length < FREE_WINDOWS; ahead++) {
    const first = Date.UTC(year!, month! - 1 + ahead, 1);
    const name = new Date(first).toISOString().slice(0, 7);
    if (circuits.some(({ line }) => hits.has(`${name} ${line}`))) continue;
    const later = (weekday - new Date(first).getUTCDay() + 7) % 7;
    const date = new Date(first + later * DAY_MS).toISOString().slice(0, 10);
    const free = parseMoment(`${date}${local.slice(10)}`, timeZone, 'window');
    windows.push({ startMs: free, endMs: free + endMs - startMs });
  }
  return windows;
}

/** Local date and time of an instant: 2006-11-30T23:20:00.000. */
function localText(atMs: number, timeZone: string): string {
  return new Date(atMs + offsetAt(timeZone, atMs)).toISOString().slice(0, 23);
}
