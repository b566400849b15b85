// Settings by flag, then environment (FLAPLINE_...), then flapline.yaml, then default. Each is a
// text that one parser reads, wherever it comes from; an error says which of them it came from.
// A bad flag is a usage error, anything else bad configuration.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FlaplineError, messageOf } from './errors.js';
import { isFormatFile } from './format.js';
import { parseDuration } from './rules.js';
import { type ConfigFile, ConfigSchema } from './schema.js';
import { type YamlFile, readYaml } from './yaml-file.js';

/** The file that is read when it exists and none is named. */
export const CONFIG_FILE = 'flapline.yaml';

/** The secret that a file holds; `what` names it in messages. Throws BAD_CONFIG. */
export { secretIn };

function complain(what: string, text: string): never {
  throw new FlaplineError('BAD_CONFIG', `${what}: ${text}`);
}

const text = (words: string, what: string): string => {
  if (words === '') complain(what, 'is empty');
  return words;
};

/** With less DuckDB cannot write the findings of a large network. */
const STORE_MEMORY_LEAST_MB = 128;

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number) {
  return (words: string, what: string): number => {
    const value = Number(words);
    if (/^\d+$/.test(words) && value >= least && value <= most) return value;
    return complain(what, `'${words}' must be a whole number from ${least} to ${most}`);
  };
}

const yesNo = (words: string, what: string): boolean => {
  if (['true', '1', 'yes', 'on'].includes(words.toLowerCase())) return true;
  if (['false', '0', 'no', 'off', ''].includes(words.toLowerCase())) return false;
  return complain(what, `'${words}' must be true or false`);
};

/** Memory as DuckDB has it, such as 512MB or 2GB. */
const memory = (words: string, what: string): string => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(MB|GB)$/i.exec(words) ?? [];
  const megabytes = Number(amount) * (unit?.toUpperCase() === 'GB' ? 1_000 : 1);
  if (megabytes >= STORE_MEMORY_LEAST_MB) return words;
  return complain(
    what,
    `'${words}' must be at least ${STORE_MEMORY_LEAST_MB}MB, such as 512MB or 2GB`,
  );
};

const hourOrOff = (words: string, what: string): number | null =>
  words === 'off' ? null : wholeNumber(0, 23)(words, what);

const pairs = (words: string, what: string): Record<string, string> =>
  Object.fromEntries(
    words.split('\n').map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) complain(what, `'${pair}' must be key=value`);
      return [pair.slice(0, at).trim(), pair.slice(at + 1)];
    }),
  );

/** The same with names of files for values. */
const filePairs = (words: string, what: string): Record<string, string> => pairs(words, what);

/** A name of a folder or file: in flapline.yaml it is relative to that file. */
const path = (words: string, what: string): string => text(words, what);

/** A preset's name, or a path. */
const format = (words: string, what: string): string => text(words, what);

const READERS = {
  data: path,
  kafka: text,
  topic: text,
  kafkaSet: pairs,
  kafkaSetFile: filePairs,
  cluster: text,
  app: text,
  findingsTopic: text,
  deadLetterTopic: text,
  host: text,
  port: wholeNumber(0, 65_535),
  viewerToken: text,
  viewerTokenFile: path,
  operatorToken: text,
  operatorTokenFile: path,
  insecure: yesNo,
  lines: path,
  aliases: path,
  components: path,
  works: path,
  records: path,
  targets: path,
  format,
  timeZone: text,
  seed: wholeNumber(0, 0xffff_ffff),
  simLines: wholeNumber(1, 10_000_000),
  historyDays: wholeNumber(0, 366),
  startTimeout: parseDuration,
  idle: parseDuration,
  commitEvery: parseDuration,
  snapshotEvery: parseDuration,
  backupHour: hourOrOff,
  backupKeep: wholeNumber(1, 1_000),
  shelveMax: parseDuration,
  storeMemory: memory,
  storeThreads: wholeNumber(1, 64),
  linesMax: wholeNumber(1, 30_000_000),
  keyBytesMax: wholeNumber(1_024, 3_000_000_000),
  namesMax: wholeNumber(2, 30_000_000),
  alarmsMax: wholeNumber(1, 100_000_000),
  alarmsPerLineMax: wholeNumber(1, 1_000_000),
  objectBytesMax: wholeNumber(4_096, 1_000_000_000),
  quiet: yesNo,
  url: text,
} as const;

/** The name of a setting, as in flapline.yaml. */
export type SettingKey = keyof typeof READERS;

/** Settings that some source gives. Durations in ms. */
export type Settings = { readonly [K in SettingKey]?: ReturnType<(typeof READERS)[K]> };

/** The sources of settings. */
export interface Sources {
  /** Values of the flags that were given, by the setting's name. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** flapline.yaml; null = none. */
  readonly file: YamlFile<ConfigFile> | null;
}

/** The variable of a setting: viewerToken is FLAPLINE_VIEWER_TOKEN. */
export function variableOf(key: string): string {
  return `FLAPLINE_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Reads the file named, or flapline.yaml when it exists. Throws BAD_CONFIG. */
export function readConfigFile(named: string | undefined): Sources['file'] {
  const name = named ?? CONFIG_FILE;
  if (named === undefined && !existsSync(name)) return null;
  return readYaml(name, ConfigSchema);
}

/** The flag of a setting: viewerToken is --viewer-token. */
export function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

interface Found {
  readonly words: string;
  /** For messages. */
  readonly what: string;
  readonly isFlag: boolean;
}

function inFlags(key: SettingKey, { flags }: Sources): Found | null {
  const value = flags[key];
  if (value === undefined || value === false) return null;
  const words = Array.isArray(value) ? value.join('\n') : String(value);
  return { words, what: flagOf(key), isFlag: true };
}

function inEnv(key: SettingKey, { env }: Sources): Found | null {
  const value = env[variableOf(key)];
  if (value === undefined) return null;
  const isPairs = READERS[key] === pairs || READERS[key] === filePairs;
  const words = isPairs ? value.replaceAll(',', '\n') : value;
  return { words, what: variableOf(key), isFlag: false };
}

function inFile(key: SettingKey, { file }: Sources): Found | null {
  const value = file?.value[key];
  if (!file || value === undefined) return null;
  const what = `${file.placeOf([key])}: /${key}`;
  const near = (name: string): string => resolve(dirname(file.name), name);
  if (typeof value === 'object') {
    const read = READERS[key] === filePairs ? near : String;
    const words = Object.entries(value).map(([name, one]) => `${name}=${read(String(one))}`);
    return { words: words.join('\n'), what, isFlag: false };
  }
  const isPath = READERS[key] === path || (READERS[key] === format && isFormatFile(String(value)));
  return {
    words: isPath ? near(String(value)) : String(value),
    what,
    isFlag: false,
  };
}

/** Reads some settings. Throws USAGE for a bad flag, BAD_CONFIG for anything else. */
export function readSettings(keys: readonly SettingKey[], sources: Sources): Settings {
  const settings: Record<string, unknown> = {};
  for (const key of keys) {
    const found = inFlags(key, sources) ?? inEnv(key, sources) ?? inFile(key, sources);
    if (found) settings[key] = parsed(key, found);
  }
  return settings as Settings;
}

function parsed(key: SettingKey, { words, what, isFlag }: Found): unknown {
  try {
    return READERS[key](words, what);
  } catch (error) {
    if (!isFlag) throw error;
    throw new FlaplineError('USAGE', messageOf(error), { cause: error });
  }
}

/**
 * Kafka's settings, those whose values stand in files (kafkaSetFile) read. Throws BAD_CONFIG when one is
 * given both ways, or its file cannot be read.
 */
export function kafkaSettings({ kafkaSet = {}, kafkaSetFile = {} }: Settings): {
  readonly settings: Readonly<Record<string, string>>;
  /** Values that are never to be shown. */
  readonly secrets: readonly string[];
} {
  const settings: Record<string, string> = { ...kafkaSet };
  for (const [name, file] of Object.entries(kafkaSetFile)) {
    if (name in settings)
      complain(`Kafka setting ${name}`, 'is given both ways, as a value and as a file: remove one');
    settings[name] = secretIn(file, `Kafka setting ${name}`);
  }
  const secrets = Object.entries(settings)
    .filter(([name]) => name in kafkaSetFile || SECRET_SETTING.test(name))
    .map(([, value]) => value);
  return { settings, secrets };
}

/** Names of librdkafka's settings whose values are secrets. */
const SECRET_SETTING = /password|secret|\.key\.pem$|sasl\.oauthbearer\.config|token/;

/**
 * A secret, given as itself or as the name of a file that holds it; the first source that gives
 * either decides. null = none. Throws BAD_CONFIG when one source gives both, or the file none.
 */
export function readSecret(key: 'viewerToken' | 'operatorToken', sources: Sources): string | null {
  for (const search of [inFlags, inEnv, inFile]) {
    const itself = search(key, sources);
    const file = search(`${key}File`, sources);
    if (itself && file) complain(file.what, `and ${itself.what} are both given: remove one`);
    if (itself) return String(parsed(key, itself));
    if (file) return secretIn(String(parsed(`${key}File`, file)), file.what);
  }
  return null;
}

function secretIn(file: string, what: string): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new FlaplineError('BAD_CONFIG', `${what}: ${file} cannot be read (${messageOf(error)})`, {
      cause: error,
    });
  }
  if (secret === '') complain(what, `${file} is empty`);
  return secret;
}
