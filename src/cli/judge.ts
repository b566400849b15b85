// `flapline judge`: an operator confirms, refutes or relabels a root cause, or withdraws that, through the
// service that holds the store.

import { Argument, Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { type Flags, withConfig } from './common.js';
import { askAsOperator, operatorSettings } from './operator.js';
import { printable, writeOut } from './output.js';

const VERDICTS = ['confirm', 'refute', 'relabel', 'withdraw'];

const EXAMPLES = `
Examples:
  flapline judge 1164900000000/GZ-DDN-0001/1 confirm --by "Li Wei" --url http://127.0.0.1:8080
  flapline judge 1164900000000/GZ-DDN-0001/1 relabel --as "cable GZ-7" --by "Li Wei" --why "dug up"

Confirmed components are taken to be likelier causes from now on, refuted ones less likely, by at most
a factor of 20, until it is withdrawn. Who, when and why stand in the view cause_feedback.`;

/** The command. */
export function judgeCommand(): Command {
  const command = new Command('judge')
    .summary('confirms, refutes or relabels a root cause, with who and why')
    .description('Says of a root cause whether it was one; that moves what is likely from now on.')
    .argument('<id>', "the cause's id, as `flapline causes` lists it")
    .addArgument(new Argument('<verdict>', 'what is said of it').choices(VERDICTS))
    .requiredOption('--by <who>', 'who says so')
    .option('--why <text>', 'why')
    .option('--as <component>', "what it was, of relabel: kind and name, as 'card GZ-7/3'");
  operatorSettings(command);
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action((id: string, verdict: string, flags: Flags) => runJudge(id, verdict, flags));
}

async function runJudge(id: string, verdict: string, flags: Flags): Promise<void> {
  const why = flags['why'] as string | undefined;
  const body = { verdict, by: String(flags['by']), ...(why && { why }), ...asOf(flags['as']) };
  const path = `api/causes/${encodeURIComponent(id)}/feedback`;
  const { feedback } = (await askAsOperator(flags, path, body)) as {
    feedback: { verdict: string; kind: string; component: string; withdrawnMs: number | null }[];
  };
  const now = feedback
    .filter(({ withdrawnMs }) => withdrawnMs === null)
    .map((row) => `${row.kind} ${row.component} ${row.verdict}`);
  await writeOut(`${printable(id)}: ${printable(now.join(', ') || 'nothing holds')}\n`);
}

/** Throws USAGE. */
function asOf(words: unknown): { as?: { kind: string; name: string } } {
  if (words === undefined) return {};
  const [kind, ...name] = String(words).split(' ');
  if (kind && name.length > 0) return { as: { kind, name: name.join(' ') } };
  throw new FlaplineError(
    'USAGE',
    `--as '${String(words)}': write kind and name, as 'card GZ-7/3'`,
  );
}
