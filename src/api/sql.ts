// POST /sql: an operator's SELECT over the documented views, on a copy of the store that is at most a
// minute old, in a process of its own.

import { Type } from 'typebox';
import { SQL_LIMITS, askSql } from '../sql/sandbox.js';
import type { StoreCopies } from '../sql/copies.js';
import { sqlJsonOf } from '../sql/json.js';
import { operatorOnly } from './auth.js';
import { ApiError, SqlBody } from './contract.js';
import type { ApiDeps, ApiLimits, ApiServer } from './deps.js';
import { type Exports, exportHeaders, madeOf } from './export.js';

/** POST /sql. */
export function sqlRoutes(
  server: ApiServer,
  deps: ApiDeps,
  exports: Exports,
  copies: StoreCopies,
  limits: ApiLimits,
): void {
  server.post(
    '/sql',
    {
      schema: {
        summary: 'A SELECT over the documented views',
        description:
          'Reads a copy of the store that is at most a minute old, without `at` at `latest`, in a process without access to ' +
          'anything else. The header x-flapline-truncated says whether there were more rows.',
        body: SqlBody,
        response: { 200: Type.Any(), '4xx': ApiError, '5xx': ApiError },
      },
      bodyLimit: limits.sqlBytesMax,
      onRequest: operatorOnly(deps.tokens),
    },
    ({ body }, reply) =>
      exports.answer(reply, () =>
        copies.use(async (file) => {
          const asked = { ...SQL_LIMITS, rowsMax: Math.min(body.limit, limits.exportRowsMax) };
          const { timeZone } = deps.status();
          const at = typeof body.at === 'number' ? body.at : null;
          const answer = await askSql(file, body.sql, asked, timeZone, at);
          const made = await madeOf(reply, answer, body, sqlJsonOf);
          exportHeaders(reply, 'sql', body.format);
          void reply.header('x-flapline-truncated', String(answer.truncated()));
          return made;
        }),
      ),
  );
}
