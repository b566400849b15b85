// `flapline sql`: a SELECT over the documented views of a store file, or of the service that holds it.

import { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { parseDuration } from '../config/rules.js';
import { type Sources, readSecret, readSettings, wholeNumber } from '../config/settings.js';
import type { ListColumn, ListRow } from '../lists/column.js';
import { SQL_LIMITS, type SqlAnswer, askSql } from '../sql/sandbox.js';
import { sqlJsonOf } from '../sql/json.js';
import { VIEW_DOCS } from '../store/view-docs.js';
import {
  type Flags,
  momentFlag,
  reportZone,
  setting,
  sourcesOf,
  usage,
  withConfig,
} from './common.js';
import {
  type Destination,
  destinationOf,
  withDestination,
  writeAll,
  writeList,
} from './list-output.js';
import { say, writeOut } from './output.js';
import { addressOf, askService, fetchService } from './service.js';
import { STORE_LIMITS, sourceOf, withSource } from './store-source.js';

const EXAMPLES = `
Examples:
  flapline sql --views
  flapline sql "select branch, count(*) from lines where down group by all" --store nov.duckdb
  flapline sql "from interruptions limit 5" --url http://127.0.0.1:8080 --format xlsx --out a.xlsx

One SELECT over the documented views, and nothing else: it runs in a process of its own that can read no
other file and change nothing. A service answers from a copy that is at most a minute old.`;

/** The command. */
export function sqlCommand(): Command {
  const command = new Command('sql')
    .summary('a SELECT over the documented views')
    .description('Asks the documented views by SQL (of DuckDB).')
    .argument('[statement]', 'the SELECT')
    .option('--views', 'say which views there are and what their columns hold')
    .option('--at <time>', "the time at which the views read, or 'latest': the end of the data")
    .option('--limit <n>', 'rows at most', '10000')
    .option('--timeout <duration>', 'time at most, of a store file', '30s');
  withSource(command, 'operator');
  setting(command, 'timeZone', '<name>', 'zone of times (default: Asia/Shanghai)');
  return withConfig(withDestination(command))
    .addHelpText('after', EXAMPLES)
    .action((sql: string | undefined, flags: Flags) => run(sql, flags));
}

async function run(sql: string | undefined, flags: Flags): Promise<void> {
  if (flags['views'] === true) return writeOut(viewsText());
  if (sql === undefined) throw new FlaplineError('USAGE', 'name a statement, or --views');
  const sources = sourcesOf(flags);
  const from = sourceOf(flags, sources);
  const to = destinationOf(flags);
  const zone = reportZone(readSettings(['timeZone'], sources).timeZone);
  const limit = usage(() => wholeNumber(1, SQL_LIMITS.rowsMax)(String(flags['limit']), '--limit'));
  const atMs = flags['at'] === 'latest' ? null : momentFlag(flags, 'at', zone);
  const at = atMs === null ? {} : { at: atMs };
  if (from.store === undefined) {
    return fromService(from.url, sources, { sql, limit, ...at }, to, zone);
  }
  await checkStore(from.store);
  const queryMsMax = usage(() => parseDuration(String(flags['timeout']), '--timeout'));
  const limits = { ...SQL_LIMITS, rowsMax: limit, queryMsMax };
  await write(to, await askSql(from.store, sql, limits, zone, atMs));
}

/** Says in the words of every command what is wrong with a store file. */
async function checkStore(file: string): Promise<void> {
  const { openReadStore } = await import('../store/read-store.js');
  (await openReadStore(file, STORE_LIMITS)).close();
}

async function write(to: Destination, answer: SqlAnswer): Promise<void> {
  if (to.format === 'json') await writeAll(to.file, sqlJsonOf(answer));
  else await writeList(to, answer);
  if (answer.truncated()) say('flapline: there are more rows: raise --limit');
}

async function fromService(
  url: string,
  sources: Sources,
  asked: { sql: string; limit: number; at?: number },
  to: Destination,
  zone: string,
): Promise<void> {
  const address = addressOf(url, 'api/sql');
  const token = readSecret('operatorToken', sources);
  const format = to.format === 'table' ? 'json' : to.format;
  const body = { ...asked, format, language: to.language };
  if (to.format === 'table') {
    const answer = await askService(address, token, 'operator', body);
    await write(to, answerOf(answer as ServiceAnswer, zone));
  } else {
    await writeAll(to.file, fetchService(address, token, 'operator', body));
  }
}

interface ServiceAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly ListRow[];
  readonly truncated: boolean;
}

function answerOf({ columns, rows, truncated }: ServiceAnswer, zone: string): SqlAnswer {
  const described = columns.map((name, i): ListColumn => {
    const kind = rows.some((row) => typeof row[i] === 'number') ? 'value' : 'text';
    return { name, kind, title: { en: name, zh: name }, what: 'column of the statement' };
  });
  async function* chunks(): AsyncGenerator<readonly ListRow[]> {
    yield rows;
  }
  const about = { zone };
  return { name: 'sql', columns: described, about, chunks: chunks(), truncated: () => truncated };
}

function viewsText(): string {
  const views = Object.entries(VIEW_DOCS).map(([name, { row, columns }]) => {
    const lines = Object.entries(columns).map(([column, what]) => `  ${column.padEnd(26)}${what}`);
    return `${name}: ${row}\n${lines.join('\n')}\n`;
  });
  return views.join('\n');
}
