// `flapline doctor`: looks at what a service depends on and says what to change; changes nothing.

import { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { limitsFrom } from '../config/limits.js';
import { kafkaSettings, readSettings, wholeNumber } from '../config/settings.js';
import { zoneOffsets } from '../config/zone.js';
import type { Check } from '../doctor/check.js';
import {
  type Flags,
  FORMAT_HELP,
  mappingFrom,
  rulesFrom,
  setting,
  sourcesOf,
  usage,
  withConfig,
  withKafka,
} from './common.js';
import { printable, writeOut } from './output.js';

const EXAMPLES = `
Examples:
  flapline doctor --kafka broker:9092 --topic alarms --data /var/lib/flapline
  flapline doctor --kafka broker:9092 --topic ves --format ves --json

Reads the newest records of the topic as a service would and looks at the folder, the store, the
cluster, partitions and copies, what is kept, format, keys, sizes and the sources' clocks. Changes
nothing. Ends with 0 unless there is a fault; then as the service would end (69, 65, 74).`;

const KEYS = [
  'kafka',
  'topic',
  'kafkaSet',
  'kafkaSetFile',
  'data',
  'format',
  'timeZone',
  'startTimeout',
  'linesMax',
  'keyBytesMax',
  'namesMax',
  'objectBytesMax',
] as const;

const RECORDS_DEFAULT = 2_000;
const RECORDS_MAX = 100_000;

/** The command. `exit` takes its exit code. */
export function doctorCommand(exit: (code: number) => void): Command {
  const command = new Command('doctor')
    .summary('looks at cluster, topic, clocks and store, and says what to change')
    .description('Looks at what a service depends on and says what to change.');
  withKafka(command);
  setting(command, 'data', '<folder>', 'store and snapshots (default: ./flapline-data)');
  setting(command, 'rules', '<file>', 'rules (YAML): maxSkew judges the clocks');
  setting(command, 'format', '<name|file>', FORMAT_HELP);
  setting(command, 'timeZone', '<name>', 'reads times without an offset (default: none)');
  setting(command, 'startTimeout', '<time>', 'wait for a broker (default: 30s)');
  command.option('--records <n>', `newest records looked at (default: ${RECORDS_DEFAULT})`);
  command.option('--json', 'the checks as JSON');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => exit(await runDoctor(flags)));
}

async function runDoctor(flags: Flags): Promise<number> {
  const sources = sourcesOf(flags);
  const settings = readSettings(KEYS, sources);
  const { kafka: brokers, topic, startTimeout, timeZone } = settings;
  if ((brokers === undefined) !== (topic === undefined)) {
    throw new FlaplineError('USAGE', 'give --kafka HOST:PORT and --topic NAME together');
  }
  const { limits, objectBytesMax } = limitsFrom(settings);
  const words = flags['records'];
  const records =
    words === undefined
      ? RECORDS_DEFAULT
      : usage(() => wholeNumber(1, RECORDS_MAX)(String(words), '--records'));
  // Loaded when it is needed: Kafka takes half a second.
  const { examine } = await import('../doctor/doctor.js');
  const zone = timeZone === undefined ? [] : zoneOffsets(timeZone);
  const checks = await examine({
    kafka:
      brokers === undefined || topic === undefined
        ? null
        : {
            brokers,
            topic,
            settings: kafkaSettings(settings).settings,
            startTimeoutMs: startTimeout ?? 30_000,
          },
    dataFolder: settings.data ?? 'flapline-data',
    format: settings.format ?? 'native',
    rules: rulesFrom(sources),
    decoder: { limits, zone, mapping: mappingFrom(settings.format) },
    objectBytesMax,
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
