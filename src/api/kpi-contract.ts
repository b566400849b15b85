// The shapes of KPIs, targets, scorecard and plan in the API.

import { Type, type Static } from 'typebox';
import { EXPORT_FORMAT, EXPORT_LANGUAGE } from './contract.js';

const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);
const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const Ms = Type.Integer({ description: 'epoch milliseconds, UTC' });
const MonthName = Type.String({ description: 'a calendar month such as 2007-03' });
const QueryMonth = Type.Optional(
  Type.String({
    pattern: '^\\d{4}-(0[1-9]|1[0-2])$',
    description: 'a calendar month such as 2007-03; the running one without it',
  }),
);
const By = Type.Union(
  (['all', 'branch', 'product', 'customer'] as const).map((one) => Type.Literal(one)),
  { default: 'all' },
);

export const KpiQuery = Type.Object({
  month: QueryMonth,
  by: Type.Optional(By),
  kpi: Type.Optional(Type.String({ maxLength: 64, description: 'one KPI only, by name' })),
});

export const Kpis = Type.Object({
  month: MonthName,
  frozen: Type.Boolean({ description: 'the month is closed; later data restates it with a date' }),
  readingMs: Ms,
  rows: Type.Array(
    Type.Object({
      kpi: Type.String(),
      version: Type.Integer({ description: "of the KPI's definition" }),
      unit: Type.String(),
      name: Type.String({ description: "'' for all lines, or where the records name none" }),
      variant: Type.String({ description: 'gross, planned or net' }),
      value: NumberOrNull,
      numerator: Type.Number(),
      denominator: NumberOrNull,
      coverage: NumberOrNull,
    }),
  ),
});
export type Kpis = Static<typeof Kpis>;

export const KpiDefinitions = Type.Object({
  kpis: Type.Array(
    Type.Object({
      kpi: Type.String(),
      version: Type.Integer(),
      unit: Type.String(),
      better: TextOrNull,
      definition: Type.String(),
    }),
  ),
});

const Forecast = Type.Object({
  counted: Type.Number(),
  expected: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
  days: Type.Integer({ description: 'days it was learned from' }),
  band: Type.Number({ description: 'percent of months that the band should hold' }),
});

const Ladder = Type.Object({
  kpi: Type.String(),
  month: Type.String({ description: 'the running month' }),
  baseline: Type.Object({ month: MonthName, value: Type.Number() }),
  months: Type.Array(
    Type.Object({
      month: MonthName,
      value: NumberOrNull,
      target: NumberOrNull,
      path: NumberOrNull,
      due: Type.Boolean(),
      state: Type.String(),
    }),
  ),
  forecast: Type.Union([Forecast, Type.Null()]),
  next: Type.Union([
    Type.Object({ by: MonthName, most: Type.Number(), gap: Type.Number() }),
    Type.Null(),
  ]),
  days: Type.Array(Type.Object({ day: Type.String(), count: Type.Number() })),
});

const Goal = Type.Object({
  kpi: Type.String(),
  unit: Type.String(),
  definition: Type.String(),
  version: Type.Integer(),
  limit: NumberOrNull,
  isMost: Type.Boolean(),
  value: NumberOrNull,
  coverage: NumberOrNull,
  month: MonthName,
  met: Type.Union([Type.Boolean(), Type.Null()]),
});

const Restatement = Type.Object({
  month: MonthName,
  kpi: Type.String(),
  dimension: Type.String(),
  name: Type.String(),
  variant: Type.String(),
  numeratorBefore: NumberOrNull,
  denominatorBefore: NumberOrNull,
  numerator: NumberOrNull,
  denominator: NumberOrNull,
  why: Type.String(),
  restatedMs: Ms,
});

export const TargetsAnswer = Type.Object({
  readingMs: Ms,
  timeZone: Type.String(),
  example: Type.Boolean({ description: 'no targets are configured: the ladder of 2007, moved' }),
  ladder: Type.Union([Ladder, Type.Null()]),
  goalsMonth: MonthName,
  goals: Type.Array(Goal),
  restatements: Type.Array(Restatement),
});
export type TargetsAnswer = Static<typeof TargetsAnswer>;

const ScoreCell = Type.Object({
  value: NumberOrNull,
  rank: NumberOrNull,
  change: NumberOrNull,
  rankChange: NumberOrNull,
});

export const ScorecardQuery = Type.Object({ month: QueryMonth });
export const ScorecardExportQuery = Type.Object({
  month: QueryMonth,
  format: EXPORT_FORMAT,
  language: EXPORT_LANGUAGE,
});
export const Scorecard = Type.Object({
  month: MonthName,
  frozen: Type.Boolean(),
  readingMs: Ms,
  rows: Type.Array(
    Type.Object({
      branch: Type.String(),
      satisfaction: NumberOrNull,
      coverage: NumberOrNull,
      meanRank: NumberOrNull,
      place: NumberOrNull,
      cells: Type.Record(Type.String(), ScoreCell),
    }),
  ),
});
export type Scorecard = Static<typeof Scorecard>;

export const PlanAnswer = Type.Object({
  plan: Type.Union([
    Type.Object({
      by: MonthName,
      most: Type.Number(),
      needed: Type.Number(),
      expected: Type.Number(),
      expectedLow: Type.Number(),
      expectedHigh: Type.Number(),
      reaches: Type.Boolean(),
      repairs: Type.Array(
        Type.Object({
          kind: Type.String(),
          name: Type.String(),
          branch: TextOrNull,
          lines: Type.Integer(),
          gain: Type.Number(),
          gainLow: Type.Number(),
          gainHigh: Type.Number(),
          weighted: Type.Number(),
          total: Type.Number(),
          customers: Type.Array(Type.String()),
          keyCustomers: Type.Integer(),
          evidence: Type.String(),
        }),
      ),
    }),
    Type.Null(),
  ]),
});
export type PlanAnswer = Static<typeof PlanAnswer>;

export const RecomputeBody = Type.Object(
  {
    month: Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$' }),
    why: Type.String({ minLength: 1, maxLength: 500 }),
    at: Type.Optional(
      Type.Integer({ minimum: 0, description: 'reading time, epoch ms; now unless given' }),
    ),
  },
  { additionalProperties: false },
);
export const Recomputed = Type.Object({
  month: MonthName,
  frozen: Type.Boolean({ description: 'frozen by this, for the first time' }),
  changed: Type.Integer({ description: 'figures restated' }),
});
export type Recomputed = Static<typeof Recomputed>;
