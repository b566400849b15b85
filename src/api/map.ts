// GET /map: all lines in the order of the network, for a map with a cell a line.

import { lineOrder } from '../store/line-order.js';
import { ApiError, FlappingQuery, LineMap } from './contract.js';
import type { ApiDeps, ApiLimits, ApiServer } from './deps.js';
import { filterOf } from './filters.js';

/** GET /map. */
export function mapRoutes(server: ApiServer, deps: ApiDeps, limits: ApiLimits): void {
  server.get(
    '/map',
    {
      // Some 50,000 names: the schema's own serializer takes several times as long.
      serializerCompiler: () => (body) => JSON.stringify(body),
      schema: {
        summary: 'All lines by branch, node and card',
        querystring: FlappingQuery,
        response: { 200: LineMap, '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ query }) =>
      deps.read((connection) => lineOrder(connection, filterOf(query), limits.mapLinesMax)),
  );
}
