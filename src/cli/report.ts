// What `kpi`, `targets` and `recompute` share: where they read, when, and how they write.

import type { Command } from 'commander';
import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { readSecret, readSettings } from '../config/settings.js';
import { monthOf } from '../kpi/month.js';
import type { ReportRead } from '../kpi/report.js';
import { type Flags, momentFlag, reportZone, setting, sourcesOf, withConfig } from './common.js';
import { count } from './output.js';
import { addressOf, askService } from './service.js';
import type { Cell } from '../store/sql.js';
import { column } from '../lists/column.js';
import { destinationOf, withDestination, writeAll, writeList } from './list-output.js';
import { STORE_LIMITS, sourceOf, withSource } from './store-source.js';
import { textTable } from './table.js';

/** What a report of a store is made from. */
export interface Asked {
  readonly connection: DuckDBConnection;
  readonly read: ReportRead;
  /** The month of the reading time. */
  readonly running: string;
}

/** A report: of a service by path, or of a store. */
export interface Question<T> {
  /** null: a service does not tell it. */
  readonly path: string | null;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly read: (asked: Asked) => Promise<T>;
}

/** A report as a table. */
export interface Table {
  readonly name: string;
  readonly head: string;
  /** The first and the last month it tells of; absent: of now. */
  readonly months?: readonly [string, string];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Adds the options of a report. */
export function withReport(command: Command): Command {
  withDestination(withSource(command, 'viewer'));
  command.option('--at <time>', "the reading time, or 'latest': the end of the data");
  setting(command, 'timeZone', '<name>', 'zone that months are cut in (default: Asia/Shanghai)');
  return withConfig(command);
}

/** --month as it was given. Throws USAGE where it is no month. */
export function monthFlag(flags: Flags): string | undefined {
  const month = flags['month'] as string | undefined;
  if (month === undefined || /^\d{4}-(0[1-9]|1[0-2])$/.test(month)) return month;
  throw new FlaplineError('USAGE', `--month: '${month}' is no month: write it as 2007-03`);
}

/** Asks the store or the service. */
export async function ask<T>(flags: Flags, { path, query, read }: Question<T>): Promise<T> {
  const sources = sourcesOf(flags);
  const { timeZone } = readSettings(['timeZone'], sources);
  const { store, url } = sourceOf(flags, sources);
  if (store !== undefined) return askStore(flags, store, reportZone(timeZone), read);
  if (path === null) throw new FlaplineError('USAGE', 'this is told of a --store FILE only');
  const address = addressOf(url, path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
  return (await askService(address, readSecret('viewerToken', sources), 'viewer')) as T;
}

async function askStore<T>(
  flags: Flags,
  file: string,
  timeZone: string,
  read: (asked: Asked) => Promise<T>,
): Promise<T> {
  // Loaded when it is needed: a service is asked without a database.
  const { openReadStore } = await import('../store/read-store.js');
  const { latestReadingMs } = await import('../store/queries.js');
  const { monthAt } = await import('../kpi/month.js');
  const { connection, close } = await openReadStore(file, STORE_LIMITS);
  try {
    const atMs = flags['at'] === 'latest' ? null : momentFlag(flags, 'at', timeZone);
    const readingMs = atMs ?? (await latestReadingMs(connection));
    if (readingMs === null) throw new FlaplineError('NOT_FOUND', `store ${file} holds no data yet`);
    const at = atMs === null ? ('latest' as const) : { atMs };
    return await read({
      connection,
      read: { at, readingMs, timeZone },
      running: monthAt(readingMs, timeZone),
    });
  } finally {
    close();
  }
}

/** A number for people: whole ones with commas, others with at most four digits behind the point. */
function numberText(value: number): string {
  if (Number.isInteger(value)) return count(value);
  return value.toLocaleString('en-US', { maximumFractionDigits: 4 });
}

function periodOf({ months }: Table, zone: string): { fromMs: number; toMs: number } {
  if (!months) return { fromMs: Date.now(), toMs: Date.now() };
  return { fromMs: monthOf(months[0], zone).fromMs, toMs: monthOf(months[1], zone).toMs };
}

/** Writes a report in the form asked for; JSON is the answer itself. */
export async function writeReport(flags: Flags, answer: unknown, table: Table): Promise<void> {
  const to = destinationOf(flags);
  if (to.format === 'json') return writeAll(to.file, [`${JSON.stringify(answer)}\n`]);
  const isNumber = table.columns.map((_, i) =>
    table.rows.some((row) => typeof row[i] === 'number'),
  );
  if (to.format === 'table') {
    const columns = table.columns.map((title, i) => ({ title, isNumber: isNumber[i]! }));
    const rows = table.rows.map((row) =>
      row.map((cell) => (typeof cell === 'number' ? numberText(cell) : String(cell ?? ''))),
    );
    return writeAll(to.file, [`${table.head}\n${textTable(columns, rows)}`]);
  }
  const zone = reportZone(readSettings(['timeZone'], sourcesOf(flags)).timeZone);
  const { rows } = table;
  return writeList(to, {
    name: table.name,
    columns: table.columns.map((name, i) =>
      column(name, isNumber[i] ? 'number' : 'text', name, name, name),
    ),
    about: { ...periodOf(table, zone), readingMs: null, total: rows.length, zone },
    chunks: (async function* () {
      yield rows;
    })(),
  });
}
