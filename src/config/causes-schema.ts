// The key `causes` of flapline.yaml: what root causes are judged by. Defaults: src/cause/settings.ts.

import { Type } from 'typebox';

const Time = (description: string) =>
  Type.Optional(Type.String({ pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$', description }));
const Share = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 0.95, description }));
const Count = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));

export const CausesSchema = Type.Object(
  {
    window: Time('starts of a component count together within this time (30s)'),
    lines: Count(2, 1_000, 'distinct lines within the window that may trigger (3)'),
    chance: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 0.01,
        description: 'probability by chance below which they do (1e-6)',
      }),
    ),
    burstMax: Time('a burst is cut after so long (10m)'),
    historyDays: Count(1, 366, "days of history in a line's own rate (30)"),
    recordError: Share('share of records taken to be wrong (0.03)'),
    missing: Share('share of records taken to be missing (estimated by node)'),
    gain: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1_000, description: 'nats that a cause explains (10)' }),
    ),
    support: Count(2, 1_000, 'lines that a cause explains (3)'),
    most: Count(1, 20, 'causes of one burst (6)'),
    same: Type.Optional(
      Type.Number({
        minimum: 0.5,
        maximum: 1,
        description: 'overlap from which components cannot be told apart (0.9)',
      }),
    ),
  },
  { additionalProperties: false },
);
