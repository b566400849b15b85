// `flapline worst`: the worst lines of a period, from a store file or from the service that holds it.

import { Command, Option } from 'commander';
import type { Worst } from '../api/contract.js';
import { FlaplineError } from '../config/errors.js';
import { readSecret, readSettings, wholeNumber } from '../config/settings.js';
import type { Sources } from '../config/settings.js';
import { timeText } from '../config/zone.js';
import {
  type Flags,
  momentFlag,
  periodFlags,
  reportZone,
  setting,
  sourcesOf,
  usage,
  withConfig,
  withPeriod,
} from './common.js';
import { count, writeOut } from './output.js';
import { addressOf, askService } from './service.js';
import { csvTable, textTable } from './table.js';

const EXAMPLES = `
Examples:
  flapline worst --store nov.duckdb
  flapline worst --store nov.duckdb --from 2006-11 --to 2006-12 --branch 广州 --limit 50
  flapline worst --url http://127.0.0.1:8080 --format csv > worst.csv

Times: 2006-11, 2006-11-30, 2006-11-30T23:20:00+08:00 or epoch milliseconds; without an offset in the
zone of --time-zone. Without --to the period ends with the data, without --from it has 30 days.`;

/** Without --from: thirty days. */
const SPAN_MS = 30 * 86_400_000;
const LIMIT_MAX = 1_000_000;
/** The API's own limit. */
const URL_LIMIT_MAX = 1_000;
const STORE_LIMITS = { memory: '2GB', threads: 2 };

/** What is asked for. Times in epoch ms, null = not said. */
interface Question {
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly at: number | 'latest' | null;
  readonly branch: string | undefined;
  readonly product: string | undefined;
  readonly limit: number;
}

/** The command. */
export function worstCommand(): Command {
  const command = new Command('worst')
    .summary('the worst lines of a period')
    .description('Lists the lines with most interruptions in a period.')
    .option('--store <file>', 'a store that no service holds')
    .option('--at <time>', "the reading time, or 'latest': the end of the data")
    .option('--branch <name>', 'lines of this branch only')
    .option('--product <name>', 'lines of this product only')
    .option('--limit <n>', 'lines at most', '20')
    .addOption(new Option('--by <what>', 'what is listed').choices(['line']).default('line'))
    .addOption(
      new Option('--format <format>', 'form of the list')
        .choices(['table', 'csv', 'json'])
        .default('table'),
    );
  setting(command, 'url', '<address>', 'a running service, asked instead of a store');
  setting(command, 'viewerToken', '<token>', "the service's token of viewers");
  setting(command, 'viewerTokenFile', '<file>', 'a file that holds it');
  return withConfig(withPeriod(command))
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => runWorst(flags));
}

async function runWorst(flags: Flags): Promise<void> {
  const sources = sourcesOf(flags);
  const settings = readSettings(['timeZone', 'url'], sources);
  const zone = reportZone(settings.timeZone);
  const store = flags['store'] as string | undefined;
  if (store !== undefined && flags['url'] !== undefined) {
    throw new FlaplineError('USAGE', 'both --store and --url are given: give one');
  }
  if (store === undefined && settings.url === undefined) {
    throw new FlaplineError('USAGE', 'name a --store FILE, or the --url of a running service');
  }
  const question = questionOf(flags, zone);
  const answer =
    store === undefined
      ? await askWorst(settings.url!, question, sources)
      : await askStore(store, question);
  await writeOut(render(answer, String(flags['format']), zone));
}

function questionOf(flags: Flags, zone: string): Question {
  return {
    ...periodFlags(flags, zone),
    at: flags['at'] === 'latest' ? 'latest' : momentFlag(flags, 'at', zone),
    branch: flags['branch'] as string | undefined,
    product: flags['product'] as string | undefined,
    limit: usage(() => wholeNumber(1, LIMIT_MAX)(String(flags['limit']), '--limit')),
  };
}

async function askStore(file: string, question: Question): Promise<Worst> {
  // Loaded when it is needed: a service is asked without a database.
  const { openReadStore } = await import('../store/read-store.js');
  const { latestReadingMs } = await import('../store/queries.js');
  const { worstLines } = await import('../store/worst.js');
  const { connection, close } = await openReadStore(file, STORE_LIMITS);
  try {
    const { at, branch, product } = question;
    const readingMs = typeof at === 'number' ? at : await latestReadingMs(connection);
    const toMs = question.toMs ?? (readingMs ?? Date.now()) + 1;
    const fromMs = question.fromMs ?? Math.max(0, toMs - SPAN_MS);
    if (fromMs >= toMs) {
      throw new FlaplineError(
        'USAGE',
        'the period is empty: --from must lie before the end of the data, or before --to',
      );
    }
    const read = { at: typeof at === 'number' ? { atMs: at } : ('latest' as const) };
    const filter = {
      ...(branch !== undefined && { branch }),
      ...(product !== undefined && { product }),
    };
    const found = await worstLines(connection, read, { fromMs, toMs }, filter, question.limit);
    return { fromMs, toMs, readingMs, ...found };
  } finally {
    close();
  }
}

async function askWorst(url: string, question: Question, sources: Sources): Promise<Worst> {
  if (question.limit > URL_LIMIT_MAX) {
    throw new FlaplineError('USAGE', `--limit: a service lists at most ${URL_LIMIT_MAX} lines`);
  }
  const address = addressOf(url, 'api/worst');
  const { fromMs, toMs, at, branch, product, limit } = question;
  const asked = { from: fromMs, to: toMs, at, branch, product, limit };
  for (const [name, value] of Object.entries(asked)) {
    if (value !== null && value !== undefined) address.searchParams.set(name, String(value));
  }
  return (await askService(address, readSecret('viewerToken', sources), 'viewer')) as Worst;
}

function render(answer: Worst, format: string, zone: string): string {
  if (format === 'json') return `${JSON.stringify(answer)}\n`;
  const time = (ms: number | null): string => (ms === null ? '' : timeText(ms, zone));
  if (format === 'csv') {
    return csvTable(
      [
        'line',
        'branch',
        'product',
        'customer',
        'interruptions',
        'momentary',
        'outages',
        'down_ms',
        'flap_episodes',
        'repeat_faults',
        'down_now',
        'last_start',
      ],
      answer.rows.map((row) => [
        row.line,
        row.branch,
        row.product,
        row.customer,
        row.interruptions,
        row.momentary,
        row.outages,
        row.downMs,
        row.flapEpisodes,
        row.repeatFaults,
        row.down,
        time(row.lastStart),
      ]),
    );
  }
  const rows = answer.rows.map((row, i) => [
    String(i + 1),
    row.line,
    row.branch ?? '',
    row.product ?? '',
    row.customer ?? '',
    ...[row.interruptions, row.momentary, row.outages].map(count),
    clock(row.downMs),
    ...[row.flapEpisodes, row.repeatFaults].map(count),
    row.down ? 'down' : '',
    time(row.lastStart),
  ]);
  const period = `${time(answer.fromMs)} to ${time(answer.toMs)}`;
  const head = `${period}: ${count(answer.rows.length)} of ${count(answer.total)} lines with interruptions`;
  return `${head}\n${textTable(COLUMNS, rows)}`;
}

const COLUMNS = [
  { title: '#', isNumber: true },
  { title: 'line' },
  { title: 'branch' },
  { title: 'product' },
  { title: 'customer' },
  { title: 'interruptions', isNumber: true },
  { title: 'momentary', isNumber: true },
  { title: 'outages', isNumber: true },
  { title: 'down h:mm:ss', isNumber: true },
  { title: 'flap episodes', isNumber: true },
  { title: 'repeat faults', isNumber: true },
  { title: 'now' },
  { title: 'last start' },
];

function sixtieths(value: number): string {
  return String(value % 60).padStart(2, '0');
}

/** A duration as h:mm:ss. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${count(Math.floor(seconds / 3600))}:${sixtieths(Math.floor(seconds / 60))}:${sixtieths(seconds)}`;
}
