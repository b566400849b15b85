// targets.yaml: the ladder a KPI is to climb down, goals of other KPIs, and how far the forecast's band
// reaches. Every mistake is told with its place.

import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { ROOT } from '../config/root.js';
import { mistakesError, pathText, readYaml } from '../config/yaml-file.js';
import { KPIS } from './figures.js';
import { addMonths } from './month.js';

const MonthName = Type.String({
  pattern: '^\\d{4}-(0[1-9]|1[0-2])$',
  description: 'a calendar month such as 2007-03',
});
const Name = Type.String({ description: 'name of a KPI' });

const Goal = Type.Object(
  {
    kpi: Name,
    most: Type.Optional(Type.Number()),
    least: Type.Optional(Type.Number()),
    fall: Type.Optional(Type.Number({ description: 'percent below its value of `from`' })),
    rise: Type.Optional(Type.Number({ description: 'percent above its value of `from`' })),
    from: Type.Optional(MonthName),
  },
  { additionalProperties: false },
);

/** targets.yaml. */
export const TargetsSchema = Type.Object(
  {
    ladder: Type.Object(
      {
        kpi: Type.Literal('momentary'),
        baseline: Type.Object(
          { month: MonthName, value: Type.Number({ minimum: 0 }) },
          { additionalProperties: false },
        ),
        steps: Type.Array(
          Type.Object(
            { by: MonthName, most: Type.Number({ minimum: 0 }) },
            { additionalProperties: false },
          ),
          { minItems: 1, maxItems: 120 },
        ),
      },
      { additionalProperties: false },
    ),
    forecast: Type.Optional(
      Type.Object(
        {
          band: Type.Optional(Type.Integer({ minimum: 50, maximum: 99, description: 'percent' })),
          historyDays: Type.Optional(Type.Integer({ minimum: 14, maximum: 366 })),
        },
        { additionalProperties: false },
      ),
    ),
    goals: Type.Optional(Type.Array(Goal, { maxItems: 200 })),
  },
  { additionalProperties: false, title: 'targets.yaml' },
);

/** targets.yaml as it was checked, steps in order. */
export type Targets = Static<typeof TargetsSchema>;
export type Goal = Static<typeof Goal>;

/** The ladder of 2007 that is shipped. */
const EXAMPLE_FILE = join(ROOT, 'src', 'kpi', 'targets.yaml');

/** Reads targets.yaml; without a name, the example. Throws BAD_CONFIG with the places of mistakes. */
export function readTargets(file: string = EXAMPLE_FILE): Targets {
  const yaml = readYaml(file, TargetsSchema);
  const { ladder, goals = [] } = yaml.value;
  const mistakes: string[] = [];
  const wrong = (path: readonly (string | number)[], text: string): void => {
    mistakes.push(`${yaml.placeOf(path)}: ${pathText(path)} ${text}`);
  };
  ladder.steps.forEach(({ by }, i) => {
    const before = ladder.steps[i - 1]?.by ?? ladder.baseline.month;
    if (by <= before) wrong(['ladder', 'steps', i, 'by'], `must be later than ${before}`);
  });
  goals.forEach((goal, i) => {
    const said = [goal.most, goal.least, goal.fall, goal.rise].filter((one) => one !== undefined);
    const relative = goal.fall !== undefined || goal.rise !== undefined;
    if (!KPIS.has(goal.kpi)) {
      wrong(['goals', i, 'kpi'], `is no KPI: there are ${[...KPIS.keys()].join(', ')}`);
    } else if (said.length !== 1) wrong(['goals', i], 'needs one of most, least, fall, rise');
    else if (relative !== (goal.from !== undefined)) {
      wrong(['goals', i], relative ? 'needs from, the month to compare with' : 'takes no from');
    }
  });
  if (mistakes.length > 0) throw mistakesError(mistakes);
  return yaml.value;
}

/** The same targets with every month moved, so that the first step is in the given year. */
export function movedTo(targets: Targets, year: number): Targets {
  const months = (year - Number(targets.ladder.steps[0]!.by.slice(0, 4))) * 12;
  const moved = (month: string): string => addMonths(month, months);
  const { baseline, steps } = targets.ladder;
  return {
    ...targets,
    ladder: {
      ...targets.ladder,
      baseline: { ...baseline, month: moved(baseline.month) },
      steps: steps.map(({ by, most }) => ({ by: moved(by), most })),
    },
    goals: (targets.goals ?? []).map((goal) =>
      Object.assign({}, goal, goal.from && { from: moved(goal.from) }),
    ),
  };
}
