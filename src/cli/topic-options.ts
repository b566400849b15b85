// The options of the commands that read a topic: which one of which cluster, how to reach it, and how its
// messages are read. They read alike in all of them.

import { Command, Option } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { LIMIT_SETTINGS, limitsFrom } from '../config/limits.js';
import { type Settings, type Sources, kafkaSettings } from '../config/settings.js';
import { zoneOffsets } from '../config/zone.js';
import { START_TIMEOUT_MS } from '../source/log.js';
import { FORMAT_HELP, mappingFrom, rulesFrom, setting } from './common.js';

/** Which topic. */
export const TOPIC_SETTINGS = [
  'kafka',
  'topic',
  'kafkaSet',
  'kafkaSetFile',
  'timeZone',
  'startTimeout',
] as const;

/** How its messages are read, beside the zone of their times. */
export const READING_SETTINGS = ['format', ...LIMIT_SETTINGS.map(([key]) => key)] as const;

/** Adds those that say which topic. */
export function withTopic(
  command: Command,
  zone = 'reads times without an offset (default: none)',
): void {
  setting(command, 'kafka', '<brokers>', 'bootstrap brokers, host:port,...');
  setting(command, 'topic', '<name>', 'topic to read');
  command.addOption(
    repeatable(
      '--kafka-set <key=value>',
      "a setting of librdkafka's; repeatable [FLAPLINE_KAFKA_SET]",
    ),
  );
  command.addOption(
    repeatable(
      '--kafka-set-file <key=file>',
      'the same, its value in a file: for secrets [FLAPLINE_KAFKA_SET_FILE]',
    ),
  );
  setting(command, 'timeZone', '<name>', zone);
  setting(command, 'startTimeout', '<time>', 'wait for a broker at start (default: 30s)');
}

/** Adds those that say how its messages are read. */
export function withReading(command: Command, rules = 'rules (YAML)'): void {
  setting(command, 'rules', '<file>', rules);
  setting(command, 'format', '<name|file>', FORMAT_HELP);
  for (const [key, text] of LIMIT_SETTINGS) setting(command, key, '<n>', text);
}

/** An option that may be given several times. */
function repeatable(flag: string, text: string): Option {
  return new Option(flag, text).argParser((pair: string, before: string[] | undefined) => [
    ...(before ?? []),
    pair,
  ]);
}

/**
 * The topic that is named and how to reach it; null = none is. Throws USAGE when only the brokers or
 * only the topic is named, BAD_CONFIG for a secret that cannot be read.
 */
export function topicFrom(given: Settings) {
  const { kafka: brokers, topic } = given;
  if (brokers === undefined && topic === undefined) return null;
  if (brokers === undefined) {
    throw new FlaplineError('USAGE', '--topic needs the brokers: give --kafka HOST:PORT');
  }
  if (topic === undefined) {
    throw new FlaplineError('USAGE', '--kafka needs the topic: give --topic NAME');
  }
  return { brokers, topic, startTimeoutMs: startTimeoutFrom(given), ...kafkaSettings(given) };
}

/** How long a start waits for a broker, ms. */
export function startTimeoutFrom({ startTimeout }: Settings): number {
  return startTimeout ?? START_TIMEOUT_MS;
}

/** How messages are read, and judged. Throws BAD_CONFIG. */
export function readingFrom(settings: Settings, sources: Sources) {
  const { format, timeZone } = settings;
  return {
    ...limitsFrom(settings),
    mapping: mappingFrom(format),
    zone: timeZone === undefined ? [] : zoneOffsets(timeZone),
    rules: rulesFrom(sources),
  };
}
