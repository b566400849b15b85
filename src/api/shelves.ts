// POST /lines/:line/shelve and /unshelve: an operator takes a line, or an alarm of it, off the notices for
// a time, or puts it back. By the wall clock, as notices are.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { durationWords } from '../config/rules.js';
import { addShelf, endShelves, shelvesOf } from '../store/shelves.js';
import { operatorOnly } from './auth.js';
import { ApiError, LineParams, ShelveBody, ShelvesOfLine, UnshelveBody } from './contract.js';
import type { ApiDeps, ApiLimits, ApiServer } from './deps.js';
import { changeLine } from './line-change.js';

/** POST /lines/:line/shelve, /lines/:line/unshelve; the name percent-encoded, `/` as %2F. */
export function shelfRoutes(
  server: ApiServer,
  deps: ApiDeps,
  { shelvedMsMax }: Pick<ApiLimits, 'shelvedMsMax'>,
): void {
  const onRequest = operatorOnly(deps.tokens);
  const response = { 200: ShelvesOfLine, '4xx': ApiError, '5xx': ApiError };
  const change = async (
    line: string,
    nowMs: number,
    statements: (connection: DuckDBConnection) => Promise<void>,
  ): Promise<ShelvesOfLine> => ({
    line,
    shelves: await changeLine(deps, line, statements, (connection) =>
      shelvesOf(connection, line, nowMs),
    ),
  });
  server.post(
    '/lines/:line/shelve',
    {
      schema: {
        summary: 'Shelve a line, or an alarm of it: no notices for a time, everything counts',
        params: LineParams,
        body: ShelveBody,
        response,
      },
      onRequest,
    },
    ({ params: { line }, body: { by, why, until, alarm = null } }) => {
      const shelved = Date.now();
      checkUntil(until, shelved, shelvedMsMax);
      const shelf = { line, alarm, by, why, shelved, until };
      return change(line, shelved, (connection) => addShelf(connection, shelf));
    },
  );
  server.post(
    '/lines/:line/unshelve',
    {
      schema: {
        summary: 'End what is shelved of a line, or of an alarm of it',
        params: LineParams,
        body: UnshelveBody,
        response,
      },
      onRequest,
    },
    ({ params: { line }, body: { by, alarm = null } }) => {
      const nowMs = Date.now();
      return change(line, nowMs, (to) => endShelves(to, line, alarm, { by, nowMs }));
    },
  );
}

/** Throws BAD_REQUEST. */
function checkUntil(untilMs: number, nowMs: number, shelvedMsMax: number): void {
  if (untilMs > nowMs && untilMs <= nowMs + shelvedMsMax) return;
  const text = `body "until": has to lie ahead, by ${durationWords(shelvedMsMax)} at most (shelveMax)`;
  throw new FlaplineError('BAD_REQUEST', text);
}
