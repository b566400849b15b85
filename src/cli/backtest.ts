// `flapline backtest`: other rules on a stored period; what would have been flagged, against what was.

import { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { type Rules, durationWords, ruleWords } from '../config/rules.js';
import { type Sources, readSecret, readSettings, wholeNumber } from '../config/settings.js';
import { readText } from '../config/yaml-file.js';
import { timeText } from '../config/zone.js';
import { BRANCH, INTERRUPTIONS, LINE, column } from '../lists/column.js';
import type { BacktestOptions, BacktestResult } from '../pipeline/backtest.js';
import type { Counts } from '../pipeline/tally.js';
import {
  type Flags,
  interruptible,
  momentFlag,
  periodFlags,
  reportZone,
  rulesFrom,
  setting,
  sourcesOf,
  usage,
  withConfig,
  withPeriod,
} from './common.js';
import { destinationOf, withDestination, writeAll, writeList } from './list-output.js';
import { count } from './output.js';
import { startProgress, withRate } from './progress.js';
import { addressOf, askService } from './service.js';
import { sourceOf, withSource } from './store-source.js';
import { type Column, textTable } from './table.js';

const EXAMPLES = `
Examples:
  flapline backtest --store nov.duckdb --rules stricter.yaml
  flapline backtest --store nov.duckdb --rules stricter.yaml --from 2006-11 --to 2006-12 --format json
  flapline backtest --url http://127.0.0.1:8080 --rules stricter.yaml

Tables of what was and would be; as CSV and XLSX the lines that differ; as JSON all of it.

A file of rules: flap: ["3 in 10m", "5 in 1h"], quiet: 30m, outage: 60s, repeat: 30d; what is not said
keeps its default. Its classes do not apply here: all lines are judged alike.`;

const LIMIT_MAX = 100_000;

/** The command. */
export function backtestCommand(): Command {
  const command = new Command('backtest')
    .summary('other rules on a stored period')
    .description(
      'Folds the interruptions of a store again under other rules, and compares what they would ' +
        'have flagged with what was flagged.',
    )
    .option('--limit <n>', 'lines to be listed', '20')
    .option('--at <time>', "the reading time, or 'latest': the end of the data");
  withDestination(withSource(command, 'operator'));
  setting(command, 'rules', '<file>', 'the other rules (YAML)');
  withPeriod(command);
  setting(command, 'quiet', '', 'no progress');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => runBacktest(flags));
}

async function runBacktest(flags: Flags): Promise<void> {
  const sources = sourcesOf(flags);
  const settings = readSettings(['timeZone', 'quiet'], sources);
  const zone = reportZone(settings.timeZone);
  const rulesFile = flags['rules'] ?? sources.env['FLAPLINE_RULES'];
  if (rulesFile === undefined) {
    throw new FlaplineError('USAGE', 'name the other rules with --rules FILE');
  }
  const source = sourceOf(flags, sources);
  const asked = {
    ...periodFlags(flags, zone),
    atMs: flags['at'] === 'latest' ? null : momentFlag(flags, 'at', zone),
    limit: usage(() => wholeNumber(1, LIMIT_MAX)(String(flags['limit']), '--limit')),
  };
  // Mistakes are told with the file's own name, whoever folds.
  const rules = rulesFrom(sources);
  const result =
    source.store === undefined
      ? await askForIt(source.url, readText(String(rulesFile)), asked, sources)
      : await ofStore(source.store, rules, asked, settings.quiet ?? false);
  const to = destinationOf(flags);
  if (to.format === 'table') await writeAll(to.file, [render(result, zone)]);
  else if (to.format === 'json') await writeAll(to.file, [`${JSON.stringify(result)}\n`]);
  else await writeList(to, answerOf(result, zone));
}

type Asked = Pick<BacktestOptions, 'fromMs' | 'toMs' | 'atMs' | 'limit'>;

async function ofStore(
  storeFile: string,
  rules: Rules,
  asked: Asked,
  quiet: boolean,
): Promise<BacktestResult> {
  // Loaded when it is needed: help and usage errors come at once.
  const { backtest } = await import('../pipeline/backtest.js');
  const progress = startProgress(quiet);
  const beganMs = performance.now();
  return interruptible((signal) =>
    backtest({
      storeFile,
      rules,
      ...asked,
      onProgress: (rows) => progress.tell(() => withRate(rows, 'transition', beganMs)),
      signal,
    }),
  ).finally(() => progress.end());
}

async function askForIt(
  url: string,
  rules: string,
  { fromMs, toMs, atMs, limit }: Asked,
  sources: Sources,
): Promise<BacktestResult> {
  const body = {
    rules,
    limit,
    ...(fromMs !== null && { from: fromMs }),
    ...(toMs !== null && { to: toMs }),
    ...(atMs !== null && { at: atMs }),
  };
  const token = readSecret('operatorToken', sources);
  const answer = await askService(addressOf(url, 'api/backtest'), token, 'operator', body);
  return answer as BacktestResult;
}

function wordsOf(rules: Rules): string {
  const flap = rules.flap.map(ruleWords).join(', ') || 'none';
  const [quiet, outage, repeat] = [rules.quietMs, rules.outageMs, rules.repeatMs].map(
    durationWords,
  );
  return `${flap}; quiet ${quiet}, outage ${outage}, repeat ${repeat}`;
}

const FACTS: readonly (readonly [string, keyof Counts])[] = [
  ['interruptions', 'interruptions'],
  ['outages', 'outages'],
  ['flap episodes', 'flapEpisodes'],
  ['repeat faults', 'repeatFaults'],
];

/** The lines that differ as a list: what was, and what would be. */
function answerOf({ lines, different, fromMs, toMs, readingMs }: BacktestResult, zone: string) {
  const told = FACTS.slice(1).map(([name, key]) => ({
    name: name.replace(' ', '_'),
    key,
    title: name,
  }));
  const counted = told.flatMap(({ name, title }) =>
    ['was', 'would be'].map((when) => {
      const words = `${title}, ${when}`;
      return column(`${name}_${when.replace(' ', '_')}`, 'count', words, words, words);
    }),
  );
  const rows = lines.map(({ line, branch, stored, found }) => [
    line,
    branch,
    stored.interruptions,
    ...told.flatMap(({ key }) => [stored[key], found[key]]),
  ]);
  return {
    name: 'backtest',
    columns: [LINE, BRANCH, INTERRUPTIONS, ...counted],
    about: { fromMs, toMs, readingMs, total: different, zone },
    chunks: (async function* () {
      yield rows;
    })(),
  };
}

function number(title: string): Column {
  return { title, isNumber: true };
}

function both(was: number, would: number): string {
  return was === would ? count(was) : `${count(was)} → ${count(would)}`;
}

function render(result: BacktestResult, zone: string): string {
  const { stored, found, flagged } = result;
  const totals = textTable(
    [{ title: 'what' }, number('was'), number('would be'), number('change')],
    FACTS.map(([name, key]) => [name, ...change(stored[key], found[key])]),
  );
  const lines = textTable(
    [{ title: 'lines flagged' }, number('lines')],
    [
      ['by both', count(flagged.both)],
      ['only as it was', count(flagged.onlyStored)],
      ['only by the other rules', count(flagged.onlyFound)],
    ],
  );
  const head =
    `${timeText(result.fromMs, zone)} to ${timeText(result.toMs, zone)}\n` +
    `was:      ${wordsOf(result.storedRules)}\nwould be: ${wordsOf(result.rules)}\n`;
  if (result.lines.length === 0) return `${head}\n${totals}\n${lines}\nno line differs\n`;
  const table = textTable(
    [
      { title: 'line' },
      { title: 'branch' },
      number('interruptions'),
      ...FACTS.slice(1).map(([name]) => number(name)),
    ],
    result.lines.map((row) => [
      row.line,
      row.branch ?? '',
      count(row.stored.interruptions),
      ...FACTS.slice(1).map(([, key]) => both(row.stored[key], row.found[key])),
    ]),
  );
  const shown = `${count(result.lines.length)} of ${count(result.different)} lines that differ:`;
  return `${head}\n${totals}\n${lines}\n${shown}\n${table}`;
}

function change(was: number, would: number): [string, string, string] {
  const difference = would - was;
  const sign = difference > 0 ? '+' : '';
  return [count(was), count(would), difference === 0 ? '' : `${sign}${count(difference)}`];
}
