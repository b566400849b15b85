// The command line as a whole: commands, help, and what every end of a command means as an exit code.

import { Command, CommanderError } from 'commander';
import { EXIT, FlaplineError, messageOf } from '../config/errors.js';
import { VERSION } from '../config/root.js';
import { backtestCommand } from './backtest.js';
import { backupCommand, restoreCommand } from './backup.js';
import { detectCommand } from './detect.js';
import { doctorCommand } from './doctor.js';
import { judgeCommand } from './judge.js';
import { listCommands } from './lists.js';
import { kpiCommand } from './kpi.js';
import { ClosedPipe, printable, say } from './output.js';
import { recomputeCommand } from './recompute.js';
import { rekeyCommand } from './rekey.js';
import { noteCommand } from './note.js';
import { recordsCommand } from './records.js';
import { replayCommand } from './replay.js';
import { resetCommand } from './reset.js';
import { runCommand } from './run.js';
import { serveCommand } from './serve.js';
import { shelveCommands } from './shelve.js';
import { simulateCommand } from './simulate.js';
import { sqlCommand } from './sql.js';
import { targetsCommand } from './targets.js';
import { worksCommand } from './works.js';

const AFTER = `
Examples:
  flapline run                                   the demo, at http://127.0.0.1:8080/
  flapline replay alarms.ndjson --store a.duckdb
  flapline worst --store a.duckdb

'flapline COMMAND --help' says more. Exit codes: 0 ok, 64 usage, 65 bad data, 69 unavailable, 70 a
defect of the program, 74 input or output, 78 bad configuration, 130 interrupted.`;

/** Runs a command line; returns its exit code. Never throws. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const exit = (value: number): void => {
    code = value;
  };
  try {
    await makeProgram(exit).parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error);
  }
}

function makeProgram(exit: (code: number) => void): Command {
  const program = new Command('flapline')
    .description('Finds leased lines that flap and faults that repeat, in alarm streams.')
    .usage('<command> [options]')
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'print help')
    .helpCommand(false)
    .addHelpText('after', AFTER);
  const commands = [
    runCommand(exit),
    detectCommand(),
    serveCommand(exit),
    replayCommand(exit),
    ...listCommands(),
    judgeCommand(),
    sqlCommand(),
    kpiCommand(),
    targetsCommand(),
    recomputeCommand(),
    backtestCommand(),
    backupCommand(),
    restoreCommand(),
    resetCommand(),
    ...shelveCommands(),
    noteCommand(),
    rekeyCommand(),
    doctorCommand(exit),
    simulateCommand(),
    recordsCommand(),
    worksCommand(exit),
  ];
  const parts = commands.flatMap((command) => command.commands);
  for (const command of [program, ...commands, ...parts]) {
    command
      .helpOption('--help', 'print help')
      .exitOverride()
      .configureOutput({ outputError: () => undefined });
  }
  for (const command of commands) program.addCommand(command);
  program.argument('[command]').action((name: string | undefined) => {
    const what = name === undefined ? 'no command' : `unknown command '${name}'`;
    throw new FlaplineError('USAGE', `${what}: 'flapline --help' lists them`);
  });
  return program.allowExcessArguments(true);
}

/** Says what ended a command, and gives its exit code. */
function exitCodeOf(error: unknown): number {
  if (error instanceof ClosedPipe) return EXIT.ok;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    const text = error.message.replace(/^error: /, '');
    say(`flapline: ${printable(text)}; see 'flapline --help'`);
    return EXIT.usage;
  }
  if (error instanceof FlaplineError) {
    say(`flapline: ${printable(error.message)}`);
    debug(error);
    return error.exitCode;
  }
  say(
    `flapline: unexpected error: ${printable(messageOf(error))}; ` +
      'FLAPLINE_DEBUG=1 shows where; please report it',
  );
  debug(error);
  return EXIT.software;
}

function debug(error: unknown): void {
  if (process.env['FLAPLINE_DEBUG'] && error instanceof Error) say(error.stack ?? '');
}
