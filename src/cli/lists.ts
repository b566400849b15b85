// The commands that give lists: `worst`, `inspect`, and `list NAME` for the others. One definition of a
// list (src/lists) serves a store file, a service and every form.

import { Argument, Command, Option } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { type Sources, readSecret, readSettings, wholeNumber } from '../config/settings.js';
import { LISTS } from '../lists/all.js';
import { jsonName } from '../lists/column.js';
import {
  KEY_WEIGHT_MAX,
  type List,
  type ListAbout,
  type ListAnswer,
  askList,
  listOf,
} from '../lists/list.js';
import type { GroupFilter } from '../store/queries.js';
import type { Cell } from '../store/sql.js';
import type { WorstBy } from '../store/worst.js';
import {
  type Flags,
  momentFlag,
  periodFlags,
  reportZone,
  sourcesOf,
  usage,
  withConfig,
  withPeriod,
} from './common.js';
import {
  type Destination,
  destinationOf,
  withDestination,
  writeAll,
  writeList,
} from './list-output.js';
import { runCause } from './cause.js';
import { addressOf, askService, fetchService } from './service.js';
import { STORE_LIMITS, sourceOf, withSource } from './store-source.js';

const TIMES = `
Times: 2006-11, 2006-11-30, 2006-11-30T23:20:00+08:00 or epoch milliseconds; without an offset in the
zone of --time-zone. Without --to the period ends with the data, without --from it has 30 days.`;

const WORST_EXAMPLES = `
Examples:
  flapline worst --store nov.duckdb
  flapline worst --store nov.duckdb --from 2006-11 --to 2006-12 --branch 广州 --limit 50
  flapline worst --url http://127.0.0.1:8080 --by branch --format csv > worst.csv
  flapline worst --store nov.duckdb --limit 48840 --format xlsx --language zh --out worst.xlsx
${TIMES}`;

/** Without --from: thirty days. */
const SPAN_MS = 30 * 86_400_000;
/** Rows of a sheet of Excel, and of what a service gives at once. */
const LIMIT_MAX = 1_048_575;

/** What is asked for. Times in epoch ms, null = not said. */
interface Asked {
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly at: number | 'latest' | null;
  readonly by: WorstBy;
  readonly filter: GroupFilter;
  readonly limit: number;
  /** Where one was named. */
  readonly keyWeight: number | undefined;
  readonly zone: string;
}

/** `worst`, `inspect` and `list`. */
export function listCommands(): Command[] {
  const worst = listOf(LISTS, 'worst');
  const inspect = listOf(LISTS, 'inspect');
  const causes = listOf(LISTS, 'causes');
  const others = LISTS.filter((list) => list !== worst && list !== inspect && list !== causes);
  const list = new Command('list')
    .summary(`other lists: ${others.map(({ name }) => name).join(', ')}`)
    .description('Gives a list people take away.')
    .addArgument(new Argument('<name>', 'which').choices(others.map(({ name }) => name)));
  return [
    withOptions(
      new Command('worst')
        .summary('the worst lines, components, customers, products or branches of a period')
        .description('Lists what had most interruptions in a period.')
        .addOption(new Option('--by <what>', 'what is listed').choices(worst.by).default('line')),
    )
      .addHelpText('after', WORST_EXAMPLES + columnsText([worst]))
      .action((flags: Flags) => run(worst, flags)),
    withOptions(
      new Command('inspect')
        .summary("premises of key customers to inspect or label, the worst lines' first")
        .description('Lists the lines of key customers whose premises need a visit.'),
    )
      .addHelpText('after', TIMES + columnsText([inspect]))
      .action((flags: Flags) => run(inspect, flags)),
    withOptions(
      new Command('causes')
        .summary('root causes of a period; with an id, the evidence and the lines of one')
        .description('Lists what explains that many lines were interrupted together.')
        .argument('[id]', 'one cause: its evidence, its lines by time, the runners-up'),
    )
      .addHelpText('after', TIMES + columnsText([causes]))
      .action((id: string | undefined, flags: Flags) =>
        id === undefined ? run(causes, flags) : runCause(id, flags),
      ),
    withOptions(list)
      .option(
        '--key-weight <n>',
        "of work-list: what a gain of a key customer's line counts (default: 3)",
      )
      .addHelpText('after', TIMES + columnsText(others))
      .action((name: string, flags: Flags) => run(listOf(LISTS, name), flags)),
  ];
}

function withOptions(command: Command): Command {
  withSource(command, 'viewer')
    .option('--at <time>', "the reading time, or 'latest': the end of the data")
    .option('--branch <name>', 'lines of this branch only')
    .option('--product <name>', 'lines of this product only')
    .option('--customer <name>', 'lines of this customer only')
    .option('--limit <n>', 'rows at most', '20');
  return withConfig(withPeriod(withDestination(command)));
}

function columnsText(lists: readonly List[]): string {
  const texts = lists.map((list) => {
    const columns = list
      .columns(list.by[0]!)
      .map(({ name, what }) => `  ${name.padEnd(24)}${what}`);
    return `\n\nColumns of ${list.name} (${list.row}):\n${columns.join('\n')}`;
  });
  return `${texts.join('')}\n\nCSV: UTF-8 with a mark, times RFC 3339. JSON: names in camel case, times epoch ms.`;
}

async function run(list: List, flags: Flags): Promise<void> {
  const sources = sourcesOf(flags);
  const { timeZone } = readSettings(['timeZone'], sources);
  const from = sourceOf(flags, sources);
  const to = destinationOf(flags);
  const asked = askedBy(list, flags, reportZone(timeZone));
  if (from.store === undefined) await fromService(from.url, sources, list, asked, to);
  else await fromStore(from.store, list, asked, to);
}

function askedBy(list: List, flags: Flags, zone: string): Asked {
  const keyWeight = flags['keyWeight'];
  const named = (name: string): string | undefined => flags[name] as string | undefined;
  return {
    ...periodFlags(flags, zone),
    at: flags['at'] === 'latest' ? 'latest' : momentFlag(flags, 'at', zone),
    by: (named('by') as WorstBy | undefined) ?? list.by[0]!,
    filter: { branch: named('branch'), product: named('product'), customer: named('customer') },
    limit: usage(() => wholeNumber(1, LIMIT_MAX)(String(flags['limit']), '--limit')),
    keyWeight:
      keyWeight === undefined
        ? undefined
        : usage(() => wholeNumber(1, KEY_WEIGHT_MAX)(String(keyWeight), '--key-weight')),
    zone,
  };
}

async function fromStore(file: string, list: List, asked: Asked, to: Destination): Promise<void> {
  // Loaded when it is needed: a service is asked without a database.
  const { openReadStore } = await import('../store/read-store.js');
  const { latestReadingMs } = await import('../store/queries.js');
  const { ListMemory } = await import('../store/list-memory.js');
  const { connection, close } = await openReadStore(file, STORE_LIMITS);
  const memory = new ListMemory();
  try {
    const { at, by, filter, limit, keyWeight, zone } = asked;
    const readingMs = typeof at === 'number' ? at : await latestReadingMs(connection);
    const toMs = asked.toMs ?? (readingMs ?? Date.now()) + 1;
    const fromMs = asked.fromMs ?? Math.max(0, toMs - SPAN_MS);
    if (fromMs >= toMs) {
      throw new FlaplineError(
        'USAGE',
        'the period is empty: --from must lie before the end of the data, or before --to',
      );
    }
    const read = { at: typeof at === 'number' ? { atMs: at } : ('latest' as const) };
    const period = { fromMs, toMs };
    const question = { read, readingMs, period, filter, by, limit, keyWeight, zone, memory };
    await writeList(to, await askList(connection, list, question));
  } finally {
    memory.clear();
    close();
  }
}

/** A table is made here, of the service's JSON; every other form is the service's own. */
async function fromService(
  url: string,
  sources: Sources,
  list: List,
  asked: Asked,
  to: Destination,
): Promise<void> {
  const address = addressOf(url, `api/lists/${list.name}`);
  const { fromMs, toMs, at, by, filter, limit, keyWeight, zone } = asked;
  const format = to.format === 'table' ? 'json' : to.format;
  const words = {
    from: fromMs,
    to: toMs,
    at,
    by,
    ...filter,
    limit,
    keyWeight,
    format,
    language: to.language,
  };
  for (const [name, value] of Object.entries(words)) {
    if (value !== null && value !== undefined) address.searchParams.set(name, String(value));
  }
  const token = readSecret('viewerToken', sources);
  if (to.format === 'table') {
    const answer = (await askService(address, token, 'viewer')) as ServiceList;
    await writeList(to, answerOf(list, answer, zone));
  } else {
    await writeAll(to.file, await fetchService(address, token, 'viewer'));
  }
}

type ServiceList = ListAbout & { rows: readonly Readonly<Record<string, Cell>>[] };

function answerOf(list: List, { rows, ...about }: ServiceList, zone: string): ListAnswer {
  const columns = list.columns(about.by as WorstBy);
  const keys = columns.map(({ name }) => jsonName(name));
  const chunk = rows.map((row) => keys.map((key) => row[key] ?? null));
  return { name: list.name, columns, about: { ...about, zone }, chunks: only(chunk) };
}

async function* only<T>(chunk: readonly T[]): AsyncGenerator<readonly T[]> {
  yield chunk;
}
