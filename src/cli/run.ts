// `flapline run`: the service. Reads Kafka, or without any option an embedded broker and the
// simulated network. Ctrl-C ends it cleanly; a second one at once.

import { LIMIT_SETTINGS, limitsFrom } from '../config/limits.js';
import { Command } from 'commander';
import type { Service, ServiceOptions } from '../app.js';
import { EXIT, FlaplineError } from '../config/errors.js';
import { type Rules, parseDurationOrOff } from '../config/rules.js';
import { ConfigSchema } from '../config/schema.js';
import {
  kafkaSettings,
  type Settings,
  type Sources,
  flagOf,
  readSecret,
  readSettings,
} from '../config/settings.js';
import { zoneOffsets } from '../config/zone.js';
import { readTargets } from '../kpi/targets-file.js';
import { DEFAULT_LINES } from '../simulate/index.js';
import {
  type Flags,
  FORMAT_HELP,
  mappingFrom,
  RECORD_SETTINGS,
  recordFilesOf,
  reportZone,
  rulesFrom,
  setting,
  sourcesOf,
  usage,
  withConfig,
  withKafka,
  withRecords,
} from './common.js';
import { causeSettingsFrom } from './cause-options.js';
import { notifyFrom } from './notify-options.js';
import { say, writeOut } from './output.js';

const EXAMPLES = `
Examples:
  flapline run                                          the demo: http://127.0.0.1:8080/
  flapline run --kafka broker:9092 --topic alarms --data /var/lib/flapline --lines lines.csv
  flapline run --kafka broker:9092 --topic alarms --kafka-set security.protocol=ssl
  FLAPLINE_VIEWER_TOKEN_FILE=/run/secrets/viewer flapline run --host 0.0.0.0

Settings come by option, then variable (in brackets), then flapline.yaml, then default. Listens on
loopback; on another address only with a token, or --insecure. Ctrl-C ends cleanly, and a second start
with the same --data goes on where it stopped. A file of rules: flap: ["4 in 10m", "5 in 1h"],
quiet: 30m, outage: 60s, repeat: 30d, detectors, classes of lines and more (README, Configuration).`;

/** A start that was interrupted may take this long until it can be stopped cleanly. */
const STOP_WAIT_MS = 15_000;

const KEYS = [
  'data',
  'kafka',
  'topic',
  'kafkaSet',
  'kafkaSetFile',
  'cluster',
  'findingsTopic',
  'deadLetterTopic',
  'host',
  'port',
  'insecure',
  ...RECORD_SETTINGS,
  'records',
  'targets',
  'format',
  'timeZone',
  'seed',
  'simLines',
  'historyDays',
  'startTimeout',
  'idle',
  'commitEvery',
  'snapshotEvery',
  'backupHour',
  'backupKeep',
  'quiet',
  ...LIMIT_SETTINGS.map(([key]) => key),
] as const;

/** The command. `exit` takes its exit code. */
export function runCommand(exit: (code: number) => void): Command {
  const command = new Command('run')
    .summary('the service: Kafka to findings, API and page')
    .description(
      'Runs the service: alarms from Kafka through the kernel into a DuckDB store, with API and ' +
        'page. Without --kafka it brings an embedded broker and a simulated network.',
    );
  setting(command, 'data', '<folder>', 'store and snapshots (default: ./flapline-data)');
  withKafka(command);
  setting(command, 'cluster', '<name>', 'name that progress is kept by (default: the brokers)');
  setting(command, 'findingsTopic', '<name>', 'topic to publish findings to (default: none)');
  setting(command, 'deadLetterTopic', '<name>', 'topic to send rejects to (default: none)');
  setting(command, 'host', '<address>', 'address to listen on (default: 127.0.0.1)');
  setting(command, 'port', '<n>', 'port to listen on; 0: any free one (default: 8080)');
  setting(command, 'viewerToken', '<token>', 'token of viewers');
  setting(command, 'viewerTokenFile', '<file>', 'a file that holds it');
  setting(command, 'operatorToken', '<token>', 'token of operators');
  setting(command, 'operatorTokenFile', '<file>', 'a file that holds it');
  setting(command, 'insecure', '', 'listen beyond loopback without any token');
  withRecords(command);
  setting(command, 'records', '<folder>', 'files of records, read when they change');
  setting(command, 'targets', '<file>', 'targets.yaml (default: the ladder of 2007, moved)');
  setting(command, 'rules', '<file>', 'rules (YAML)');
  setting(command, 'format', '<name|file>', FORMAT_HELP);
  setting(
    command,
    'timeZone',
    '<name>',
    'reads times without an offset, and cuts days (default: none, Asia/Shanghai)',
  );
  setting(command, 'seed', '<n>', 'demo: of the network (default: 1)');
  setting(command, 'simLines', '<n>', `demo: lines (default: ${DEFAULT_LINES})`);
  setting(command, 'historyDays', '<n>', 'demo: days of history (default: 30)');
  setting(command, 'startTimeout', '<time>', 'wait for a broker at start (default: 30s)');
  setting(
    command,
    'idle',
    '<time>',
    'a log read to its end is read at now less this (default: 10s)',
  );
  setting(command, 'backupHour', '<hour>', 'hour of the nightly backup, or off (default: 3)');
  setting(command, 'backupKeep', '<n>', 'backups that are kept (default: 7)');
  setting(command, 'commitEvery', '<time>', 'time between commits (default: 200ms)');
  setting(command, 'snapshotEvery', '<time>', 'longest time between snapshots (default: 1m)');
  command.option(
    '--max-skew <time>',
    "rejects events further ahead of their record's timestamp, or off (default: of the rules, 5m)",
  );
  for (const [key, text] of LIMIT_SETTINGS) setting(command, key, '<n>', text);
  setting(command, 'quiet', '', 'no notes but the address');
  return withConfig(command)
    .option('--print-config-schema', 'print the JSON Schema of flapline.yaml and end')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      if (flags['printConfigSchema'] === true) {
        await writeOut(`${JSON.stringify(ConfigSchema, null, 2)}\n`);
      } else exit(await runService(flags));
    });
}

async function runService(flags: Flags): Promise<number> {
  const sources = sourcesOf(flags);
  const settings = readSettings(KEYS, sources);
  const quiet = settings.quiet ?? false;
  const failure = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    failure.signal.addEventListener('abort', () => reject(failure.signal.reason as Error));
  });
  failed.catch(() => undefined);
  const options = serviceOptions(settings, sources, (error) => failure.abort(error));
  const { stopping, signal, forget } = stopSignal();
  try {
    // Loaded when it is needed: Kafka and the server take half a second.
    const { startService } = await import('../app.js');
    const starting = startService({
      ...options,
      signal,
      onNote: (text) => (quiet ? undefined : void process.stdout.write(`${text}\n`)),
    });
    let isUp = false;
    const early = stopping.then(() => (isUp ? null : startedSoon(starting)));
    const service = await Promise.race([starting, early]).catch((error: unknown) => {
      if (signal.aborted && isInterrupted(error)) return null;
      throw error;
    });
    isUp = true;
    if (service === null) return EXIT.interrupted;
    if (quiet) await writeOut(`${service.address}\n`);
    try {
      await Promise.race([stopping, failed]);
    } finally {
      if (!quiet) say('stopping: Ctrl-C again ends at once');
      await service.stop();
    }
    return EXIT.ok;
  } finally {
    forget();
  }
}

/** Resolves at the first SIGINT or SIGTERM; the second ends the process. */
function stopSignal(): {
  stopping: Promise<void>;
  signal: AbortSignal;
  forget: () => void;
} {
  const stop = new AbortController();
  const stopping = new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve());
  });
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
  };
  const forget = (): void => {
    for (const name of ['SIGINT', 'SIGTERM']) process.off(name, onSignal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { stopping, signal: stop.signal, forget };
}

function isInterrupted(error: unknown): boolean {
  return error instanceof FlaplineError && error.code === 'INTERRUPTED';
}

/** A start that was interrupted: the service when it is up soon, to be stopped cleanly, else null. */
async function startedSoon(starting: Promise<Service>): Promise<Service | null> {
  say('interrupted while starting: Ctrl-C again ends at once');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), STOP_WAIT_MS);
  });
  return Promise.race([starting, late]).finally(() => clearTimeout(timer));
}

function serviceOptions(
  settings: Settings,
  sources: Sources,
  onFailure: (error: unknown) => void,
): Omit<ServiceOptions, 'onNote'> {
  const viewer = readSecret('viewerToken', sources);
  const operator = readSecret('operatorToken', sources);
  return {
    dataFolder: settings.data ?? 'flapline-data',
    host: settings.host ?? '127.0.0.1',
    port: settings.port ?? 8080,
    tokens: viewer === null && operator === null ? null : { viewer, operator },
    insecure: settings.insecure ?? false,
    rules: withSkew(rulesFrom(sources), sources),
    mapping: mappingFrom(settings.format),
    zone: settings.timeZone === undefined ? [] : zoneOffsets(settings.timeZone),
    timeZone: reportZone(settings.timeZone),
    kafka: kafkaOf(settings, sources),
    demo: {
      seed: settings.seed ?? 1,
      lines: settings.simLines ?? DEFAULT_LINES,
      historyDays: settings.historyDays ?? 30,
    },
    recordFiles: recordFilesOf(settings),
    recordsFolder: settings.records ?? null,
    notify: notifyFrom(sources),
    causes: causeSettingsFrom(sources),
    targets: settings.targets === undefined ? null : readTargets(settings.targets),
    ...limitsFrom(settings),
    startTimeoutMs: settings.startTimeout ?? 30_000,
    idleMs: settings.idle ?? 10_000,
    commitEveryMs: settings.commitEvery ?? 200,
    snapshotEveryMs: settings.snapshotEvery ?? 60_000,
    backup: backupOf(settings),
    onFailure,
  };
}

/** Three in the morning, a week of them. */
function backupOf({ backupHour = 3, backupKeep = 7 }: Settings): ServiceOptions['backup'] {
  return backupHour === null ? null : { hour: backupHour, keep: backupKeep };
}

/** The skew may be said without a file of rules. */
function withSkew(rules: Rules, { flags }: Sources): Rules {
  const words = flags['maxSkew'];
  if (words === undefined) return rules;
  return { ...rules, maxSkewMs: usage(() => parseDurationOrOff(String(words), '--max-skew')) };
}

function kafkaOf(settings: Settings, { flags }: Sources): ServiceOptions['kafka'] {
  const { kafka: brokers, topic } = settings;
  if (brokers === undefined) {
    if (topic !== undefined) {
      throw new FlaplineError('USAGE', '--topic needs the brokers: give --kafka HOST:PORT');
    }
    if ((settings.format ?? 'native') !== 'native') {
      throw new FlaplineError('USAGE', '--format is for --kafka: the demo writes the native form');
    }
    return null;
  }
  if (topic === undefined) {
    throw new FlaplineError('USAGE', '--kafka needs the topic: give --topic NAME');
  }
  const demo = ['seed', 'simLines', 'historyDays'].find((key) => flags[key] !== undefined);
  if (demo !== undefined) {
    throw new FlaplineError('USAGE', `${flagOf(demo)} is for the demo: leave it out with --kafka`);
  }
  return {
    brokers,
    topic,
    cluster: settings.cluster ?? brokers,
    findingsTopic: settings.findingsTopic ?? null,
    deadLetterTopic: settings.deadLetterTopic ?? null,
    ...kafkaSettings(settings),
  };
}
