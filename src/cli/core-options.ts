// The options of a service whatever feeds it: store, Kafka, API, records. `run` and `serve` share them.

import type { Command } from 'commander';
import { type Settings, type Sources, readSecret } from '../config/settings.js';
import { readTargets } from '../kpi/targets-file.js';
import type { CoreOptions } from '../service-options.js';
import { DEFAULT_STORE_OPTIONS } from '../store/store.js';
import { causeSettingsFrom } from './cause-options.js';
import { RECORD_SETTINGS, recordFilesOf, reportZone, setting, withRecords } from './common.js';
import { notifyFrom } from './notify-options.js';
import type { LifeParts } from './service-life.js';
import { TOPIC_SETTINGS, startTimeoutFrom, withTopic } from './topic-options.js';

/** Their settings. */
export const CORE_KEYS = [
  'data',
  ...TOPIC_SETTINGS,
  'cluster',
  'host',
  'port',
  'insecure',
  ...RECORD_SETTINGS,
  'records',
  'targets',
  'idle',
  'commitEvery',
  'backupHour',
  'backupKeep',
  'shelveMax',
  'storeMemory',
  'storeThreads',
  'quiet',
] as const;

/** Adds them to a command. */
export function withCore(command: Command): void {
  setting(command, 'data', '<folder>', 'store and snapshots (default: ./flapline-data)');
  withTopic(command, 'reads times without an offset, and cuts days (default: none, Asia/Shanghai)');
  setting(command, 'cluster', '<name>', 'name that progress is kept by (default: the brokers)');
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
  setting(
    command,
    'idle',
    '<time>',
    'a log read to its end is read at now less this (default: 10s)',
  );
  setting(command, 'backupHour', '<hour>', 'hour of the nightly backup, or off (default: 3)');
  setting(command, 'backupKeep', '<n>', 'backups that are kept (default: 7)');
  setting(command, 'shelveMax', '<time>', 'longest time a line is shelved (default: 30d)');
  setting(command, 'storeMemory', '<size>', "the store's memory, cache included (default: 2GB)");
  setting(
    command,
    'storeThreads',
    '<n>',
    "the store's threads (default: the cores but one, at most 2)",
  );
  setting(command, 'commitEvery', '<time>', 'time between commits (default: 200ms)');
  setting(command, 'quiet', '', 'no notes but the address');
}

/** What they say. Throws BAD_CONFIG, USAGE. */
export function coreOptions(
  settings: Settings,
  sources: Sources,
): Omit<CoreOptions, keyof LifeParts | 'kafka'> {
  const viewer = readSecret('viewerToken', sources);
  const operator = readSecret('operatorToken', sources);
  return {
    dataFolder: settings.data ?? 'flapline-data',
    host: settings.host ?? '127.0.0.1',
    port: settings.port ?? 8080,
    tokens: viewer === null && operator === null ? null : { viewer, operator },
    insecure: settings.insecure ?? false,
    timeZone: reportZone(settings.timeZone),
    recordFiles: recordFilesOf(settings),
    recordsFolder: settings.records ?? null,
    notify: notifyFrom(sources),
    causes: causeSettingsFrom(sources),
    targets: settings.targets === undefined ? null : readTargets(settings.targets),
    startTimeoutMs: startTimeoutFrom(settings),
    idleMs: settings.idle ?? 10_000,
    backup: backupOf(settings),
    store: {
      memory: settings.storeMemory ?? DEFAULT_STORE_OPTIONS.memory,
      threads: settings.storeThreads ?? DEFAULT_STORE_OPTIONS.threads,
    },
    apiLimits: settings.shelveMax === undefined ? {} : { shelvedMsMax: settings.shelveMax },
  };
}

/** Three in the morning, a week of them. */
function backupOf({ backupHour = 3, backupKeep = 7 }: Settings): CoreOptions['backup'] {
  return backupHour === null ? null : { hour: backupHour, keep: backupKeep };
}
