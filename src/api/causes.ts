// GET /causes: root causes of a period and those that may still change; GET /causes/:id: one with its
// lines, its customers and a picture of it.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { causeLines, causesIn } from '../store/cause-queries.js';
import {
  CauseDetail,
  CauseDoubts,
  CauseParams,
  CauseQuery,
  CauseRecordQuery,
  Causes,
} from './cause-contract.js';
import { causeItem, detailOf, nowOf, storedDetail } from './cause-items.js';
import { ApiError } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { type Moment, momentOf, periodOf } from './period.js';

/** Without `from`: a day. */
const SPAN_MS = 86_400_000;
const NONE = { provisional: [], isWorking: false };

/** GET /causes and /causes/:id. */
export function causeRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/causes',
    {
      schema: {
        summary: 'Root causes that begin in a period, and those that may still change',
        description:
          'Without `from` a day. Provisional causes are those of now, whatever the period. With `line` only ' +
          'those that explain an interruption of it.',
        querystring: CauseQuery,
        response: { 200: Causes, '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ query }) =>
      deps.read(async (connection) => {
        const moment = await momentOf(deps, connection, query.at);
        const period = periodOf(query, moment.readingMs, SPAN_MS);
        const { branch, product, customer, kind, line, limit } = query;
        const filter = { branch, product, customer };
        const found = await causesIn(connection, moment, { period, kind, line, filter, limit });
        const { provisional, isWorking } = deps.causes?.causes() ?? NONE;
        const stored = new Set(found.causes.map(({ id }) => id));
        const open = provisional.filter(
          ({ item, members }) =>
            !stored.has(item.id) &&
            (line === undefined || members.some((member) => member.line === line)),
        );
        const items = await Promise.all(
          open.map(async ({ item, members }) => {
            return Object.assign(item, nowOf(await causeLines(connection, moment, members)));
          }),
        );
        return {
          ...period,
          readingMs: moment.readingMs,
          isWorking,
          total: found.total,
          provisional: items,
          causes: found.causes.map((cause) => causeItem(cause, 'final', cause)),
        };
      }),
  );
  server.get(
    '/causes/:id',
    {
      schema: {
        summary: 'One root cause with its lines, its customers and its lines by time',
        params: CauseParams,
        response: { 200: CauseDetail, '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ params }) =>
      deps.read(async (connection) => {
        const moment = await momentOf(deps, connection, undefined);
        return findDetail(deps, connection, moment, params.id);
      }),
  );
}

/** GET /cause-records. */
export function causeRecordRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/cause-records',
    {
      schema: {
        summary: 'Records of components in doubt, and how much of them is missing by node',
        querystring: CauseRecordQuery,
        response: { 200: CauseDoubts, '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ query: { limit } }) => {
      const found = deps.causes?.doubts() ?? { doubts: [], nodes: [] };
      return {
        total: found.doubts.length,
        doubts: found.doubts.slice(0, limit),
        nodes: found.nodes.slice(0, limit),
      };
    },
  );
}

/** A cause that may still change, else one for the record. Throws NOT_FOUND. */
export async function findDetail(
  deps: ApiDeps,
  connection: DuckDBConnection,
  moment: Moment,
  id: string,
): Promise<CauseDetail> {
  const live = deps.causes?.causes().provisional.find(({ item }) => item.id === id);
  if (live) {
    const lines = await causeLines(connection, moment, live.members);
    return detailOf(connection, moment, { ...live.item, ...nowOf(lines) }, lines);
  }
  const stored = await storedDetail(connection, moment, id);
  if (stored) return stored;
  throw noCause(id);
}

/** Why a cause is not to be had. */
function noCause(id: string): FlaplineError {
  return new FlaplineError(
    'NOT_FOUND',
    `there is no cause "${id}": one that may still change can give way to another`,
  );
}
