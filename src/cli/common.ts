// What the commands share: options that are also settings, rules, time zones, records, and the end
// by Ctrl-C.

import { Command, Option } from 'commander';
import { EXIT, FlaplineError, messageOf } from '../config/errors.js';
import { readRulesFile, rulesOf } from '../config/rules-file.js';
import { DEFAULT_RULES, type Rules } from '../config/rules.js';
import {
  type SettingKey,
  type Settings,
  type Sources,
  flagOf,
  readConfigFile,
  variableOf,
} from '../config/settings.js';
import type { CompiledMapping } from '../mapping/compiled.js';
import { readFormat } from '../mapping/format.js';
import { DEFAULT_TIME_ZONE, offsetAt, parseMoment } from '../config/zone.js';
import { type RecordFile, recordFiles } from '../records/import.js';
import { type ReadOptions, type ReadRecords, aliasPairs, readRecordFile } from '../records/read.js';
import { badRowLog } from './rejects.js';

/** The flags that were given, by name. */
export type Flags = Readonly<Record<string, unknown>>;

/** Adds an option that can be a variable or a key of flapline.yaml too. */
export function setting(
  command: Command,
  key: SettingKey | 'rules',
  value: string,
  description: string,
): Command {
  const flag = `${flagOf(key)}${value === '' ? '' : ` ${value}`}`;
  return command.addOption(new Option(flag, `${description} [${variableOf(key)}]`));
}

/** Adds --config. */
export function withConfig(command: Command): Command {
  return command.option('--config <file>', 'settings (default: flapline.yaml, when there is one)');
}

/** Adds the options of a stored period. */
export function withPeriod(command: Command): Command {
  command
    .option('--from <time>', 'begin of the period')
    .option('--to <time>', 'end of the period, excluded');
  return setting(command, 'timeZone', '<name>', 'zone of times (default: Asia/Shanghai)');
}

/** The period of `withPeriod`, null where it is not said. Throws USAGE when it is empty. */
export function periodFlags(
  flags: Flags,
  zone: string,
): { fromMs: number | null; toMs: number | null } {
  const fromMs = momentFlag(flags, 'from', zone);
  const toMs = momentFlag(flags, 'to', zone);
  if (fromMs !== null && toMs !== null && fromMs >= toMs) {
    throw new FlaplineError('USAGE', 'the period is empty: --from must lie before --to');
  }
  return { fromMs, toMs };
}

/** Where the settings of a command come from. */
export function sourcesOf(flags: Flags): Sources {
  const named = flags['config'] === undefined ? undefined : String(flags['config']);
  return { flags, env: process.env, file: readConfigFile(named) };
}

/** The rules of --rules, FLAPLINE_RULES, flapline.yaml, or the defaults. */
export function rulesFrom({ flags, env, file }: Sources): Rules {
  const named = flags['rules'] ?? env[variableOf('rules')];
  if (named !== undefined) return readRulesFile(String(named));
  const words = file?.value.rules;
  return file && words ? rulesOf(file, words, ['rules']) : DEFAULT_RULES;
}

/** What --format says of itself. */
export const FORMAT_HELP =
  'what messages look like: native, ves, 3gpp, napalm-logs, or a mapping file (default: native)';

/** The mapping of a format; null = the native form. Throws BAD_CONFIG. */
export function mappingFrom(format: string | undefined): CompiledMapping | null {
  return format === undefined ? null : readFormat(format, false);
}

/** The zone that times are shown and cut in. Throws BAD_CONFIG when it is unknown. */
export function reportZone(timeZone: string | undefined): string {
  const zone = timeZone ?? DEFAULT_TIME_ZONE;
  offsetAt(zone, 0);
  return zone;
}

/** A time given by a flag, null when it was not given. Throws USAGE. */
export function momentFlag(flags: Flags, name: string, zone: string): number | null {
  const words = flags[name];
  return words === undefined ? null : usage(() => parseMoment(String(words), zone, flagOf(name)));
}

/** Reads a flag's value; what is wrong with it is a usage error. */
export function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new FlaplineError('USAGE', messageOf(error), { cause: error });
  }
}

/** The settings that name a file of records. */
export const RECORD_SETTINGS = ['lines', 'aliases', 'components', 'works'] as const;

/** Adds the options that name files of records. */
export function withRecords(command: Command): Command {
  setting(command, 'lines', '<file>', 'lines.csv: the lines and whose they are');
  setting(command, 'aliases', '<file>', 'aliases.csv: the lines that an alarmed key carries');
  setting(command, 'components', '<file>', 'components.csv: what lines lie on');
  return setting(command, 'works', '<file>', 'works.csv: planned works');
}

/** The files of records that settings name. */
export function recordFilesOf(settings: Settings): RecordFile[] {
  return RECORD_SETTINGS.flatMap((kind) => {
    const file = settings[kind];
    return file === undefined ? [] : recordFiles([file], kind);
  });
}

/** Reads files of records; bad rows are told. Throws FILE_UNREADABLE, BAD_DATA. */
export async function readRecordFiles(
  files: readonly RecordFile[],
  options: ReadOptions,
  note: (text: string) => void,
): Promise<ReadRecords[]> {
  const read: ReadRecords[] = [];
  for (const { kind, file } of files) {
    const records = await readRecordFile(kind, file, options);
    const bad = badRowLog(note);
    for (const one of records.bad) bad.take(one);
    bad.end();
    read.push(records);
  }
  return read;
}

/** The aliases of a file, none without one; bad rows are told. */
export async function aliasesOf(
  file: string | undefined,
  note: (text: string) => void,
): Promise<[key: string, line: string][]> {
  const files = file === undefined ? [] : recordFiles([file], 'aliases');
  return aliasPairs(await readRecordFiles(files, { timeZone: DEFAULT_TIME_ZONE }, note));
}

/** Runs work that Ctrl-C or SIGTERM ends early; a second time they end the process at once. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
