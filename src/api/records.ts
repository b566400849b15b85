// GET /records: how many, what was left out, and how they go with the stream. POST /records/:kind: CSV
// brought in by an operator. POST /works/check: what the guard of planned works says of works;
// POST /works: the same, and brought in unless one is refused.

import { Type } from 'typebox';
import { FlaplineError } from '../config/errors.js';
import { RECORD_KIND_NAMES, type RecordKindName } from '../config/record-kinds.js';
import { textOf } from '../records/csv.js';
import { type ReadRecords, readRecordText } from '../records/read.js';
import { recordCoverage, recordImports } from '../store/record-coverage.js';
import { recordState } from '../store/record-queries.js';
import { type WorkVerdict, checkWorks } from '../store/work-check.js';
import { operatorOnly } from './auth.js';
import { ApiError } from './contract.js';
import type { ApiDeps, ApiLimits, ApiServer } from './deps.js';
import {
  ImportQuery,
  Imported,
  RecordsNow,
  RecordsQuery,
  WorksChecked,
} from './record-contract.js';

const KindParams = Type.Object({
  kind: Type.Union(RECORD_KIND_NAMES.map((kind) => Type.Literal(kind))),
});
const ERRORS = { '4xx': ApiError, '5xx': ApiError };
const CSV = 'The body is CSV: UTF-8 or GB18030, as text/csv.';

/** The routes of records and works. */
export function recordRoutes(server: ApiServer, deps: ApiDeps, limits: ApiLimits): void {
  const { recordBytesMax: bodyLimit } = limits;
  const operator = operatorOnly(deps.tokens);
  server.addContentTypeParser(
    'text/csv',
    { parseAs: 'buffer', bodyLimit },
    (_request, body, done) => done(null, body),
  );
  server.get(
    '/records',
    {
      schema: {
        summary: "The operator's records; with `at` those in force then",
        querystring: RecordsQuery,
        response: { 200: RecordsNow, ...ERRORS },
      },
    },
    ({ query: { at } }) =>
      deps.read(async (connection) => ({
        ...(await recordState(connection, limits.recordRowsMax, at === 'latest' ? null : at)),
        coverage: await recordCoverage(connection),
        imports: await recordImports(connection, limits.recordRowsMax),
      })),
  );
  server.post(
    '/records/:kind',
    {
      bodyLimit,
      schema: {
        summary: 'Bring records in: what changed is told',
        description: CSV,
        params: KindParams,
        querystring: ImportQuery,
        response: { 200: Imported, ...ERRORS },
      },
      onRequest: operator,
    },
    async ({ params: { kind }, query, body }) => {
      const { valid_from: fromMs = Date.now(), part } = query;
      const records = recordsOf(body, kind, deps);
      const isPart = part === undefined ? {} : { isPart: part };
      return imported(records, await deps.bringIn(records, { fromMs, ...isPart }));
    },
  );
  const check = (records: ReadRecords): Promise<WorkVerdict[]> =>
    deps.read((connection) => checkWorks(connection, records.rows, deps.status().timeZone));
  server.post(
    '/works/check',
    {
      bodyLimit,
      schema: {
        summary: 'What the guard says of planned works',
        description: `At most one work a calendar month on an international circuit. ${CSV}`,
        response: { 200: WorksChecked, ...ERRORS },
      },
    },
    async ({ body }) => {
      const records = recordsOf(body, 'works', deps);
      const works = await check(records);
      return {
        refused: works.filter(({ allowed }) => !allowed).length,
        works,
        bad: [...records.bad],
      };
    },
  );
  server.post(
    '/works',
    {
      bodyLimit,
      schema: {
        summary: 'Bring planned works in, unless the guard refuses one of them',
        description: CSV,
        response: { 200: Imported, ...ERRORS },
      },
      onRequest: operator,
    },
    async ({ body }) => {
      const records = recordsOf(body, 'works', deps);
      const refused = (await check(records)).find(({ allowed }) => !allowed);
      if (refused) {
        const { work, reason, hits } = refused;
        const [first] = hits;
        const text = `work '${work}' is refused: ${reason} (${first!.line}: ${first!.works})`;
        throw new FlaplineError('BAD_DATA', `${text}; POST /api/works/check proposes free windows`);
      }
      return imported(records, await deps.bringIn(records, { fromMs: Date.now() }));
    },
  );
}

function recordsOf(body: unknown, kind: RecordKindName, deps: ApiDeps): ReadRecords {
  if (!Buffer.isBuffer(body)) {
    throw new FlaplineError('BAD_REQUEST', 'the body must be CSV, sent as content-type text/csv');
  }
  const { timeZone } = deps.status();
  return readRecordText(kind, 'request', textOf(body), { timeZone });
}

function imported({ bad }: ReadRecords, report: Awaited<ReturnType<ApiDeps['bringIn']>>) {
  return { ...report, sample: [...report.sample], problems: bad.slice(0, 1_000) };
}
