// `flapline kpi`: the KPIs of a month, from a store file or from the service that holds it; what stands
// behind two of them; the branch scorecard.

import { Command, Option } from 'commander';
import type { Kpis, Scorecard } from '../api/kpi-contract.js';
import { FlaplineError } from '../config/errors.js';
import { readSettings } from '../config/settings.js';
import type { KPIS } from '../kpi/figures.js';
import { type Flags, reportZone, sourcesOf } from './common.js';
import { destinationOf, writeAll, writeList } from './list-output.js';
import { type Asked, ask, monthFlag, withReport, writeReport } from './report.js';

const EXAMPLES = `
Examples:
  flapline kpi --store 2007.duckdb --month 2007-03
  flapline kpi --store 2007.duckdb --month 2007-03 --by branch --kpi repeat_fault_rate
  flapline kpi --store 2007.duckdb --month 2007-03 --scorecard --format csv > scorecard.csv
  flapline kpi --store 2007.duckdb --month 2007-03 --reasons

Without --month: the month of the reading time. Figures of a closed month are those that were frozen;
'flapline recompute' restates them. 'flapline kpi --list' tells every KPI and its definition.`;

/** The command. */
export function kpiCommand(): Command {
  const command = new Command('kpi')
    .summary('the KPIs of a month: gross, planned, net')
    .description('Tells the KPIs of a month, for all lines or by branch, product or customer.')
    .option('--month <month>', 'a calendar month such as 2007-03')
    .addOption(
      new Option('--by <what>', 'whose figures')
        .choices(['all', 'branch', 'product', 'customer'])
        .default('all'),
    )
    .option('--kpi <name>', 'this KPI only')
    .option('--scorecard', 'branches compared: value, rank and change of their KPIs')
    .option('--reasons', 'reasons for dissatisfaction by branch, of a store')
    .option('--missing', "what key customers' records lack, of a store")
    .option('--list', 'the KPIs there are, and what they mean');
  return withReport(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => runKpi(flags));
}

async function runKpi(flags: Flags): Promise<void> {
  const { KPIS: kpis } = await import('../kpi/figures.js');
  if (flags['list']) return tellKpis(flags, kpis);
  const name = flags['kpi'] as string | undefined;
  if (name !== undefined && !kpis.has(name)) {
    throw new FlaplineError(
      'USAGE',
      `--kpi: '${name}' is no KPI: 'flapline kpi --list' names them`,
    );
  }
  const month = monthFlag(flags);
  if (flags['scorecard']) return tellScorecard(flags, month);
  if (flags['reasons'] || flags['missing']) return tellRows(flags, month);
  const by = flags['by'] as 'all' | 'branch' | 'product' | 'customer';
  const answer = await ask<Kpis>(flags, {
    path: 'api/kpi',
    query: { month, by, kpi: name },
    read: async ({ connection, read, running }) => {
      const { monthFigures } = await import('../kpi/report.js');
      const { valueOf } = await import('../kpi/figures.js');
      const found = await monthFigures(connection, read, month ?? running, by);
      const rows = found.rows
        .filter(({ kpi }) => name === undefined || kpi === name)
        .map((row) =>
          Object.assign(row, { unit: kpis.get(row.kpi)?.unit ?? '', value: valueOf(row) }),
        );
      return { ...found, rows };
    },
  });
  await writeReport(flags, answer, {
    name: 'kpi',
    months: [answer.month, answer.month],
    head: `${answer.month}${answer.frozen ? ', frozen' : ''}`,
    columns: [
      'month',
      'kpi',
      by === 'all' ? 'of' : by,
      'variant',
      'value',
      'unit',
      'numerator',
      'denominator',
      'coverage',
      'version',
    ],
    rows: answer.rows.map((row) => [
      answer.month,
      row.kpi,
      by === 'all' ? 'all' : row.name,
      row.variant,
      row.value,
      row.unit,
      row.numerator,
      row.denominator,
      row.coverage,
      row.version,
    ]),
  });
}

async function tellKpis(flags: Flags, kpis: typeof KPIS): Promise<void> {
  const rows = [...kpis.values()];
  await writeReport(flags, rows, {
    name: 'kpis',
    head: 'KPIs',
    columns: ['kpi', 'version', 'unit', 'variants', 'definition'],
    rows: rows.map((kpi) => [
      kpi.name,
      kpi.version,
      kpi.unit,
      Object.keys(kpi.figures).join(' '),
      kpi.definition,
    ]),
  });
}

async function tellScorecard(flags: Flags, month: string | undefined): Promise<void> {
  const answer = await ask<Scorecard>(flags, {
    path: 'api/scorecard',
    query: { month },
    read: async ({ connection, read, running }) => {
      const { readScorecard } = await import('../kpi/report.js');
      return readScorecard(connection, read, month ?? running);
    },
  });
  const to = destinationOf(flags);
  if (to.format === 'json') return writeAll(to.file, [`${JSON.stringify(answer)}\n`]);
  const { scorecardAnswer } = await import('../lists/scorecard.js');
  const { timeZone } = readSettings(['timeZone'], sourcesOf(flags));
  return writeList(to, scorecardAnswer(answer, reportZone(timeZone)));
}

async function tellRows(flags: Flags, month: string | undefined): Promise<void> {
  const rows = await ask<Record<string, string | number | null>[]>(flags, {
    path: null,
    query: {},
    read: async (asked: Asked) => {
      const { dissatisfaction, missingRecords } = await import('../kpi/lists.js');
      const { monthOf } = await import('../kpi/month.js');
      const { connection, read, running } = asked;
      if (flags['missing']) return (await missingRecords(connection, ROWS_MAX)).rows.map(plain);
      const wanted = monthOf(month ?? running, read.timeZone);
      return (await dissatisfaction(connection, wanted)).map(plain);
    },
  });
  const columns = Object.keys(rows[0] ?? {});
  await writeReport(flags, rows, {
    name: flags['missing'] ? 'missing' : 'reasons',
    head: flags['missing'] ? 'key circuits with incomplete records' : 'reasons for dissatisfaction',
    columns,
    rows: rows.map((row) => columns.map((name) => row[name] ?? null)),
  });
}

const ROWS_MAX = 100_000;
const plain = (row: object): Record<string, string | number | null> => ({ ...row });
