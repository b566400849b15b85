// GET /heat: interruption starts by group or line and five minutes. Groups come from the live model, or
// from the store where it does not reach; lines always from the store. Never columns of the future.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Static } from 'typebox';
import { FlaplineError } from '../config/errors.js';
import { BUCKET_MS, heatWindow, type HeatWindow } from '../store/coverage.js';
import type { HeatModel, HeatRow } from '../store/heat.js';
import { emptyCells, groupCells, hotLines, lineCells, lineCoverage } from '../store/heat-query.js';
import type { ReadAt } from '../store/queries.js';
import { ApiError, Heat, HeatQuery } from './contract.js';
import type { ApiDeps, ApiLimits, ApiServer } from './deps.js';
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

async function lineRows(
  connection: DuckDBConnection,
  read: ReadAt,
  model: HeatModel,
  readings: ReadonlyMap<number, number>,
  window: HeatWindow,
  query: Query,
  limit: number,
): Promise<{ rows: HeatRow[]; totalRows: number }> {
  const { total, rows: lines } = await hotLines(connection, read, window, query, limit);
  const ids = lines.map((line) => line.lineId);
  const cells = await lineCells(connection, read, window, ids);
  const { covers, lineGaps } = model;
  const coverage = await lineCoverage(connection, window, ids, covers, lineGaps, readings);
  const none = emptyCells(window.buckets);
  const rows = lines.map(({ lineId, line }): HeatRow => {
    const { starts, flapping } = cells.get(line) ?? none;
    return {
      name: line,
      lines: 1,
      starts,
      flapping,
      coverage: coverage.get(lineId) ?? none.starts,
    };
  });
  return { rows, totalRows: total };
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
          'with a start in the period or flapping in it, most starts first.',
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
      const model = deps.heat();
      const { by } = query;
      const head = { by, fromMs: window.fromMs, bucketMs: BUCKET_MS, buckets: window.buckets };
      if (by === 'line') {
        const found = await deps.read((connection) =>
          lineRows(connection, read, model, readings, window, query, limit),
        );
        return { ...head, ...found, readingMs };
      }
      const cells = model.holds(window)
        ? undefined
        : await deps.read((connection) => groupCells(connection, read, window, by, query));
      const rows = model.rows(by, query, window, readings, cells);
      return { ...head, rows: strongest(rows, limit), totalRows: rows.length, readingMs };
    },
  );
}
