// `flapline shelve` and `unshelve`: an operator takes a line, or an alarm of it, off the notices for a time,
// through the service that holds the store.

import { Command } from 'commander';
import type { ShelvesOfLine } from '../api/contract.js';
import { FlaplineError } from '../config/errors.js';
import { parseDuration } from '../config/rules.js';
import { readSettings } from '../config/settings.js';
import { timeText } from '../config/zone.js';
import {
  type Flags,
  momentFlag,
  reportZone,
  setting,
  sourcesOf,
  usage,
  withConfig,
} from './common.js';
import { askAsOperator, operatorSettings } from './operator.js';
import { printable, writeOut } from './output.js';

const EXAMPLES = `
Examples:
  flapline shelve GZ-DDN-0001 --for 8h --by "Li Wei" --why "splicing" --url http://127.0.0.1:8080
  flapline shelve GZ-DDN-0001 --alarm LOS --until 2006-12-01 --by "Li Wei" --why "known" --url ...
  flapline unshelve GZ-DDN-0001 --by "Li Wei" --url http://127.0.0.1:8080

Of what is shelved no notice tells that it begins or goes on; it ends by itself, after 30 days at most
where the service has no other shelveMax. It changes nothing of what is found and counted. 'flapline list shelves' lists who, why and until when.`;

/** The commands. */
export function shelveCommands(): Command[] {
  const shelve = new Command('shelve')
    .summary('no notices of a line for a time, with who and why')
    .description('Shelves a line, or one alarm of it: notices leave it out for a time.')
    .argument('<line>', 'name of the line')
    .requiredOption('--by <who>', 'who shelves it')
    .requiredOption('--why <text>', 'why')
    .option('--for <duration>', 'how long, such as 8h')
    .option('--until <time>', 'when it ends, instead of --for')
    .option('--alarm <name>', 'this alarm of the line only');
  const unshelve = new Command('unshelve')
    .summary('ends what is shelved of a line')
    .description('Ends what is shelved of a line, or of one alarm of it.')
    .argument('<line>', 'name of the line')
    .requiredOption('--by <who>', 'who ends it')
    .option('--alarm <name>', 'this alarm of the line only');
  for (const one of [shelve, unshelve]) {
    operatorSettings(one);
    setting(one, 'timeZone', '<name>', 'of times without an offset (default: Asia/Shanghai)');
    withConfig(one).addHelpText('after', EXAMPLES);
  }
  shelve.action((line: string, flags: Flags) => ask('shelve', line, flags));
  unshelve.action((line: string, flags: Flags) => ask('unshelve', line, flags));
  return [shelve, unshelve];
}

async function ask(what: 'shelve' | 'unshelve', line: string, flags: Flags): Promise<void> {
  const zone = reportZone(readSettings(['timeZone'], sourcesOf(flags)).timeZone);
  const alarm = flags['alarm'] === undefined ? {} : { alarm: String(flags['alarm']) };
  const shelved =
    what === 'shelve' ? { why: String(flags['why']), until: untilOf(flags, zone) } : {};
  const body = { by: String(flags['by']), ...shelved, ...alarm };
  const path = `api/lines/${encodeURIComponent(line)}/${what}`;
  const { shelves } = (await askAsOperator(flags, path, body)) as ShelvesOfLine;
  const texts = shelves.map((one) => {
    const of = one.alarm === null ? 'the line' : `alarm ${one.alarm}`;
    return `${of} until ${timeText(one.until, zone)} (${one.by}: ${one.why})`;
  });
  await writeOut(`${printable(line)}: ${printable(texts.join('; ') || 'nothing is shelved')}\n`);
}

/** Throws USAGE. */
function untilOf(flags: Flags, zone: string): number {
  const untilMs = momentFlag(flags, 'until', zone);
  const duration = flags['for'];
  if ((untilMs === null) === (duration === undefined)) {
    throw new FlaplineError('USAGE', 'say how long: --for DURATION or --until TIME');
  }
  return untilMs ?? Date.now() + usage(() => parseDuration(String(duration), '--for'));
}
