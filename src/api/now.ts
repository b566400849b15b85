// GET /now: what a wall shows beside the heat map.

import { momentaryToday, worksNow } from '../store/now.js';
import { ApiError, Now } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { momentOf } from './period.js';

/** GET /now. */
export function nowRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/now',
    {
      schema: {
        summary: "Today's momentary interruptions and the works in progress",
        response: { 200: Now, '4xx': ApiError, '5xx': ApiError },
      },
    },
    () =>
      deps.read(async (connection) => {
        const moment = await momentOf(deps, connection, undefined);
        const { readingMs } = moment;
        if (readingMs === null) return { readingMs, momentaryToday: 0, works: [] };
        const { timeZone } = deps.status();
        return {
          readingMs,
          momentaryToday: await momentaryToday(connection, moment, readingMs, timeZone),
          works: await worksNow(connection, readingMs),
        };
      }),
  );
}
