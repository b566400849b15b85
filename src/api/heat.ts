// GET /heat: interruption starts by group or line and five minutes. Groups come from the live model, or
// from the store where it does not reach; lines always from the store. Never columns of the future.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Static } from 'typebox';
import { FlaplineError } from '../config/errors.js';
import { BUCKET_MS, heatWindow, type HeatWindow } from '../store/coverage.js';
import type { HeatModel, HeatRow } from '../store/heat.js';
import {
  componentCells,
  emptyCells,
  groupCells,
  groupLines,
  hotComponents,
  hotLines,
  lineCells,
  lineCoverage,
} from '../store/heat-query.js';
import { type ViewFilter, tellsInterruptionsApart } from '../store/line-filter.js';
import type { ReadAt } from '../store/queries.js';
import { ApiError, Heat, HeatQuery } from './contract.js';
import type { ApiDeps, ApiLimits, ApiServer } from './deps.js';
import { filterOf } from './filters.js';
import { periodOf, readingMsOf } from './period.js';

type Query = Static<typeof HeatQuery>;

/** Without `from`: a day. */
const SPAN_MS = 86_400_000;

function windowOf(query: Query, readingMs: number | null, limits: ApiLimits): HeatWindow {
  const { fromMs, toMs } = periodOf(query, readingMs, SPAN_MS);
  const window = heatWindow(fromMs, readingMs === null ? toMs : Math.min(toMs, readingMs + 1));
  if (window.buckets <= limits.heatBucketsMax) return window;
  throw new FlaplineError(
    'BAD_REQUEST',
    `the period has ${window.buckets} columns of five minutes, at most ${limits.heatBucketsMax} ` +
      `are shown: ask for seven days or less`,
  );
}

function startsOf(row: HeatRow): number {
  return row.starts.reduce((sum, starts) => sum + starts, 0);
}

/** The rows with most starts, in their order by name. */
function strongest(rows: readonly HeatRow[], limit: number): HeatRow[] {
  if (rows.length <= limit) return [...rows];
  const chosen = new Set(rows.toSorted((a, b) => startsOf(b) - startsOf(a)).slice(0, limit));
  return rows.filter((row) => chosen.has(row));
}

/** What the rows of one answer are made from. */
interface Question {
  readonly read: ReadAt;
  readonly model: HeatModel;
  readonly readings: ReadonlyMap<number, number>;
  readonly window: HeatWindow;
  readonly filter: ViewFilter;
  readonly limit: number;
}

interface Rows {
  readonly rows: HeatRow[];
  readonly totalRows: number;
}

async function lineRows(connection: DuckDBConnection, asked: Question): Promise<Rows> {
  const { read, model, readings, window, filter, limit } = asked;
  const { total, rows: lines } = await hotLines(connection, read, window, filter, limit);
  const ids = lines.map((line) => line.lineId);
  const cells = await lineCells(connection, read, window, filter, ids);
  const { covers, lineGaps } = model;
  const coverage = await lineCoverage(connection, window, ids, covers, lineGaps, readings);
  const none = emptyCells(window.buckets);
  const rows = lines.map(({ lineId, line }): HeatRow => {
    const { starts, flapping } = cells.get(line) ?? none;
    const known = coverage.get(lineId) ?? none.starts;
    return { name: line, lines: 1, starts, flapping, coverage: known };
  });
  return { rows, totalRows: total };
}

/** Components are known as all lines together are: which are on which partition is not looked up. */
async function componentRows(
  connection: DuckDBConnection,
  asked: Question,
  kind: string,
): Promise<Rows> {
  const { read, model, readings, window, filter, limit } = asked;
  const { total, rows: hot } = await hotComponents(connection, read, window, kind, filter, limit);
  const names = hot.map(({ name }) => name);
  const cells = await componentCells(connection, read, window, kind, filter, names);
  const coverage = model.coverage(window, readings);
  const rows = hot.map(({ name, lines }): HeatRow => {
    const { starts, flapping } = cells.get(name) ?? emptyCells(window.buckets);
    return { name, lines, starts, flapping, coverage };
  });
  return { rows, totalRows: total };
}

/** Whether the live model, which knows branch and product, can answer. */
function isPlain(filter: ViewFilter): boolean {
  const { customer, key, component } = filter;
  return (
    customer === undefined &&
    key === undefined &&
    component === undefined &&
    !tellsInterruptionsApart(filter)
  );
}

async function groupRows(deps: ApiDeps, asked: Question, by: 'branch' | 'product'): Promise<Rows> {
  const { read, model, readings, window, filter, limit } = asked;
  if (isPlain(filter) && model.holds(window)) {
    const rows = model.rows(by, filter, window, readings);
    return { rows: strongest(rows, limit), totalRows: rows.length };
  }
  return deps.read(async (connection) => {
    const cells = await groupCells(connection, read, window, by, filter);
    const lines = isPlain(filter) ? undefined : await groupLines(connection, by, filter);
    const rows = model.rows(by, filter, window, readings, cells, lines);
    return { rows: strongest(rows, limit), totalRows: rows.length };
  });
}

function rowsOf(deps: ApiDeps, asked: Question, query: Query): Promise<Rows> {
  const { by, rows: kind } = query;
  if (by === 'line') return deps.read((connection) => lineRows(connection, asked));
  if (by !== 'component') return groupRows(deps, asked, by);
  if (kind !== undefined) {
    return deps.read((connection) => componentRows(connection, asked, kind));
  }
  const text = 'querystring "rows": by=component needs the kind of the rows: rows=node';
  throw new FlaplineError('BAD_REQUEST', text);
}

/** GET /heat. */
export function heatRoutes(server: ApiServer, deps: ApiDeps, limits: ApiLimits): void {
  server.get(
    '/heat',
    {
      // A map is some 100,000 numbers: the schema's own serializer takes several times as long.
      serializerCompiler: () => (body) => JSON.stringify(body),
      schema: {
        summary: 'Interruption starts, lines flapping and coverage by five minutes',
        description:
          'Rows by branch or product are by name, all of them with lines; rows by line are those ' +
          'with a start in the period or flapping in it, most starts first; rows by component those ' +
          'with most starts a line, with the coverage of all lines.',
        querystring: HeatQuery,
        response: { 200: Heat, '4xx': ApiError, '5xx': ApiError },
      },
    },
    async ({ query }) => {
      const readings = deps.reading();
      const readingMs = readingMsOf(readings);
      const window = windowOf(query, readingMs, limits);
      const read: ReadAt = { at: readings };
      const most = Math.floor(limits.heatCellsMax / Math.max(1, window.buckets));
      const limit = Math.max(1, Math.min(query.limit, most));
      const filter = filterOf(query);
      const asked = { read, model: deps.heat(), readings, window, filter, limit };
      const found = await rowsOf(deps, asked, query);
      const { fromMs, buckets } = window;
      return { by: query.by, fromMs, bucketMs: BUCKET_MS, buckets, ...found, readingMs };
    },
  );
}
