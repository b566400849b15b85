// `flapline records import` and `records status`: the operator's records into a store that no service
// holds, or through the service that does.

import { Command, Option } from 'commander';
import {
  RECORD_KINDS,
  RECORD_KIND_NAMES,
  type RecordKind,
  type RecordKindName,
} from '../config/record-kinds.js';
import { type Sources, readSecret, readSettings } from '../config/settings.js';
import { reportText } from '../pipeline/record-intake.js';
import { type RecordFile, bringInNow, recordFiles } from '../records/import.js';
import { type Encoding, readBytes, textOf } from '../records/csv.js';
import { isDatabaseFile } from '../records/database.js';
import { type ReadRecords, readRecordFile } from '../records/read.js';
import type { ImportReport } from '../store/record-import.js';
import type { RecordState } from '../store/record-queries.js';
import { type Flags, momentFlag, reportZone, setting, sourcesOf, withConfig } from './common.js';
import { countOf, printable, say, writeOut } from './output.js';
import { badRowLog } from './rejects.js';
import { addressOf, askService } from './service.js';
import { STORE_LIMITS, sourceOf, withSource } from './store-source.js';
import { textTable } from './table.js';

const EXAMPLES = `
Examples:
  flapline records import lines.csv components.csv works.csv --store nov.duckdb
  flapline records import plan.xlsx.csv --kind works --encoding gb18030 --url http://127.0.0.1:8080
  flapline records import moved.csv --kind lines --part --valid-from 2006-11-15 --store nov.duckdb
  flapline records status --store nov.duckdb

A file's name says its kind (${RECORD_KIND_NAMES.join(', ')}): CSV in UTF-8 or GB18030, Parquet, JSON, or
a DuckDB file with a table of that name. Lines, aliases, components, customers and branches that a file
lacks end, unless --part is given. What changed is told; rows that are bad are told and left out.`;

/** Rows of a list that are shown. */
const SHOWN = 20;

/** The command. */
export function recordsCommand(): Command {
  const command = new Command('records').description("Brings the operator's records in.");
  command.summary("the operator's records: brought in, and how they stand");
  const bring = new Command('import')
    .description('Brings files of records in; only what changed is written, and told.')
    .argument('<file...>', 'CSV, Parquet, JSON or DuckDB files')
    .addOption(new Option('--kind <kind>', 'of all files').choices(RECORD_KIND_NAMES))
    .addOption(
      new Option('--encoding <name>', 'of CSV (default: found out)').choices(['utf-8', 'gb18030']),
    )
    .option('--valid-from <time>', 'when changes begin that do not say it (default: now)')
    .option('--part', 'the files hold some of the records: the others have not ended')
    .option('--json', 'what was done, as JSON');
  const status = new Command('status')
    .description('How many records there are, and how they go with the stream.')
    .option('--at <time>', "the records in force then, or 'latest': now")
    .option('--json', 'as JSON');
  for (const one of [bring, status]) {
    withConfig(withSource(one, one === bring ? 'operator' : 'viewer'));
    setting(one, 'timeZone', '<name>', 'of times without an offset (default: Asia/Shanghai)');
    one.addHelpText('after', EXAMPLES);
  }
  bring.action((files: string[], flags: Flags) => runImport(files, flags));
  status.action((flags: Flags) => runStatus(flags));
  return command.addCommand(bring).addCommand(status);
}

async function runImport(names: readonly string[], flags: Flags): Promise<void> {
  const beganMs = performance.now();
  const sources = sourcesOf(flags);
  const timeZone = reportZone(readSettings(['timeZone'], sources).timeZone);
  const files = recordFiles(names, (flags['kind'] as RecordKindName | undefined) ?? null);
  const encoding = (flags['encoding'] as Encoding | undefined) ?? null;
  const fromMs = momentFlag(flags, 'validFrom', timeZone) ?? Date.now();
  const how = { fromMs, ...(flags['part'] === true && { isPart: true }) };
  const from = sourceOf(flags, sources);
  const options = { timeZone, encoding };
  const reports: ImportReport[] = [];
  if (from.store === undefined) {
    const token = readSecret('operatorToken', sources);
    for (const one of files) {
      const records = await readTold(one, options);
      const part = how.isPart ?? (isDatabaseFile(one.file) && records.bad.length > 0);
      const query = `valid_from=${fromMs}${part ? '&part=true' : ''}`;
      const address = addressOf(from.url, `api/records/${one.kind}?${query}`);
      const body = bodyOf(records, encoding);
      const report = (await askService(address, token, 'operator', body)) as ImportReport;
      reports.push({ ...report, source: one.file });
    }
  } else {
    const { openStore } = await import('../store/store.js');
    const all: ReadRecords[] = [];
    for (const one of files) all.push(await readTold(one, options));
    const store = await openStore(from.store, { ...STORE_LIMITS, timeZone });
    try {
      reports.push(...(await bringInNow(store, all, how)));
      await store.writer.run('checkpoint');
    } finally {
      store.close();
    }
  }
  if (flags['json'] === true) await writeOut(`${JSON.stringify(reports, null, 2)}\n`);
  else for (const report of reports) await writeOut(reportLines(report));
  say(speedText(reports, (performance.now() - beganMs) / 1000));
}

/** How many rows were read, and how fast: from the first file opened to the last change stored. */
function speedText(reports: readonly ImportReport[], seconds: number): string {
  const rows = reports.reduce((sum, report) => sum + report.rows, 0);
  const aSecond = Math.round(rows / seconds).toLocaleString('en');
  return `${countOf(rows, 'row')} in ${seconds.toFixed(1)} s (${aSecond} a second)`;
}

/** Reads a file; its bad rows are told. */
export async function readTold(
  { kind, file }: RecordFile,
  options: { timeZone: string; encoding: Encoding },
): Promise<ReadRecords> {
  const records = await readRecordFile(kind, file, options);
  const bad = badRowLog(say);
  for (const one of records.bad) bad.take(one);
  bad.end();
  return records;
}

/** Records as a service takes them: CSV in UTF-8, a CSV file as it is. */
export function bodyOf(records: ReadRecords, encoding: Encoding): Uint8Array {
  const { source } = records;
  return isDatabaseFile(source) ? csvOf(records) : Buffer.from(textOf(readBytes(source), encoding));
}

/** Records as CSV, times as epoch ms. */
function csvOf({ kind, rows }: ReadRecords): Uint8Array {
  const { columns }: RecordKind = RECORD_KINDS[kind];
  const names = [...columns.map(({ column }) => column), 'valid_from', 'valid_to'];
  const stored = [...columns.map((column) => column.stored), 'valid_from_ms', 'valid_to_ms'];
  const lines = rows.map((row) =>
    stored.map((name) => `"${String(row[name] ?? '').replaceAll('"', '""')}"`).join(','),
  );
  return Buffer.from(`${[names.join(','), ...lines].join('\n')}\n`);
}

function reportLines(report: ImportReport): string {
  const changes = report.sample.map(({ change, row, columns }) => {
    return `  ${change} ${printable(row)}${columns === '' ? '' : `: ${columns}`}\n`;
  });
  const all = report.added + report.changed + report.ended;
  const more = all > changes.length ? `  and ${all - changes.length} more\n` : '';
  return `${printable(reportText(report))}\n${changes.join('')}${more}`;
}

async function runStatus(flags: Flags): Promise<void> {
  const sources = sourcesOf(flags);
  const state = await stateOf(flags, sources);
  if (flags['json'] === true) return writeOut(`${JSON.stringify(state, null, 2)}\n`);
  const table = textTable(
    [{ title: 'records' }, { title: 'in force', isNumber: true }, { title: 'bad', isNumber: true }],
    state.kinds.map(({ kind, rows, bad }) => [kind, String(rows), String(bad)]),
  );
  const lists = [
    linesText('of the stream that no record names', state.unrecorded),
    linesText('of the records that no event has named', state.unseen),
  ];
  return writeOut(`${table}\n${lists.join('\n')}\n`);
}

function linesText(what: string, { total, lines }: RecordState['unseen']): string {
  const shown = lines.slice(0, SHOWN).map((line) => `  ${printable(line)}\n`);
  const more = total > shown.length ? `  and ${total - shown.length} more\n` : '';
  return `${countOf(total, 'line')} ${what}\n${shown.join('')}${more}`;
}

async function stateOf(flags: Flags, sources: Sources): Promise<RecordState> {
  const from = sourceOf(flags, sources);
  const zone = reportZone(readSettings(['timeZone'], sources).timeZone);
  const atMs = flags['at'] === 'latest' ? null : momentFlag(flags, 'at', zone);
  if (from.store === undefined) {
    const token = readSecret('viewerToken', sources);
    const address = addressOf(from.url, 'api/records');
    if (atMs !== null) address.searchParams.set('at', String(atMs));
    return (await askService(address, token, 'viewer')) as RecordState;
  }
  const { openReadStore } = await import('../store/read-store.js');
  const { recordState } = await import('../store/record-queries.js');
  const { connection, close } = await openReadStore(from.store, STORE_LIMITS);
  try {
    return await recordState(connection, SHOWN, atMs);
  } finally {
    close();
  }
}
