// `flapline replay`: files or a relation through the kernel; findings to a file, a store, or both,
// or a summary for people.

import { causeSettingsFrom } from './cause-options.js';
import { LIMIT_SETTINGS, limitsFrom } from '../config/limits.js';
import { Command } from 'commander';
import { EXIT, FlaplineError } from '../config/errors.js';
import { readSettings } from '../config/settings.js';
import { zoneOffsets } from '../config/zone.js';
import type { Rules } from '../config/rules.js';
import type { ReplayProgress, ReplaySummary } from '../pipeline/replay.js';
import { type LineCounts, Tally } from '../pipeline/tally.js';
import { aliasPairs } from '../records/read.js';
import {
  type Flags,
  interruptible,
  FORMAT_HELP,
  mappingFrom,
  RECORD_SETTINGS,
  readRecordFiles,
  recordFilesOf,
  reportZone,
  rulesFrom,
  setting,
  sourcesOf,
  withConfig,
  withRecords,
} from './common.js';
import { type TextSink, count, countOf, openSink, writeOut } from './output.js';
import { startProgress, withRate } from './progress.js';
import { RejectLog } from './rejects.js';
import { textTable } from './table.js';

const EXAMPLES = `
Examples:
  flapline replay alarms.ndjson.gz                    counts and the worst lines
  zcat *.gz | flapline replay - --findings -          findings as NDJSON to standard output
  flapline replay 2006-1*.ndjson --store nov.duckdb   a store, for 'worst' and 'backtest'
  flapline replay ves.ndjson --format ves             messages of another form
  flapline replay nov.ndjson --components components.csv --works works.csv --findings -
                                                      root causes among the findings
  flapline replay --select "select line, start, \\"end\\" from 'tickets.parquet'"

Input: NDJSON ({"line":"GZ-0001","time":1164900000000,"state":"down"}), gzip, '-' for standard input;
with --format, other JSON; CSV and Parquet with columns line, time, state or line, start, end. Several files are one log in the
order given. Exit code 65 when any object was rejected; all findings are written nevertheless.`;

/** Lines of the summary. */
const SUMMARY_LINES = 10;

/** The command. `exit` takes its exit code. */
export function replayCommand(exit: (code: number) => void): Command {
  const command = new Command('replay')
    .summary('files through the kernel: findings, a store, or a summary')
    .description('Replays alarm files: findings to a file or a store, or a summary of them.')
    .argument('[file...]', "NDJSON, gzip, CSV or Parquet files, or '-' for standard input")
    .option('--select <sql>', 'a relation DuckDB can read, after the files')
    .option('--sort', 'order by time first, stably')
    .option('--findings <file>', "findings as NDJSON into a file, or '-' for standard output")
    .option('--store <file>', 'findings into a new DuckDB file')
    .option('--starts', 'findings hold interruption starts too');
  setting(command, 'rules', '<file>', 'rules (YAML); see the README for all they can say');
  withRecords(command);
  setting(command, 'format', '<name|file>', FORMAT_HELP);
  setting(command, 'timeZone', '<name>', 'reads times without an offset; else they are rejected');
  for (const [key, text] of LIMIT_SETTINGS) setting(command, key, '<n>', text);
  setting(command, 'quiet', '', 'no progress');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], flags: Flags) => exit(await runReplay(files, flags)));
}

async function runReplay(files: readonly string[], flags: Flags): Promise<number> {
  const select = flags['select'] as string | undefined;
  if (files.length === 0 && select === undefined) {
    throw new FlaplineError('USAGE', "name a FILE ('-' for standard input), or give --select");
  }
  if (files.filter((file) => file === '-').length > 1) {
    throw new FlaplineError('USAGE', "'-' can be given once only");
  }
  const sources = sourcesOf(flags);
  const settings = readSettings(
    ['quiet', 'timeZone', ...RECORD_SETTINGS, 'format', ...LIMIT_SETTINGS.map(([key]) => key)],
    sources,
  );
  const rules = rulesFrom(sources);
  const mapping = mappingFrom(settings.format);
  const progress = startProgress(settings.quiet ?? false);
  const note = (text: string): void => progress.note(text);
  const storeFile = flags['store'] as string | undefined;
  if (storeFile === undefined) refuseUseless(flags, rules);
  const timeZone = reportZone(settings.timeZone);
  const records = await readRecordFiles(recordFilesOf(settings), { timeZone }, note);
  const findingsFile = flags['findings'] as string | undefined;
  const rejects = new RejectLog(note);
  const output = findingsFile === undefined ? null : new FindingsOutput(findingsFile);
  const tally = !output && storeFile === undefined ? new Tally() : null;
  // Loaded when it is needed: help and usage errors come at once.
  const { replay } = await import('../pipeline/replay.js');
  const beganMs = performance.now();
  try {
    const summary = await interruptible((signal) =>
      replay({
        files,
        select,
        sort: flags['sort'] === true,
        rules,
        ...limitsFrom(settings),
        starts: flags['starts'] === true,
        zone: settings.timeZone === undefined ? [] : zoneOffsets(settings.timeZone),
        aliases: aliasPairs(records),
        mapping,
        storeFile,
        timeZone,
        records,
        causeSettings: causeSettingsFrom(sources),
        ...(tally && { onTables: (kernel) => tally.take(kernel) }),
        ...(output && {
          onFindings: (findings) => output.take(findings),
          onCauses: (causes) => output.take(causes),
        }),
        onReject: (file, reject) => rejects.take(file, reject),
        onProgress: (now) => progress.tell(() => progressText(now, beganMs)),
        signal,
      }),
    );
    progress.end();
    rejects.sumUp(summary.rejected);
    if (tally) await writeOut(summaryText(summary, tally));
    else if (!settings.quiet) progress.note(outcomeText(summary, output, beganMs));
    return summary.rejected > 0 ? EXIT.badData : EXIT.ok;
  } catch (error) {
    progress.end();
    if (error instanceof FlaplineError && error.code === 'INTERRUPTED') {
      throw interrupted(output, storeFile);
    }
    throw error;
  } finally {
    output?.close();
  }
}

/** Throws USAGE for records that would change nothing. */
function refuseUseless(flags: Flags, rules: Rules): void {
  const named = (['lines', 'components', 'works'] as const).find((key) => flags[key] !== undefined);
  if (named === undefined || (named === 'lines' && rules.classes.length > 0)) return;
  if (flags['findings'] !== undefined && flags['components'] !== undefined) return;
  const text =
    named === 'lines'
      ? '--lines goes into a store, or serves rules with classes: give --store FILE too'
      : `--${named} goes into a store, or names causes: give --store FILE, or --components and --findings`;
  throw new FlaplineError('USAGE', text);
}

function progressText(
  { file, readBytes, sizeBytes, events }: ReplayProgress,
  beganMs: number,
): string {
  const name = file === '-' ? 'standard input' : file;
  const share = sizeBytes ? ` ${Math.floor((readBytes / sizeBytes) * 100)} %` : '';
  return `${name}${share}: ${withRate(events, 'event', beganMs)}`;
}

function outcomeText(
  summary: ReplaySummary,
  output: FindingsOutput | null,
  beganMs: number,
): string {
  const found = output ? `, ${countOf(output.findings, 'finding')}` : '';
  const lines = countOf(summary.lines, 'line');
  return `${withRate(summary.events, 'event', beganMs)}, ${lines}${found}`;
}

function interrupted(output: FindingsOutput | null, storeFile: string | undefined): FlaplineError {
  const kept: string[] = [];
  if (output) kept.push(`${output.file} holds the ${countOf(output.findings, 'finding')} so far`);
  if (storeFile !== undefined) kept.push(`${storeFile} is incomplete: remove it`);
  return new FlaplineError('INTERRUPTED', ['interrupted', ...kept].join('; '));
}

const WORST_COLUMNS = [
  { title: '#', isNumber: true },
  { title: 'worst lines' },
  { title: 'interruptions', isNumber: true },
  { title: 'outages', isNumber: true },
  { title: 'flap episodes', isNumber: true },
  { title: 'repeat faults', isNumber: true },
];

function worstRow(line: LineCounts, i: number): string[] {
  const { interruptions, outages, flapEpisodes, repeatFaults } = line;
  const counts = [interruptions, outages, flapEpisodes, repeatFaults].map(count);
  return [String(i + 1), line.line].concat(counts);
}

function summaryText(summary: ReplaySummary, tally: Tally): string {
  const totals = tally.totals();
  const facts: readonly (readonly [string, number])[] = [
    ['events', summary.events],
    ['  late (clamped)', summary.late],
    ['  duplicates', summary.duplicates],
    ['rejected objects', summary.rejected],
    ['lines', summary.lines],
    ['interruptions', totals.interruptions],
    ['  momentary', totals.interruptions - totals.outages],
    ['  outages', totals.outages],
    ['flap episodes', totals.flapEpisodes],
    ['repeat faults', totals.repeatFaults],
  ];
  const head = textTable(
    [{ title: 'found' }, { title: 'count', isNumber: true }],
    facts.map(([name, value]) => [name, count(value)]),
  );
  const worst = tally.worst(SUMMARY_LINES).map(worstRow);
  if (worst.length === 0) return head;
  return `${head}\n${textTable(WORST_COLUMNS, worst)}`;
}

/** Findings as NDJSON. */
class FindingsOutput {
  readonly file: string;
  findings = 0;
  private readonly sink: TextSink;

  constructor(file: string) {
    this.file = file === '-' ? 'standard output' : file;
    this.sink = openSink(file);
  }

  async take(findings: readonly object[]): Promise<void> {
    if (findings.length === 0) return;
    await this.sink.write(findings.map((finding) => `${JSON.stringify(finding)}\n`).join(''));
    this.findings += findings.length;
  }

  close(): void {
    this.sink.close();
  }
}
