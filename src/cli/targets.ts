// `flapline targets`: the ladder with the forecast of the running month, goals, the repairs that reach
// the next step, restatements.

import { Command } from 'commander';
import type { PlanAnswer, TargetsAnswer } from '../api/kpi-contract.js';
import { readSettings } from '../config/settings.js';
import type { Targets } from '../kpi/targets-file.js';
import { type Flags, setting, sourcesOf } from './common.js';
import { count, writeOut } from './output.js';
import { type Asked, ask, withReport, writeReport } from './report.js';

const EXAMPLES = `
Examples:
  flapline targets --store 2007.duckdb                      the ladder and its forecast
  flapline targets --store 2007.duckdb --targets mine.yaml --goals
  flapline targets --store 2007.duckdb --plan               what to repair for the next step
  flapline targets --url http://127.0.0.1:8080 --format json

Without --targets: the ladder of 2007 that is shipped (src/kpi/targets.yaml), moved to the year of the
data. The ladder is judged on gross figures.`;

/** The command. */
export function targetsCommand(): Command {
  const command = new Command('targets')
    .summary('the target ladder, its forecast, goals and repairs')
    .description('Tells how the targets stand, and what reaches the next one.')
    .option('--goals', 'the goals of other KPIs')
    .option('--plan', 'the shortest list of repairs that reaches the next step')
    .option('--restatements', 'what later data changed in closed months')
    .option('--print-schema', 'the JSON Schema of targets.yaml');
  setting(command, 'targets', '<file>', 'targets.yaml, with --store');
  return withReport(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => runTargets(flags));
}

async function targetsOf(flags: Flags, { running }: Asked): Promise<[Targets, boolean]> {
  const { readTargets, movedTo } = await import('../kpi/targets-file.js');
  const { targets } = readSettings(['targets'], sourcesOf(flags));
  if (targets !== undefined) return [readTargets(targets), false];
  return [movedTo(readTargets(), Number(running.slice(0, 4))), true];
}

async function runTargets(flags: Flags): Promise<void> {
  if (flags['printSchema']) {
    const { TargetsSchema } = await import('../kpi/targets-file.js');
    return writeOut(`${JSON.stringify(TargetsSchema, null, 2)}\n`);
  }
  if (flags['plan']) return tellPlan(flags);
  const answer = await ask<TargetsAnswer>(flags, {
    path: 'api/targets',
    query: {},
    read: async (asked) => {
      const { readTargetsReport } = await import('../kpi/report.js');
      const [targets, example] = await targetsOf(flags, asked);
      return { ...(await readTargetsReport(asked.connection, asked.read, targets)), example };
    },
  });
  if (flags['goals']) return tellGoals(flags, answer);
  if (flags['restatements']) return tellRestatements(flags, answer);
  return tellLadder(flags, answer);
}

async function tellLadder(flags: Flags, answer: TargetsAnswer): Promise<void> {
  const { ladder } = answer;
  await writeReport(flags, answer, {
    name: 'targets',
    ...(ladder && { months: [ladder.months[0].month, ladder.months.at(-1)!.month] }),
    head: headOf(answer),
    columns: ['month', 'value', 'path', 'target', 'due', 'state', 'expected', 'low', 'high'],
    rows: (ladder?.months ?? []).map((one) => {
      const forecast = one.month === ladder!.month ? ladder!.forecast : null;
      return [
        one.month,
        one.value,
        one.path,
        one.target,
        one.due ? 'due' : '',
        one.state,
        forecast?.expected ?? null,
        forecast?.low ?? null,
        forecast?.high ?? null,
      ];
    }),
  });
}

function headOf({ ladder, example }: TargetsAnswer): string {
  if (ladder === null) return 'no data yet';
  const { forecast, next, month } = ladder;
  const what = example ? 'the ladder of 2007, moved to this year' : 'the ladder';
  const ahead = forecast
    ? `${month} is expected to end at ${count(forecast.expected)} ` +
      `(${forecast.band} % band ${count(forecast.low)} to ${count(forecast.high)})`
    : `no forecast of ${month}: it needs two weeks of data`;
  const gap = next
    ? `next: at most ${count(next.most)} by ${next.by}, ${count(next.gap)} away`
    : 'every step ahead is reached';
  return `${what}, gross momentary interruptions a month; ${ahead}; ${gap}`;
}

async function tellGoals(flags: Flags, answer: TargetsAnswer): Promise<void> {
  await writeReport(flags, answer, {
    name: 'goals',
    months: [answer.goalsMonth, answer.goalsMonth],
    head: `goals, on the figures of ${answer.goalsMonth}`,
    columns: ['kpi', 'value', 'unit', 'must be', 'limit', 'met', 'coverage', 'definition'],
    rows: answer.goals.map((goal) => [
      goal.kpi,
      goal.value,
      goal.unit,
      goal.isMost ? 'at most' : 'at least',
      goal.limit,
      goal.met === null ? 'not known' : goal.met ? 'met' : 'missed',
      goal.coverage,
      goal.definition,
    ]),
  });
}

async function tellRestatements(flags: Flags, answer: TargetsAnswer): Promise<void> {
  await writeReport(flags, answer, {
    name: 'restatements',
    head: 'figures of closed months that later data changed, the newest first',
    columns: ['restated', 'month', 'kpi', 'of', 'variant', 'before', 'after', 'why'],
    rows: answer.restatements.map((one) => [
      new Date(one.restatedMs).toISOString(),
      one.month,
      one.kpi,
      one.name || one.dimension,
      one.variant,
      fraction(one.numeratorBefore, one.denominatorBefore),
      fraction(one.numerator, one.denominator),
      one.why,
    ]),
  });
}

function fraction(numerator: number | null, denominator: number | null): string {
  if (numerator === null) return '';
  return denominator === null ? String(numerator) : `${numerator} / ${denominator}`;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

async function tellPlan(flags: Flags): Promise<void> {
  const { plan } = await ask<PlanAnswer>(flags, {
    path: 'api/targets/plan',
    query: {},
    read: async (asked) => {
      const { readPlan } = await import('../kpi/report.js');
      const [targets] = await targetsOf(flags, asked);
      return { plan: await readPlan(asked.connection, asked.read, targets) };
    },
  });
  await writeReport(flags, plan, {
    name: 'plan',
    head:
      plan === null
        ? 'every step ahead is reached: nothing to plan'
        : `at most ${count(plan.most)} by ${plan.by} needs ${count(plan.needed)} fewer a month: ` +
          `${plan.repairs.length} repairs ${plan.reaches ? 'reach it' : 'do not reach it'}, ` +
          `expected gain ${count(Math.round(plan.expected))} ` +
          `(90 % ${count(Math.round(plan.expectedLow))} to ${count(Math.round(plan.expectedHigh))})`,
    columns: ['#', 'kind', 'name', 'branch', 'lines', 'gain', 'low', 'high', 'total'],
    rows: (plan?.repairs ?? []).map((one, i) => [
      i + 1,
      one.kind,
      one.name,
      one.branch,
      one.lines,
      rounded(one.gain),
      rounded(one.gainLow),
      rounded(one.gainHigh),
      rounded(one.total),
    ]),
  });
}
