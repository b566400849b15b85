// `flapline recompute`: a closed month's figures again, as a dated restatement.

import { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { readSecret, readSettings } from '../config/settings.js';
import type { Restated } from '../kpi/frozen.js';
import type { ReadingTime } from '../store/reading.js';
import { type Flags, momentFlag, reportZone, setting, sourcesOf, withConfig } from './common.js';
import { withDestination } from './list-output.js';
import { monthFlag, writeReport } from './report.js';
import { addressOf, askService } from './service.js';

const EXAMPLES = `
Examples:
  flapline recompute --store 2007.duckdb                     freezes every month that is closed
  flapline recompute --store 2007.duckdb --month 2007-03 --why "works of the 12th corrected"
  flapline recompute --url http://127.0.0.1:8080 --month 2007-03 --why "records of 佛山 corrected"

A month closes when all data is read past its end and 3 days more. A figure that changed is kept with
its date, both values and the reason: flapline targets --restatements.`;

const STORE_OPTIONS = { memory: '4GB', threads: 2 };

/** The command. */
export function recomputeCommand(): Command {
  const command = new Command('recompute')
    .summary('a past month again, as a dated restatement')
    .description('Computes the KPIs of closed months again; what changed is kept with a date.')
    .option('--store <file>', 'a store that no service holds')
    .option('--month <month>', 'a calendar month such as 2007-03; all closed ones without it')
    .option('--why <text>', 'the reason that stays with what changes', 'recomputed')
    .option(
      '--at <time>',
      "the reading time; without it, or 'latest': the end of the data, a service's now",
    );
  withDestination(command);
  setting(command, 'timeZone', '<name>', 'zone that months are cut in (default: Asia/Shanghai)');
  setting(command, 'url', '<address>', 'a running service, asked instead of a store');
  setting(command, 'operatorToken', '<token>', "the service's token of operators");
  setting(command, 'operatorTokenFile', '<file>', 'a file that holds it');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => runRecompute(flags));
}

async function runRecompute(flags: Flags): Promise<void> {
  const sources = sourcesOf(flags);
  const settings = readSettings(['timeZone', 'url'], sources);
  const month = monthFlag(flags);
  const why = String(flags['why']);
  const store = flags['store'] as string | undefined;
  if ((store === undefined) === (settings.url === undefined)) {
    throw new FlaplineError('USAGE', 'name a --store FILE, or the --url of a running service');
  }
  const zone = reportZone(settings.timeZone);
  const atMs = flags['at'] === 'latest' ? null : momentFlag(flags, 'at', zone);
  const at = atMs === null ? ('latest' as const) : { atMs };
  const done =
    store === undefined
      ? [await askForIt(settings.url!, { month, why, atMs }, readSecret('operatorToken', sources))]
      : await recomputeStore(store, zone, { month, why, at });
  await writeReport(flags, done, {
    name: 'recompute',
    head: done.length === 0 ? 'no month is closed yet' : 'figures of closed months, computed again',
    columns: ['month', 'was', 'figures restated'],
    rows: done.map(({ month: of, frozen, changed }) => [of, frozen ? 'open' : 'frozen', changed]),
  });
}

async function askForIt(
  url: string,
  { month, why, atMs }: { month: string | undefined; why: string; atMs: number | null },
  token: string | null,
): Promise<Restated> {
  if (month === undefined) throw new FlaplineError('USAGE', '--month: a service is asked for one');
  const address = addressOf(url, 'api/recompute');
  return (await askService(address, token, 'operator', {
    month,
    why,
    ...(atMs !== null && { at: atMs }),
  })) as Restated;
}

async function recomputeStore(
  file: string,
  timeZone: string,
  { month, why, at }: { month: string | undefined; why: string; at: ReadingTime },
): Promise<Restated[]> {
  const { openStore } = await import('../store/store.js');
  const { closedMonths, recomputeMonth } = await import('../kpi/frozen.js');
  const { monthOf } = await import('../kpi/month.js');
  const { existsSync } = await import('node:fs');
  if (!existsSync(file)) {
    throw new FlaplineError('FILE_UNREADABLE', `store ${file}: there is no such file`);
  }
  const store = await openStore(file, { ...STORE_OPTIONS, timeZone });
  try {
    const months =
      month === undefined
        ? await closedMonths(store.writer, at, timeZone)
        : [monthOf(month, timeZone)];
    const done: Restated[] = [];
    for (const one of months) {
      done.push(await recomputeMonth(store.writer, one, at, why));
    }
    await store.writer.run('checkpoint');
    return done;
  } finally {
    store.close();
  }
}
