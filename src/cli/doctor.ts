// `flapline doctor`: looks at what a service depends on and says what to change; changes nothing.

import { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { readSettings, wholeNumber } from '../config/settings.js';
import type { Check } from '../doctor/check.js';
import { type Flags, setting, sourcesOf, usage, withConfig } from './common.js';
import { printable, writeOut } from './output.js';
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
  flapline doctor --kafka broker:9092 --topic alarms --data /var/lib/flapline
  flapline doctor --kafka broker:9092 --topic ves --format ves --json

Reads the newest records of the topic as a service would and looks at the folder, the store, the
cluster, partitions and copies, what is kept, format, keys, sizes and the sources' clocks. Changes
nothing. Ends with 0 unless there is a fault; then as the service would end (69, 65, 74).`;

const RECORDS_DEFAULT = 2_000;
const RECORDS_MAX = 100_000;

/** The command. `exit` takes its exit code. */
export function doctorCommand(exit: (code: number) => void): Command {
  const command = new Command('doctor')
    .summary('looks at cluster, topic, clocks and store, and says what to change')
    .description('Looks at what a service depends on and says what to change.');
  withTopic(command);
  withReading(command, 'rules (YAML): maxSkew judges the clocks');
  setting(command, 'data', '<folder>', 'store and snapshots (default: ./flapline-data)');
  command.option('--records <n>', `newest records looked at (default: ${RECORDS_DEFAULT})`);
  command.option('--json', 'the checks as JSON');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => exit(await runDoctor(flags)));
}

async function runDoctor(flags: Flags): Promise<number> {
  const sources = sourcesOf(flags);
  const settings = readSettings(['data', ...TOPIC_SETTINGS, ...READING_SETTINGS], sources);
  const { rules, ...decoder } = readingFrom(settings, sources);
  const words = flags['records'];
  const records =
    words === undefined
      ? RECORDS_DEFAULT
      : usage(() => wholeNumber(1, RECORDS_MAX)(String(words), '--records'));
  const kafka = topicFrom(settings);
  // Loaded when it is needed: Kafka takes half a second.
  const { examine } = await import('../doctor/doctor.js');
  const checks = await examine({
    kafka,
    dataFolder: settings.data ?? 'flapline-data',
    format: settings.format ?? 'native',
    rules,
    decoder,
    objectBytesMax: decoder.objectBytesMax,
    records,
  });
  await writeOut(
    flags['json'] === true ? `${JSON.stringify({ checks }, null, 2)}\n` : linesOf(checks),
  );
  const fault = checks.find(({ state }) => state === 'fault');
  return fault?.code ? new FlaplineError(fault.code, fault.text).exitCode : 0;
}

const MARKS: Readonly<Record<Check['state'], string>> = {
  ok: 'ok',
  note: 'note',
  warning: 'WARNING',
  fault: 'FAULT',
};

/** A check a line, what to change below it. */
function linesOf(checks: readonly Check[]): string {
  const rows = checks.flatMap(({ subject, state, text, advice }) => [
    `${MARKS[state].padEnd(8)}${subject.padEnd(11)}${printable(text)}`,
    ...(advice === null ? [] : [`${' '.repeat(19)}→ ${printable(advice)}`]),
  ]);
  return `${rows.join('\n')}\n`;
}
