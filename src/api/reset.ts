// POST /lines/:line/reset: an operator ends the open episodes of a line and has its starts forgotten.
// It is answered once it is committed with its effects.

import { operatorOnly } from './auth.js';
import { ApiError, LineParams, Reset, ResetBody } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';

/** POST /lines/:line/reset; the name percent-encoded, `/` as %2F. */
export function resetRoutes(server: ApiServer, deps: ApiDeps): void {
  server.post(
    '/lines/:line/reset',
    {
      schema: {
        summary: 'Reset a line: who and why stay with it',
        params: LineParams,
        body: ResetBody,
        response: { 200: Reset, '4xx': ApiError, '5xx': ApiError },
      },
      onRequest: operatorOnly(deps.tokens),
    },
    async ({ params: { line }, body: { by, why } }) => {
      const partitions = await deps.reset({ line, by, why });
      return { line, by, why, partitions };
    },
  );
}
