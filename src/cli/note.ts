// `flapline note`: somebody writes down what was found or done on a line, through the service that holds
// the store.

import { Command } from 'commander';
import type { NotesOfLine } from '../api/contract.js';
import { type Flags, withConfig } from './common.js';
import { askAsOperator, operatorSettings } from './operator.js';
import { countOf, printable, writeOut } from './output.js';

const EXAMPLES = `
Examples:
  flapline note GZ-DDN-0001 --by "Li Wei" --text "connector of the A end renewed" --url http://127.0.0.1:8080

It stands on the line's page, and in 'flapline list notes'. A note is not taken back: write another one.`;

/** The command. */
export function noteCommand(): Command {
  const command = new Command('note')
    .summary('writes a note on a line, with who and when')
    .description('Writes down what was found or done on a line.')
    .argument('<line>', 'name of the line')
    .requiredOption('--by <who>', 'who writes it')
    .requiredOption('--text <text>', 'what it says, in one paragraph');
  operatorSettings(command);
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action((line: string, flags: Flags) => runNote(line, flags));
}

async function runNote(line: string, flags: Flags): Promise<void> {
  const path = `api/lines/${encodeURIComponent(line)}/notes`;
  const body = { by: String(flags['by']), text: String(flags['text']) };
  const { notes } = (await askAsOperator(flags, path, body)) as NotesOfLine;
  await writeOut(`${printable(line)} has ${countOf(notes.length, 'note')}\n`);
}
