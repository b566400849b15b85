// `flapline simulate`: writes a seeded network, its records and its alarm stream to a folder.

import { Command } from 'commander';
import { readSettings, wholeNumber } from '../config/settings.js';
import { parseMoment, timeText } from '../config/zone.js';
import { DEFAULT_LINES, MAX_LINES, MIN_LINES, type Summary, simulate } from '../simulate/index.js';
import {
  type Flags,
  interruptible,
  momentFlag,
  setting,
  sourcesOf,
  usage,
  withConfig,
} from './common.js';
import { count, countOf, writeOut } from './output.js';
import { startProgress, withRate } from './progress.js';
import { textTable } from './table.js';

const EXAMPLES = `
Examples:
  flapline simulate --out network
  flapline simulate --out year --seed 7 --from 2007-01-01 --months 12
  flapline simulate --out small --lines 2000 --from 2006-12-01 --to 2006-12-08

Writes lines, aliases, components, works, tickets, callbacks, satisfaction, customers and branches
(.csv), events.ndjson, and the truth: truth.json, which names the causes, and interruptions.csv. The
same options give the same bytes.`;

/** The simulated network lives here. */
const ZONE = 'Asia/Shanghai';
const MONTHS_MAX = 120;

/** The command. */
export function simulateCommand(): Command {
  const command = new Command('simulate')
    .summary('writes a simulated network and its alarms')
    .description(
      'Writes a simulated provincial network of leased lines, its records and its alarm stream.',
    )
    .requiredOption('--out <folder>', 'folder to write to; made if it is not there')
    .option('--seed <n>', 'another seed is another network', '1')
    .option('--lines <n>', `lines (${MIN_LINES} to ${MAX_LINES})`, String(DEFAULT_LINES))
    .option('--from <time>', 'begin, in Chinese time without an offset', '2007-01-01')
    .option('--months <n>', 'calendar months (default: 1)')
    .option('--to <time>', 'end, excluded; instead of --months');
  setting(command, 'quiet', '', 'no progress');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => runSimulate(flags));
}

async function runSimulate(flags: Flags): Promise<void> {
  const settings = readSettings(['quiet'], sourcesOf(flags));
  const whole = (name: string, least: number, most: number): number =>
    usage(() => wholeNumber(least, most)(String(flags[name]), `--${name}`));
  const seed = whole('seed', 0, 0xffff_ffff);
  const lines = whole('lines', MIN_LINES, MAX_LINES);
  const fromMs = usage(() => parseMoment(String(flags['from']), ZONE, '--from'));
  const toMs = momentFlag(flags, 'to', ZONE);
  const months = flags['months'] === undefined ? undefined : whole('months', 1, MONTHS_MAX);
  const progress = startProgress(settings.quiet ?? false);
  const beganMs = performance.now();
  const summary = await interruptible((signal) =>
    simulate({
      out: String(flags['out']),
      seed,
      lines,
      fromMs,
      ...(months !== undefined && { months }),
      ...(toMs !== null && { toMs }),
      onProgress: ({ events, done, timeMs }) =>
        progress.tell(
          () =>
            `${timeText(timeMs, ZONE).slice(0, 10)} ${Math.floor(done * 100)} %: ` +
            withRate(events, 'event', beganMs),
        ),
      signal,
    }),
  ).finally(() => progress.end());
  if (!settings.quiet) await writeOut(summaryText(summary));
}

function summaryText(summary: Summary): string {
  const facts: readonly (readonly [string, number])[] = [
    ['lines', summary.lines],
    ['customers', summary.customers],
    ['components', summary.components],
    ['events', summary.events],
    ['interruptions', summary.interruptions],
    ['  momentary', summary.momentary],
    ['  outages', summary.outages],
    ['  still open', summary.open],
    ['  in planned works', summary.planned],
    ['bursts', summary.bursts],
    ['tickets', summary.tickets],
  ];
  const table = textTable(
    [{ title: 'simulated' }, { title: 'count', isNumber: true }],
    facts.map(([name, value]) => [name, count(value)]),
  );
  const period = `${timeText(summary.fromMs, ZONE)} to ${timeText(summary.toMs, ZONE)}`;
  return `${period} in ${summary.out} (events.ndjson: ${countOf(summary.bytes, 'byte')})\n${table}`;
}
