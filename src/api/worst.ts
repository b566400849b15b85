// GET /worst: the worst lines of a period.

import { atOneMoment } from '../store/sql.js';
import { worstLines } from '../store/worst.js';
import { ApiError, PeriodQuery, Worst } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { filterOf } from './filters.js';
import { momentOf, periodOf } from './period.js';

/** Without `from`: thirty days. */
const SPAN_MS = 30 * 86_400_000;

/** GET /worst. */
export function worstRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/worst',
    {
      schema: {
        summary: 'Lines with most interruption starts in a period',
        description:
          'Interruptions count by their start in [from, to); down time is clipped to the period.',
        querystring: PeriodQuery,
        response: { 200: Worst, '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ query }) =>
      deps.read(async (connection) => {
        const moment = await momentOf(deps, connection, query.at);
        const period = periodOf(query, moment.readingMs, SPAN_MS);
        const filter = filterOf(query);
        const { memory } = deps;
        const asking = { read: moment, period, filter, limit: query.limit, memory };
        const found = await atOneMoment(connection, () => worstLines(connection, asking));
        return { ...period, readingMs: moment.readingMs, ...found };
      }),
  );
}
