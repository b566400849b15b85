// Runs the command line and ends with its exit code; bin.cts is the package's bin.

import { runProgram } from './cli/program.js';

process.exit(await runProgram(process.argv.slice(2)));
