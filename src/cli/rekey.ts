// `flapline rekey`: for producers that do not key by line. One topic in, one of ours out: keyed by line,
// aliases applied, a fixed number of partitions.

import { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { type Settings, readSettings, wholeNumber } from '../config/settings.js';
import {
  type Flags,
  aliasesOf,
  interruptible,
  setting,
  sourcesOf,
  usage,
  withConfig,
} from './common.js';
import { countOf, say, writeOut } from './output.js';
import { startProgress, withRate } from './progress.js';
import {
  READING_SETTINGS,
  TOPIC_SETTINGS,
  readingFrom,
  topicFrom,
  withReading,
  withTopic,
} from './topic-options.js';

const EXAMPLES = `
Examples:
  flapline rekey --kafka broker:9092 --topic alarms --to alarms-by-line --partitions 24
  flapline rekey --kafka broker:9092 --topic ves --format ves --aliases aliases.csv --to alarms-by-line

Reads one topic, writes another: native objects keyed by line, one record a line of each record read,
with its time. What is written and how far was read are one Kafka transaction: a second start goes on
where the first stopped, and a reader of committed records (flapline run) sees each event once. What
cannot be read is passed on as an object that is rejected there, with its reason. Ctrl-C ends cleanly.`;

const PARTITIONS_DEFAULT = 12;
const PARTITIONS_MAX = 10_000;

/** The command. */
export function rekeyCommand(): Command {
  const command = new Command('rekey')
    .summary('writes a topic again, keyed by line, aliases applied')
    .description('Writes an input topic to one of ours, keyed by line, aliases applied.')
    .requiredOption('--to <name>', 'topic to write; made when it is not there')
    .option('--partitions <n>', `its partitions (default: ${PARTITIONS_DEFAULT})`)
    .option('--replication-factor <n>', "its copies (default: the cluster's)")
    .option('--name <name>', 'keeps the positions, fences others off (default: flapline-rekey-TO)')
    .option('--until-end', 'end when everything that stands in the topic now is passed on');
  withTopic(command);
  withReading(command, 'rules (YAML): alarms of ignored severities are left out');
  setting(command, 'aliases', '<file>', 'aliases.csv: the lines that an alarmed key carries');
  setting(command, 'quiet', '', 'no progress');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      await interruptible((stop) => runRekey(flags, stop));
    });
}

async function runRekey(flags: Flags, stop: AbortSignal): Promise<void> {
  const sources = sourcesOf(flags);
  const keys = ['aliases', 'quiet', ...TOPIC_SETTINGS, ...READING_SETTINGS] as const;
  const settings = readSettings(keys, sources);
  const place = placeOf(settings, flags);
  const progress = startProgress(settings.quiet ?? false);
  // Loaded when they are needed: Kafka takes half a second.
  const { openLog } = await import('../source/kafka.js');
  const { provideTopic } = await import('../source/topics.js');
  const { openTransactions } = await import('../source/transactions.js');
  const { Decoder } = await import('../pipeline/decoder.js');
  const { Rekey } = await import('../pipeline/rekey.js');
  const { aliasLines } = await import('../pipeline/rekeyed.js');
  const decoder = new Decoder(readingFrom(settings, sources));
  const aliases = aliasLines(await aliasesOf(settings.aliases, say));
  const { from, to, ...rest } = place;
  if (await provideTopic({ ...rest, topic: to })) progress.note(`topic ${to} made`);
  const log = await openLog({ ...rest, topic: from });
  try {
    const onNote = (text: string): void => progress.note(text);
    const out = await openTransactions({ ...rest, topic: to, from, onNote });
    try {
      const beganMs = performance.now();
      const onProgress = ({ read }: { read: number }): void =>
        progress.tell(() => withRate(read, 'record', beganMs));
      const rekey = new Rekey({ log, decoder, aliases, out, onNote, onProgress });
      const { read, written, rejected } = await rekey.run(stop, flags['untilEnd'] === true);
      progress.end();
      await writeOut(
        `${countOf(read, 'record')} read, ${countOf(written, 'record')} written to ${to}, ` +
          `${countOf(rejected, 'object')} rejected\n`,
      );
    } finally {
      await out.close();
    }
  } finally {
    await log.close();
  }
}

function placeOf(given: Settings, flags: Flags) {
  const named = topicFrom(given);
  if (named === null) {
    throw new FlaplineError('USAGE', 'say where to read: --kafka HOST:PORT and --topic NAME');
  }
  const { brokers, topic, settings, startTimeoutMs } = named;
  const to = String(flags['to']);
  if (to === topic) throw new FlaplineError('USAGE', '--to must be another topic than --topic');
  const number = (flag: string, least: number, most: number, otherwise: number): number =>
    flags[flag] === undefined
      ? otherwise
      : usage(() => wholeNumber(least, most)(String(flags[flag]), `--${flag}`));
  return {
    brokers,
    from: topic,
    to,
    name: String(flags['name'] ?? `flapline-rekey-${to}`),
    partitions: number('partitions', 1, PARTITIONS_MAX, PARTITIONS_DEFAULT),
    replicationFactor: number('replicationFactor', 1, 100, -1),
    settings,
    startTimeoutMs,
  };
}
