// `flapline works check`: what the guard of planned works says of a file of works before it is approved.

import { Command } from 'commander';
import { EXIT } from '../config/errors.js';
import { type Sources, readSecret, readSettings } from '../config/settings.js';
import { timeText } from '../config/zone.js';
import type { ReadRecords } from '../records/read.js';
import type { WorkVerdict } from '../store/work-check.js';
import { type Flags, reportZone, setting, sourcesOf, withConfig } from './common.js';
import { countOf, printable, writeOut } from './output.js';
import { bodyOf, readTold } from './records.js';
import { addressOf, askService } from './service.js';
import { STORE_LIMITS, sourceOf, withSource } from './store-source.js';

const EXAMPLES = `
Examples:
  flapline works check february.csv --store nov.duckdb
  flapline works check february.csv --url http://127.0.0.1:8080 --json

Refuses a work that would be the second planned work of an international circuit in a calendar month of
the time zone, against the works on record and those before it in the file; names the circuits, and
proposes windows that hit none of them. Exit code 65 when a work is refused or a row is bad.`;

/** Circuits that are shown of one work. */
const SHOWN = 20;

/** The command. `exit` takes its exit code. */
export function worksCommand(exit: (code: number) => void): Command {
  const check = new Command('check')
    .description('Checks new planned works against those on record.')
    .argument('<file>', 'works.csv')
    .option('--json', 'the verdicts as JSON');
  withConfig(withSource(check, 'viewer'));
  setting(check, 'timeZone', '<name>', 'where months are cut (default: Asia/Shanghai)');
  check
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: Flags) => exit(await runCheck(file, flags)));
  return new Command('works')
    .summary('planned works: checked before they are approved')
    .description('Planned works.')
    .addCommand(check);
}

async function runCheck(file: string, flags: Flags): Promise<number> {
  const sources = sourcesOf(flags);
  const timeZone = reportZone(readSettings(['timeZone'], sources).timeZone);
  const records = await readTold({ kind: 'works', file }, { timeZone, encoding: null });
  const works = await verdictsOf(records, flags, sources, timeZone);
  if (flags['json'] === true) await writeOut(`${JSON.stringify(works, null, 2)}\n`);
  else for (const work of works) await writeOut(verdictText(work, timeZone));
  const isBad = records.bad.length > 0 || works.some(({ allowed }) => !allowed);
  return isBad ? EXIT.badData : EXIT.ok;
}

async function verdictsOf(
  records: ReadRecords,
  flags: Flags,
  sources: Sources,
  timeZone: string,
): Promise<WorkVerdict[]> {
  const from = sourceOf(flags, sources);
  if (from.store === undefined) {
    const address = addressOf(from.url, 'api/works/check');
    const token = readSecret('viewerToken', sources);
    const answer = await askService(address, token, 'viewer', bodyOf(records, null));
    return (answer as { works: WorkVerdict[] }).works;
  }
  const { openReadStore } = await import('../store/read-store.js');
  const { checkWorks } = await import('../store/work-check.js');
  const { connection, close } = await openReadStore(from.store, STORE_LIMITS);
  try {
    return await checkWorks(connection, records.rows, timeZone);
  } finally {
    close();
  }
}

function verdictText(work: WorkVerdict, zone: string): string {
  const window = ({ startMs, endMs }: { startMs: number; endMs: number }): string =>
    `${timeText(startMs, zone)} to ${timeText(endMs, zone)}`;
  const touched = `${countOf(work.lines, 'line')}, ${work.circuits} of them international`;
  const verdict = work.allowed ? 'allowed' : `REFUSED: ${work.reason}`;
  const hits = work.hits.slice(0, SHOWN).map(({ line, customer, works }) => {
    return `  ${printable(line)}${customer === null ? '' : ` (${printable(customer)})`}: ${printable(works)}\n`;
  });
  const more = work.secondHits > hits.length ? `  and ${work.secondHits - hits.length} more\n` : '';
  const free = work.freeWindows.map((one) => `  free: ${window(one)}\n`);
  const name = printable(work.work);
  return `${name}, ${window(work)} (${touched}): ${verdict}\n${hits.join('')}${more}${free.join('')}`;
}
