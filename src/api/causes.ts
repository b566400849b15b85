// GET /causes: root causes of a period and those that may still change; GET /causes/:id: one with its
// lines, its customers and a picture of it.

import { explanationOf, pictureOf } from '../cause/explain.js';
import type { CauseFinding } from '../cause/finding.js';
import { FlaplineError } from '../config/errors.js';
import { type CauseLine, type CauseNow, causeLines, causesIn } from '../store/cause-queries.js';
import { type Cause, CauseDetail, CauseParams, CauseQuery, Causes } from './cause-contract.js';
import { ApiError } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { type Moment, momentOf, periodOf } from './period.js';

/** Without `from`: a day. */
const SPAN_MS = 86_400_000;
const NONE = { provisional: [], isWorking: false };
const EVER = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER - 3_600_000 };

/** A cause as the API tells it. */
export function causeItem(
  finding: CauseFinding,
  phase: Cause['phase'],
  now: CauseNow | null = null,
): Cause {
  const { id, at, until, components, works, lines, members } = finding;
  const { expected, score, share, confidence, runnersUp } = finding;
  return {
    id,
    phase,
    at,
    until,
    components: [...components],
    within: [...(finding.within ?? [])],
    works: [...works],
    lines,
    members,
    expected,
    score,
    share,
    confidence,
    runnersUp: runnersUp.map((next) => ({ components: [...next.components], odds: next.odds })),
    linesDown: now?.linesDown ?? null,
    closedMs: now?.closedMs ?? null,
    explanation: { en: explanationOf(finding), zh: explanationOf(finding, 'zh') },
  };
}

/** GET /causes and /causes/:id. */
export function causeRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/causes',
    {
      schema: {
        summary: 'Root causes that begin in a period, and those that may still change',
        description:
          'Without `from` a day. Provisional causes are those of now, whatever the period.',
        querystring: CauseQuery,
        response: { 200: Causes, '4xx': ApiError, '5xx': ApiError },
      },
    },
    ({ query }) =>
      deps.read(async (connection) => {
        const moment = await momentOf(deps, connection, query.at);
        const period = periodOf(query, moment.readingMs, SPAN_MS);
        const { branch, product, customer, kind, limit } = query;
        const filter = { branch, product, customer };
        const found = await causesIn(connection, moment, { period, kind, filter, limit });
        const { provisional, isWorking } = deps.causes?.causes() ?? NONE;
        const stored = new Set(found.causes.map(({ id }) => id));
        const open = provisional.filter(({ item }) => !stored.has(item.id));
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
        const found = await oneCause(deps, connection, moment, params.id);
        const { lines } = found;
        const { counts, ...picture } = pictureOf(lines);
        const customers = customersOf(lines);
        return { ...found, picture: { ...picture, counts: [...counts] }, customers };
      }),
  );
}

/** A cause that may still change, else one for the record. Throws NOT_FOUND. */
async function oneCause(
  deps: ApiDeps,
  connection: Parameters<typeof causeLines>[0],
  moment: Moment,
  id: string,
): Promise<{ cause: Cause; lines: CauseLine[] }> {
  const live = deps.causes?.causes().provisional.find(({ item }) => item.id === id);
  if (live) {
    const lines = await causeLines(connection, moment, live.members);
    return { cause: { ...live.item, ...nowOf(lines) }, lines };
  }
  const question = { period: EVER, id, filter: {}, limit: 1 };
  const [stored] = (await causesIn(connection, moment, question)).causes;
  if (!stored) {
    throw new FlaplineError(
      'NOT_FOUND',
      `there is no cause "${id}": one that may still change can give way to another`,
    );
  }
  const lines = await causeLines(connection, moment, id);
  return { cause: causeItem(stored, 'final', stored), lines };
}

function nowOf(lines: readonly CauseLine[]): CauseNow {
  const linesDown = lines.filter(({ end }) => end === null).length;
  const last = lines.reduce((latest, { end }) => Math.max(latest, end ?? 0), 0);
  return { linesDown, closedMs: linesDown > 0 || lines.length === 0 ? null : last };
}

/** Customers hit, those with most lines first. */
function customersOf(lines: readonly CauseLine[]): CauseDetail['customers'] {
  const found = new Map<string, { keyCustomer: boolean; lines: number }>();
  for (const { customer, keyCustomer } of lines) {
    if (customer === null) continue;
    const before = found.get(customer);
    const isKey = (before?.keyCustomer ?? false) || keyCustomer === true;
    found.set(customer, { keyCustomer: isKey, lines: (before?.lines ?? 0) + 1 });
  }
  return [...found]
    .map(([customer, facts]) => Object.assign({ customer }, facts))
    .toSorted((a, b) => b.lines - a.lines || (a.customer < b.customer ? -1 : 1));
}
