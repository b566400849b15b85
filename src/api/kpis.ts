// KPIs, targets, scorecard, plan and recomputation. What costs seconds is answered from the last
// result, not older than asked for by `freshMs`; each answer tells the reading time it is of.

import { Type } from 'typebox';
import { readTargets, movedTo } from '../kpi/targets-file.js';
import { KPIS, valueOf } from '../kpi/figures.js';
import type { Dimension } from '../kpi/kpi.js';
import { monthAt } from '../kpi/month.js';
import {
  type ReportRead,
  type ScorecardReport,
  monthFigures,
  readPlan,
  readScorecard,
  readTargetsReport,
} from '../kpi/report.js';
import { scorecardAnswer } from '../lists/scorecard.js';
import { jsonOf } from '../lists/text.js';
import { operatorOnly } from './auth.js';
import { ApiError } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { type Exports, exportHeaders, madeOf } from './export.js';
import { Fresh } from './fresh.js';
import {
  KpiDefinitions,
  KpiQuery,
  Kpis,
  PlanAnswer,
  RecomputeBody,
  Recomputed,
  Scorecard,
  ScorecardExportQuery,
  ScorecardQuery,
  TargetsAnswer,
} from './kpi-contract.js';
import { readingMsOf } from './period.js';

/** An answer older than this is made anew behind it. */
const FRESH_MS = 60_000;
const ANSWERS_MAX = 64;

/** GET /kpi, /kpi/definitions, /targets, /targets/plan, /scorecard, /scorecard/export; POST /recompute. */
export function kpiRoutes(server: ApiServer, deps: ApiDeps, exports: Exports): void {
  const fresh = new Fresh(FRESH_MS, ANSWERS_MAX);
  const errors = { '4xx': ApiError, '5xx': ApiError };
  const readNow = (): ReportRead => {
    const at = deps.reading();
    return { at, readingMs: readingMsOf(at) ?? Date.now(), timeZone: deps.status().timeZone };
  };
  const monthNow = (): string => {
    const { readingMs, timeZone } = readNow();
    return monthAt(readingMs, timeZone);
  };
  const targetsNow = () => {
    if (deps.targets !== null) return { targets: deps.targets, example: false };
    const year = Number(monthNow().slice(0, 4));
    return { targets: movedTo(readTargets(), year), example: true };
  };
  const scorecardOf = (asked: string | undefined): Promise<ScorecardReport> => {
    const month = asked ?? monthNow();
    return fresh.get(`scorecard ${month}`, () =>
      deps.readLong((connection) => readScorecard(connection, readNow(), month)),
    );
  };

  server.get(
    '/kpi/definitions',
    { schema: { summary: 'What the KPIs are', response: { 200: KpiDefinitions, ...errors } } },
    () => ({
      kpis: [...KPIS.values()].map(({ name, version, unit, better, definition }) => {
        return { kpi: name, version, unit, better, definition };
      }),
    }),
  );

  server.get(
    '/kpi',
    {
      schema: {
        summary: 'The KPIs of a month, for all lines or by branch, product or customer',
        querystring: KpiQuery,
        response: { 200: Kpis, ...errors },
      },
    },
    async ({ query }) => {
      const month = query.month ?? monthNow();
      const by: Dimension = query.by ?? 'all';
      const found = await fresh.get(`kpi ${month} ${by}`, () =>
        deps.readLong((connection) => monthFigures(connection, readNow(), month, by)),
      );
      const rows = query.kpi ? found.rows.filter(({ kpi }) => kpi === query.kpi) : found.rows;
      return {
        ...found,
        rows: rows.map((row) =>
          Object.assign({ unit: KPIS.get(row.kpi)?.unit ?? '', value: valueOf(row) }, row),
        ),
      };
    },
  );

  server.get(
    '/targets',
    {
      schema: {
        summary: 'The ladder with the forecast of the running month, goals, restatements',
        response: { 200: TargetsAnswer, ...errors },
      },
    },
    async () => {
      const { targets, example } = targetsNow();
      const report = await fresh.get('targets', () =>
        deps.readLong((connection) => readTargetsReport(connection, readNow(), targets)),
      );
      return { ...report, example };
    },
  );

  server.get(
    '/targets/plan',
    {
      schema: {
        summary: 'The shortest list of repairs that reaches the next step of the ladder',
        response: { 200: PlanAnswer, ...errors },
      },
    },
    async () => ({
      plan: await fresh.get('plan', () =>
        deps.readLong((connection) => readPlan(connection, readNow(), targetsNow().targets)),
      ),
    }),
  );

  server.get(
    '/scorecard',
    {
      schema: {
        summary: 'Branches compared: rank and change of their KPIs beside their satisfaction',
        querystring: ScorecardQuery,
        response: { 200: Scorecard, ...errors },
      },
    },
    ({ query }) => scorecardOf(query.month),
  );

  server.get(
    '/scorecard/export',
    {
      schema: {
        summary: 'The same as CSV, XLSX or the JSON of a list',
        querystring: ScorecardExportQuery,
        response: { 200: Type.Any(), ...errors },
      },
    },
    ({ query }, reply) =>
      exports.answer(reply, async () => {
        const report = await scorecardOf(query.month);
        const answer = scorecardAnswer(report, deps.status().timeZone);
        const made = await madeOf(reply, answer, query, jsonOf);
        exportHeaders(reply, answer.name, query.format);
        return made;
      }),
  );

  server.post(
    '/recompute',
    {
      schema: {
        summary: 'A closed month again: frozen, or restated with a date',
        body: RecomputeBody,
        response: { 200: Recomputed, ...errors },
      },
      onRequest: operatorOnly(deps.tokens),
    },
    ({ body }) => deps.recompute(body.month, body.why, body.at ?? null),
  );
}
