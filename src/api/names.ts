// GET /names: what the page's filters offer.

import { recordNames } from '../store/names.js';
import { ApiError, Names } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';

/** GET /names. */
export function nameRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/names',
    {
      schema: {
        summary: 'Branches, products, customers and kinds of components in the records',
        response: { 200: Names, '4xx': ApiError, '5xx': ApiError },
      },
    },
    () => deps.read(recordNames),
  );
}
