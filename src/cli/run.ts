// `flapline run`: the service. Reads Kafka, or without any option an embedded broker and the
// simulated network. Ctrl-C ends it cleanly; a second one at once.

import { Command } from 'commander';
import type { ServiceOptions } from '../app.js';
import { FlaplineError } from '../config/errors.js';
import { type Rules, parseDurationOrOff } from '../config/rules.js';
import { ConfigSchema } from '../config/schema.js';
import { type Settings, type Sources, flagOf, readSettings } from '../config/settings.js';
import { DEFAULT_LINES } from '../simulate/index.js';
import { type Flags, setting, sourcesOf, usage, withConfig } from './common.js';
import { CORE_KEYS, coreOptions, withCore } from './core-options.js';
import { writeOut } from './output.js';
import { type LifeParts, liveOnce } from './service-life.js';
import { READING_SETTINGS, readingFrom, topicFrom, withReading } from './topic-options.js';

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

const KEYS = [
  ...CORE_KEYS,
  'findingsTopic',
  'deadLetterTopic',
  'seed',
  'simLines',
  'historyDays',
  'snapshotEvery',
  ...READING_SETTINGS,
] as const;

/** The command. `exit` takes its exit code. */
export function runCommand(exit: (code: number) => void): Command {
  const command = new Command('run')
    .summary('the service: Kafka to findings, API and page')
    .description(
      'Runs the service: alarms from Kafka through the kernel into a DuckDB store, with API and ' +
        'page. Without --kafka it brings an embedded broker and a simulated network.',
    );
  withCore(command);
  setting(command, 'findingsTopic', '<name>', 'topic to publish findings to (default: none)');
  setting(command, 'deadLetterTopic', '<name>', 'topic to send rejects to (default: none)');
  withReading(command);
  setting(command, 'seed', '<n>', 'demo: of the network (default: 1)');
  setting(command, 'simLines', '<n>', `demo: lines (default: ${DEFAULT_LINES})`);
  setting(command, 'historyDays', '<n>', 'demo: days of history (default: 30)');
  setting(command, 'snapshotEvery', '<time>', 'longest time between snapshots (default: 1m)');
  command.option(
    '--max-skew <time>',
    "rejects events further ahead of their record's timestamp, or off (default: of the rules, 5m)",
  );
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
  const options = serviceOptions(settings, sources);
  // Loaded when it is needed: Kafka and the server take half a second.
  return liveOnce(settings.quiet ?? false, async (life) =>
    (await import('../app.js')).startService({ ...options, ...life }),
  );
}

function serviceOptions(
  settings: Settings,
  sources: Sources,
): Omit<ServiceOptions, keyof LifeParts> {
  const reading = readingFrom(settings, sources);
  return {
    ...coreOptions(settings, sources),
    ...reading,
    rules: withSkew(reading.rules, sources),
    kafka: kafkaOf(settings, sources),
    demo: {
      seed: settings.seed ?? 1,
      lines: settings.simLines ?? DEFAULT_LINES,
      historyDays: settings.historyDays ?? 30,
    },
    commitEveryMs: settings.commitEvery ?? 200,
    snapshotEveryMs: settings.snapshotEvery ?? 60_000,
  };
}

/** The skew may be said without a file of rules. */
function withSkew(rules: Rules, { flags }: Sources): Rules {
  const words = flags['maxSkew'];
  if (words === undefined) return rules;
  return { ...rules, maxSkewMs: usage(() => parseDurationOrOff(String(words), '--max-skew')) };
}

function kafkaOf(settings: Settings, { flags }: Sources): ServiceOptions['kafka'] {
  const topic = topicFrom(settings);
  if (topic === null) {
    if ((settings.format ?? 'native') !== 'native') {
      throw new FlaplineError('USAGE', '--format is for --kafka: the demo writes the native form');
    }
    return null;
  }
  const demo = ['seed', 'simLines', 'historyDays'].find((key) => flags[key] !== undefined);
  if (demo !== undefined) {
    throw new FlaplineError('USAGE', `${flagOf(demo)} is for the demo: leave it out with --kafka`);
  }
  return {
    ...topic,
    cluster: settings.cluster ?? topic.brokers,
    findingsTopic: settings.findingsTopic ?? null,
    deadLetterTopic: settings.deadLetterTopic ?? null,
  };
}
