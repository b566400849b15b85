// The heat map read from the store: for lines at any time, and for groups at times older than the
// live model holds. Statements read only the rows that touch the window.

import type { DuckDBConnection } from '@duckdb/node-api';
import { BUCKET_MS, addOverlap, bucketMs, knownMs, shares } from './coverage.js';
import type { HeatWindow, LineGap, PartitionCover } from './coverage.js';
import { episodeFacts } from './facts.js';
import {
  type InterruptionFilter,
  LINE_CONDITION,
  type LineFilter,
  type ViewFilter,
  filteredFacts,
  lineParameters,
} from './line-filter.js';
import { QUERY_SETTINGS, type ReadAt } from './queries.js';
import { readingClause } from './reading.js';
import { selectRows, splitTotal, type SqlParameters } from './sql.js';

/** Counts of one row, one a bucket. */
export interface HeatCells {
  readonly starts: number[];
  readonly flapping: number[];
}

/** Cells of nothing. */
export function emptyCells(buckets: number): HeatCells {
  return {
    starts: Array.from({ length: buckets }, () => 0),
    flapping: Array.from({ length: buckets }, () => 0),
  };
}

function windowParameters(window: HeatWindow): SqlParameters {
  return { from: window.fromMs, end: window.endMs };
}

/** Starts of the window, by line and bucket. */
function startsText(filter: InterruptionFilter): string {
  return `select line_id, (start_ms - $from) // ${BUCKET_MS} as bucket, count(*) as starts
    from (${filteredFacts(QUERY_SETTINGS, filter)})
    where start_ms >= $from and start_ms < $end group by all`;
}

/** Episodes that touch the window. */
function episodesText(): string {
  return `select line_id, at_ms, coalesce(end_ms, $end) as until_ms
    from (${episodeFacts(QUERY_SETTINGS)})
    where at_ms < $end and coalesce(end_ms, $end) > $from`;
}

/** A line by id and name. */
export interface HotLine {
  lineId: number;
  line: string;
}

/** The lines with a start in the window or flapping in it, most starts first. */
export async function hotLines(
  connection: DuckDBConnection,
  read: ReadAt,
  window: HeatWindow,
  filter: ViewFilter,
  limit: number,
): Promise<{ total: number; rows: HotLine[] }> {
  const { clause, parameters } = readingClause(read.at);
  const found = await selectRows<HotLine & { total: number }>(
    connection,
    `${clause}, hot as (
       select line_id, sum(starts) as starts from (
         select line_id, starts from (${startsText(filter)})
         union all select line_id, 0 from (${episodesText()}))
       group by line_id)
     select l.line_id as "lineId", l.line, count(*) over () as total
     from hot h join line l on l.line_id = h.line_id left join line_record r on r.line = l.line
     where ${LINE_CONDITION} order by h.starts desc, l.line limit $limit`,
    { ...parameters, ...lineParameters(filter), ...windowParameters(window), limit },
  );
  return splitTotal<HotLine>(found);
}

/** The cells of every branch or product that has any, by name ('' = the records name none). */
export function groupCells(
  connection: DuckDBConnection,
  read: ReadAt,
  window: HeatWindow,
  by: 'branch' | 'product',
  filter: ViewFilter,
): Promise<Map<string, HeatCells>> {
  const named = `select l.line_id, coalesce(r.${by}, '') as name
    from line l left join line_record r on r.line = l.line where ${LINE_CONDITION}`;
  return cellsOf(connection, read, window, filter, named, lineParameters(filter));
}

/** How many lines of a filter there are, seen or in the records, by branch or product. */
export async function groupLines(
  connection: DuckDBConnection,
  by: 'branch' | 'product',
  filter: LineFilter,
): Promise<Map<string, number>> {
  const rows = await selectRows<{ name: string; lines: number }>(
    connection,
    `select coalesce(r.${by}, '') as name, count(*) as lines
     from (select line from line union select line from line_record) l
     left join line_record r on r.line = l.line where ${LINE_CONDITION} group by all`,
    lineParameters(filter),
  );
  return new Map(rows.map(({ name, lines }) => [name, lines]));
}

/** A component and how many lines the records in force put on it. */
export interface HotComponent {
  name: string;
  lines: number;
}

/** The components of a kind whose lines had a start in the window, most starts a line first. */
export async function hotComponents(
  connection: DuckDBConnection,
  read: ReadAt,
  window: HeatWindow,
  kind: string,
  filter: ViewFilter,
  limit: number,
): Promise<{ total: number; rows: HotComponent[] }> {
  const { clause, parameters } = readingClause(read.at);
  const found = await selectRows<HotComponent & { total: number }>(
    connection,
    `${clause}, hot as (
       select line_id, sum(starts) as starts from (${startsText(filter)}) group by line_id),
     size as (select component, count(*) as lines from component_row
       where valid_to_ms is null and kind = $rows group by component)
     select k.component as name, any_value(s.lines) as lines, count(*) over () as total
     from hot h join line l on l.line_id = h.line_id left join line_record r on r.line = l.line
     join component_row k on k.line = l.line and k.valid_to_ms is null and k.kind = $rows
     join size s on s.component = k.component
     where ${LINE_CONDITION} group by k.component
     order by sum(h.starts) / any_value(s.lines) desc, k.component limit $limit`,
    {
      ...parameters,
      ...lineParameters(filter),
      ...windowParameters(window),
      rows: kind,
      limit,
    },
  );
  return splitTotal<HotComponent>(found);
}

/** The cells of the given components of a kind that have any, by name. */
export function componentCells(
  connection: DuckDBConnection,
  read: ReadAt,
  window: HeatWindow,
  kind: string,
  filter: ViewFilter,
  components: readonly string[],
): Promise<Map<string, HeatCells>> {
  const named = `select l.line_id, c.component as name from line l
    left join line_record r on r.line = l.line
    join component_row c on c.line = l.line and c.valid_to_ms is null and c.kind = $rows
      and c.component in (select unnest($components::varchar[]))
    where ${LINE_CONDITION}`;
  const bound = { ...lineParameters(filter), rows: kind, components };
  return cellsOf(connection, read, window, filter, named, bound);
}

/** The cells of the given lines that have any, by name. */
export function lineCells(
  connection: DuckDBConnection,
  read: ReadAt,
  window: HeatWindow,
  filter: InterruptionFilter,
  lineIds: readonly number[],
): Promise<Map<string, HeatCells>> {
  const named = `select line_id, line as name from line
    where line_id in (select unnest($lines::bigint[]))`;
  return cellsOf(connection, read, window, filter, named, { lines: lineIds });
}

/** The cells of the rows that `named`, a relation (line_id, name), makes of the lines. */
async function cellsOf(
  connection: DuckDBConnection,
  read: ReadAt,
  window: HeatWindow,
  filter: InterruptionFilter,
  named: string,
  namedParameters: SqlParameters,
): Promise<Map<string, HeatCells>> {
  const { clause, parameters } = readingClause(read.at);
  const bound = { ...parameters, ...windowParameters(window), ...namedParameters };
  const cells = new Map<string, HeatCells>();
  const rowOf = (name: string): HeatCells => {
    const known = cells.get(name) ?? emptyCells(window.buckets);
    cells.set(name, known);
    return known;
  };
  const starts = await selectRows<{ name: string; bucket: number; starts: number }>(
    connection,
    `${clause} select n.name, s.bucket, sum(s.starts)::bigint as starts
     from (${startsText(filter)}) s join (${named}) n on n.line_id = s.line_id group by all`,
    bound,
  );
  for (const row of starts) rowOf(row.name).starts[row.bucket] += row.starts;
  const episodes = await selectRows<{ name: string; line: number; at: number; until: number }>(
    connection,
    `${clause} select n.name, e.line_id as line, e.at_ms as "at", e.until_ms as until
     from (${episodesText()}) e join (${named}) n on n.line_id = e.line_id
     order by e.line_id, e.at_ms`,
    bound,
  );
  countFlapping(episodes, window, (name) => rowOf(name).flapping);
  return cells;
}

/** Counts each line once a bucket; episodes come ordered by line and begin. */
function countFlapping(
  episodes: readonly { name: string; line: number; at: number; until: number }[],
  window: HeatWindow,
  flappingOf: (name: string) => number[],
): void {
  let line = -1;
  let counted = -1;
  for (const episode of episodes) {
    if (episode.line !== line) counted = -1;
    line = episode.line;
    const first = Math.floor((episode.at - window.fromMs) / BUCKET_MS);
    const until = Math.min(episode.until, window.endMs);
    const last = Math.floor((until - 1 - window.fromMs) / BUCKET_MS);
    const flapping = flappingOf(episode.name);
    for (let b = Math.max(first, counted + 1, 0); b <= last; b += 1) flapping[b] += 1;
    counted = Math.max(counted, last);
  }
}

/** Coverage of single lines, by line id: as their partitions are known, but for their own gaps. */
export async function lineCoverage(
  connection: DuckDBConnection,
  window: HeatWindow,
  lineIds: readonly number[],
  covers: readonly PartitionCover[],
  lineGaps: readonly LineGap[],
  readings: ReadonlyMap<number, number>,
): Promise<Map<number, number[]>> {
  const whole = bucketMs(window);
  const partitions = new Map(
    covers.map((cover) => [
      cover.partitionId,
      knownMs(cover, readings.get(cover.partitionId), window),
    ]),
  );
  const held = await selectRows<{ lineId: number; partitionId: number }>(
    connection,
    `select line_id as "lineId", partition_id as "partitionId" from open_state
     where line_id in (select unnest($lines::bigint[]))`,
    { lines: lineIds },
  );
  const known = new Map(
    lineIds.map((id) => [id, { ms: new Float64Array(window.buckets), weight: 0 }]),
  );
  for (const { lineId, partitionId } of held) {
    const line = known.get(lineId);
    const partition = partitions.get(partitionId);
    if (line === undefined || partition === undefined) continue;
    for (let b = 0; b < window.buckets; b += 1) line.ms[b] += partition[b];
    line.weight += 1;
  }
  for (const gap of lineGaps) {
    const line = known.get(gap.lineId);
    if (line !== undefined) addOverlap(line.ms, window, gap.fromMs, gap.untilMs, -line.weight);
  }
  return new Map([...known].map(([id, { ms, weight }]) => [id, shares(ms, whole, weight)]));
}
