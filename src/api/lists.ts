// GET /lists/NAME: the lists people take away, as JSON, CSV or XLSX.

import { Type } from 'typebox';
import { FlaplineError } from '../config/errors.js';
import { LISTS } from '../lists/all.js';
import { type List, askList, listOf } from '../lists/list.js';
import { jsonOf } from '../lists/text.js';
import { atOneMoment } from '../store/sql.js';
import type { WorstBy } from '../store/worst.js';
import { ApiError, ListParams, ListQuery } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { type Exports, exportHeaders, madeOf } from './export.js';
import { filterOf } from './filters.js';
import { momentOf, periodOf } from './period.js';
import type { ViewFilter } from '../store/line-filter.js';
import type { Static } from 'typebox';

/** Without `from`: thirty days. */
const SPAN_MS = 30 * 86_400_000;

/** GET /lists/:list. */
export function listRoutes(server: ApiServer, deps: ApiDeps, exports: Exports): void {
  const { limits } = exports;
  server.get(
    '/lists/:list',
    {
      schema: {
        summary: 'A list as JSON, CSV or XLSX',
        description: describe(),
        params: ListParams,
        querystring: ListQuery,
        response: { 200: Type.Any(), '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ params, query }, reply) => {
      const list = listOf(LISTS, params.list);
      const by = groupOf(list, query.by);
      return exports.answer(reply, () =>
        deps.read(async (connection) => {
          const moment = await momentOf(deps, connection, query.at);
          const period = periodOf(query, moment.readingMs, SPAN_MS);
          const filter = filterFor(list, query);
          const limit = Math.min(query.limit, limits.exportRowsMax);
          const zone = deps.status().timeZone;
          const { readingMs } = moment;
          const { keyWeight } = query;
          const asked = { read: moment, readingMs, period, filter, by, limit, keyWeight, zone };
          const question = { ...asked, memory: deps.memory };
          const made = await atOneMoment(connection, async () =>
            madeOf(reply, await askList(connection, list, question), query, jsonOf),
          );
          exportHeaders(reply, list.name, query.format);
          return made;
        }, limits.exportMsMax),
      );
    },
  );
}

/** Filters that one list knows, the worst lines', as the page shows them. */
const OF_WORST = ['key', 'component', 'class', 'planned'] as const;

/** The filter of a list. Throws BAD_REQUEST for one that the list does not know. */
function filterFor(list: List, query: Static<typeof ListQuery>): ViewFilter {
  const filter = filterOf(query);
  const unknown = OF_WORST.find((name) => filter[name] !== undefined);
  if (list.name === 'worst' || unknown === undefined) return filter;
  const text = `querystring "${unknown}": the list ${list.name} has no such filter, worst has`;
  throw new FlaplineError('BAD_REQUEST', text);
}

/** By what to group. Throws BAD_REQUEST. */
function groupOf(list: List, by: string | undefined): WorstBy {
  if (by === undefined) return list.by[0]!;
  const found = list.by.find((one) => one === by);
  if (found) return found;
  const text = `querystring "by": the list ${list.name} has ${list.by.join(', ')}`;
  throw new FlaplineError('BAD_REQUEST', text);
}

function describe(): string {
  const lists = LISTS.map((list) => {
    const columns = list.columns(list.by[0]!).map(({ name, what }) => `\`${name}\`: ${what}`);
    return `**${list.name}**: ${list.row}. ${columns.join('; ')}`;
  });
  return `JSON has the names in camel case, times as epoch ms.\n\n${lists.join('\n\n')}`;
}
