// GET /interruptions/columns: the interruptions of a period as typed arrays, for what-if in the page.

import { Type } from 'typebox';
import { interruptionColumns } from '../store/interruption-columns.js';
import { ApiError, PeriodAtQuery } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import type { Exports } from './export.js';
import { momentOf, periodOf } from './period.js';

/** Without `from`: thirty days. */
const SPAN_MS = 30 * 86_400_000;

const LAYOUT = `Little-endian, every section at a multiple of 8: a header of eight u32 (magic \`FLC1\`,
rows, groups, names, long rows, name bytes, unsure groups, 0) and four f64 (from, to, reading time or
-1, begin of the lead); start f64[rows]; duration u32[rows] in ms, 4294967295: see the long rows;
count u32[groups], rows of each (line, partition); name u32[groups], index of its line's name; episodes
u32[groups], stored episodes of the primary detector found in the period; long row u32[long rows]; long
end f64[long rows], -1 = open; offset u32[names + 1] of each name in the UTF-8 bytes that follow. Rows of
a group are in the order of its log, those of the lead before \`from\` first: with them rules with windows
and quiet times up to a day find in the period what they would find from the first event on. Unsure
groups: their lead is longer than eight days.`;

/** GET /interruptions/columns. */
export function columnRoutes(server: ApiServer, deps: ApiDeps, exports: Exports): void {
  server.get(
    '/interruptions/columns',
    {
      schema: {
        summary: 'The interruptions of a period as typed arrays',
        description: LAYOUT,
        querystring: PeriodAtQuery,
        response: { 200: Type.Any(), '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ query }, reply) =>
      exports.answer(reply, () =>
        deps.read(async (connection) => {
          const moment = await momentOf(deps, connection, query.at);
          const period = periodOf(query, moment.readingMs, SPAN_MS);
          const { columnRowsMax } = exports.limits;
          const columns = await interruptionColumns(connection, moment, period, columnRowsMax);
          void reply.type('application/octet-stream');
          return columns;
        }, exports.limits.exportMsMax),
      ),
  );
}
