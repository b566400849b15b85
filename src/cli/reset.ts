// `flapline reset`: an operator ends a line's open episodes, through the service that holds the store.

import { Command } from 'commander';
import type { Reset } from '../api/contract.js';
import { type Flags, withConfig } from './common.js';
import { askAsOperator, operatorSettings } from './operator.js';
import { countOf, printable, writeOut } from './output.js';

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
  operatorSettings(command);
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action((line: string, flags: Flags) => runReset(line, flags));
}

async function runReset(line: string, flags: Flags): Promise<void> {
  const path = `api/lines/${encodeURIComponent(line)}/reset`;
  const body = { by: String(flags['by']), why: String(flags['why']) };
  const { partitions } = (await askAsOperator(flags, path, body)) as Reset;
  const where = countOf(partitions.length, 'partition');
  await writeOut(`${printable(line)} is reset in ${where}\n`);
}
