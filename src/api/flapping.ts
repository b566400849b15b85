// GET /flapping: the lines flapping at the reading time.

import { flappingNow } from '../store/flapping.js';
import { ApiError, Flapping, FlappingQuery } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { filterOf } from './filters.js';
import { momentOf } from './period.js';

/** GET /flapping. */
export function flappingRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/flapping',
    {
      schema: {
        summary: 'Lines flapping now, most interruptions first',
        querystring: FlappingQuery,
        response: { 200: Flapping, '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ query }) =>
      deps.read(async (connection) => {
        const moment = await momentOf(deps, connection, query.at);
        const found = await flappingNow(connection, moment, filterOf(query), query.limit);
        return { readingMs: moment.readingMs, ...found };
      }),
  );
}
