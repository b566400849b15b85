// `flapline reset`: an operator ends a line's open episodes, through the service that holds the store.

import { Command } from 'commander';
import type { Reset } from '../api/contract.js';
import { FlaplineError } from '../config/errors.js';
import { readSecret, readSettings } from '../config/settings.js';
import { type Flags, setting, sourcesOf, withConfig } from './common.js';
import { countOf, printable, writeOut } from './output.js';
import { addressOf, askService } from './service.js';

const EXAMPLES = `
Examples:
  flapline reset GZ-DDN-0001 --by "Li Wei" --why "card changed" --url http://127.0.0.1:8080

Ends the open episodes of the line and forgets its starts; its alarms and interruptions stay. Who, when
and why are kept with it, and every later replay does the same at the same place.`;

/** The command. */
export function resetCommand(): Command {
  const command = new Command('reset')
    .summary("ends a line's open episodes, with who and why")
    .description('Resets a line: its open episodes end, its starts are forgotten.')
    .argument('<line>', 'name of the line')
    .requiredOption('--by <who>', 'who resets it')
    .requiredOption('--why <text>', 'why');
  setting(command, 'url', '<address>', 'the running service');
  setting(command, 'operatorToken', '<token>', "the service's token of operators");
  setting(command, 'operatorTokenFile', '<file>', 'a file that holds it');
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action((line: string, flags: Flags) => runReset(line, flags));
}

async function runReset(line: string, flags: Flags): Promise<void> {
  const sources = sourcesOf(flags);
  const { url } = readSettings(['url'], sources);
  if (url === undefined) throw new FlaplineError('USAGE', 'name the --url of the running service');
  const address = addressOf(url, `api/lines/${encodeURIComponent(line)}/reset`);
  const body = { by: String(flags['by']), why: String(flags['why']) };
  const token = readSecret('operatorToken', sources);
  const { partitions } = (await askService(address, token, 'operator', body)) as Reset;
  const where = countOf(partitions.length, 'partition');
  await writeOut(`${printable(line)} is reset in ${where}\n`);
}
