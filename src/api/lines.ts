// GET /lines/:line: one line's timeline.

import { lineTimeline } from '../store/timeline.js';
import { ApiError, LineParams, Timeline, TimelineQuery } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { noSuchLine } from './line-detail.js';
import { momentOf, periodOf } from './period.js';

/** Without `from`: seven days. */
const SPAN_MS = 7 * 86_400_000;

/** GET /lines/:line; the name percent-encoded, `/` as %2F. */
export function lineRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/lines/:line',
    {
      schema: {
        summary: 'The interruptions, episodes and unknown periods of one line',
        params: LineParams,
        querystring: TimelineQuery,
        response: { 200: Timeline, '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ params, query }) =>
      deps.read(async (connection) => {
        const moment = await momentOf(deps, connection, query.at);
        const period = periodOf(query, moment.readingMs, SPAN_MS);
        const { line } = params;
        const found = await lineTimeline(connection, moment, line, period, query.limit);
        if (found === null) throw noSuchLine(line);
        return { ...found, ...period, readingMs: moment.readingMs };
      }),
  );
}
