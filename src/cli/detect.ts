// `flapline detect`: a worker of the scaled form. Kafka's group gives it partitions; what it finds, and the
// state that goes with it, are one Kafka transaction. It has no store and listens nowhere.

import { Command } from 'commander';
import { redacted } from '../config/secrets.js';
import { type Settings, type Sources, readSettings } from '../config/settings.js';
import { recordFiles } from '../records/import.js';
import {
  type Flags,
  aliasesOf,
  interruptible,
  readRecordFiles,
  reportZone,
  setting,
  sourcesOf,
  withConfig,
} from './common.js';
import { say } from './output.js';
import { SCALE_HELP, scalePlace, withApp } from './scale-options.js';
import {
  READING_SETTINGS,
  TOPIC_SETTINGS,
  readingFrom,
  withReading,
  withTopic,
} from './topic-options.js';

const EXAMPLES = `
Examples:
  flapline detect --kafka broker:9092 --topic alarms --rules rules.yaml
${SCALE_HELP}
Rules, format, aliases and classes are each worker's own: give all the same, and restart them one after
another when they change; a partition takes them over, as of its position, when it is taken up.
Ctrl-C commits, writes the state and gives the partitions back.`;

const KEYS = [
  ...TOPIC_SETTINGS,
  ...READING_SETTINGS,
  'cluster',
  'app',
  'lines',
  'aliases',
  'commitEvery',
  'snapshotEvery',
  'quiet',
] as const;

/** The command. */
export function detectCommand(): Command {
  const command = new Command('detect')
    .summary('the scaled form: a worker of a consumer group')
    .description(
      'Folds partitions of the input, as Kafka gives them to it, and publishes findings.',
    );
  withTopic(command);
  setting(command, 'cluster', '<name>', 'name that progress is kept by (default: the brokers)');
  withApp(command);
  setting(command, 'lines', '<file>', 'lines.csv: the lines and whose they are, for classes');
  setting(command, 'aliases', '<file>', 'aliases.csv: the lines that an alarmed key carries');
  withReading(command);
  setting(command, 'commitEvery', '<time>', 'time between commits (default: 200ms)');
  setting(command, 'snapshotEvery', '<time>', 'longest time between snapshots (default: 1m)');
  setting(command, 'quiet', '', 'no notes');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      await interruptible((stop) => runDetect(flags, stop));
    });
}

async function runDetect(flags: Flags, stop: AbortSignal): Promise<void> {
  const sources = sourcesOf(flags);
  const settings = readSettings(KEYS, sources);
  const { secrets, ...place } = scalePlace(settings);
  const onNote = (text: string): void => {
    if (settings.quiet !== true) process.stdout.write(`${redacted(text, secrets)}\n`);
  };
  const config = await configOf(settings, sources);
  // Loaded when it is needed: Kafka takes half a second.
  const { codecProblem } = await import('../source/kafka.js');
  const { runWorker } = await import('../scale/worker.js');
  const problem = codecProblem();
  if (problem) onNote(problem);
  await runWorker(
    {
      ...place,
      commitEveryMs: settings.commitEvery ?? 200,
      config: { ...config, onNote },
      onNote,
      onJoined: () =>
        onNote(`worker of ${place.app}: reading topic ${place.topic} as the group says`),
    },
    stop,
  );
}

async function configOf(settings: Settings, sources: Sources) {
  const { partitionCapacities } = await import('../kernel/kernel.js');
  const lines = settings.lines === undefined ? [] : recordFiles([settings.lines], 'lines');
  const read = await readRecordFiles(lines, { timeZone: reportZone(settings.timeZone) }, say);
  const { limits, objectBytesMax, zone, rules, mapping } = readingFrom(settings, sources);
  return {
    rules,
    mapping,
    aliases: await aliasesOf(settings.aliases, say),
    lineRows: read.flatMap(({ rows }) => rows),
    snapshotEveryMs: settings.snapshotEvery ?? 60_000,
    kernelOptions: {
      capacities: partitionCapacities(objectBytesMax),
      limits,
      emitStarts: true,
      zone,
    },
  };
}
