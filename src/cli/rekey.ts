// `flapline rekey`: for producers that do not key by line. One topic in, one of ours out: keyed by line,
// aliases applied, a fixed number of partitions.

import { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { LIMIT_SETTINGS, limitsFrom } from '../config/limits.js';
import {
  type Settings,
  type Sources,
  kafkaSettings,
  readSettings,
  wholeNumber,
} from '../config/settings.js';
import { zoneOffsets } from '../config/zone.js';
import {
  type Flags,
  FORMAT_HELP,
  aliasesOf,
  interruptible,
  mappingFrom,
  rulesFrom,
  setting,
  sourcesOf,
  usage,
  withConfig,
  withKafka,
} from './common.js';
import { countOf, say, writeOut } from './output.js';
import { startProgress, withRate } from './progress.js';

const EXAMPLES = `
Examples:
  flapline rekey --kafka broker:9092 --topic alarms --to alarms-by-line --partitions 24
  flapline rekey --kafka broker:9092 --topic ves --format ves --aliases aliases.csv --to alarms-by-line

Reads one topic, writes another: native objects keyed by line, one record a line of each record read,
with its time. What is written and how far was read are one Kafka transaction: a second start goes on
where the first stopped, and a reader of committed records (flapline run) sees each event once. What
cannot be read is passed on as an object that is rejected there, with its reason. Ctrl-C ends cleanly.`;

const KEYS = [
  'kafka',
  'topic',
  'kafkaSet',
  'kafkaSetFile',
  'aliases',
  'format',
  'timeZone',
  'startTimeout',
  'quiet',
  ...LIMIT_SETTINGS.map(([key]) => key),
] as const;

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
  withKafka(command);
  setting(command, 'aliases', '<file>', 'aliases.csv: the lines that an alarmed key carries');
  setting(command, 'rules', '<file>', 'rules (YAML): alarms of ignored severities are left out');
  setting(command, 'format', '<name|file>', FORMAT_HELP);
  setting(command, 'timeZone', '<name>', 'reads times without an offset (default: none)');
  setting(command, 'startTimeout', '<time>', 'wait for a broker at start (default: 30s)');
  for (const [key, text] of LIMIT_SETTINGS) setting(command, key, '<n>', text);
  setting(command, 'quiet', '', 'no progress');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      await interruptible((stop) => runRekey(flags, stop));
    });
}

async function runRekey(flags: Flags, stop: AbortSignal): Promise<void> {
  const sources = sourcesOf(flags);
  const settings = readSettings(KEYS, sources);
  const place = placeOf(settings, flags);
  const progress = startProgress(settings.quiet ?? false);
  // Loaded when they are needed: Kafka takes half a second.
  const { openLog } = await import('../source/kafka.js');
  const { provideTopic } = await import('../source/topics.js');
  const { openTransactions } = await import('../source/transactions.js');
  const { Rekey } = await import('../pipeline/rekey.js');
  const { aliasLines } = await import('../pipeline/rekeyed.js');
  const decoder = await decoderOf(settings, sources);
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

async function decoderOf(settings: Settings, sources: Sources) {
  const { Decoder } = await import('../pipeline/decoder.js');
  return new Decoder({
    limits: limitsFrom(settings).limits,
    mapping: mappingFrom(settings.format),
    zone: settings.timeZone === undefined ? [] : zoneOffsets(settings.timeZone),
    rules: rulesFrom(sources),
  });
}

function placeOf(given: Settings, flags: Flags) {
  const { kafka, topic, startTimeout } = given;
  if (kafka === undefined || topic === undefined) {
    throw new FlaplineError('USAGE', 'say where to read: --kafka HOST:PORT and --topic NAME');
  }
  const to = String(flags['to']);
  if (to === topic) throw new FlaplineError('USAGE', '--to must be another topic than --topic');
  const number = (flag: string, least: number, most: number, otherwise: number): number =>
    flags[flag] === undefined
      ? otherwise
      : usage(() => wholeNumber(least, most)(String(flags[flag]), `--${flag}`));
  return {
    brokers: kafka,
    from: topic,
    to,
    name: String(flags['name'] ?? `flapline-rekey-${to}`),
    partitions: number('partitions', 1, PARTITIONS_MAX, PARTITIONS_DEFAULT),
    replicationFactor: number('replicationFactor', 1, 100, -1),
    settings: kafkaSettings(given).settings,
    startTimeoutMs: startTimeout ?? 30_000,
  };
}
